// Whether two splits can be told apart by all that is known of their images at once: a domain classifier, judged on
// images that it has not learnt from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vetset/base/statistics.h"
#include "vetset/dataset/embeddings.h"
#include "vetset/dataset/factors.h"

namespace vetset {

/// Images of two splits, one a group in each.
struct SplitRows {
  std::vector<ImageIndex> image;
  std::vector<std::uint8_t> is_other;  // beside it: of the split that is asked about, else of training
  std::vector<std::uint8_t> fold;      // beside it; one for a group
};
inline constexpr std::uint32_t split_folds = 5;
/// Folds are drawn by group.
SplitRows split_rows(std::span<const std::uint32_t> others, std::span<const std::uint32_t> bases,
                     std::span<const std::uint32_t> group_of_image);

struct SplitTold {
  /// The share of pairs, one of each split, in which the one that is asked about looks more like its split; 0.5: they
  /// cannot be told apart. Each fifth is judged by what the other four teach, and pairs lie within a fifth.
  double area = 0.5;
  Interval interval = {0, 1};  // 95 %, Hanley and McNeil 1982
  double chance = 1;           // of random divisions of the same groups; 1 where the area is below what is asked for
  std::size_t strongest = 0;   // the factor that tells most by itself
};
/// By levels of factors, which count independently of one another (naive Bayes).
SplitTold told_by_factors(const SplitRows& rows, std::span<const Factor* const> factors, double least_area);
/// By the direction from one mean to the other.
SplitTold told_by_embeddings(const SplitRows& rows, const Embeddings& embeddings, double least_area);

}  // namespace vetset
