#include <algorithm>
#include <cmath>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/rings.h"

namespace vetset {
namespace {

struct Fault {
  Severity severity = Severity::warning;
  std::string message = {};
};

bool all_finite(std::span<const double> numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double v) { return std::isfinite(v); });
}

std::string size_text(const Box& box) { return measure(box.width) + " by " + measure(box.height) + " px"; }

std::optional<Fault> box_fault(const Box& b) {
  if (!std::isfinite(b.x) || !std::isfinite(b.y) || !std::isfinite(b.width) || !std::isfinite(b.height))
    return Fault{Severity::error, "box has a number that is not finite"};
  if (b.width < 0 || b.height < 0) return Fault{Severity::error, "box is " + size_text(b) + ", a negative size"};
  if (b.width == 0 || b.height == 0) return Fault{Severity::warning, "box is " + size_text(b) + " and has no area"};
  return {};
}

/// A ring without points is how some exports say that there is no outline.
std::optional<Fault> ring_fault(std::span<const double> ring) {
  if (ring.empty()) return {};
  if (!all_finite(ring)) return Fault{Severity::error, "outline has a number that is not finite"};
  if (!spans_area(ring))
    return Fault{Severity::warning,
                 "outline of " + counted(ring.size() / 2, "point", "points") + " has fewer than three different ones"};
  return {};
}

std::optional<Fault> shape_fault(const Dataset& d, const Shape& shape) {
  if (shape.kind == ShapeKind::polygon)
    for (const Ring& ring : d.rings_of(shape))
      if (auto fault = ring_fault(d.coordinates_of(ring))) return fault;
  if (shape.kind == ShapeKind::mask)
    for (const Mask& mask : d.masks.slice(shape.begin, shape.count))
      if (area(d.counts_of(mask)) == 0) return Fault{Severity::warning, "mask has no pixel"};
  if ((shape.kind == ShapeKind::keypoints || shape.kind == ShapeKind::numbers) && !all_finite(d.numbers_of(shape)))
    return Fault{Severity::error, "shape has a number that is not finite"};
  return {};
}

void check_degenerate_shape(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    std::optional<Fault> fault;
    if (a.box_origin == Origin::stated) fault = box_fault(a.box);
    for (ShapeIndex s = a.shape; !fault && s != none<ShapeIndex>; s = d[s].next) fault = shape_fault(d, d[s]);
    if (fault)
      report.with(fault->severity, EvidenceClass::proof, to_index<AnnotationIndex>(n), std::move(fault->message),
                  "draw it again, or drop it");
  }
}

}  // namespace

extern const Rule degenerate_shape{.code = "FMT408",
                                   .name = "degenerate-shape",
                                   .title = "a box or outline has no area, or numbers that are none",
                                   .severity = Severity::warning,
                                   .evidence = EvidenceClass::proof,
                                   .check = check_degenerate_shape};

}  // namespace vetset
