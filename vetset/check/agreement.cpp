#include "vetset/check/agreement.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

struct Labelled {
  Box box;
  CategoryIndex category{};
  bool taken = false;
};

std::vector<Labelled> boxes_of(const Dataset& d, std::span<const AnnotationIndex> annotations, double scale_x,
                               double scale_y) {
  std::vector<Labelled> boxes;
  for (const AnnotationIndex i : annotations)
    if (const std::optional<Box> b = box_of(d, d[i]))
      boxes.push_back({{b->x * scale_x, b->y * scale_y, b->width * scale_x, b->height * scale_y}, d[i].category});
  return boxes;
}

}  // namespace

ClassCounts classes_of(const Dataset& d, std::span<const AnnotationIndex> annotations) {
  ClassCounts counts;
  for (const AnnotationIndex i : annotations) ++counts[d[i].category];
  return counts;
}

std::string list_of(const Dataset& d, const ClassCounts& counts) {
  std::string text;
  for (const auto& [category, count] : counts)
    text += (text.empty() ? "" : ", ") + grouped(count) + " " +
            (category == none<CategoryIndex> ? "without a class" : quoted(d[category].name));
  return text.empty() ? "nothing" : text;
}

bool same_classes(const ClassCounts& a, const ClassCounts& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.first == y.first; });
}

BoxAgreement compare_boxes(const Dataset& d, std::span<const AnnotationIndex> first,
                           std::span<const AnnotationIndex> second, double scale_x, double scale_y) {
  constexpr double least = 0.5;
  constexpr std::size_t most = 4'000'000;  // pairs that are looked at
  const std::vector<Labelled> ours = boxes_of(d, first, 1, 1);
  std::vector<Labelled> theirs = boxes_of(d, second, scale_x, scale_y);
  BoxAgreement result{.first = ours.size(), .second = theirs.size()};
  if (ours.size() * theirs.size() > most) {
    result.whole = false;
    return result;
  }
  for (const Labelled& box : ours) {
    Labelled* best = nullptr;
    double best_iou = least;
    for (Labelled& other : theirs) {
      if (other.taken || other.category != box.category) continue;
      const double shared = other.box == box.box ? 1 : iou(box.box, other.box);
      if (shared >= best_iou && (best == nullptr || shared > best_iou)) best = &other, best_iou = shared;
    }
    if (best == nullptr) continue;
    best->taken = true;
    ++result.matched;
  }
  return result;
}

}  // namespace vetset
