// How far the labels of two pictures of one thing agree: classes by number, boxes by overlap.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "vetset/dataset/dataset.h"

namespace vetset {

using ClassCounts = std::map<CategoryIndex, std::uint64_t>;

ClassCounts classes_of(const Dataset& d, std::span<const AnnotationIndex> annotations);
/// "2 `cat`, 1 `dog`"; "nothing"
std::string list_of(const Dataset& d, const ClassCounts& counts);
/// Whether both have the same classes, however often.
bool same_classes(const ClassCounts& a, const ClassCounts& b);

struct BoxAgreement {
  std::uint64_t first = 0, second = 0;  // boxes of either
  std::uint64_t matched = 0;            // of the first that have a partner in the second
  bool whole = true;                    // false: too many to compare, and nothing is said
  double f1() const {
    return first + second == 0 ? 1 : 2 * static_cast<double>(matched) / static_cast<double>(first + second);
  }
};
/// Boxes of equal class with an IoU of a half at least are partners, each once, the best for the one that comes first.
/// Those of the second image are scaled first, where it is of another size.
BoxAgreement compare_boxes(const Dataset& d, std::span<const AnnotationIndex> first,
                           std::span<const AnnotationIndex> second, double scale_x = 1, double scale_y = 1);

}  // namespace vetset
