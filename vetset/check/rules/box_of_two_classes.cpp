#include <vector>

#include "vetset/check/raters_found.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

/// Whether one class is the other's kind: "cat" of supercategory "animal" beside "animal".
bool is_kind_of(const Category& a, const Category& b) { return a.supercategory && *a.supercategory == b.name; }

/// Regions that stand for many objects may share their place with any of them.
bool is_region(const Annotation& a) { return a.flags.is(Flag::crowd) || a.flags.is(Flag::group_of); }

void check_box_of_two_classes(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.categories.size() < 2) return;
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  const Raters raters = raters_of(evidence);
  std::vector<Box> boxes;
  std::vector<AnnotationIndex> owners;
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    const auto of_image = annotations.of(to_index<ImageIndex>(n));
    if (of_image.size() < 2) continue;
    boxes.clear(), owners.clear();
    for (const AnnotationIndex i : of_image) {
      if (d[i].category == none<CategoryIndex> || is_region(d[i])) continue;
      if (const std::optional<Box> box = box_of(d, d[i])) boxes.push_back(*box), owners.push_back(i);
    }
    for_each_overlap(boxes, evidence.settings.two_class_iou, [&](std::size_t a, std::size_t b, double shared) {
      const AnnotationIndex first = std::min(owners[a], owners[b]), second = std::max(owners[a], owners[b]);
      if (d[first].category == d[second].category || d[first].layer != d[second].layer) return;
      if (!raters.of_one(first, second)) return;  // they differ: LBL150
      const Category &one = d[d[first].category], &other = d[d[second].category];
      if (is_kind_of(one, other) || is_kind_of(other, one)) return;
      report(
          AnnotationPair{first, second},
          "one box is " + quoted(one.name) + " and " + quoted(other.name) + ": they overlap by IoU " + measure(shared),
          "keep the class that is right; both, if an object may have several");
    });
  }
}

}  // namespace

extern const Rule box_of_two_classes{.code = "LBL103",
                                     .name = "box-of-two-classes",
                                     .title = "two classes are given to one box",
                                     .severity = Severity::warning,
                                     .evidence = EvidenceClass::proof,
                                     .check = check_box_of_two_classes};

}  // namespace vetset
