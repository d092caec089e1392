#include <algorithm>
#include <map>
#include <vector>

#include "vetset/check/raters_found.h"
#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

struct Held {
  Box box;
  AnnotationIndex annotation{};
  CategoryIndex category{};
};

double shared_area(const Box& a, const Box& b) {
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

bool lies_in(const Box& inner, const Box& outer) {
  constexpr double inside = 0.95, smaller = 0.5;
  const double area = inner.width * inner.height, around = outer.width * outer.height;
  return area < smaller * around && shared_area(inner, outer) >= inside * area;
}

bool of_one_maker(const Dataset& d, const Raters& raters, AnnotationIndex a, AnnotationIndex b) {
  return d[a].layer == d[b].layer && raters.of_one(a, b);
}

/// Boxes of one image, by class and left edge.
std::vector<Held> boxes_of(const Dataset& d, std::span<const AnnotationIndex> annotations) {
  std::vector<Held> boxes;
  for (const AnnotationIndex i : annotations) {
    const Annotation& a = d[i];
    if (a.category == none<CategoryIndex> || a.flags.is(Flag::crowd) || a.flags.is(Flag::group_of)) continue;
    const std::optional<Box> box = box_of(d, a);
    if (box && box->width > 0 && box->height > 0) boxes.push_back({*box, i, a.category});
  }
  std::stable_sort(boxes.begin(), boxes.end(), [](const Held& a, const Held& b) {
    return a.category != b.category ? a.category < b.category : a.box.x < b.box.x;
  });
  return boxes;
}

void check_nested_boxes(const Evidence& evidence, const Report& report) {
  constexpr std::uint64_t most = 10'000'000;  // pairs that are looked at, of boxes made to exhaust the machine
  const Dataset& d = evidence.dataset;
  const Raters raters = raters_of(evidence);
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  std::uint64_t looked = 0;
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    const std::vector<Held> boxes = boxes_of(d, annotations.of(to_index<ImageIndex>(n)));
    std::map<AnnotationIndex, std::uint64_t> inside;  // by the outer one
    for (std::size_t i = 0; i < boxes.size(); ++i)
      for (std::size_t k = i + 1; k < boxes.size() && boxes[k].category == boxes[i].category; ++k) {
        if (boxes[k].box.x >= boxes[i].box.x + boxes[i].box.width || ++looked > most) break;
        if (!of_one_maker(d, raters, boxes[i].annotation, boxes[k].annotation)) continue;
        if (lies_in(boxes[k].box, boxes[i].box)) ++inside[boxes[i].annotation];
        if (lies_in(boxes[i].box, boxes[k].box)) ++inside[boxes[k].annotation];
      }
    for (const auto& [outer, count] : inside)
      report.scored(static_cast<double>(count), outer,
                    "box holds " + counted(count, "smaller box", "smaller boxes") + " of its class " +
                        quoted(d[d[outer].category].name),
                    "mark it as a crowd, if it stands for several; drop it, if it is one of them twice");
  }
}

}  // namespace

extern const Rule nested_boxes{.code = "LBL106",
                               .name = "nested-boxes",
                               .title = "a box holds smaller boxes of its class",
                               .severity = Severity::note,
                               .evidence = EvidenceClass::hint,
                               .check = check_nested_boxes};

}  // namespace vetset
