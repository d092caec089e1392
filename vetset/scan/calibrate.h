// How near unrelated images of a dataset come by chance: the tail of their distances, and the radius at which about one
// of all their pairs is met. Peaks over a threshold (Pickands 1975; Coles: "An Introduction to Statistical Modeling of
// Extreme Values", 2001, chapter 4), since a mean and a deviation say nothing of a tail.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace vetset {

/// How many unrelated pairs lie at each distance.
struct NullDistances {
  std::array<std::uint64_t, 257> at{};
  std::uint64_t pairs = 0;

  void add(unsigned distance, std::uint64_t count = 1) {
    at[distance] += count;
    pairs += count;
  }
};

/// The chance of an unrelated pair to lie at `distance` or nearer.
struct Chance {
  double estimate = 0, upper = 0;  // upper: of its one-sided 95 % interval
};

/// A generalised Pareto distribution of the nearest 0.1 % (at least 100 pairs), fitted by likelihood to whole bits; its
/// interval is where the likelihood is not significantly lower, and takes the number of pairs in the tail along. Pairs
/// that share an image are taken as independent.
class NullTail {
 public:
  static constexpr std::uint64_t least_pairs = 10000;  // fewer say too little of a tail

  explicit NullTail(const NullDistances& null);

  bool known() const { return tail_ != 0; }
  Chance within(unsigned distance) const;
  double shape() const { return shape_; }
  double scale() const { return scale_; }
  /// Up to which distance the fit speaks; beyond it the pairs are counted.
  unsigned threshold() const { return threshold_; }

 private:
  struct Candidate {
    double shape = 0, scale = 0, likelihood = 0;
  };
  double log_likelihood(double shape, double scale) const;
  void fit();

  NullDistances null_;
  unsigned threshold_ = 0, nearest_ = 0;  // of the tail: where it begins, and the nearest pair
  std::uint64_t tail_ = 0;                // pairs at the threshold or nearer; 0: not fitted
  double shape_ = 0, scale_ = 0;
  std::vector<Candidate> likely_;  // all that the pairs do not speak against
};

struct RadiusLimits {
  unsigned least = 31, most = 47, fixed = 47;
  double expected_false = 1;  // pairs, at the upper bound
};
struct Calibration {
  unsigned radius = 0;
  bool calibrated = false;  // no: too few pairs, and the radius is the fixed one
  double expected_false = 0, expected_false_upper = 0;
  std::uint64_t null_pairs = 0;
};
/// The greatest radius within the limits at which so many of all pairs of `images` are expected at most; the least one
/// where even that meets more.
Calibration calibrated_radius(const NullDistances& null, std::uint64_t images, const RadiusLimits& limits = {});
/// The same figures for a radius that is given.
Calibration measured_radius(const NullDistances& null, std::uint64_t images, unsigned radius);

}  // namespace vetset
