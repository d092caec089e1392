// Repairs of how outlines are written down. None of them moves a point; a safe one leaves every pixel of the drawn mask
// as it was, which is looked at record by record.
#include <algorithm>
#include <cmath>

#include "vetset/base/limits.h"
#include "vetset/check/repair.h"
#include "vetset/check/words.h"
#include "vetset/dataset/clip.h"
#include "vetset/dataset/rings.h"
#include "vetset/dataset/rle.h"

namespace vetset {
namespace {

using Rings = std::vector<std::pair<std::vector<double>, RingRole>>;
using Numbers = std::span<const double>;

/// The outline that a finding is about; null where there is none any more.
const Shape* outline_of(const Finding& finding, const Workbench& bench, AnnotationIndex& i) {
  const AnnotationIndex* where = std::get_if<AnnotationIndex>(&finding.where);
  if (where == nullptr || bench.is_dropped(*where)) return nullptr;
  i = *where;
  return bench.dataset().find_shape(bench.dataset()[i], ShapeKind::polygon);
}

/// Whether two rings have the same pixels in the image; not where its size is not known.
bool draws_the_same(const Dataset& d, const Annotation& a, Numbers one, Numbers other) {
  if (a.image == none<ImageIndex>) return false;
  const std::uint32_t height = d[a.image].height, width = d[a.image].width;
  const std::uint64_t pixels = std::uint64_t{height} * width;
  if (pixels == 0 || pixels > Limits{}.mask_pixels) return false;
  MaskCounts before, after;
  counts_of_polygon(one, height, width, before);
  counts_of_polygon(other, height, width, after);
  return before == after;
}

void once_each(const Evidence&, const Finding& finding, Workbench& bench) {
  AnnotationIndex i{};
  const Shape* shape = outline_of(finding, bench, i);
  if (shape == nullptr) return;
  const Dataset& d = bench.dataset();
  Rings rings;
  std::uint64_t dropped = 0;
  for (const Ring& ring : d.rings_of(*shape)) {
    const Numbers numbers = d.coordinates_of(ring);
    std::vector<double> kept(numbers.begin(), numbers.end());
    if (const std::uint64_t n = repeats(numbers); n > 0 && spans_area(numbers)) {
      std::vector<double> once = without_repeats(numbers);
      if (draws_the_same(d, d[i], numbers, once)) {
        kept.swap(once);
        dropped += n;
      }
    }
    rings.emplace_back(std::move(kept), ring.role);
  }
  if (dropped > 0)
    bench.respell_rings(
        i, rings, counted(dropped, "point", "points") + " said twice in a row dropped; every pixel stays as it was");
}

/// Whether the points of an outline are what its stated box was made of, a pixel of rounding aside: then no point
/// before the half one is missing a number.
bool is_held_by_box(const Dataset& d, const Annotation& a) {
  if (a.box_origin != Origin::stated) return false;
  const std::optional<Box> tight = shape_box(d, a);
  if (!tight) return false;
  constexpr double pixel = 1;
  const Box& box = a.box;
  return std::abs(tight->x - box.x) <= pixel && std::abs(tight->y - box.y) <= pixel &&
         std::abs(tight->x + tight->width - box.x - box.width) <= pixel &&
         std::abs(tight->y + tight->height - box.y - box.height) <= pixel;
}

template <bool Certain>
void whole_points(const Evidence&, const Finding& finding, Workbench& bench) {
  AnnotationIndex i{};
  const Shape* shape = outline_of(finding, bench, i);
  if (shape == nullptr) return;
  const Dataset& d = bench.dataset();
  bool same = is_held_by_box(d, d[i]);
  Rings rings;
  std::string numbers_dropped;
  for (const Ring& ring : d.rings_of(*shape)) {
    const Numbers numbers = d.coordinates_of(ring), whole = numbers.first(numbers.size() / 2 * 2);
    rings.emplace_back(std::vector<double>(whole.begin(), whole.end()), ring.role);
    if (whole.size() == numbers.size()) continue;
    numbers_dropped += (numbers_dropped.empty() ? "" : ", ") + measure(numbers.back());
    same = same && draws_the_same(d, d[i], numbers, whole);
  }
  if (numbers_dropped.empty() || same != Certain) return;
  const bool nothing_left = std::all_of(rings.begin(), rings.end(), [](const auto& r) { return r.first.empty(); });
  if (nothing_left) return;
  bench.respell_rings(i, rings,
                      "last number without a partner dropped: " + numbers_dropped +
                          (Certain ? "; the points before it fill the box" : "; that none is missing is a guess"));
}

void without_flat_rings(const Evidence&, const Finding& finding, Workbench& bench) {
  AnnotationIndex i{};
  const Shape* shape = outline_of(finding, bench, i);
  if (shape == nullptr) return;
  const Dataset& d = bench.dataset();
  Rings rings;
  std::uint64_t flat = 0;
  bool outer = false;
  for (const Ring& ring : d.rings_of(*shape)) {
    const Numbers numbers = d.coordinates_of(ring);
    if (!numbers.empty() && !spans_area(numbers)) {
      ++flat;
      continue;
    }
    outer = outer || (ring.role == RingRole::outer && !numbers.empty());
    rings.emplace_back(std::vector<double>(numbers.begin(), numbers.end()), ring.role);
  }
  if (flat > 0 && outer)
    bench.respell_rings(
        i, rings, counted(flat, "ring", "rings") + " of fewer than three different points dropped, the others stay");
}

}  // namespace

extern const Repair drop_half_point{"FMT411", "drop-half-point",
                                    "drop a last number without a partner, where the points before it fill the box",
                                    true, each<whole_points<true>>};
extern const Repair drop_doubtful_half_point{"FMT411", "drop-doubtful-half-point",
                                             "drop a last number without a partner, where no box tells", false,
                                             each<whole_points<false>>};
extern const Repair drop_repeated_points{"FMT411", "drop-repeated-points", "say points of outlines once in a row", true,
                                         each<once_each>};
extern const Repair drop_flat_ring{"FMT408", "drop-flat-ring", "drop rings without area from outlines that have others",
                                   false, each<without_flat_rings>};

}  // namespace vetset
