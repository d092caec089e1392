#include "vetset/dataset/facts.h"

namespace vetset {

std::string_view name(ImageType type) {
  static constexpr std::string_view words[] = {"unknown", "jpeg", "png", "gif", "bmp", "webp", "tiff",
                                               "avif",    "heic", "jp2", "pnm", "ico", "mpo"};
  return words[static_cast<std::size_t>(type)];
}

}  // namespace vetset
