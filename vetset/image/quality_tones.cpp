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

/// 65536 / most, to the nearest: a float's division is a 256th off at most here, and the quotient's nearest below a
/// whole number is a 255th away from it.
[[gnu::always_inline]] inline std::uint32_t reciprocal(std::uint8_t most) {
  const std::uint32_t divisor = std::max<std::uint32_t>(most, 1);
  return static_cast<std::uint32_t>(
      static_cast<std::int32_t>(static_cast<float>(65536 + divisor / 2) / static_cast<float>(divisor)));
}

template <std::size_t Channels, std::size_t Bytes>
[[gnu::always_inline]] inline void add_colours_of(const std::uint8_t* at, std::size_t count, ColourSums& sums) {
  constexpr std::size_t at_once = 64;  // a constant, so that compilers make vectors of the loops
  constexpr std::size_t pixel = Channels * Bytes;
  const auto spread_of = [](const std::uint8_t* from, std::uint8_t& most) __attribute__((always_inline)) {
    const std::uint8_t a = from[Bytes - 1], b = from[2 * Bytes - 1], c = from[3 * Bytes - 1];
    most = std::max(std::max(a, b), c);
    auto spread = static_cast<std::uint8_t>(most - std::min(std::min(a, b), c));
    if constexpr (Channels == 4) spread = from[pixel - 1] == 0 ? std::uint8_t{0} : spread;  // what cannot be seen
    return spread;
  };
  sums.pixels += count;
  for (; count >= at_once; count -= at_once, at += at_once * pixel) {
    std::array<std::uint8_t, at_once> most, spread;
    for (std::size_t k = 0; k < at_once; ++k) spread[k] = spread_of(at + k * pixel, most[k]);
    std::uint32_t saturation = 0, coloured = 0;  // 64 times 255 times 65536 fits
    for (std::size_t k = 0; k < at_once; ++k) saturation += spread[k] * reciprocal(most[k]);
    for (std::size_t k = 0; k < at_once; ++k) coloured += spread[k] > 3 ? 1U : 0U;
    sums.saturation += saturation;
    sums.coloured += coloured;
  }
  for (; count > 0; --count, at += pixel) {
    std::uint8_t most = 0;
    const std::uint8_t spread = spread_of(at, most);
    sums.saturation += spread * reciprocal(most);
    sums.coloured += spread > 3 ? 1U : 0U;
  }
}

#if defined(__x86_64__)
/// Colours of pixels of three bytes, which is nearly all of them.
__attribute__((target("avx2"))) void add_colours_avx2(const std::uint8_t* at, std::size_t count, ColourSums& sums) {
  add_colours_of<3, 1>(at, count, sums);
}
#endif

template <std::size_t Channels, std::size_t Bytes>
void add_colours(const std::uint8_t* at, std::size_t count, ColourSums& sums) {
#if defined(__x86_64__)
  if constexpr (Channels == 3 && Bytes == 1)
    if (__builtin_cpu_supports("avx2")) return add_colours_avx2(at, count, sums);
#endif
  add_colours_of<Channels, Bytes>(at, count, sums);
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
