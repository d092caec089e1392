#include "vetset/check/image_types.h"

#include <string>
#include <utility>

#include "vetset/base/tree.h"

namespace vetset {
namespace {

/// The first of a type is the usual one.
constexpr std::pair<std::string_view, ImageType> promises[] = {
    {"jpg", ImageType::jpeg},  {"jpeg", ImageType::jpeg}, {"jpe", ImageType::jpeg},  {"jfif", ImageType::jpeg},
    {"png", ImageType::png},   {"gif", ImageType::gif},   {"bmp", ImageType::bmp},   {"dib", ImageType::bmp},
    {"webp", ImageType::webp}, {"tif", ImageType::tiff},  {"tiff", ImageType::tiff}, {"avif", ImageType::avif},
    {"heic", ImageType::heic}, {"heif", ImageType::heic}, {"jp2", ImageType::jp2},   {"mpo", ImageType::mpo},
    {"pgm", ImageType::pnm},   {"ppm", ImageType::pnm},   {"pbm", ImageType::pnm},   {"pnm", ImageType::pnm},
    {"ico", ImageType::ico}};

}  // namespace

ImageType promised_type(std::string_view path) {
  std::string extension(extension_of(path));
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const auto& [name, type] : promises)
    if (extension == name) return type;
  return ImageType::unknown;
}

bool same_type(ImageType a, ImageType b) {
  const auto plain = [](ImageType t) { return t == ImageType::mpo ? ImageType::jpeg : t; };
  return plain(a) == plain(b);
}

std::string_view usual_extension(ImageType type) {
  for (const auto& [name, own] : promises)
    if (own == type) return name;
  return {};
}

}  // namespace vetset
