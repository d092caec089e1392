#include "vetset/evaluate/leak_price.h"

#include <algorithm>

#include "vetset/base/random.h"
#include "vetset/evaluate/resample.h"

namespace vetset {

Result<void> resample_price(const CocoInput& input, const CocoSettings& settings, std::span<const std::uint32_t> groups,
                            std::span<const std::uint8_t> touched, const Pool& pool, LeakPrice& price) {
  VETSET_TRY(const CocoResampling sampling, CocoResampling::open(input, settings, pool));
  const std::uint32_t count = groups.empty() ? 0 : *std::max_element(groups.begin(), groups.end()) + 1;
  struct Draw {
    double all = -1, clean = -1;
  };
  std::vector<Draw> draws(price.resamples);
  pool.for_each(draws.size(), [&](std::size_t r) {
    Random random(price.seed + r);  // each draw by itself, so threads do not matter
    std::vector<std::uint32_t> times(count), weights(groups.size()), clean(groups.size());
    for (std::uint32_t k = 0; k < count; ++k) ++times[random.below(count)];
    for (std::size_t i = 0; i < groups.size(); ++i) {
      weights[i] = times[groups[i]];
      clean[i] = touched[i] != 0 ? 0 : weights[i];
    }
    draws[r] = {sampling.mean_precision(weights), sampling.mean_precision(clean)};
  });
  const auto fill = [](std::vector<double> values, LeakPrice::Figure& figure) {
    const Interval95 interval = interval_of(std::move(values));
    figure.low = interval.low;
    figure.high = interval.high;
  };
  std::vector<double> all, clean, difference;
  for (const Draw& draw : draws) {
    if (draw.all >= 0) all.push_back(draw.all);
    if (draw.clean >= 0) clean.push_back(draw.clean);
    if (draw.all >= 0 && draw.clean >= 0) difference.push_back(draw.all - draw.clean);
  }
  fill(std::move(all), price.all);
  fill(std::move(clean), price.clean);
  fill(std::move(difference), price.price);
  return {};
}

}  // namespace vetset
