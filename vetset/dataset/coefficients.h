// How far raters agree beyond chance: Krippendorff's α, Cohen's and Fleiss' κ. Not a number where chance alone would
// agree on everything, as where only one value was given.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "vetset/base/statistics.h"
#include "vetset/dataset/ratings.h"

namespace vetset {

inline constexpr double no_agreement = std::numeric_limits<double>::quiet_NaN();

/// Pairs of values that raters gave to one unit, counted as Krippendorff does (2004, § 11.3): each unit adds as much as
/// it has ratings. Units with one rating have no pair, and do not count. Sums, so that images can be weighted.
struct Coincidences {
  std::vector<double> equal, all;  // by value: of pairs of equal values; of all pairs
  double total = 0;

  explicit Coincidences(std::size_t values = 0) : equal(values), all(values) {}
  /// α for values that are equal or are not.
  double alpha() const;
  /// α of one value against all others together.
  double alpha(std::size_t value) const;
  /// The share of pairs that are equal.
  double raw() const;
  double raw(std::size_t value) const;
};

/// Coincidences of the units of each image, sparse: what a bootstrap by image adds up.
struct ImageCoincidences {
  struct Cell {
    std::uint32_t value = 0;
    double equal = 0, all = 0;
  };
  std::uint32_t values = 0;
  std::vector<std::uint32_t> begin;  // flat, one more than images that have any
  std::vector<Cell> cells;
  std::size_t images() const { return begin.empty() ? 0 : begin.size() - 1; }
  /// `weights`: by image; empty: each once.
  Coincidences sum(std::span<const std::uint32_t> weights = {}) const;
};
/// `without`: a value that does not count, as if its rater had not rated.
ImageCoincidences coincidences(const Ratings& ratings, std::uint32_t without = 0xffffffffU);

/// Cohen's κ of two raters, over what both rated.
struct PairAgreement {
  std::uint32_t first = 0, second = 0;
  std::uint64_t units = 0;
  double raw = no_agreement, kappa = no_agreement;
};
std::vector<PairAgreement> pair_agreements(const Ratings& ratings, std::uint32_t without = 0xffffffffU);

/// Fleiss' κ, over the units that have the largest number of ratings: it is defined for one number alone.
struct FleissKappa {
  double kappa = no_agreement;
  std::uint64_t units = 0;
  std::uint32_t ratings = 0;  // of each
};
FleissKappa fleiss_kappa(const Ratings& ratings, std::uint32_t without = 0xffffffffU);

/// α of boxes: the distance of two boxes is 1 − IoU, 1 where one rater drew none, 0 where neither did. What is expected
/// by chance is the mean distance of any two boxes that were drawn, each as a part of its image: of all pairs where
/// there are two million at most, else of as many that are drawn at random.
struct BoxAlpha {
  double alpha = no_agreement;
  double raw = no_agreement;  // mean IoU of the pairs that were drawn by both
  Interval interval = {};
  std::uint64_t units = 0, images = 0;
};
/// `draws`: of the bootstrap by image; 0: no interval.
BoxAlpha box_alpha(const Dataset& d, const Ratings& ratings, unsigned draws, std::uint64_t seed = 0);

}  // namespace vetset
