// Pictures drawn by code: soft shapes of several sizes, another picture for each seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "vetset/base/random.h"
#include "vetset/image/raster.h"

namespace vetset {

/// Luma of smooth noise in four octaves, with as much to recognise as a photo has.
inline Plane drawn(std::uint64_t seed, std::uint32_t width, std::uint32_t height) {
  Random random(seed);
  std::vector<int> sums(std::size_t{width} * height);
  for (const std::uint32_t knots : {3u, 6u, 12u, 24u}) {
    std::vector<int> lattice(std::size_t{knots + 1} * (knots + 1));
    const int strength = static_cast<int>(160 / knots) + 8;
    for (int& value : lattice)
      value = static_cast<int>(random.below(static_cast<std::uint32_t>(2 * strength))) - strength;
    for (std::uint32_t y = 0; y < height; ++y)
      for (std::uint32_t x = 0; x < width; ++x) {
        // Bilinear, at the pixel's centre, in 256ths of a knot's distance.
        const std::uint32_t u = (2 * x + 1) * knots * 128 / width, v = (2 * y + 1) * knots * 128 / height;
        const int* at = &lattice[(v >> 8) * (knots + 1) + (u >> 8)];
        const int fu = static_cast<int>(u & 255), fv = static_cast<int>(v & 255);
        const int top = at[0] * (256 - fu) + at[1] * fu, bottom = at[knots + 1] * (256 - fu) + at[knots + 2] * fu;
        sums[std::size_t{y} * width + x] += top * (256 - fv) + bottom * fv;
      }
  }
  Plane plane{width, height, {}};
  plane.samples.reserve(sums.size());
  for (const int sum : sums) plane.samples.push_back(static_cast<std::uint8_t>(std::clamp(128 + sum / 65536, 20, 235)));
  return plane;
}

struct Size {
  std::uint32_t width = 0, height = 0;
};
inline Plane flat(std::uint32_t width, std::uint32_t height, std::uint8_t level) {
  return {width, height, std::vector<std::uint8_t>(std::size_t{width} * height, level)};
}

/// A plane as RGB.
inline Raster grey_raster(const Plane& plane) {
  Raster raster{plane.width, plane.height, 3, 8, {}};
  for (const std::uint8_t level : plane.samples) raster.samples.insert(raster.samples.end(), 3, level);
  return raster;
}

/// A rectangle of a plane.
inline Plane cut(const Plane& plane, const Region& region) {
  Plane part{region.width, region.height, {}};
  for (std::uint32_t y = 0; y < region.height; ++y) {
    const auto row = plane.row(region.y + y).subspan(region.x, region.width);
    part.samples.insert(part.samples.end(), row.begin(), row.end());
  }
  return part;
}

struct Bars {
  std::uint32_t left = 0, top = 0, right = 0, bottom = 0;
};
inline Plane framed(const Plane& plane, const Bars& bars, std::uint8_t level) {
  Plane result = flat(plane.width + bars.left + bars.right, plane.height + bars.top + bars.bottom, level);
  for (std::uint32_t y = 0; y < plane.height; ++y)
    std::ranges::copy(plane.row(y), result.samples.begin() + std::ptrdiff_t{y + bars.top} * result.width + bars.left);
  return result;
}

/// Each level by a function of it.
template <class Change>
Plane changed(Plane plane, const Change& change) {
  for (std::uint8_t& level : plane.samples) level = static_cast<std::uint8_t>(std::clamp<int>(change(level), 0, 255));
  return plane;
}

/// Blurred by a box of 2 `radius` + 1 pixels a side; the edge pixel is repeated.
inline Plane blurred(const Plane& plane, int radius) {
  const int width = static_cast<int>(plane.width), height = static_cast<int>(plane.height), side = 2 * radius + 1;
  Plane result = plane;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      int sum = 0;
      for (int dy = -radius; dy <= radius; ++dy)
        for (int dx = -radius; dx <= radius; ++dx)
          sum += plane.samples[static_cast<std::size_t>(std::clamp(y + dy, 0, height - 1) * width +
                                                        std::clamp(x + dx, 0, width - 1))];
      result.samples[static_cast<std::size_t>(y * width + x)] =
          static_cast<std::uint8_t>((sum + side * side / 2) / (side * side));
    }
  return result;
}

/// With noise of about this standard deviation: the sum of twelve even numbers is nearly normal.
inline Plane noisy(const Plane& plane, double sigma, std::uint64_t seed = 1) {
  Random random(seed);
  return changed(plane, [&](int level) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random.unit();
    return static_cast<int>(level + sigma * sum + 1000.5) - 1000;
  });
}

}  // namespace vetset
