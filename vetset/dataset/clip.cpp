#include "vetset/dataset/clip.h"

#include <algorithm>

namespace vetset {
namespace {

/// A half plane: what lies on the right side of a vertical line (or below a horizontal one), times `sign`.
struct Side {
  bool vertical;
  double at, sign;

  double depth(const Point& p) const { return sign * ((vertical ? p.x : p.y) - at); }
  /// Where a–b crosses the line; the coordinate across it is the line's own, to the bit.
  Point crossing(const Point& a, const Point& b) const {
    const double from = depth(a), part = from / (from - depth(b));
    if (vertical) return {at, a.y + part * (b.y - a.y)};
    return {a.x + part * (b.x - a.x), at};
  }
};

std::vector<Point> cut(const std::vector<Point>& ring, const Side& side) {
  std::vector<Point> kept;
  for (std::size_t k = 0; k < ring.size(); ++k) {
    const Point &a = ring[k == 0 ? ring.size() - 1 : k - 1], &b = ring[k];
    const bool a_in = side.depth(a) >= 0, b_in = side.depth(b) >= 0;
    if (a_in != b_in && side.depth(a) != 0 && side.depth(b) != 0) kept.push_back(side.crossing(a, b));
    if (b_in) kept.push_back(b);
  }
  return kept;
}

}  // namespace

std::optional<Box> clipped(const Box& box, double width, double height) {
  const double left = std::max(box.x, 0.0), top = std::max(box.y, 0.0);
  const double right = std::min(box.x + box.width, width), bottom = std::min(box.y + box.height, height);
  if (!(right > left) || !(bottom > top)) return {};
  Box part = box;  // edges that lie inside keep their numbers to the bit
  if (left != box.x || right != box.x + box.width) part.x = left, part.width = right - left;
  if (top != box.y || bottom != box.y + box.height) part.y = top, part.height = bottom - top;
  return part;
}

std::vector<double> clipped(std::span<const double> ring, double width, double height) {
  std::vector<Point> points;
  for (std::size_t k = 0; k + 1 < ring.size(); k += 2) points.push_back({ring[k], ring[k + 1]});
  for (const Side& side : {Side{true, 0, 1}, Side{true, width, -1}, Side{false, 0, 1}, Side{false, height, -1}})
    points = cut(points, side);
  std::vector<double> numbers;
  if (points.size() < 3) return numbers;
  for (const Point& p : points) numbers.insert(numbers.end(), {p.x, p.y});
  return signed_area(numbers) == 0 ? std::vector<double>() : numbers;
}

}  // namespace vetset
