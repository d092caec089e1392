// Pixels in memory: what a decoder gives, and the grey plane that everything is measured on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vetset {

/// Samples of an image, row after row without gaps: grey, grey + alpha, RGB or RGBA. 16-bit samples are in the
/// machine's byte order, which is little-endian wherever vetset runs.
struct Raster {
  std::uint32_t width = 0, height = 0;
  std::uint8_t channels = 0;  // 1 to 4
  std::uint8_t bits = 8;      // 8 or 16 a sample
  std::vector<std::uint8_t> samples = {};

  std::size_t row_bytes() const { return std::size_t{width} * channels * (bits / 8u); }
  bool empty() const { return samples.empty(); }
};

/// Luma of 8 bits, row after row without gaps.
struct Plane {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> samples = {};

  std::span<const std::uint8_t> row(std::uint32_t y) const {
    return std::span(samples).subspan(std::size_t{y} * width, width);
  }
  bool empty() const { return samples.empty(); }
};

/// BT.601 luma as Pillow's mode L computes it: (19595 R + 38470 G + 7471 B + 32768) >> 16. Grey is taken as it is,
/// 16-bit samples by their high byte. Transparent pixels lie on white (alpha is composed in).
Plane luma_of(const Raster& raster);

/// Turned as EXIF orientation 1–8 says, so that it is as a viewer shows it; 0 and 1 leave it.
Raster oriented(Raster raster, std::uint8_t orientation);
Plane oriented(Plane plane, std::uint8_t orientation);

/// Area average over the given rectangle, to `width` × `height` samples; integer arithmetic, the same on every machine.
/// Enlarges by repeating the nearest.
struct Region {
  std::uint32_t x = 0, y = 0, width = 0, height = 0;
};
Plane resampled(const Plane& plane, const Region& region, std::uint32_t width, std::uint32_t height);

}  // namespace vetset
