// Where errors gather: the slices of some items, given by levels of their factors, in which errors are highest for
// their size. SliceLine (Sagadeeva and Boehm 2021), exact: what is not looked at cannot be better than what is
// returned.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vetset/dataset/factors.h"
#include "vetset/dataset/set_difference.h"

namespace vetset {

struct SliceQuestion {
  std::span<const Factor> factors;             // of levels, one value an item
  std::span<const double> errors;              // by item, not negative
  std::span<const std::uint32_t> groups = {};  // by item; empty: each is one of its own
  double alpha = 0.95;                         // what the error weighs against the size of a slice
  std::uint64_t least = 0;                     // items of a slice; 0: 32, or one in a hundred where that is more
  unsigned depth = 3;                          // factors that a slice joins, at most
  std::size_t best = 10;                       // slices that are returned
  unsigned draws = 0;                          // of errors dealt out anew by groups, to compare the best score with
  std::uint64_t seed = 1;
};

struct Slice {
  std::vector<FactorLevel> levels;  // by factor
  std::uint64_t items = 0, groups = 0;
  double error = 0;  // mean
  /// alpha (error over the mean of all − 1) − (1 − alpha) (all items over its items − 1); above 0: worse than all.
  double score = 0;
  double chance = 1;  // how often the best slice of errors dealt out anew scores as high
};
struct Slices {
  std::vector<Slice> best;  // by falling score; of equal ones, the one of more items, then of earlier factors
  std::uint64_t items = 0, least = 0;
  double error = 0;             // mean of all
  std::uint64_t looked_at = 0;  // slices
  unsigned draws = 0;
};
/// Slices that score above 0. Values that are not known are of no slice.
Slices find_slices(const SliceQuestion& question);

}  // namespace vetset
