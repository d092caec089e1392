#include <algorithm>
#include <cmath>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

std::size_t points_of(const Category& category) {
  return category.keypoints.empty() ? category.point_count : category.keypoints.size();
}

void check_points(const Dataset& d, AnnotationIndex i, const Shape& shape, const Report& report) {
  const Annotation& a = d[i];
  const std::span<const double> numbers = d.numbers_of(shape);
  const std::size_t step = shape.two ? 2 : 3, points = numbers.size() / step;
  if (numbers.empty()) return;  // no pose was drawn
  if (numbers.size() % step != 0)
    report(
        i,
        counted(numbers.size(), "number", "numbers") + " for keypoints, expected " + std::to_string(step) + " a point",
        "find the number that is missing or too many");
  const std::size_t expected = a.category == none<CategoryIndex> ? 0 : points_of(d[a.category]);
  if (expected != 0 && points != expected)
    report(i,
           counted(points, "keypoint", "keypoints") + "; class " + quoted(d[a.category].name) + " has " +
               std::to_string(expected),
           "write every point, and 0 0 0 for those not labelled");
  if (shape.two) return;
  std::uint64_t hidden = 0;
  for (std::size_t k = 0; k + 3 <= numbers.size(); k += 3) {
    const double v = numbers[k + 2];
    if (v != 0 && v != 1 && v != 2) {
      report(i, "visibility of keypoint " + std::to_string(k / 3 + 1) + " is " + measure(v) + ", expected 0, 1 or 2",
             "write 0 (not labelled), 1 (hidden) or 2 (seen)");
      return;
    }
    hidden += v == 0 && (numbers[k] != 0 || numbers[k + 1] != 0);
  }
  if (hidden > 0)
    report.with(Severity::note, EvidenceClass::proof, i,
                counted(hidden, "keypoint is", "keypoints are") + " not labelled (0) and yet at a place",
                "write 0 0 0, or say that they are hidden (1)");
}

void check_invalid_keypoints(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.shapes.empty()) return;
  for (std::size_t n = 0; n < d.annotations.size(); ++n)
    if (const Shape* shape = d.find_shape(d.annotations[n], ShapeKind::keypoints))
      check_points(d, to_index<AnnotationIndex>(n), *shape, report);
}

}  // namespace

extern const Rule invalid_keypoints{.code = "FMT414",
                                    .name = "invalid-keypoints",
                                    .title = "keypoints are not those of their class, or of no visibility there is",
                                    .severity = Severity::warning,
                                    .evidence = EvidenceClass::proof,
                                    .check = check_invalid_keypoints};

}  // namespace vetset
