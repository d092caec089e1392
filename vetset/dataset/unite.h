// Several datasets as one: their records one behind the other, with tables (classes, splits, licences) that the caller
// has joined, and ids that do not meet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// One of them, and what its records become.
struct UnitePart {
  Dataset dataset;
  std::string files;                      // put before the paths of its files: "rice/"
  std::vector<std::string> image_paths;   // what its images are called
  std::vector<std::string> media_paths;   // where their files are; empty: nowhere
  std::vector<CategoryIndex> categories;  // by class: its place in UniteTables::categories
  std::vector<SplitIndex> splits;         // by split; none: its images are in no split by it
  std::vector<LicenceIndex> licences;
  std::string word;  // put before ids of tracks and groups: "rice/"; empty: they stay as they are
};
struct UniteTables {
  std::vector<Category> categories;
  std::vector<std::int64_t> category_ids;  // empty: none has one
  std::vector<Split> splits;
  std::vector<Licence> licences;  // numbered 1, 2, 3 …
};
/// How the ids of a part became those of the union.
struct IdPlan {
  bool counted = false;  // anew, from `by` on, in order; else `by` was added
  std::int64_t by = 0;
};
struct United {
  Dataset dataset;  // of no format
  struct Part {
    std::size_t first_image = 0, first_annotation = 0, first_file = 0;
    IdPlan image_ids, annotation_ids;
  };
  std::vector<Part> parts;
};
/// Rows that were authored stay where pixels are not known; other spellings are forgotten. What the formats keep of
/// their own (Dataset::residue) and nobody else reads stays behind.
United united(std::vector<UnitePart> parts, UniteTables tables);

}  // namespace vetset
