// Boxes and rings: areas, envelopes, overlap, and the seams that make one ring of several.
#include "vetset/dataset/geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vetset {

std::optional<Box> envelope(std::span<const double> coordinates) {
  if (coordinates.size() < 2) return {};
  double left = coordinates[0], right = left, top = coordinates[1], bottom = top;
  bool finite = true;
  for (std::size_t i = 0; i + 1 < coordinates.size(); i += 2) {
    const double x = coordinates[i], y = coordinates[i + 1];
    finite = finite && std::isfinite(x) && std::isfinite(y);
    left = std::min(left, x);
    right = std::max(right, x);
    top = std::min(top, y);
    bottom = std::max(bottom, y);
  }
  if (!finite) return {};
  return Box{.x = left, .y = top, .width = right - left, .height = bottom - top};
}

double signed_area(std::span<const double> ring) {
  const std::size_t points = ring.size() / 2;
  if (points < 3) return 0;
  // Seen from its first vertex a ring far from the origin loses no digits.
  const double x0 = ring[0], y0 = ring[1];
  double doubled = 0;
  for (std::size_t i = 1; i + 1 < points; ++i) {
    const double ax = ring[2 * i] - x0, ay = ring[2 * i + 1] - y0;
    const double bx = ring[2 * i + 2] - x0, by = ring[2 * i + 3] - y0;
    doubled += ax * by - bx * ay;
  }
  return doubled / 2;
}

double iou(const Box& a, const Box& b) {
  const auto size = [](const Box& box) { return box.width > 0 && box.height > 0 ? box.width * box.height : 0; };
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  const double shared = width > 0 && height > 0 && size(a) > 0 && size(b) > 0 ? width * height : 0;
  const double joined = size(a) + size(b) - shared;
  return joined > 0 ? shared / joined : 0;
}

double overreach(const Box& box, double width, double height) {
  const double left = std::min(box.x, box.x + box.width), right = std::max(box.x, box.x + box.width);
  const double top = std::min(box.y, box.y + box.height), bottom = std::max(box.y, box.y + box.height);
  return std::max({0.0, -left, -top, right - width, bottom - height});
}

namespace {

/// The points of a ring without its repeated closing vertex.
std::span<const double> open_ring(std::span<const double> ring) {
  ring = ring.first(ring.size() / 2 * 2);
  while (ring.size() > 2 && ring[0] == ring[ring.size() - 2] && ring[1] == ring[ring.size() - 1])
    ring = ring.first(ring.size() - 2);
  return ring;
}

/// Vertices of one ring, sorted along its longer side, so that the nearest to a point is found by looking outwards.
class NearestVertex {
 public:
  explicit NearestVertex(std::span<const double> ring) : ring_(ring) {
    const std::optional<Box> box = envelope(ring);
    axis_ = box && box->height > box->width ? 1 : 0;
    for (std::size_t i = 0; i < ring.size() / 2; ++i) order_.push_back(i);
    std::sort(order_.begin(), order_.end(),
              [&](std::size_t a, std::size_t b) { return at(a) < at(b) || (at(a) == at(b) && a < b); });
  }

  /// Looks for a vertex nearer to (x, y) than `distance` (squared); of equally near ones the first.
  bool find(const double* point, double& distance, std::size_t& nearest) const {
    const double along = point[axis_];
    const auto middle =
        std::partition_point(order_.begin(), order_.end(), [&](std::size_t i) { return at(i) < along; });
    bool found = false;
    const auto look = [&](std::size_t i) {
      const double gap = at(i) - along;
      if (gap * gap > distance) return false;
      const double dx = ring_[2 * i] - point[0], dy = ring_[2 * i + 1] - point[1];
      const double here = dx * dx + dy * dy;
      if (here < distance || (found && here == distance && i < nearest)) {
        distance = here;
        nearest = i;
        found = true;
      }
      return true;
    };
    for (auto i = middle; i != order_.end() && look(*i); ++i) continue;
    for (auto i = middle; i != order_.begin() && look(*(i - 1)); --i) continue;
    return found;
  }

 private:
  double at(std::size_t i) const { return ring_[2 * i + axis_]; }

  std::span<const double> ring_;
  std::size_t axis_ = 0;
  std::vector<std::size_t> order_;
};

struct Seam {
  std::size_t from = 0;  // vertex of the first ring
  std::size_t to = 0;    // vertex of the ring that hangs on it
  std::span<const double> ring = {};
};

bool all_finite(std::span<const double> numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

std::vector<double> bridged(std::span<const std::span<const double>> rings) {
  std::size_t first = 0;
  while (first < rings.size() && rings[first].size() < 2) ++first;
  if (first == rings.size()) return {};
  const std::span<const double> base = open_ring(rings[first]);
  std::vector<Seam> seams;
  if (first + 1 < rings.size()) {
    // Where a number is not finite there is no nearest; the seam then joins the first vertices.
    const std::optional<NearestVertex> near = all_finite(base) ? std::optional<NearestVertex>(base) : std::nullopt;
    for (const std::span<const double> closed : rings.subspan(first + 1)) {
      if (closed.size() < 2) continue;
      Seam seam{.ring = open_ring(closed)};
      double distance = std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; near && all_finite(seam.ring) && i < seam.ring.size() / 2; ++i)
        if (near->find(&seam.ring[2 * i], distance, seam.from)) seam.to = i;
      seams.push_back(seam);
    }
  }
  std::stable_sort(seams.begin(), seams.end(), [](const Seam& a, const Seam& b) { return a.from < b.from; });

  std::vector<double> joined;
  auto seam = seams.begin();
  const auto append = [&](std::span<const double> points) {
    joined.insert(joined.end(), points.begin(), points.end());
  };
  for (std::size_t i = 0; i < base.size() / 2; ++i) {
    append(base.subspan(2 * i, 2));
    for (; seam != seams.end() && seam->from == i; ++seam) {
      append(seam->ring.subspan(2 * seam->to));
      append(seam->ring.first(2 * seam->to + 2));
      append(base.subspan(2 * i, 2));
    }
  }
  return joined;
}

}  // namespace vetset
