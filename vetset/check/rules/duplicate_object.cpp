#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/check/raters_found.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"
#include "vetset/dataset/repeated.h"

namespace vetset {
namespace {

/// Two outlines of one object cover much the same area; those of twins in one box do not.
bool shapes_differ(const Dataset& d, const Annotation& a, const Annotation& b, double least) {
  const std::optional<double> one = shape_area(d, a), other = shape_area(d, b);
  return one && other && std::min(*one, *other) < least * std::max(*one, *other);
}

/// Poses of one object have their points in one place: less than a tenth of the box apart on average.
bool poses_differ(const Dataset& d, const Annotation& a, const Annotation& b, double side) {
  const Shape* one = d.find_shape(a, ShapeKind::keypoints);
  const Shape* other = d.find_shape(b, ShapeKind::keypoints);
  if (one == nullptr || other == nullptr || one->two != other->two || one->count != other->count) return false;
  const std::span<const double> p = d.numbers_of(*one), q = d.numbers_of(*other);
  const std::size_t step = one->two ? 2 : 3;
  double distance = 0;
  std::size_t both = 0;
  for (std::size_t k = 0; k + step <= p.size(); k += step) {
    if (!one->two && (p[k + 2] == 0 || q[k + 2] == 0)) continue;
    distance += std::hypot(p[k] - q[k], p[k + 1] - q[k + 1]);
    ++both;
  }
  return both > 0 && distance > 0.1 * side * static_cast<double>(both);
}

bool same_object(const Dataset& d, const Annotation& a, const Annotation& b, double least) {
  if (a.category != b.category || a.layer != b.layer || a.kind != b.kind) return false;
  if (a.flags.is(Flag::crowd) || b.flags.is(Flag::crowd) || a.flags.is(Flag::group_of) || b.flags.is(Flag::group_of))
    return false;
  return !shapes_differ(d, a, b, least) && !poses_differ(d, a, b, std::sqrt(std::abs(a.box.width * a.box.height)));
}

void check_duplicate_object(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const double least = evidence.settings.duplicate_iou;
  const Raters raters = raters_of(evidence);
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  std::vector<Box> boxes;
  std::vector<AnnotationIndex> owners;
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    const auto of_image = annotations.of(to_index<ImageIndex>(n));
    if (of_image.size() < 2) continue;
    boxes.clear(), owners.clear();
    for (const AnnotationIndex i : of_image)
      if (const std::optional<Box> box = box_of(d, d[i])) boxes.push_back(*box), owners.push_back(i);
    for_each_overlap(boxes, least, [&](std::size_t a, std::size_t b, double shared) {
      const AnnotationIndex first = std::min(owners[a], owners[b]), second = std::max(owners[a], owners[b]);
      if (!raters.of_one(first, second)) return;  // one of each rater is as it should be
      if (!same_object(d, d[first], d[second], least) || same_annotation(d, first, second)) return;  // LBL105
      const bool identical = boxes[a] == boxes[b];
      report.with(Severity::warning, identical ? EvidenceClass::proof : EvidenceClass::calibrated,
                  AnnotationPair{first, second},
                  (d[first].category == none<CategoryIndex> ? std::string("two objects")
                                                            : "two " + quoted(d[d[first].category].name)) +
                      (identical ? " have the same box" : " overlap by IoU " + measure(shared)),
                  "keep one, if it is one object");
    });
  }
}

}  // namespace

extern const Rule duplicate_object{.code = "LBL104",
                                   .name = "duplicate-object",
                                   .title = "two objects of one class lie on each other",
                                   .severity = Severity::warning,
                                   .evidence = EvidenceClass::calibrated,
                                   .check = check_duplicate_object};

}  // namespace vetset
