// Labels and the list of classes that count from different numbers: what the rule tells and its repair mends.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// The number that annotations name a class by: its id, or its place in the list.
std::optional<std::int64_t> class_number(const Dataset& d, std::size_t category);
/// The number that an annotation names a class by which there is not; nothing where it is none.
std::optional<std::int64_t> missing_class(const Dataset& d, const Dangling& missing);

struct ClassShift {
  std::set<std::int64_t> used, defined;
  int by = 0;  // -1 or 1: all used numbers would be defined ones, were they that much more
};
/// One number is used and defined nowhere, while moved by one all of them are: the list was counted from another
/// number than the labels.
std::optional<ClassShift> class_shift(const Dataset& d);

}  // namespace vetset
