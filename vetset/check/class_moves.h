// Objects that have another class than in an earlier version of the dataset, though the list still has theirs.
#pragma once

#include <cstdint>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// A class nearly all of whose objects are called otherwise now, in the same boxes of the same images.
struct ClassMove {
  CategoryIndex before{}, after{};  // of the earlier version, of this one
  std::uint64_t objects = 0;        // that went from one to the other
  AnnotationIndex first{};          // of them, in this version
};

/// By the order of the earlier list. Images are known by their path, else by a base name that is unique; boxes by their
/// place, within half a pixel, where no other box is as near. Classes that the list has no longer are renamed or
/// merged, which is no move.
std::vector<ClassMove> class_moves(const Dataset& before, const Dataset& after);

/// The class of that name; none where there is none, or several.
CategoryIndex class_called(const Dataset& d, std::string_view name);

}  // namespace vetset
