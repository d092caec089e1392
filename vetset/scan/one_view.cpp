#include "vetset/scan/one_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace vetset {
namespace {

constexpr std::uint32_t small_side = 64, large_side = 128;
constexpr std::uint32_t large_from = 256;  // pixels that the shorter side has at least
constexpr int steep = 8;                   // luma between neighbours, doubled as central differences are: detail
constexpr int same_luma = 8;               // of 255
constexpr int other_luma = 25;             // of 255
constexpr int least_places = 64;

bool has_detail(const Plane& p, std::uint32_t x, std::uint32_t y) {
  const int dx = p.row(y)[x + 1] - p.row(y)[x - 1], dy = p.row(y + 1)[x] - p.row(y - 1)[x];
  return dx * dx + dy * dy > 4 * steep * steep;
}

/// What the second is brighter by, in the middle.
int median_difference(const Plane& a, const Plane& b) {
  std::array<std::uint32_t, 511> histogram{};
  for (std::size_t k = 0; k < a.samples.size(); ++k)
    ++histogram[static_cast<std::size_t>(b.samples[k] - a.samples[k] + 255)];
  std::size_t below = 0, at = 0;
  while (at < histogram.size() && (below += histogram[at]) * 2 < a.samples.size()) ++at;
  return static_cast<int>(at) - 255;
}

}  // namespace

Plane view_of(const Plane& luma) {
  const std::uint32_t side = std::min(luma.width, luma.height) >= large_from ? large_side : small_side;
  return resampled(luma, {0, 0, luma.width, luma.height}, side, side);
}

OneView compare_views(const Plane& first, const Plane& second) {
  if (first.width != second.width || first.empty()) return {};
  const std::uint32_t side = first.width;
  const int brighter = median_difference(first, second);
  const auto off_at = [&](std::uint32_t x, std::uint32_t y) {
    return std::abs(second.row(y)[x] - first.row(y)[x] - brighter);
  };
  int detailed = 0, agreeing = 0, moved = 0;
  for (std::uint32_t y = 0; y < side; ++y)
    for (std::uint32_t x = 0; x < side; ++x) {
      const int off = off_at(x, y);
      // Four places in a square: an object, and not the edge that a codec or a resampling drew otherwise.
      if (x + 1 < side && y + 1 < side && off > other_luma && off_at(x + 1, y) > other_luma &&
          off_at(x, y + 1) > other_luma && off_at(x + 1, y + 1) > other_luma)
        ++moved;
      const bool inner = x > 0 && y > 0 && x + 1 < side && y + 1 < side;
      if (!inner || (!has_detail(first, x, y) && !has_detail(second, x, y))) continue;
      ++detailed;
      agreeing += off <= same_luma ? 1 : 0;
    }
  if (detailed < least_places) return {};
  return {.agree = static_cast<float>(agreeing) / static_cast<float>(detailed),
          .moved = static_cast<float>(moved) / static_cast<float>(side * side)};
}

}  // namespace vetset
