// Noise, sharpness and blocks: sums over all pixels and their neighbours, in whole numbers. The inner loops run over a
// constant count, 64 pixels and then single ones, so that compilers make vectors of them.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "vetset/image/quality_parts.h"

namespace vetset {
namespace {

/// Calls `block` for pieces of 64, 16 and 1 from `begin` to `end`: block.operator()<64>(at).
template <class Block>
void in_blocks(std::size_t begin, std::size_t end, const Block& block) {
  for (; begin + 64 <= end; begin += 64) block.template operator()<64>(begin);
  for (; begin + 16 <= end; begin += 16) block.template operator()<16>(begin);
  for (; begin < end; ++begin) block.template operator()<1>(begin);
}

constexpr std::int16_t i16(int value) { return static_cast<std::int16_t>(value); }

}  // namespace

float noise_of(const Plane& luma) {
  if (luma.width < 3 || luma.height < 3) return 0;
  std::vector<std::int16_t> across(luma.width);  // second differences down each column
  std::uint64_t total = 0;
  for (std::uint32_t y = 1; y + 1 < luma.height; ++y) {
    const std::uint8_t *up = luma.row(y - 1).data(), *mid = luma.row(y).data(), *down = luma.row(y + 1).data();
    std::int16_t* const second = across.data();
    in_blocks(0, luma.width, [&]<std::size_t count>(std::size_t x) {
      std::array<std::int16_t, count> value;  // of its own, so that nothing it is made of can change meanwhile
      for (std::size_t k = 0; k < count; ++k) value[k] = i16(up[x + k] - 2 * mid[x + k] + down[x + k]);
      std::ranges::copy(value, second + x);
    });
    in_blocks(1, luma.width - 1, [&]<std::size_t count>(std::size_t x) {
      std::array<std::int16_t, count> size;
      for (std::size_t k = 0; k < count; ++k) {
        const std::int16_t value = i16(second[x + k - 1] - 2 * second[x + k] + second[x + k + 1]);
        size[k] = std::max(value, i16(-value));
      }
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < count; ++k) sum += size[k];
      total += static_cast<std::uint64_t>(sum);
    });
  }
  const double count = static_cast<double>(luma.width - 2) * static_cast<double>(luma.height - 2);
  return static_cast<float>(std::sqrt(std::acos(-1.0) / 2) * static_cast<double>(total) / (6 * count));
}

float laplacian_variance(const Plane& luma) {
  if (luma.width < 3 || luma.height < 3) return 0;
  std::int64_t sum = 0, squares = 0;
  for (std::uint32_t y = 1; y + 1 < luma.height; ++y) {
    const std::uint8_t *up = luma.row(y - 1).data(), *mid = luma.row(y).data(), *down = luma.row(y + 1).data();
    in_blocks(1, luma.width - 1, [&]<std::size_t count>(std::size_t x) {
      std::array<std::int16_t, count> value;
      for (std::size_t k = 0; k < count; ++k)
        value[k] = i16(up[x + k] + down[x + k] + mid[x + k - 1] + mid[x + k + 1] - 4 * mid[x + k]);
      std::int32_t block_sum = 0, block_squares = 0;
      for (std::size_t k = 0; k < count; ++k) block_sum += value[k];
      for (std::size_t k = 0; k < count; ++k) block_squares += std::int32_t{value[k]} * value[k];
      sum += block_sum;
      squares += block_squares;
    });
  }
  const double count = static_cast<double>(luma.width - 2) * static_cast<double>(luma.height - 2);
  const double mean = static_cast<double>(sum) / count;
  return static_cast<float>(static_cast<double>(squares) / count - mean * mean);
}

namespace {

/// The difference of two neighbours; the edge of a thing counts no more than a large step of compression.
std::uint8_t step(std::uint8_t a, std::uint8_t b) {
  constexpr std::uint8_t most = 24;
  return std::min(most, static_cast<std::uint8_t>(std::max(a, b) - std::min(a, b)));
}

/// Steps between neighbours, by where in a grid of eight the second one lies.
struct Steps {
  std::array<std::uint64_t, 8> sum{}, count{};

  /// The mean at the phase where it is largest over the mean of all others: pictures are cropped and turned after they
  /// were compressed, so blocks may begin anywhere.
  double ratio() const {
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
};

}  // namespace

float blockiness_of(const Plane& luma) {
  if (luma.width < 17 || luma.height < 17) return 1;
  Steps columns, rows;
  for (std::uint32_t y = 0; y < luma.height; ++y) {
    const std::uint8_t* row = luma.row(y).data();
    if (y > 0) {
      const std::uint8_t* up = luma.row(y - 1).data();
      std::uint64_t total = 0;
      in_blocks(0, luma.width, [&]<std::size_t count>(std::size_t x) {
        std::array<std::uint8_t, count> steps;
        for (std::size_t k = 0; k < count; ++k) steps[k] = step(row[x + k], up[x + k]);
        std::int32_t sum = 0;
        for (std::size_t k = 0; k < count; ++k) sum += steps[k];
        total += static_cast<std::uint64_t>(sum);
      });
      rows.sum[y % 8] += total;
      rows.count[y % 8] += luma.width;
    }
    // Lane k holds steps to columns k + 1 modulo 8.
    std::array<std::uint16_t, 16> lanes{};
    const auto flush = [&] {
      for (std::size_t k = 0; k < 16; ++k) columns.sum[(k + 1) % 8] += std::exchange(lanes[k], std::uint16_t{0});
    };
    std::size_t x = 1, blocks = 0;
    for (; x + 16 <= luma.width; x += 16) {
      for (std::size_t k = 0; k < 16; ++k)
        lanes[k] = static_cast<std::uint16_t>(lanes[k] + step(row[x + k], row[x + k - 1]));
      if (++blocks % 256 == 0) flush();
    }
    flush();
    for (; x < luma.width; ++x) columns.sum[x % 8] += step(row[x], row[x - 1]);
  }
  for (std::size_t x = 1; x < luma.width; ++x) columns.count[x % 8] += luma.height;
  return static_cast<float>((columns.ratio() + rows.ratio()) / 2);
}

}  // namespace vetset
