// Noise, sharpness and blocks, of sums over all pixels and their neighbours.
#include <algorithm>
#include <cmath>

#include "vetset/image/quality_kernels.h"
#include "vetset/image/quality_parts.h"

namespace vetset {
namespace {

double inner_pixels(const Plane& luma) {
  return static_cast<double>(luma.width - 2) * static_cast<double>(luma.height - 2);
}

}  // namespace

float noise_of(const Plane& luma) {
  if (luma.width < 3 || luma.height < 3) return 0;
  const std::uint64_t total = quality_kernels().front().noise(luma);
  return static_cast<float>(std::sqrt(std::acos(-1.0) / 2) * static_cast<double>(total) / (6 * inner_pixels(luma)));
}

float laplacian_variance(const Plane& luma) {
  if (luma.width < 3 || luma.height < 3) return 0;
  const LaplacianSums sums = quality_kernels().front().laplacian(luma);
  const double mean = static_cast<double>(sums.sum) / inner_pixels(luma);
  return static_cast<float>(static_cast<double>(sums.squares) / inner_pixels(luma) - mean * mean);
}

namespace {

/// The mean step at the phase where it is largest over the mean of all others: pictures are cropped and turned after
/// they were compressed, so blocks may begin anywhere.
double ratio(const std::array<std::uint64_t, 8>& sum, const std::array<std::uint64_t, 8>& count) {
  std::uint64_t all = 0, all_count = 0;
  for (std::size_t i = 0; i < 8; ++i) all += sum[i], all_count += count[i];
  double best = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    if (count[i] == 0 || all_count == count[i] || all == sum[i]) continue;
    const double here = static_cast<double>(sum[i]) / static_cast<double>(count[i]);
    const double elsewhere = static_cast<double>(all - sum[i]) / static_cast<double>(all_count - count[i]);
    best = std::max(best, here / elsewhere);
  }
  return best;
}

/// Of the neighbours along an axis of `side` pixels, `lines` times.
std::array<std::uint64_t, 8> step_counts(std::uint32_t side, std::uint32_t lines) {
  std::array<std::uint64_t, 8> counts{};
  for (std::size_t i = 1; i < side; ++i) counts[i % 8] += lines;
  return counts;
}

}  // namespace

float blockiness_of(const Plane& luma) {
  if (luma.width < 17 || luma.height < 17) return 1;
  StepSums steps;
  quality_kernels().front().steps(luma, steps);
  return static_cast<float>((ratio(steps.columns, step_counts(luma.width, luma.height)) +
                             ratio(steps.rows, step_counts(luma.height, luma.width))) /
                            2);
}

}  // namespace vetset
