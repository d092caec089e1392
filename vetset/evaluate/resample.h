// The mean average precision of the same predictions on images that are drawn anew: how far it would be another one had
// other images been taken. Images are matched once; every draw only counts again.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/result.h"
#include "vetset/evaluate/coco.h"

namespace vetset {

class CocoResampling {
 public:
  static Result<CocoResampling> open(const CocoInput& input, const CocoSettings& settings, const Pool& pool);

  /// Mean precision of the first range of areas and the most detections, every image counted as often as `weights` says
  /// (one entry an image); −1: nothing to measure. With weights of 1 it is that of `evaluate_coco`, up to rounding.
  double mean_precision(std::span<const std::uint32_t> weights) const;

 private:
  /// A prediction, by falling score.
  struct Counted {
    std::uint64_t key;  // ascending where scores fall
    std::uint32_t image;
    std::uint32_t place;    // among its image's, then in the order of images: equal scores stay in it
    std::uint64_t matched;  // a bit a threshold
    std::uint64_t ignored;
  };
  struct Class {
    std::vector<Counted> predictions;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> objects;  // image, how many that count
  };
  /// Sum of the precision at all thresholds and recalls; −1: no object counts.
  double sum_of(const Class& one, std::span<const std::uint32_t> weights) const;

  std::vector<double> recalls_;
  std::size_t thresholds_ = 0;
  std::vector<Class> classes_;
};

/// A value and where 95 of a hundred draws of images would have it; −1: nothing to measure.
struct Interval95 {
  double low = -1, high = -1;
};
/// By percentiles: of the values that were measured, sorted, those at 2.5 % and 97.5 %.
Interval95 interval_of(std::vector<double> values);

}  // namespace vetset
