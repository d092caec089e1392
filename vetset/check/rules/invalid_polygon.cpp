#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/rings.h"

namespace vetset {
namespace {

/// An edge between two vertices of a ring, left end first.
struct Edge {
  Point left, right;
  double low = 0, high = 0;  // its span in y
};

/// Twice the signed area of a triangle: on which side of a–b the point c lies.
double side(const Point& a, const Point& b, const Point& c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/// Whether two edges cross inside both. Touching ends and seams that run over each other, as bridged holes have, do not
/// count: they change no area.
bool cross(const Edge& a, const Edge& b) {
  if (a.high <= b.low || b.high <= a.low) return false;
  const double b_left = side(a.left, a.right, b.left), b_right = side(a.left, a.right, b.right);
  if (!((b_left > 0 && b_right < 0) || (b_left < 0 && b_right > 0))) return false;
  const double a_left = side(b.left, b.right, a.left), a_right = side(b.left, b.right, a.right);
  return (a_left > 0 && a_right < 0) || (a_left < 0 && a_right > 0);
}

/// Whether the outline runs through itself. `edges` is scratch space. Edges are met from left to right, each against
/// those that begin before it ends.
bool runs_through_itself(std::span<const double> ring, std::vector<Edge>& edges) {
  const std::size_t points = ring.size() / 2;
  if (points < 4) return false;
  edges.clear();
  for (std::size_t k = 0, last = points - 1; k < points; last = k++) {
    Point a{ring[2 * last], ring[2 * last + 1]}, b{ring[2 * k], ring[2 * k + 1]};
    if (b.x < a.x) std::swap(a, b);
    edges.push_back({a, b, std::min(a.y, b.y), std::max(a.y, b.y)});
  }
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) { return a.left.x < b.left.x; });
  std::size_t tests_left = 20'000'000;  // an outline made to exhaust the machine is not judged
  for (std::size_t i = 0; i < edges.size(); ++i)
    for (std::size_t j = i + 1; j < edges.size() && edges[j].left.x < edges[i].right.x; ++j) {
      if (tests_left-- == 0) return false;
      if (cross(edges[i], edges[j])) return true;
    }
  return false;
}

/// A convex ring that turns once cannot cross itself; most small outlines are seen through this way. Exact: it says
/// yes only if every corner turns the same way and x changes its direction twice.
bool surely_convex(std::span<const double> ring) {
  const std::size_t points = ring.size() / 2;
  int turn = 0, direction = 0, changes = 0;
  for (std::size_t k = 0; k < points; ++k) {
    const std::size_t l = k + 1 == points ? 0 : k + 1, m = l + 1 == points ? 0 : l + 1;
    const Point a{ring[2 * k], ring[2 * k + 1]}, b{ring[2 * l], ring[2 * l + 1]}, c{ring[2 * m], ring[2 * m + 1]};
    const double s = side(a, b, c);
    const int t = s > 0 ? 1 : s < 0 ? -1 : 0;
    if (t != 0 && turn != 0 && t != turn) return false;
    if (t != 0) turn = t;
    const int way = b.x > a.x ? 1 : b.x < a.x ? -1 : 0;
    if (way != 0 && direction != 0 && way != direction) ++changes;
    if (way != 0) direction = way;
  }
  return turn != 0 && changes <= 2;
}

/// A ring that goes once around the middle of its points, and always onwards, cannot cross itself. It says yes only
/// where no rounding could have decided.
bool surely_around_its_middle(std::span<const double> ring) {
  const std::size_t points = ring.size() / 2;
  Point middle;
  for (std::size_t k = 0; k < points; ++k) {
    middle.x += ring[2 * k];
    middle.y += ring[2 * k + 1];
  }
  middle.x /= static_cast<double>(points);
  middle.y /= static_cast<double>(points);
  constexpr double clear = 1e-9;
  bool onwards = true, backwards = true;
  int rounds = 0;
  for (std::size_t k = 0, last = points - 1; k < points; last = k++) {
    const double ax = ring[2 * last] - middle.x, ay = ring[2 * last + 1] - middle.y;
    const double bx = ring[2 * k] - middle.x, by = ring[2 * k + 1] - middle.y;
    const double one = ax * by, other = ay * bx, least = clear * (std::abs(one) + std::abs(other));
    onwards = onwards && one - other > least;
    backwards = backwards && other - one > least;
    if (!onwards && !backwards) return false;
    if ((ay < 0) != (by < 0)) ++rounds;  // two a round
  }
  return rounds == 2;
}

void check_invalid_polygon(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  std::vector<Edge> edges;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    bool odd = false, crossed = false;
    std::uint64_t repeated = 0;
    for (ShapeIndex s = d.annotations[n].shape; s != none<ShapeIndex>; s = d[s].next) {
      if (d[s].kind != ShapeKind::polygon) continue;
      for (const Ring& ring : d.rings_of(d[s])) {
        const std::span<const double> points = d.coordinates_of(ring);
        repeated += repeats(points);
        if (points.size() % 2 != 0 && !odd) {
          odd = true;
          report.with(Severity::warning, EvidenceClass::proof, to_index<AnnotationIndex>(n),
                      "outline has " + std::to_string(points.size()) + " numbers; expected pairs of x and y",
                      "find the number that is missing or too many");
        } else if (!crossed && !surely_around_its_middle(points) && !surely_convex(points) &&
                   runs_through_itself(points, edges)) {
          crossed = true;
          report(to_index<AnnotationIndex>(n),
                 "outline of " + counted(points.size() / 2, "point", "points") +
                     " runs through itself; readers differ in what lies inside",
                 "draw it again without the loop");
        }
      }
    }
    if (repeated > 0)
      report(to_index<AnnotationIndex>(n),
             "outline says " + counted(repeated, "point", "points") + " twice in a row; it encloses the same without",
             "drop the repeated points: `vetset fix` does");
  }
}

}  // namespace

// Outlines that cross themselves are common in hand-drawn sets (COCO has thousands) and cost little: a note.
extern const Rule invalid_polygon{.code = "FMT411",
                                  .name = "invalid-polygon",
                                  .title = "an outline runs through itself, repeats a point, or has half a point",
                                  .severity = Severity::note,
                                  .evidence = EvidenceClass::proof,
                                  .check = check_invalid_polygon};

}  // namespace vetset
