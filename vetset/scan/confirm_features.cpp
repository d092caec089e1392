#include "vetset/scan/confirm_features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "vetset/scan/confirm.h"
#include "vetset/scan/confirm_verdict.h"

namespace vetset {
namespace {

constexpr unsigned farthest = 72;          // bits that matching descriptors differ in, at most
constexpr double tolerance = 3;            // pixels of a portrait that a feature may be off
constexpr std::size_t hypotheses_of = 40;  // pairs of the closest so many matches are tried
constexpr std::uint32_t needed_inliers = 7;

struct Pairing {
  std::uint32_t first = 0, second = 0;
  unsigned distance = 0;
  double x = 0, y = 0, to_x = 0, to_y = 0;
};

struct Nearest {
  std::uint32_t index = 0;
  unsigned distance = 257, next = 257;  // next: of the second nearest
};

/// Each other's nearest, and clearly so. Closest first.
std::vector<Pairing> pairings_of(std::span<const LocalFeature> first, std::span<const LocalFeature> second) {
  std::vector<Nearest> forth(first.size()), back(second.size());
  const auto offer = [](Nearest& nearest, std::uint32_t index, unsigned d) {
    if (d < nearest.distance) {
      nearest.next = nearest.distance, nearest.distance = d, nearest.index = index;
    } else {
      nearest.next = std::min(nearest.next, d);
    }
  };
  for (std::uint32_t i = 0; i < first.size(); ++i)
    for (std::uint32_t j = 0; j < second.size(); ++j) {
      const unsigned d = distance(first[i].descriptor, second[j].descriptor);
      offer(forth[i], j, d);
      offer(back[j], i, d);
    }
  std::vector<Pairing> pairings;
  for (std::uint32_t i = 0; i < first.size(); ++i) {
    const Nearest& n = forth[i];
    if (n.distance > farthest || back[n.index].index != i) continue;
    // Neighbouring levels see one corner twice, so a close second is no harm where the first is very close.
    if (n.distance > 32 && n.distance * 20 > n.next * 19) continue;
    pairings.push_back({i, n.index, n.distance, first[i].x, first[i].y, second[n.index].x, second[n.index].y});
  }
  std::sort(pairings.begin(), pairings.end(), [](const Pairing& a, const Pairing& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.first < b.first;
  });
  return pairings;
}

/// to = s · R · from + t, as (c −d; d c).
struct Turn {
  double c = 1, d = 0, x = 0, y = 0;
  double off(const Pairing& p) const {
    const double dx = c * p.x - d * p.y + x - p.to_x, dy = d * p.x + c * p.y + y - p.to_y;
    return dx * dx + dy * dy;
  }
};

/// What carries the two pairings over exactly; nothing where they are too near for that, or it would be absurd.
std::optional<Turn> turn_of(const Pairing& p, const Pairing& q) {
  const double dx = q.x - p.x, dy = q.y - p.y, length = dx * dx + dy * dy;
  if (length < 16 * 16) return std::nullopt;
  const double ex = q.to_x - p.to_x, ey = q.to_y - p.to_y;
  Turn t{.c = (dx * ex + dy * ey) / length, .d = (dx * ey - dy * ex) / length};
  const double scale = t.c * t.c + t.d * t.d;
  if (scale < 0.2 || scale > 5) return std::nullopt;
  t.x = p.to_x - (t.c * p.x - t.d * p.y);
  t.y = p.to_y - (t.d * p.x + t.c * p.y);
  return t;
}

/// The best turn for a set of pairings, by least squares.
Turn fitted(std::span<const Pairing> pairings, const Turn& by, double reach) {
  double n = 0, x = 0, y = 0, to_x = 0, to_y = 0;
  for (const Pairing& p : pairings)
    if (by.off(p) <= reach) n += 1, x += p.x, y += p.y, to_x += p.to_x, to_y += p.to_y;
  if (n < 2) return by;
  x /= n, y /= n, to_x /= n, to_y /= n;
  double dot = 0, cross = 0, length = 0;
  for (const Pairing& p : pairings) {
    if (by.off(p) > reach) continue;
    const double dx = p.x - x, dy = p.y - y, ex = p.to_x - to_x, ey = p.to_y - to_y;
    dot += dx * ex + dy * ey, cross += dx * ey - dy * ex, length += dx * dx + dy * dy;
  }
  if (length <= 0) return by;
  Turn t{.c = dot / length, .d = cross / length};
  t.x = to_x - (t.c * x - t.d * y);
  t.y = to_y - (t.d * x + t.c * y);
  return t;
}

/// How many agree, each place of the second counted once: one corner seen at three levels is one witness.
std::uint32_t witnesses(std::span<const Pairing> pairings, const Turn& turn, double reach) {
  std::vector<std::array<int, 2>> places;
  for (const Pairing& p : pairings)
    if (turn.off(p) <= reach) places.push_back({static_cast<int>(p.to_x / 4), static_cast<int>(p.to_y / 4)});
  std::sort(places.begin(), places.end());
  return static_cast<std::uint32_t>(std::unique(places.begin(), places.end()) - places.begin());
}

PixelPortrait mirrored(const PixelPortrait& portrait) {
  PixelPortrait result{.luma = oriented(portrait.luma, 2), .inner = portrait.inner, .features = portrait.features};
  result.inner.x = portrait.luma.width - portrait.inner.x - portrait.inner.width;
  for (LocalFeature& f : result.features) {
    f.x = static_cast<float>(portrait.luma.width) - f.x;
    std::swap(f.descriptor, f.mirrored);
  }
  return result;
}

/// Of a picture that was mirrored left to right and then turned by a symmetry that mirrors nothing: both in one.
std::uint8_t after_mirror(std::uint8_t symmetry) {
  switch (symmetry) {
    case 6: return 7;
    case 3: return 4;
    case 8: return 5;
    default: return 2;
  }
}

/// From a canvas to its portrait (`sign` 1) or back.
AffineMap shift_of(const Region& inner, int sign) {
  return {.x = static_cast<double>(inner.x) * sign, .y = static_cast<double>(inner.y) * sign};
}

}  // namespace

std::optional<Similarity> similarity_of(std::span<const LocalFeature> first, std::span<const LocalFeature> second,
                                        std::uint32_t needed) {
  const std::vector<Pairing> pairings = pairings_of(first, second);
  if (pairings.size() < needed) return std::nullopt;
  Turn best;
  std::uint32_t most = 0;
  const std::size_t tried = std::min(pairings.size(), hypotheses_of);
  const double reach = 2 * tolerance * 2 * tolerance;  // two noisy corners point a turn astray: a wider net at first
  for (std::size_t i = 0; i < tried; ++i)
    for (std::size_t j = i + 1; j < tried; ++j) {
      const std::optional<Turn> turn = turn_of(pairings[i], pairings[j]);
      if (!turn) continue;
      std::uint32_t agreeing = 0;
      for (const Pairing& p : pairings)
        if (turn->off(p) <= reach) ++agreeing;
      if (agreeing > most) most = agreeing, best = *turn;
    }
  if (most < needed) return std::nullopt;
  for (int round = 0; round < 3; ++round) best = fitted(pairings, best, reach);
  best = fitted(pairings, best, tolerance * tolerance);
  const std::uint32_t inliers = witnesses(pairings, best, tolerance * tolerance);
  if (inliers < needed) return std::nullopt;
  return Similarity{.map = {.x = best.x, .xu = best.c, .xv = -best.d, .y = best.y, .yu = best.d, .yv = best.c},
                    .inliers = inliers};
}

std::optional<Match> confirm_by_features(const PixelPortrait& first, const PixelPortrait& second,
                                         std::uint8_t symmetry) {
  // Turns by quarters are found as any turn is; only a mirrored picture is another one.
  const bool flip = symmetry == 2 || symmetry == 4 || symmetry == 5 || symmetry == 7;
  const PixelPortrait flipped = flip ? mirrored(second) : PixelPortrait{};
  const PixelPortrait& other = flip ? flipped : second;
  const std::optional<Similarity> similarity = similarity_of(first.features, other.features, needed_inliers);
  if (!similarity) return std::nullopt;
  const Pyramid a = canvas_of(first), b = canvas_of(other);
  const AffineMap onto = after(shift_of(other.inner, -1), after(similarity->map, shift_of(first.inner, 1)));
  // The square to compare over: the part of the first that the second shows.
  const AffineMap placed = after(inverse(onto), map_of(0, 0, b.width(), b.height()));
  const double across = std::abs(placed.xu) + std::abs(placed.xv), down = std::abs(placed.yu) + std::abs(placed.yv);
  const double left = std::max(0.0, placed.x - across), top = std::max(0.0, placed.y - down);
  const double right = std::min(a.width(), placed.x + across), bottom = std::min(a.height(), placed.y + down);
  if (right - left < 16 || bottom - top < 16) return std::nullopt;
  const AffineMap square = map_of(left, top, right - left, bottom - top);
  constexpr std::array<std::size_t, 2> starts = {32, 16};
  std::optional<Match> match = verdict(a, square, b, after(onto, square), {.inliers = similarity->inliers}, starts);
  if (match && flip) match->symmetry = after_mirror(match->symmetry);
  return match;
}

}  // namespace vetset
