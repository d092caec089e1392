// What a model got wrong, item by item: images or objects whose class it did not give, objects that it did not find.
// For slices.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/sliced_items.h"
#include "vetset/check/units.h"
#include "vetset/dataset/factors.h"
#include "vetset/dataset/slices.h"

namespace vetset {

struct ModelErrors : SlicedItems {
  std::vector<double> error;  // by item: 0 or 1
  std::string what;           // "is given another class", "is missed (no prediction of its class …)"
};
/// By `probabilities` where there are any, else by `predicted`. An object is missed where no prediction of its class
/// overlaps it by a half (IoU) with at least the score at which the predictions' F1 is best.
ModelErrors model_errors(const Evidence& evidence);

/// Conditions of the items, and the slices of them in which errors gather.
struct WeakSlices {
  std::vector<Factor> factors;
  Slices slices;
  ModelErrors errors;
  std::string_view unit;     // "group" or "image"
  std::uint64_t of_all = 0;  // items there are; more than slices.items where a sample was searched
};
struct WeakSliceSettings {
  unsigned depth = 3;
  std::size_t best = 10;
  std::uint64_t least = 0;                // items of a slice; 0: as find_slices has it
  std::vector<std::string> factors = {};  // only these; empty: all
};
WeakSlices find_weak_slices(const Evidence& evidence, const WeakSliceSettings& settings);

}  // namespace vetset
