// Slices of some items, given by levels of one factor or two, in which a mark is commoner or rarer than elsewhere: a
// class, a split. And pairs of levels that meet less often than their sizes say. Exhaustive; tests count one item a
// group, and hold together at a false discovery rate that no dependence of the slices can break.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vetset/dataset/factors.h"
#include "vetset/dataset/set_difference.h"

namespace vetset {

/// What an item has or has not, or is not asked about.
struct ItemMark {
  enum Answer : std::uint8_t { no = 0, yes = 1, not_asked = 2 };
  std::string name;
  std::vector<std::uint8_t> of;  // by item
};

struct UnevenQuestion {
  std::span<const Factor> factors;             // of levels, one value an item
  std::size_t own = 0;                         // a slice has a factor from this place on
  std::span<const ItemMark> marks = {};        //
  std::span<const std::uint32_t> judged = {};  // items that tests count, one a group
  std::uint64_t least = 0;                     // items of a slice; 0: 32, or one in a hundred where that is more
  unsigned depth = 2;                          // factors that a slice joins, 1 or 2
  double least_effect = 0.1;                   // correlation of slice and mark (phi); 0.1 is called small
  double false_share = 0.05;                   // of what is returned, as expected
  std::size_t best = 10;                       // slices that are returned
};

struct UnevenSlice {
  std::vector<FactorLevel> levels;          // by factor
  std::size_t mark = 0;                     // of the question's
  std::uint64_t items = 0, marked = 0;      // that are asked; of these, that have the mark
  std::uint64_t others = 0, elsewhere = 0;  // outside the slice
  double effect = 0;                        // phi; below 0: rarer in the slice
  double chance = 1;                        // Fisher's exact test of the judged ones, two-sided: twice the smaller tail
  double q = 1;                             // Benjamini and Yekutieli, over all slices and marks that were looked at
};
struct UnevenSlices {
  /// By falling |effect|; of those that say the same of a mark the first alone, and two conditions only where they say
  /// more than either.
  std::vector<UnevenSlice> best;
  std::uint64_t looked_at = 0;  // slices and marks
  std::uint64_t held = 0;       // of these, beyond chance and by enough
  std::uint64_t least = 0;
};
UnevenSlices uneven_slices(const UnevenQuestion& question);

/// Two levels that fewer items have than independence lets expect: at most half as many.
struct ThinSlice {
  std::vector<FactorLevel> levels;
  std::uint64_t items = 0;
  double expected = 0;
  double chance = 1, q = 1;  // as above, one-sided
};
struct ThinSlices {
  std::vector<ThinSlice> best;  // by how many are missing
  std::uint64_t looked_at = 0, held = 0, least = 0;
};
/// Marks are not looked at. Of factors of which one settles the other (make and model), no pair is.
ThinSlices thin_slices(const UnevenQuestion& question);

}  // namespace vetset
