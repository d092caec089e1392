#include "vetset/scan/shown.h"

#include "vetset/image/decode.h"

namespace vetset {
namespace {

std::optional<Raster> decoded_raster(const Dataset& d, const Tree& media, ImageIndex image, bool luma_only) {
  const std::string_view path = d.text(d.images[to_size(image)].media);
  if (path.empty()) return {};
  const auto bytes = media.read(path);
  if (!bytes) return {};
  Decoded decoded = decode_image(*bytes, {.luma_only = luma_only});
  const bool usable = decoded.status == DecodeStatus::ok || decoded.status == DecodeStatus::partial;
  if (!usable || decoded.raster.empty()) return {};
  return std::move(decoded.raster);
}

}  // namespace

std::optional<Raster> shown_raster(const Dataset& d, const Tree& media, const Facts& facts, ImageIndex image) {
  auto raster = decoded_raster(d, media, image, false);
  if (!raster) return {};
  return oriented(*std::move(raster), facts.orientation);
}

std::optional<Plane> shown_luma(const Dataset& d, const Tree& media, const Facts& facts, ImageIndex image) {
  const auto raster = decoded_raster(d, media, image, true);
  if (!raster) return {};
  return oriented(luma_of(*raster), facts.orientation);
}

}  // namespace vetset
