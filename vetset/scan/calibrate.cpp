#include "vetset/scan/calibrate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vetset {
namespace {

constexpr double least_shape = -0.6, most_shape = 0.6, shape_step = 0.02;
constexpr double least_scale = 0.2, most_scale = 80, scale_factor = 1.03;
constexpr double one_sided_95 = 1.6448536269514722;
/// Twice the loss of log-likelihood that is not significant: by theory that of a one-sided 97.5 %. Of tails that are
/// known, far beyond the pairs measured, this bound covers 95 %; that of 95 % covers some 80.
constexpr double insignificant = 3.8414588206941227;

/// The share of a generalised Pareto distribution beyond `excess`.
double beyond(double excess, double shape, double scale) {
  if (excess <= 0) return 1;
  if (std::abs(shape) < 1e-9) return std::exp(-excess / scale);
  const double base = 1 + shape * excess / scale;
  return base <= 0 ? 0 : std::pow(base, -1 / shape);
}

template <class Visit>
void each_candidate(const Visit& visit) {
  const auto shapes = static_cast<int>(std::lround((most_shape - least_shape) / shape_step));
  for (int k = 0; k <= shapes; ++k)
    for (double scale = least_scale; scale < most_scale; scale *= scale_factor)
      visit(least_shape + k * shape_step, scale);
}

double all_pairs(std::uint64_t images) {
  return images < 2 ? 0 : static_cast<double>(images) * static_cast<double>(images - 1) / 2;
}

}  // namespace

NullTail::NullTail(const NullDistances& null) : null_(null) {
  if (null.pairs < least_pairs) return;
  const std::uint64_t wanted = std::max<std::uint64_t>(100, null.pairs / 1000);
  while (tail_ < wanted) tail_ += null.at[threshold_++];
  --threshold_;
  fit();
}

void NullTail::fit() {
  while (null_.at[nearest_] == 0) ++nearest_;
  double best = -std::numeric_limits<double>::infinity();
  each_candidate([&](double shape, double scale) {
    const Candidate candidate{shape, scale, log_likelihood(shape, scale)};
    if (std::isinf(candidate.likelihood)) return;
    likely_.push_back(candidate);
    if (candidate.likelihood <= best) return;
    best = candidate.likelihood;
    shape_ = shape;
    scale_ = scale;
  });
  std::erase_if(likely_, [&](const Candidate& c) { return 2 * (best - c.likelihood) > insignificant; });
}

/// Of the pairs in the tail: how far below the threshold each is, in whole bits.
double NullTail::log_likelihood(double shape, double scale) const {
  double sum = 0, above = 1;
  for (unsigned excess = 0; excess <= threshold_ - nearest_; ++excess) {
    const double below = beyond(excess + 1, shape, scale);
    const std::uint64_t count = null_.at[threshold_ - excess];
    if (count != 0) {
      if (above - below <= 0) return -std::numeric_limits<double>::infinity();
      sum += static_cast<double>(count) * std::log(above - below);
    }
    above = below;
  }
  return sum;
}

Chance NullTail::within(unsigned distance) const {
  const auto pairs = static_cast<double>(null_.pairs);
  if (!known() || distance >= threshold_) {
    std::uint64_t met = 0;
    for (unsigned d = 0; d <= std::min(distance, 256u); ++d) met += null_.at[d];
    const auto count = static_cast<double>(met);
    if (null_.pairs == 0) return {0, 1};
    // The rule of three where none was met.
    return {count / pairs, std::min(1.0, (count + one_sided_95 * std::sqrt(count) + 3) / pairs)};
  }
  const auto tail = static_cast<double>(tail_);
  const double excess = threshold_ - distance;
  double upper = 0;
  for (const Candidate& c : likely_) upper = std::max(upper, beyond(excess, c.shape, c.scale));
  return {tail / pairs * beyond(excess, shape_, scale_), (tail + one_sided_95 * std::sqrt(tail)) / pairs * upper};
}

Calibration measured_radius(const NullDistances& null, std::uint64_t images, unsigned radius) {
  const NullTail tail(null);
  Calibration out{.radius = radius, .null_pairs = null.pairs};
  if (null.pairs == 0) return out;
  const Chance chance = tail.within(radius);
  out.expected_false = all_pairs(images) * chance.estimate;
  out.expected_false_upper = all_pairs(images) * chance.upper;
  return out;
}

Calibration calibrated_radius(const NullDistances& null, std::uint64_t images, const RadiusLimits& limits) {
  const NullTail tail(null);
  if (!tail.known()) return measured_radius(null, images, limits.fixed);
  unsigned radius = limits.most;
  while (radius > limits.least && all_pairs(images) * tail.within(radius).upper > limits.expected_false) --radius;
  Calibration out = measured_radius(null, images, radius);
  out.calibrated = true;
  return out;
}

}  // namespace vetset
