// A new dataset out of one: which records stay, which class becomes which, and how edited records forget the way their
// source spelled them. What is moved in here comes out as another dataset, consistent in every column
// (Dataset::inconsistency finds nothing). Several datasets as one: unite.h.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vetset/dataset/compare.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

/// The classes of a result, and what becomes of those of its source.
struct ClassPlan {
  struct Made {
    std::string name;
    CategoryIndex from = none<CategoryIndex>;  // whose id, points and other keys it takes over; none: a new class
  };
  std::vector<Made> classes;          // in order
  std::vector<CategoryIndex> become;  // by class of the source: its place in `classes`; none: it goes, with its objects
  bool renumber = false;              // ids are counted up in order; else they stay with their classes
  std::int64_t first_number = 0;      // of `renumber`
};
/// All classes as they are.
ClassPlan same_classes(const Dataset& d);
/// Whether the numbers of classes are their places, as formats have them that write numbers and not names: 0, 1, 2 … in
/// order, at the beginning of authored rows. Such a dataset wants `renumber` when its classes change.
bool numbers_are_places(const Dataset& d);

/// What stays: one mark a record, or none at all for "all".
struct Selection {
  std::vector<bool> images, annotations;  // objects of images and classes that go, go too
  std::vector<bool> splits;               // a split that goes leaves its images where else they are
  std::optional<ClassPlan> classes = {};  // nothing: as they are
};
/// A dataset, and which of its records stand for which of the one it was made of.
struct Selected {
  Dataset dataset;
  Join join;
};
/// What was selected, everything else kept consistent. Numbers of lines and records close up. An image that was
/// labelled and has lost all its objects is labelled as empty. A file or licence goes once all that named it went.
/// Geometry and texts that nobody names any more may stay in their columns. Selecting in two steps equals one.
Selected selected(Dataset d, const Selection& selection);

/// What a source wrote of these annotations no longer speaks: authored rows (but of those whose pixels are not known),
/// odd spellings of numbers, and the kept bytes of their files. Other records of the same files keep theirs.
void forget_spelling(Dataset& d, std::span<const AnnotationIndex> edited);
/// Areas that were stated of these annotations are not said any more.
void forget_areas(Dataset& d, std::span<const AnnotationIndex> edited);

}  // namespace vetset
