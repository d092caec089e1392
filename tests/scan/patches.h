// Pictures with corners: overlapping shapes of flat grey on soft ground, another for each seed; and turns by any angle.
#pragma once

#include <cmath>

#include "tests/image/drawn.h"

namespace vetset {

inline Plane shapes(std::uint64_t seed, std::uint32_t width, std::uint32_t height) {
  Plane plane = drawn(seed, width, height);
  Random random(seed * 7919 + 1);
  for (int k = 0; k < 90; ++k) {
    const std::uint32_t w = 8 + random.below(40), h = 8 + random.below(40);
    const std::uint32_t left = random.below(width), top = random.below(height), slant = random.below(3);
    const auto level = static_cast<std::uint8_t>(20 + random.below(216));
    for (std::uint32_t y = top; y < std::min(top + h, height); ++y)
      for (std::uint32_t x = left; x < std::min(left + w, width); ++x)
        if (slant == 0 || (slant == 1 ? (x - left) * h < (y - top) * w : (x - left) * h + (y - top) * w < w * h))
          plane.samples[std::size_t{y} * width + x] = level;
  }
  return blurred(plane, 1);
}

/// Turned clockwise about its middle and enlarged; what comes from outside is black. `side` pixels a side.
inline Plane spun(const Plane& plane, double degrees, double scale, std::uint32_t side) {
  Plane result = flat(side, side, 0);
  const double c = std::cos(degrees * 0.017453292519943295), s = std::sin(degrees * 0.017453292519943295);
  for (std::uint32_t y = 0; y < side; ++y)
    for (std::uint32_t x = 0; x < side; ++x) {
      const double dx = (x + 0.5 - side / 2.0) / scale, dy = (y + 0.5 - side / 2.0) / scale;
      const double u = c * dx + s * dy + plane.width / 2.0 - 0.5, v = -s * dx + c * dy + plane.height / 2.0 - 0.5;
      if (u < 0 || v < 0 || u >= plane.width - 1 || v >= plane.height - 1) continue;
      const auto x0 = static_cast<std::size_t>(u), y0 = static_cast<std::size_t>(v);
      const double fx = u - static_cast<double>(x0), fy = v - static_cast<double>(y0);
      const std::uint8_t* at = plane.samples.data() + y0 * plane.width + x0;
      const double top = at[0] + (at[1] - at[0]) * fx;
      const double bottom = at[plane.width] + (at[plane.width + 1] - at[plane.width]) * fx;
      result.samples[std::size_t{y} * side + x] = static_cast<std::uint8_t>(top + (bottom - top) * fy + 0.5);
    }
  return result;
}

}  // namespace vetset
