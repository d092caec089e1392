#include "vetset/scan/confirm_verdict.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "vetset/scan/confirm_blocks.h"

namespace vetset {
namespace {

/// Evidence that a confirmed pair has at least: e^16, about 10^7 to 1. What the fingerprints or the features said to
/// make it a candidate comes on top.
constexpr double enough = 16;
/// What is asked for on top where the samples do not correlate well: two photos of one hand before one wall have had
/// 27 for being the same, and 0.92.
constexpr double doubtful = 14;
/// The share of the blocks that has to agree: two forms with one letterhead, or two collages with one picture in
/// common, have much evidence for being the same, and are not.
constexpr double majority = 0.6;
/// The same where all samples correlate nearly perfectly: compression that is harsh breaks blocks, not pictures.
constexpr double nearly_perfect = 0.985, large_part = 0.45;
/// What the pixels alone have to say, whatever local features said.
constexpr double least = 2;

/// Look-alikes that share a background have had up to 38 corners in common.
double evidence_of(std::uint32_t inliers) { return std::clamp(static_cast<double>(inliers) - 34, 0.0, 12.0); }

struct Weighed {
  double evidence = 0, correlation = 0;
  double share = 0;
};

bool convincing(const Weighed& w, double before) {
  const double doubt = std::clamp((0.95 - w.correlation) / 0.03, 0.0, 1.0);
  return w.share >= (w.correlation >= nearly_perfect ? large_part : majority) && w.evidence >= least &&
         w.evidence + before >= enough + doubtful * doubt;
}

/// Agreement at two resolutions. The finer one tells look-alikes apart; a small or harshly compressed copy has nothing
/// there, so it may not say much against. Samples that correlate nearly perfectly are evidence of their own.
Weighed weigh(const Pyramid& a, const AffineMap& first, const Pyramid& b, const AffineMap& second) {
  const BlockAgreement coarse = agreement(a, first, b, second, 64, 1);
  if (coarse.evidence() < -6 && coarse.correlation < 0.97) return {coarse.evidence(), coarse.correlation, 0};
  const BlockAgreement fine = agreement(a, first, b, second, 128, 2);
  const double correlation = std::max(coarse.correlation, fine.correlation);
  const double perfection = std::clamp((correlation - 0.96) / 0.03, 0.0, 1.0);
  return {coarse.evidence() + std::max(fine.evidence(), -3.0) + 16 * perfection, correlation,
          std::max(coarse.share(), fine.share())};
}

double area(const AffineMap& map) { return 4 * std::abs(map.xu * map.yv - map.xv * map.yu); }

/// The rectangle around what a map's square covers.
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
  double width() const { return right - left; }
  double height() const { return bottom - top; }
};
Box box_of(const Pyramid& canvas) { return {0, 0, canvas.width(), canvas.height()}; }
Box box_of(const AffineMap& map) {
  const double across = std::abs(map.xu) + std::abs(map.xv), down = std::abs(map.yu) + std::abs(map.yv);
  return {map.x - across, map.y - down, map.x + across, map.y + down};
}
Box common(const Box& a, const Box& b) {
  return {std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right), std::min(a.bottom, b.bottom)};
}

/// Pixels of the second to pixels of the first.
AffineMap pixels_of(const AffineMap& first, const AffineMap& second) { return after(first, inverse(second)); }

/// The share of the first's frame that the second's covers, by 32 × 32 points.
double covered(const Pyramid& a, const Pyramid& b, const AffineMap& to_second) {
  constexpr std::size_t points = 32;
  const Box frame = box_of(a), other = box_of(b);
  std::size_t inside = 0;
  for (std::size_t row = 0; row < points; ++row)
    for (std::size_t column = 0; column < points; ++column) {
      const double x = frame.left + frame.width() * (static_cast<double>(column) + 0.5) / points;
      const double y = frame.top + frame.height() * (static_cast<double>(row) + 0.5) / points;
      const double u = to_second.at_x(x, y), v = to_second.at_y(x, y);
      if (u >= other.left && u <= other.right && v >= other.top && v <= other.bottom) ++inside;
    }
  return static_cast<double>(inside) / (points * points);
}

/// The symmetry that turns a quarter further to the right.
std::uint8_t turned_right(std::uint8_t symmetry) {
  constexpr std::array<std::uint8_t, 9> next = {0, 6, 7, 8, 5, 2, 3, 4, 1};
  return next[symmetry];
}

/// A map that is still a small change of a rectangle: neither torn nor shrunk to a corner.
bool sane(const AffineMap& map, const AffineMap& before) {
  const double ratio = area(map) / std::max(area(before), 1e-9);
  const auto length = [](double x, double y) { return std::sqrt(x * x + y * y); };  // no library's hypot decides
  const double across = length(map.xu, map.yu), down = length(map.xv, map.yv);
  const double across_before = length(before.xu, before.yu), down_before = length(before.xv, before.yv);
  const double stretch = across / down * down_before / across_before;
  const double slant = std::abs(map.xu * map.xv + map.yu * map.yv) / (across * down);
  return ratio > 0.5 && ratio < 2 && stretch > 0.75 && stretch < 1.34 && slant < 0.2;
}

}  // namespace

AffineMap unturned(std::uint8_t symmetry) {
  switch (symmetry) {
    case 2: return {.xu = -1, .yv = 1};
    case 3: return {.xu = -1, .yv = -1};
    case 4: return {.xu = 1, .yv = -1};
    case 5: return {.xu = 0, .xv = 1, .yu = 1, .yv = 0};
    case 6: return {.xu = 0, .xv = 1, .yu = -1, .yv = 0};
    case 7: return {.xu = 0, .xv = -1, .yu = -1, .yv = 0};
    case 8: return {.xu = 0, .xv = -1, .yu = 1, .yv = 0};
    default: return {};
  }
}

Pyramid canvas_of(const PixelPortrait& portrait) {
  return Pyramid(resampled(portrait.luma, portrait.inner, portrait.inner.width, portrait.inner.height));
}

std::optional<Match> verdict(const Pyramid& a, const AffineMap& first, const Pyramid& b, const AffineMap& second,
                             const Prior& prior, std::span<const std::size_t> starts) {
  const double before = evidence_of(prior.inliers);
  AffineMap best = second;
  double promise = -1e9;
  for (const std::size_t start : starts) {
    AffineMap map = second;
    for (std::size_t side = start; side <= 32; side *= 2) map = aligned(a, first, b, map, side);
    const BlockAgreement look = agreement(a, first, b, map, 32, 1);
    const double value = look.evidence() + 2 * look.correlation;
    if (value > promise) promise = value, best = map;
  }
  if (promise + before < -4) return std::nullopt;
  best = aligned(a, first, b, best, 64);
  if (!sane(best, second)) return std::nullopt;
  Weighed found = weigh(a, first, b, best);
  if (!convincing(found, before)) return std::nullopt;

  // All that both frames show has to agree, not only the parts by which they met: one half may be another picture.
  AffineMap to_first = pixels_of(first, best);
  const Box inner = box_of(b);
  const Box seen = box_of(after(to_first, map_of(inner.left, inner.top, inner.width(), inner.height())));
  const Box both = common(box_of(a), seen);
  if (both.width() < 16 || both.height() < 16) return std::nullopt;
  const AffineMap all = map_of(both.left, both.top, both.width(), both.height());
  if (std::abs(area(all) / area(first) - 1) > 0.05) {
    const AffineMap wider = aligned(a, all, b, after(inverse(to_first), all), 64);
    if (!sane(wider, after(inverse(to_first), all))) return std::nullopt;
    found = weigh(a, all, b, wider);
    if (!convincing(found, before)) return std::nullopt;
    to_first = pixels_of(all, wider);
  }

  Match match;
  match.correlation = static_cast<float>(found.correlation);
  match.evidence = static_cast<float>(found.evidence + before);
  match.inliers = prior.inliers;
  const AffineMap upright = after(to_first, unturned(prior.symmetry));
  const double right = upright.xu + upright.yv, down = upright.yu - upright.xv;
  // Quarter turns belong to the symmetry; what is left is a turn of 45 degrees at most.
  match.symmetry = prior.symmetry;
  double along = right, across = down;
  while (along < std::abs(across)) {
    match.symmetry = turned_right(match.symmetry);
    along = std::exchange(across, -along);
  }
  match.degrees = std::atan2(across, along) * 57.29577951308232;
  match.scale = std::sqrt(area(to_first) / 4) * std::max(b.width(), b.height()) / std::max(a.width(), a.height());
  const double of_first = covered(a, b, inverse(to_first)), of_second = covered(b, a, to_first);
  match.overlap = std::max(of_first, of_second);
  match.whole = std::min(of_first, of_second) >= 0.9 && std::abs(across) < 0.03 * along;
  return match;
}

}  // namespace vetset
