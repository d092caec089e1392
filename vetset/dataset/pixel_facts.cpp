#include "vetset/dataset/pixel_facts.h"

namespace vetset {

std::string_view name(DecodeStatus status) {
  static constexpr std::string_view words[] = {"not decoded", "ok", "partial", "broken", "refused", "unsupported"};
  return words[static_cast<std::size_t>(status)];
}

}  // namespace vetset
