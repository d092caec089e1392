#include <algorithm>
#include <cmath>

#include "vetset/check/rule.h"
#include "vetset/check/swapped_sides.h"
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

/// A mirror that puts a point anywhere but at its other side.
void check_mirror(const Dataset& d, CategoryIndex i, const Report& report) {
  const Category& c = d[i];
  if (c.flip.size() != c.keypoints.size()) return;
  for (const SidedPair& pair : sided_pairs(c.keypoints))
    for (const auto& [from, to] : {std::pair(pair.left, pair.right), std::pair(pair.right, pair.left)}) {
      if (c.flip[from] == to || c.flip[from] >= c.keypoints.size()) continue;
      report(i,
             "a mirrored " + quoted(c.keypoints[from]) + " is taken for " + quoted(c.keypoints[c.flip[from]]) +
                 ", expected " + quoted(c.keypoints[to]),
             "write the place of each point's other side in flip_idx");
      return;
    }
}

/// Limbs that cross in one pose and in nearly no other of the class. Some limbs do cross (arms, legs): the poses
/// themselves say which do not.
void check_crossings(const Dataset& d, CategoryIndex category, const Report& report) {
  constexpr std::size_t least_poses = 200;
  constexpr double rare = 1.0 / 200;  // of the poses
  for (const Limbs& limbs : limbs_of(d[category])) {
    std::size_t poses = 0;
    std::vector<std::pair<AnnotationIndex, double>> crossed;
    for (std::size_t n = 0; n < d.annotations.size(); ++n) {
      if (d.annotations[n].category != category) continue;
      const Shape* shape = d.find_shape(d.annotations[n], ShapeKind::keypoints);
      if (shape == nullptr || shape->two) continue;
      const auto cost = symmetry_cost(limbs, d.numbers_of(*shape));
      if (!cost) continue;
      ++poses;
      if (*cost > 1) crossed.emplace_back(to_index<AnnotationIndex>(n), *cost);
    }
    if (poses < least_poses || static_cast<double>(crossed.size()) > rare * static_cast<double>(poses)) continue;
    const std::vector<std::string>& names = d[category].keypoints;
    for (const auto& [at, cost] : crossed)
      report.with(Severity::note, EvidenceClass::hint, at,
                  "from " + quoted(names[limbs.near.left]) + " to " + quoted(names[limbs.far.left]) +
                      " crosses the other side: as labelled both are " + measure(cost) +
                      " times as long as with one pair exchanged, in " + grouped(crossed.size()) + " of " +
                      grouped(poses) + " poses",
                  "look whether left and right are exchanged");
  }
}

void check_invalid_keypoints(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  for (std::size_t c = 0; c < d.categories.size(); ++c) {
    check_mirror(d, to_index<CategoryIndex>(c), report);
    check_crossings(d, to_index<CategoryIndex>(c), report);
  }
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
