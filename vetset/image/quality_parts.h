// The parts of `Quality`, each from the pixels it needs. For files of this room only.
#pragma once

#include "vetset/dataset/pixel_facts.h"
#include "vetset/image/raster.h"

namespace vetset {

/// Percentiles, contrast and entropy of luma.
void measure_tones(const Plane& luma, Quality& quality);
/// Saturation and the share of coloured pixels.
void measure_colour(const Raster& raster, Quality& quality);

/// Standard deviation of noise (Immerkær: "Fast noise variance estimation", 1996): the mean of an operator that a
/// picture's edges and slopes hardly answer to.
float noise_of(const Plane& luma);
/// Variance of the Laplacian (4 neighbours).
float laplacian_variance(const Plane& luma);
/// How much larger steps between neighbours are at every eighth line than elsewhere, at the phase where that is most:
/// pictures are cropped and turned after they were compressed.
float blockiness_of(const Plane& luma);

/// Along some lines of `luma`, the share of the variance that lies beyond half the Nyquist frequency; along some of
/// `scaled` (which may be the same plane), the median of how far a strong edge's whole rise would reach at its steepest
/// slope, in pixels: 1 is a step.
void measure_lines(const Plane& luma, const Plane& scaled, Quality& quality);

/// Take every so-manieth row to read about `wanted` pixels, and at least one.
constexpr std::uint32_t row_step(const Plane& luma, std::size_t wanted) {
  const std::size_t count = std::size_t{luma.width} * luma.height;
  return static_cast<std::uint32_t>(count / wanted + (count % wanted == 0 ? 0 : 1));
}

}  // namespace vetset
