// A repair of outlines that have specks beside their body.
#include <algorithm>
#include <cmath>

#include "vetset/check/outline_parts.h"
#include "vetset/check/repair.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

using Rings = std::vector<std::pair<std::vector<double>, RingRole>>;

Box around(const Rings& rings) {
  double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
  for (const auto& [numbers, role] : rings)
    for (std::size_t k = 0; k + 1 < numbers.size(); k += 2) {
      left = std::min(left, numbers[k]), right = std::max(right, numbers[k]);
      top = std::min(top, numbers[k + 1]), bottom = std::max(bottom, numbers[k + 1]);
    }
  return {left, top, right - left, bottom - top};
}

bool fits(const Box& a, const Box& b) {
  constexpr double near = 1;  // pixel: boxes are stated as whole ones
  return std::abs(a.x - b.x) <= near && std::abs(a.y - b.y) <= near && std::abs(a.width - b.width) <= near &&
         std::abs(a.height - b.height) <= near;
}

void without_specks(const Evidence&, const Finding& finding, Workbench& bench) {
  const auto* i = std::get_if<AnnotationIndex>(&finding.where);
  if (i == nullptr || bench.is_dropped(*i)) return;
  const Dataset& d = bench.dataset();
  const Shape* shape = d.find_shape(d[*i], ShapeKind::polygon);
  if (shape == nullptr) return;
  const OutlineParts parts = outline_parts(d, d[*i]);
  if (parts.small_rings.empty()) return;
  Rings rings;
  std::uint32_t number = 0;
  for (const Ring& ring : d.rings_of(*shape)) {
    const std::span<const double> numbers = d.coordinates_of(ring);
    if (!std::binary_search(parts.small_rings.begin(), parts.small_rings.end(), number++))
      rings.emplace_back(std::vector<double>(numbers.begin(), numbers.end()), ring.role);
  }
  // A stated box that was drawn around all parts is drawn around those that stay; any other one stays as it is.
  const std::optional<Box> whole = shape_box(d, d[*i]);
  const Box body = around(rings);
  const bool follows = d[*i].box_origin == Origin::stated && whole && fits(*whole, d[*i].box);
  bench.set_rings(*i, rings, follows ? &body : nullptr,
                  counted(parts.specks, "speck", "specks") + " of " + (parts.specks > 1 ? "up to " : "") +
                      measure(parts.largest_speck) + " px dropped");
}

}  // namespace

extern const Repair drop_specks{"LBL141", "drop-specks", "drop specks from outlines that have a body", false,
                                each<without_specks>};

}  // namespace vetset
