#include "vetset/scan/confirm.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "vetset/image/fingerprint.h"
#include "vetset/scan/confirm_verdict.h"

namespace vetset {
namespace {

/// The rectangle of a view on the canvas.
AffineMap map_of_view(const PixelPortrait& portrait, std::size_t view) {
  const Region& inner = portrait.inner;
  if (view == 0)
    return map_of(-static_cast<double>(inner.x), -static_cast<double>(inner.y), portrait.luma.width,
                  portrait.luma.height);
  const double width = inner.width, height = inner.height;
  if (view == 1) return map_of(0, 0, width, height);
  const ViewRegion region = view_region(view);
  return map_of(region.x * width, region.y * height, region.width * width, region.height * height);
}

Region inner_of(const Plane& luma, const Plane& small) {
  const Region whole = {0, 0, small.width, small.height};
  const std::array<std::uint16_t, 4> borders = uniform_borders(luma);
  const double x = static_cast<double>(small.width) / luma.width, y = static_cast<double>(small.height) / luma.height;
  const auto left = static_cast<std::uint32_t>(std::ceil(borders[0] * x));
  const auto top = static_cast<std::uint32_t>(std::ceil(borders[1] * y));
  const auto right = static_cast<std::uint32_t>(std::ceil(borders[2] * x));
  const auto bottom = static_cast<std::uint32_t>(std::ceil(borders[3] * y));
  if (left + right + 16 > small.width || top + bottom + 16 > small.height) return whole;
  return {left, top, small.width - left - right, small.height - top - bottom};
}

Plane shrunk(const Plane& luma, std::uint32_t long_side) {
  const std::uint32_t longest = std::max(luma.width, luma.height);
  if (longest <= long_side) return luma;
  const auto scaled = [&](std::uint32_t side) {
    return std::max(1u, static_cast<std::uint32_t>((std::uint64_t{side} * long_side + longest / 2) / longest));
  };
  return resampled(luma, {0, 0, luma.width, luma.height}, scaled(luma.width), scaled(luma.height));
}

}  // namespace

PixelPortrait portrait_of(const Plane& luma, bool with_features) {
  PixelPortrait portrait;
  if (luma.empty()) return portrait;
  portrait.luma = shrunk(luma, PixelPortrait::long_side);
  portrait.inner = inner_of(luma, portrait.luma);
  if (!with_features) return portrait;
  const Plane larger = shrunk(luma, 2 * PixelPortrait::long_side);
  portrait.features = local_features(larger, PixelPortrait::feature_count);
  const auto x = static_cast<float>(portrait.luma.width) / static_cast<float>(larger.width);
  const auto y = static_cast<float>(portrait.luma.height) / static_cast<float>(larger.height);
  for (LocalFeature& feature : portrait.features) feature.x *= x, feature.y *= y, feature.scale *= x;
  return portrait;
}

std::optional<Match> confirm(const PixelPortrait& first, const PixelPortrait& second, const Hypothesis& hypothesis) {
  if (std::min({first.luma.width, first.luma.height, second.luma.width, second.luma.height}) < 16) return std::nullopt;
  constexpr std::array<std::size_t, 3> starts = {16, 32, 8};
  const AffineMap map = after(map_of_view(second, hypothesis.second_view), unturned(hypothesis.symmetry));
  std::optional<Match> match = verdict(canvas_of(first), map_of_view(first, hypothesis.first_view), canvas_of(second),
                                       map, {.symmetry = hypothesis.symmetry}, starts);
  if (match || first.features.empty() || second.features.empty()) return match;
  return confirm_by_features(first, second, hypothesis.symmetry);
}

}  // namespace vetset
