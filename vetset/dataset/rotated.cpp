#include "vetset/dataset/rotated.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace vetset {

namespace {

constexpr double pi = 3.14159265358979323846;

/// Sine and cosine, exact at right angles.
std::pair<double, double> turn_of(double degrees) {
  const double turns = std::fmod(degrees, 360.0);
  if (turns == 0) return {0, 1};
  if (turns == 90 || turns == -270) return {1, 0};
  if (turns == 180 || turns == -180) return {0, -1};
  if (turns == 270 || turns == -90) return {-1, 0};
  return {std::sin(turns / 180 * pi), std::cos(turns / 180 * pi)};
}

double cross(const Point& o, const Point& a, const Point& b) {
  return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

/// The convex hull, without points on its edges, clockwise on the screen.
std::vector<Point> hull_of(std::vector<Point> points) {
  const auto less = [](const Point& a, const Point& b) { return a.x < b.x || (a.x == b.x && a.y < b.y); };
  std::sort(points.begin(), points.end(), less);
  points.erase(std::unique(points.begin(), points.end()), points.end());
  if (points.size() < 3) return points;
  std::vector<Point> hull;
  const auto add = [&](const Point& p, std::size_t least) {
    while (hull.size() > least && cross(hull[hull.size() - 2], hull.back(), p) <= 0) hull.pop_back();
    hull.push_back(p);
  };
  for (const Point& p : points) add(p, 1);
  const std::size_t lower = hull.size();
  for (std::size_t i = points.size() - 1; i-- > 0;) add(points[i], lower);
  hull.pop_back();
  return hull;
}

/// A rectangle one side of which lies on a line: how far the points reach along it and across.
struct Span {
  double area = std::numeric_limits<double>::infinity();
  Point along{};  // of length 1
  double low = 0, high = 0, near = 0, far = 0;
};

Span span_along(const std::vector<Point>& hull, const Point& from, const Point& to) {
  const double length = std::hypot(to.x - from.x, to.y - from.y);
  Span s{.along = {(to.x - from.x) / length, (to.y - from.y) / length}};
  s.low = s.near = std::numeric_limits<double>::infinity();
  s.high = s.far = -s.low;
  for (const Point& p : hull) {
    const double along = p.x * s.along.x + p.y * s.along.y, across = p.y * s.along.x - p.x * s.along.y;
    s.low = std::min(s.low, along);
    s.high = std::max(s.high, along);
    s.near = std::min(s.near, across);
    s.far = std::max(s.far, across);
  }
  s.area = (s.high - s.low) * (s.far - s.near);
  return s;
}

/// The corners of the pixels where runs of a mask begin and end: all that a convex hull needs of it.
void add_mask_corners(std::vector<double>& points, const Dataset& d, const Shape& shape) {
  for (const Mask& mask : d.masks.slice(shape.begin, shape.count)) {
    if (mask.height == 0) continue;
    std::uint64_t at = 0;
    const auto counts = d.counts_of(mask);
    const auto add = [&](std::uint64_t x, std::uint64_t top, std::uint64_t bottom) {
      for (const std::uint64_t side : {x, x + 1})
        for (const std::uint64_t end : {top, bottom})
          points.insert(points.end(), {static_cast<double>(side), static_cast<double>(end)});
    };
    for (std::size_t i = 0; i < counts.size(); at += counts[i++]) {
      if (i % 2 == 0 || counts[i] == 0) continue;
      const std::uint64_t last = at + counts[i] - 1, left = at / mask.height, right = last / mask.height;
      add(left, at % mask.height, left == right ? last % mask.height + 1 : mask.height);
      if (right > left + 1) add(left + 1, 0, mask.height), add(right - 1, 0, mask.height);
      if (right > left) add(right, 0, last % mask.height + 1);
    }
  }
}

/// The same corners, beginning with the one nearest to the top-left.
Corners from_top_left(const Corners& corners) {
  std::size_t first = 0;
  for (std::size_t i = 1; i < 4; ++i) {
    const double here = corners[2 * i] + corners[2 * i + 1], best = corners[2 * first] + corners[2 * first + 1];
    if (here < best || (here == best && corners[2 * i + 1] < corners[2 * first + 1])) first = i;
  }
  Corners turned{};
  for (std::size_t k = 0; k < 8; ++k) turned[k] = corners[(2 * first + k) % 8];
  return turned;
}

}  // namespace

Corners corners_of(const RotatedBox& box) {
  const auto [sine, cosine] = turn_of(box.degrees);
  Corners corners{};
  constexpr double signs[] = {-1, -1, 1, -1, 1, 1, -1, 1};
  for (std::size_t i = 0; i < 4; ++i) {
    const double right = signs[2 * i] * box.width / 2, down = signs[2 * i + 1] * box.height / 2;
    corners[2 * i] = box.x + right * cosine - down * sine;
    corners[2 * i + 1] = box.y + right * sine + down * cosine;
  }
  return corners;
}

Corners corners_of(const Box& box) {
  const double right = box.x + box.width, bottom = box.y + box.height;
  return {box.x, box.y, right, box.y, right, bottom, box.x, bottom};
}

std::optional<Corners> turned_corners(const Dataset& d, const Annotation& a) {
  if (a.shape == none<ShapeIndex> || (a.kind != Kind::quad && a.kind != Kind::rotated_box)) return std::nullopt;
  const Shape* const shape = d.find_shape(a, ShapeKind::numbers);
  if (shape == nullptr) return std::nullopt;
  const std::span<const double> n = d.numbers_of(*shape);
  if (a.kind == Kind::rotated_box)
    return n.size() == 5 ? std::optional(corners_of(RotatedBox{n[0], n[1], n[2], n[3], n[4]})) : std::nullopt;
  if (n.size() != 8) return std::nullopt;
  Corners corners{};
  std::copy(n.begin(), n.end(), corners.begin());
  return corners;
}

std::optional<Corners> smallest_rectangle(std::span<const double> points) {
  std::vector<Point> all;
  for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
    if (!std::isfinite(points[i]) || !std::isfinite(points[i + 1])) return std::nullopt;
    all.push_back({points[i], points[i + 1]});
  }
  if (all.empty()) return std::nullopt;
  const std::vector<Point> hull = hull_of(std::move(all));
  if (hull.size() == 1) return corners_of(Box{hull[0].x, hull[0].y, 0, 0});
  Span best;
  for (std::size_t i = 0; i < hull.size(); ++i)
    if (const Span s = span_along(hull, hull[i], hull[(i + 1) % hull.size()]); s.area < best.area) best = s;
  if (!std::isfinite(best.area)) return std::nullopt;
  const auto at = [&](double along, double across) {
    return Point{along * best.along.x - across * best.along.y, along * best.along.y + across * best.along.x};
  };
  const Point a = at(best.low, best.near), b = at(best.high, best.near), c = at(best.high, best.far),
              d = at(best.low, best.far);
  return from_top_left({a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y});
}

std::optional<Corners> four_corners(const Dataset& d, const Annotation& a) {
  if (auto corners = turned_corners(d, a)) return corners;
  std::vector<double> points;
  std::size_t rings = 0;
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next) {
    if (d[s].kind == ShapeKind::mask) add_mask_corners(points, d, d[s]);
    if (d[s].kind != ShapeKind::polygon) continue;
    for (const Ring& ring : d.rings_of(d[s])) {
      const auto numbers = d.coordinates_of(ring);
      if (ring.role != RingRole::outer || numbers.size() < 6 || numbers.size() % 2 != 0) continue;
      points.insert(points.end(), numbers.begin(), numbers.end());
      ++rings;
    }
  }
  if (rings != 1 || points.size() != 8) return smallest_rectangle(points);
  Corners corners{};
  std::copy(points.begin(), points.end(), corners.begin());
  return corners;
}

double skew(const Corners& corners) {
  const std::optional<Corners> around = smallest_rectangle(corners);
  if (!around) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < 4; ++k)
      nearest =
          std::min(nearest, std::hypot(corners[2 * i] - (*around)[2 * k], corners[2 * i + 1] - (*around)[2 * k + 1]));
    largest = std::max(largest, nearest);
  }
  return largest;
}

CornerForm corner_form(const Corners& c) {
  if (!std::all_of(c.begin(), c.end(), [](double n) { return std::isfinite(n); })) return CornerForm::other;
  const double longest = std::max(std::hypot(c[4] - c[0], c[5] - c[1]), std::hypot(c[6] - c[2], c[7] - c[3]));
  const double near = std::max(longest / 100, 4e-6);  // rounding to six decimals, four corners at once
  if (std::abs(c[0] + c[4] - c[2] - c[6]) > near || std::abs(c[1] + c[5] - c[3] - c[7]) > near)
    return CornerForm::other;
  const auto parallel = [&](double dx, double dy) { return std::abs(dx) <= near || std::abs(dy) <= near; };
  const bool upright = parallel(c[2] - c[0], c[3] - c[1]) && parallel(c[4] - c[2], c[5] - c[3]);
  return upright ? CornerForm::upright : CornerForm::turned;
}

}  // namespace vetset
