#include "vetset/image/quality.h"

#include <algorithm>

#include "vetset/image/fingerprint.h"
#include "vetset/image/quality_parts.h"

namespace vetset {
namespace {

constexpr std::uint32_t scale_side = 512;

/// Reduced to a long side of 512, so that sharpness does not depend on how many pixels a camera has.
Plane at_fixed_scale(const Plane& luma) {
  const std::uint64_t longer = std::max(luma.width, luma.height);
  const auto scaled = [&](std::uint32_t side) {
    return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, (2 * side * scale_side + longer) / (2 * longer)));
  };
  return resampled(luma, {0, 0, luma.width, luma.height}, scaled(luma.width), scaled(luma.height));
}

}  // namespace

Quality quality_of(const Raster& raster, const Plane& luma, std::uint8_t jpeg_quality) {
  Quality q;
  q.jpeg_quality = jpeg_quality;
  if (luma.empty()) return q;
  measure_tones(luma, q);
  measure_colour(raster, q);
  q.noise = noise_of(luma);
  q.blockiness = blockiness_of(luma);
  q.borders = uniform_borders(luma);
  const bool large = std::max(luma.width, luma.height) > scale_side;
  const Plane reduced = large ? at_fixed_scale(luma) : Plane{};
  const Plane& scaled = large ? reduced : luma;
  q.sharpness = laplacian_variance(scaled);
  measure_lines(luma, scaled, q);
  return q;
}

}  // namespace vetset
