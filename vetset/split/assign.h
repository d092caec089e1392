// Which group goes into which split, so that every split gets its share of every label: a seed by hash, then local
// search (exact in integers, so the same on every machine). Knows groups and numbers, no datasets.
#pragma once

#include <cstdint>
#include <vector>

namespace vetset {

struct LabelCount {
  std::uint32_t label = 0;
  std::int64_t count = 0;
};
/// What belongs together, and what it holds.
struct SplitGroup {
  static constexpr std::uint32_t free = 0xffffffffU;

  std::int64_t images = 0;
  std::vector<LabelCount> labels = {};  // by label, counts above 0
  std::uint64_t place = 0;              // its hash as a part of 2^64: where it lies before the search
  std::uint32_t pinned = free;          // the split that it stays in
};
struct SplitTask {
  std::vector<std::uint32_t> ratios;  // by split: parts of their sum, 0 for none; the sum at most 1,000,000
  std::uint32_t labels = 0;
  std::vector<SplitGroup> groups;  // in an order of their own, which the result depends on
  std::uint64_t seed = 0;
};

/// The split of each group. Pinned groups keep theirs; the others are moved as long as a move or an exchange of two
/// makes the sum of squared relative deviations smaller: of every label, and of the number of images, in every split. A
/// label that enough groups have for each split to get one is kept from missing anywhere.
std::vector<std::uint32_t> assign_groups(const SplitTask& task);

/// How far a label is from its share: |c − r·n| / (r·n), the largest over all splits with a ratio.
/// The bound is what no assignment can be better than: too few groups for the splits, one group above every share, or
/// whole numbers that cannot be divided so.
struct LabelBalance {
  std::int64_t total = 0;
  std::uint64_t groups = 0;
  std::vector<std::int64_t> counts;  // by split
  std::vector<double> deviations;    // by split; 0 where the ratio is 0 or the label is nowhere
  double bound = 0;
};
std::vector<LabelBalance> balance_of(const SplitTask& task, const std::vector<std::uint32_t>& assignment);

}  // namespace vetset
