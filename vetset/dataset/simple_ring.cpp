// Whether a ring crosses or touches itself: a sweep from left to right (Shamos and Hoey) that looks only at edges which
// become neighbours. Signs of areas are exact, so that a vertex on an edge is told from one beside it.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "vetset/dataset/geometry.h"

namespace vetset {
namespace {

/// The exact sign of the sum of doubles (Shewchuk's grow-expansion): no digit is lost on the way.
int sign_of_sum(std::span<const double> terms) {
  std::array<double, 16> parts{};
  std::size_t count = 0;
  for (double term : terms) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double sum = term + parts[i];
      const double virtual_part = sum - term;
      const double lost = (term - (sum - virtual_part)) + (parts[i] - virtual_part);
      if (lost != 0) parts[kept++] = lost;
      term = sum;
    }
    parts[kept++] = term;
    count = kept;
  }
  for (std::size_t i = count; i-- > 0;)
    if (parts[i] != 0) return parts[i] > 0 ? 1 : -1;
  return 0;
}

/// The sign of the area of a, b, c: exact, unless numbers come near the ends of what doubles hold.
int turn(Point a, Point b, Point c) {
  const double left = (a.x - c.x) * (b.y - c.y), right = (a.y - c.y) * (b.x - c.x);
  const double area = left - right;
  constexpr double error_bound = 3.3306690738754716e-16;  // (3 + 16ε)ε, Shewchuk 1997
  const double bound = error_bound * (std::fabs(left) + std::fabs(right));
  if (area > bound || -area > bound) return area > 0 ? 1 : -1;
  std::array<double, 12> terms{};
  std::size_t count = 0;
  const auto add_product = [&](double x, double y) {
    const double product = x * y;
    terms[count++] = product;
    terms[count++] = std::fma(x, y, -product);
  };
  add_product(a.x, b.y);
  add_product(-a.x, c.y);
  add_product(-c.x, b.y);
  add_product(-a.y, b.x);
  add_product(a.y, c.x);
  add_product(c.y, b.x);
  return sign_of_sum(terms);
}

bool before(Point a, Point b) { return a.x < b.x || (a.x == b.x && a.y < b.y); }

/// An edge of the ring, from its left (or upper) end; `index` is the place of its first vertex in the ring.
struct Edge {
  Point left, right;
  std::size_t index = 0;
};

bool touch(const Edge& s, const Edge& t) {
  if (std::max(s.left.x, t.left.x) > std::min(s.right.x, t.right.x)) return false;
  const auto [s_top, s_bottom] = std::minmax(s.left.y, s.right.y);
  const auto [t_top, t_bottom] = std::minmax(t.left.y, t.right.y);
  if (std::max(s_top, t_top) > std::min(s_bottom, t_bottom)) return false;
  // Boxes meet; so they touch unless one lies wholly on one side of the other.
  return turn(s.left, s.right, t.left) * turn(s.left, s.right, t.right) <= 0 &&
         turn(t.left, t.right, s.left) * turn(t.left, t.right, s.right) <= 0;
}

/// Edges that the sweep stands on, from top to bottom.
struct Above {
  const std::vector<Edge>* edges;
  bool operator()(std::size_t s, std::size_t t) const {
    if (s == t) return false;
    const Edge &a = (*edges)[s], &b = (*edges)[t];
    if (a.left == b.left) return turn(a.left, a.right, b.right) > 0;
    if (before(a.left, b.left)) return turn(a.left, a.right, b.left) > 0;
    return turn(b.left, b.right, a.left) < 0;
  }
};

class Sweep {
 public:
  explicit Sweep(const std::vector<Point>& points) : points_(points), standing_(Above{&edges_}), at_(points.size()) {
    const std::size_t n = points.size();
    edges_.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
      const Point a = points[i], b = points[(i + 1) % n];
      edges_.push_back(before(a, b) ? Edge{.left = a, .right = b, .index = i}
                                    : Edge{.left = b, .right = a, .index = i});
    }
  }

  /// For few edges: every pair.
  bool some_pair_touches() const {
    for (std::size_t i = 0; i < edges_.size(); ++i)
      for (std::size_t j = i + 2; j < edges_.size(); ++j)
        if (!neighbours(i, j) && touch(edges_[i], edges_[j])) return true;
    return false;
  }

  bool touches_itself() {
    const std::size_t n = points_.size();
    std::vector<std::size_t> order(n);
    for (std::size_t i = 0; i < n; ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return before(points_[a], points_[b]); });
    for (std::size_t i = 1; i < n; ++i)
      if (points_[order[i]] == points_[order[i - 1]]) return true;
    for (const std::size_t vertex : order) {
      const std::size_t incoming = (vertex + n - 1) % n, outgoing = vertex;
      for (const std::size_t edge : {incoming, outgoing})
        if (edges_[edge].right == points_[vertex] && !leave(edge)) return true;
      for (const std::size_t edge : {incoming, outgoing})
        if (edges_[edge].left == points_[vertex] && !enter(edge)) return true;
    }
    return false;
  }

 private:
  bool neighbours(std::size_t i, std::size_t j) const {
    const std::size_t gap = i < j ? j - i : i - j;
    return gap == 1 || gap == edges_.size() - 1;
  }
  bool apart(std::size_t i, std::size_t j) const { return neighbours(i, j) || !touch(edges_[i], edges_[j]); }

  /// False: the edge touches one that it now stands beside.
  bool enter(std::size_t edge) {
    const auto [at, is_new] = standing_.insert(edge);
    if (!is_new) return false;  // on the same line as another
    at_[edge] = at;
    if (at != standing_.begin() && !apart(*std::prev(at), edge)) return false;
    return std::next(at) == standing_.end() || apart(edge, *std::next(at));
  }
  /// False: its neighbours, side by side now, touch.
  bool leave(std::size_t edge) {
    const auto next = standing_.erase(at_[edge]);
    return next == standing_.begin() || next == standing_.end() || apart(*std::prev(next), *next);
  }

  const std::vector<Point>& points_;
  std::vector<Edge> edges_;
  std::set<std::size_t, Above> standing_;
  std::vector<std::set<std::size_t, Above>::iterator> at_;
};

/// Whether the ring turns back on itself at some vertex, so that two neighbouring edges lie on each other.
bool has_spike(const std::vector<Point>& points) {
  const std::size_t n = points.size();
  for (std::size_t i = 0; i < n; ++i) {
    const Point a = points[i], b = points[(i + 1) % n], c = points[(i + 2) % n];
    if (turn(a, b, c) != 0) continue;
    if ((before(a, b) && before(c, b)) || (before(b, a) && before(b, c))) return true;
  }
  return false;
}

}  // namespace

bool crosses_itself(std::span<const double> ring) {
  std::vector<Point> points;
  points.reserve(ring.size() / 2);
  for (std::size_t i = 0; i + 1 < ring.size(); i += 2) {
    const Point point{ring[i], ring[i + 1]};
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) return false;
    if (points.empty() || points.back() != point) points.push_back(point);
  }
  while (points.size() > 1 && points.front() == points.back()) points.pop_back();
  if (points.size() < 3) return false;
  if (has_spike(points)) return true;
  Sweep sweep(points);
  constexpr std::size_t few = 48;
  return points.size() <= few ? sweep.some_pair_touches() : sweep.touches_itself();
}

}  // namespace vetset
