// Slices of a dataset that no model has judged: where a class is commoner or rarer than elsewhere, where a split
// differs from training, and which conditions hardly ever meet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vetset/check/sliced_items.h"
#include "vetset/dataset/uneven_slices.h"

namespace vetset {

struct LabelSliceSettings {
  unsigned depth = 2;
  std::size_t best = 10;
  std::uint64_t least = 0;                // items of a slice; 0: 32, or one in a hundred where that is more
  std::vector<std::string> factors = {};  // only these; empty: all
};

/// Images, or objects, and what is uneven about them.
struct UnevenItems {
  bool of_objects = false;
  std::uint64_t items = 0, of_all = 0;  // fewer than all where a sample was searched
  std::vector<Factor> factors = {};
  std::vector<ItemMark> classes = {},
                        splits = {};    // what labels and drift are of; a split's mark: in it, not in `base`
  std::vector<std::string> bases = {};  // beside `splits`
  UnevenSlices labels = {}, drift = {};
};
struct LabelSlices {
  std::vector<UnevenItems> of;  // images; then objects, where their labels are not those of images
  ThinSlices thin;              // of the first one's items and factors
  std::string_view unit;        // "group" or "image": what tests count
};
/// An object's slices have a condition of the object: those of images alone are found among images.
LabelSlices find_label_slices(const Evidence& evidence, const LabelSliceSettings& settings);

}  // namespace vetset
