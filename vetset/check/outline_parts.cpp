#include "vetset/check/outline_parts.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "vetset/base/union_find.h"

namespace vetset {
namespace {

constexpr double least_pixels = 16, least_share = 0.005;

double limit_of(double all) { return std::max(least_pixels, least_share * all); }

struct Measures {
  double area = 0, length = 0;
  double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
};

Measures measures_of(std::span<const double> ring) {
  Measures m;
  const std::size_t n = ring.size() / 2;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t k = (i + 1) % n;
    const double x = ring[2 * i], y = ring[2 * i + 1], next_x = ring[2 * k], next_y = ring[2 * k + 1];
    m.area += x * next_y - next_x * y;
    m.length += std::hypot(next_x - x, next_y - y);
    m.left = std::min(m.left, x), m.right = std::max(m.right, x);
    m.top = std::min(m.top, y), m.bottom = std::max(m.bottom, y);
  }
  m.area = std::abs(m.area) / 2;
  return m;
}

double raggedness_of(const Measures& m) {
  const double around = 2 * (m.right - m.left + m.bottom - m.top);
  return around > 0 ? m.length / around : 0;
}

OutlineParts parts_of_polygon(const Dataset& d, const Shape& shape) {
  OutlineParts parts;
  const std::span<const Ring> rings = d.rings_of(shape);
  double all = 0, largest = 0;
  std::vector<Measures> measured;
  for (const Ring& ring : rings) {
    measured.push_back(measures_of(d.coordinates_of(ring)));
    if (ring.role != RingRole::outer) continue;
    all += measured.back().area;
    if (measured.back().area > largest)
      largest = measured.back().area, parts.raggedness = raggedness_of(measured.back());
  }
  if (!std::isfinite(all) || largest < limit_of(all)) return {};
  for (std::size_t k = 0; k < rings.size(); ++k) {
    if (measured[k].area >= limit_of(all)) continue;
    if (rings[k].role == RingRole::hole) {
      ++parts.pinholes;
    } else if (measured[k].area > 0) {  // flat ones are FMT408's
      ++parts.specks;
      parts.small_rings.push_back(static_cast<std::uint32_t>(k));
      parts.largest_speck = std::max(parts.largest_speck, measured[k].area);
    }
  }
  return parts;
}

/// A piece of a column of pixels, half open.
struct Piece {
  std::uint32_t column = 0, begin = 0, end = 0;
};

/// The ones, or the zeros, of a mask, by column and row.
std::vector<Piece> pieces_of(std::span<const std::uint32_t> counts, std::uint32_t height, bool ones) {
  std::vector<Piece> pieces;
  std::uint64_t at = 0;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const std::uint64_t end = at + counts[k];
    for (; (k % 2 == 1) == ones && at < end;) {
      const auto column = static_cast<std::uint32_t>(at / height), row = static_cast<std::uint32_t>(at % height);
      const auto last =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(end - std::uint64_t{column} * height, height));
      pieces.push_back({column, row, last});
      at += last - row;
    }
    at = end;
  }
  return pieces;
}

/// Calls `touch(a, b)` for pieces of neighbouring columns that meet: by their sides, or at their corners, too.
template <class Touch>
void for_each_touch(std::span<const Piece> pieces, bool corners, Touch touch) {
  const std::uint32_t reach = corners ? 1 : 0;
  std::size_t other = 0;
  for (std::size_t k = 0; k < pieces.size(); ++k) {
    const Piece& p = pieces[k];
    while (other < k && (pieces[other].column + 1 < p.column ||
                         (pieces[other].column + 1 == p.column && pieces[other].end + reach <= p.begin)))
      ++other;
    for (std::size_t q = other; q < k && pieces[q].column + 1 == p.column && pieces[q].begin < p.end + reach; ++q)
      touch(q, k);
  }
}

/// Areas of what hangs together; −1 for what reaches the image's edge, where `inner` ones alone count.
std::vector<double> areas_of(std::span<const Piece> pieces, const Mask& mask, bool corners, bool inner) {
  UnionFind sets(pieces.size());
  for_each_touch(pieces, corners, [&](std::size_t a, std::size_t b) {
    sets.join(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b));
  });
  std::vector<double> areas(pieces.size(), 0);
  for (std::size_t k = 0; k < pieces.size(); ++k) {
    double& area = areas[sets.root(static_cast<std::uint32_t>(k))];
    const Piece& p = pieces[k];
    const bool at_edge = p.column == 0 || p.column + 1 == mask.width || p.begin == 0 || p.end == mask.height;
    if (inner && (at_edge || area < 0))
      area = -1;
    else
      area += p.end - p.begin;
  }
  std::erase_if(areas, [](double area) { return area <= 0; });
  return areas;
}

/// The length of the edge of a mask's pixels: each piece has two ends, and sides where its neighbours are not.
double edge_of(std::span<const Piece> pieces, Measures& m) {
  double pixels = 0, shared = 0;
  for (const Piece& p : pieces) {
    pixels += p.end - p.begin;
    m.left = std::min<double>(m.left, p.column), m.right = std::max<double>(m.right, p.column + 1);
    m.top = std::min<double>(m.top, p.begin), m.bottom = std::max<double>(m.bottom, p.end);
  }
  for_each_touch(pieces, false, [&](std::size_t a, std::size_t b) {
    shared += std::min(pieces[a].end, pieces[b].end) - std::max(pieces[a].begin, pieces[b].begin);
  });
  return 2 * static_cast<double>(pieces.size()) + 2 * (pixels - shared);
}

OutlineParts parts_of_mask(const Dataset& d, const Mask& mask) {
  constexpr std::uint64_t most_counts = 100'000;
  const std::span<const std::uint32_t> counts = d.counts_of(mask);
  std::uint64_t pixels = 0;
  for (const std::uint32_t count : counts) pixels += count;
  if (counts.size() > most_counts || mask.height == 0 || pixels != std::uint64_t{mask.height} * mask.width) return {};
  OutlineParts parts;
  const std::vector<Piece> ones = pieces_of(counts, mask.height, true);
  const std::vector<double> areas = areas_of(ones, mask, true, false);
  double all = 0;
  for (const double area : areas) all += area;
  const double limit = limit_of(all);
  if (areas.empty() || *std::max_element(areas.begin(), areas.end()) < limit) return {};
  for (const double area : areas)
    if (area < limit) ++parts.specks, parts.largest_speck = std::max(parts.largest_speck, area);
  for (const double area : areas_of(pieces_of(counts, mask.height, false), mask, false, true))
    parts.pinholes += area < limit ? 1U : 0U;
  Measures m;
  m.length = edge_of(ones, m);
  parts.raggedness = raggedness_of(m);
  return parts;
}

}  // namespace

OutlineParts outline_parts(const Dataset& d, const Annotation& a) {
  if (const Shape* shape = d.find_shape(a, ShapeKind::polygon)) return parts_of_polygon(d, *shape);
  const Shape* shape = d.find_shape(a, ShapeKind::mask);
  return shape == nullptr || shape->count == 0 ? OutlineParts() : parts_of_mask(d, d.masks[shape->begin]);
}

}  // namespace vetset
