// Tones and colours: means over every so-manieth row, which is as good as all of them.
#include <algorithm>
#include <cmath>
#include <utility>

#include "vetset/image/quality_parts.h"

namespace vetset {
namespace {

constexpr std::size_t wanted_pixels = 1u << 15;

struct Histogram {
  std::array<std::uint64_t, 256> of{};
  std::uint64_t total = 0;

  explicit Histogram(const Plane& luma) {
    // Four of them, because counting one level twice in a row waits for the first count.
    std::array<std::array<std::uint32_t, 256>, 4> parts{};
    std::uint64_t pending = 0;
    const auto gather = [&] {
      for (auto& part : parts)
        for (std::size_t level = 0; level < 256; ++level) of[level] += std::exchange(part[level], 0);
      pending = 0;
    };
    const std::uint32_t step = row_step(luma, wanted_pixels);
    for (std::uint64_t y = step / 2; y < luma.height; y += step) {
      const auto row = luma.row(static_cast<std::uint32_t>(y));
      if (pending + row.size() > 0xFFFFFFFF) gather();
      std::size_t x = 0;
      for (; x + 4 <= row.size(); x += 4)
        for (std::size_t k = 0; k < 4; ++k) ++parts[k][row[x + k]];
      for (; x < row.size(); ++x) ++parts[0][row[x]];
      pending += row.size();
      total += row.size();
    }
    gather();
  }
};

/// Sums over pixels of a raster.
struct ColourSums {
  std::uint64_t pixels = 0, coloured = 0, saturation = 0;  // saturation in 65536ths
};

/// 65536 / maximum, to the nearest.
const std::array<std::uint32_t, 256>& reciprocals() {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 1; i < 256; ++i) t[i] = (65536 + i / 2) / i;
    return t;
  }();
  return table;
}

template <std::size_t Channels, std::size_t Bytes>
void add_colours(const std::uint8_t* at, std::size_t count, ColourSums& sums) {
  const std::array<std::uint32_t, 256>& reciprocal = reciprocals();
  std::uint64_t saturation = 0, coloured = 0;
  for (std::size_t i = 0; i < count; ++i, at += Channels * Bytes) {
    const auto sample = [&](std::size_t c) { return std::uint32_t{at[c * Bytes + Bytes - 1]}; };
    const std::uint32_t most = std::max({sample(0), sample(1), sample(2)});
    const std::uint32_t spread = most - std::min({sample(0), sample(1), sample(2)});
    if constexpr (Channels == 4)
      if (sample(3) == 0) continue;  // what cannot be seen has no colour
    saturation += spread * reciprocal[most];
    coloured += spread > 3 ? 1 : 0;
  }
  sums.pixels += count;
  sums.saturation += saturation;
  sums.coloured += coloured;
}

}  // namespace

void measure_tones(const Plane& luma, Quality& quality) {
  const Histogram histogram(luma);
  constexpr std::array<std::uint64_t, 7> percents = {1, 5, 25, 50, 75, 95, 99};
  std::size_t next = 0;
  std::uint64_t below = 0, sum = 0, squares = 0;
  double bits = 0;
  for (std::uint64_t level = 0; level < 256; ++level) {
    const std::uint64_t count = histogram.of[level];
    if (count == 0) continue;
    below += count;
    sum += count * level;
    squares += count * level * level;
    // The smallest level that at least so many percent of the pixels do not exceed.
    for (; next < percents.size() && below * 100 >= percents[next] * histogram.total; ++next)
      quality.luma[next] = static_cast<std::uint8_t>(level);
    bits += static_cast<double>(count) * std::log2(static_cast<double>(count));
  }
  const auto n = static_cast<double>(histogram.total);
  const double mean = static_cast<double>(sum) / n;
  quality.contrast = static_cast<float>(std::sqrt(std::max(0.0, static_cast<double>(squares) / n - mean * mean)));
  quality.entropy = static_cast<float>(std::max(0.0, std::log2(n) - bits / n));
}

void measure_colour(const Raster& raster, Quality& quality) {
  if (raster.channels < 3 || raster.empty()) return;
  ColourSums sums;
  const std::uint32_t step = row_step({raster.width, raster.height, {}}, wanted_pixels);
  for (std::uint64_t y = step / 2; y < raster.height; y += step) {
    const std::uint8_t* row = raster.samples.data() + y * raster.row_bytes();
    if (raster.channels == 3 && raster.bits == 8) add_colours<3, 1>(row, raster.width, sums);
    if (raster.channels == 4 && raster.bits == 8) add_colours<4, 1>(row, raster.width, sums);
    if (raster.channels == 3 && raster.bits == 16) add_colours<3, 2>(row, raster.width, sums);
    if (raster.channels == 4 && raster.bits == 16) add_colours<4, 2>(row, raster.width, sums);
  }
  const auto n = static_cast<double>(sums.pixels);
  quality.saturation = static_cast<float>(std::min(1.0, static_cast<double>(sums.saturation) / 65536 / n));
  quality.coloured = static_cast<float>(static_cast<double>(sums.coloured) / n);
}

}  // namespace vetset
