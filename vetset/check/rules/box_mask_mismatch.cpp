#include <algorithm>
#include <cmath>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

/// The largest distance between edges of the same side.
double edge_distance(const Box& a, const Box& b) {
  return std::max({std::abs(a.x - b.x), std::abs(a.y - b.y), std::abs(a.x + a.width - b.x - b.width),
                   std::abs(a.y + a.height - b.y - b.height)});
}

std::string box_text(const Box& b) {
  return measure(b.x) + " " + measure(b.y) + " " + measure(b.width) + " " + measure(b.height);
}

void check_box_mask_mismatch(const Evidence& evidence, const Report& report) {
  constexpr double same = 0.98, pixel = 1;  // pycocotools rounds outward to whole pixels
  const Dataset& d = evidence.dataset;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    if (a.box_origin != Origin::stated || a.shape == none<ShapeIndex>) continue;
    if (d.find_shape(a, ShapeKind::polygon) == nullptr && d.find_shape(a, ShapeKind::mask) == nullptr) continue;
    const std::optional<Box> tight = shape_box(d, a);
    if (!tight || a.box.width <= 0 || a.box.height <= 0) continue;  // FMT408
    const double distance = edge_distance(*tight, a.box);
    if (!(distance > pixel) || iou(*tight, a.box) >= same) continue;
    report.scored(distance, to_index<AnnotationIndex>(n),
                  "box is " + box_text(a.box) + ", its shape lies in " + box_text(*tight) + ": an edge is " +
                      measure(distance) + " px off",
                  "compute the box from the shape, unless it was meant to hold hidden parts");
  }
}

}  // namespace

extern const Rule box_mask_mismatch{.code = "LBL116",
                                    .name = "box-mask-mismatch",
                                    .title = "a box is not the one around its outline or mask",
                                    .severity = Severity::warning,
                                    .evidence = EvidenceClass::proof,
                                    .check = check_box_mask_mismatch};

}  // namespace vetset
