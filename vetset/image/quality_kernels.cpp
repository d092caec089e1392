// Whole numbers in lanes of 8 and 16 bits, which overflow never: what may overflow is emptied into wide sums in time.
// Written with the vectors of GCC and Clang, once; where the processor has AVX2, the same lines are compiled for it.
#include "vetset/image/quality_kernels.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vetset {
namespace {

// A body is inlined into a function a kind of processor; nothing else may be called out of it.
#define VETSET_BODY [[gnu::always_inline]] inline

using Bytes16 = std::uint8_t __attribute__((vector_size(16)));
using Shorts16 = std::int16_t __attribute__((vector_size(32)));
using Unsigned16 = std::uint16_t __attribute__((vector_size(32)));
using Floats8 = float __attribute__((vector_size(32)));

VETSET_BODY void load(const std::uint8_t* from, Bytes16& to) { std::memcpy(&to, from, sizeof to); }
VETSET_BODY void load(const std::uint8_t* from, Shorts16& to) {
  Bytes16 bytes;
  load(from, bytes);
  to = __builtin_convertvector(bytes, Shorts16);
}
VETSET_BODY void load(const std::int16_t* from, Shorts16& to) { std::memcpy(&to, from, sizeof to); }
VETSET_BODY void load(const float* from, Floats8& to) { std::memcpy(&to, from, sizeof to); }
VETSET_BODY void take_size(const Shorts16& of, Shorts16& to) {
  const Shorts16 negative = -of;
  to = of > negative ? of : negative;
}

/// Adds up the lanes, and empties them.
template <class Lanes, class Sum>
VETSET_BODY void empty_into(Lanes& lanes, Sum& sum) {
  for (std::size_t k = 0; k < 16; ++k) sum += static_cast<Sum>(lanes[k]);
  lanes = Lanes{};
}

VETSET_BODY std::uint64_t noise_body(const Plane& luma) {
  std::vector<std::int16_t> across(luma.width);  // second differences down each column
  std::int16_t* const second = across.data();
  const std::size_t width = luma.width;
  std::uint64_t total = 0;
  for (std::uint32_t y = 1; y + 1 < luma.height; ++y) {
    const std::uint8_t *up = luma.samples.data() + (y - 1) * width, *mid = up + width, *down = mid + width;
    std::size_t x = 0;
    for (; x + 16 <= width; x += 16) {
      Shorts16 above, here, below;
      load(up + x, above), load(mid + x, here), load(down + x, below);
      const Shorts16 difference = above + below - here - here;
      std::memcpy(second + x, &difference, sizeof difference);
    }
    for (; x < width; ++x) second[x] = static_cast<std::int16_t>(up[x] + down[x] - 2 * mid[x]);

    Unsigned16 lanes{};
    unsigned pending = 0;
    for (x = 1; x + 16 < width; x += 16) {
      Shorts16 left, here, right, size;
      load(second + x - 1, left), load(second + x, here), load(second + x + 1, right);
      take_size(left + right - here - here, size);  // 4080 at most, so that 16 fit
      lanes += reinterpret_cast<Unsigned16>(size);
      if (++pending == 16) empty_into(lanes, total), pending = 0;
    }
    empty_into(lanes, total);
    for (; x + 1 < width; ++x)
      total += static_cast<std::uint64_t>(std::abs(second[x - 1] - 2 * second[x] + second[x + 1]));
  }
  return total;
}

/// Sums of squares of 16 lanes.
struct SquareSums {
#if defined(__x86_64__)
  __m128i low = _mm_setzero_si128(), high = _mm_setzero_si128();

  VETSET_BODY void add(const Shorts16& of) {
    __m128i halves[2];
    std::memcpy(&halves, &of, sizeof of);
    low = _mm_add_epi32(low, _mm_madd_epi16(halves[0], halves[0]));
    high = _mm_add_epi32(high, _mm_madd_epi16(halves[1], halves[1]));
  }
  VETSET_BODY std::int64_t empty() {
    std::array<std::int32_t, 4> sums;
    const __m128i all = _mm_add_epi32(low, high);
    std::memcpy(&sums, &all, sizeof sums);
    low = high = _mm_setzero_si128();
    return std::int64_t{sums[0]} + sums[1] + sums[2] + sums[3];
  }
#else
  std::int64_t sum = 0;

  void add(const Shorts16& of) {
    for (std::size_t k = 0; k < 16; ++k) sum += std::int32_t{of[k]} * of[k];
  }
  std::int64_t empty() { return std::exchange(sum, 0); }
#endif
};

VETSET_BODY LaplacianSums laplacian_body(const Plane& luma) {
  const std::size_t width = luma.width;
  LaplacianSums all;
  for (std::uint32_t y = 1; y + 1 < luma.height; ++y) {
    const std::uint8_t *up = luma.samples.data() + (y - 1) * width, *mid = up + width, *down = mid + width;
    Shorts16 lanes{};
    SquareSums squares;
    unsigned pending = 0;
    const auto empty = [&]() __attribute__((always_inline)) {
      empty_into(lanes, all.sum);
      all.squares += squares.empty();
      pending = 0;
    };
    std::size_t x = 1;
    for (; x + 16 < width; x += 16) {
      Shorts16 above, left, here, right, below;
      load(up + x, above), load(down + x, below), load(mid + x, here);
      load(mid + x - 1, left), load(mid + x + 1, right);
      const Shorts16 value = above + below + left + right - 4 * here;  // 1020 at most, so that 32 fit
      lanes += value;
      squares.add(value);
      if (++pending == 32) empty();
    }
    empty();
    for (; x + 1 < width; ++x) {
      const int value = up[x] + down[x] + mid[x - 1] + mid[x + 1] - 4 * mid[x];
      all.sum += value;
      all.squares += std::int64_t{value} * value;
    }
  }
  return all;
}

#if defined(__x86_64__)
__attribute__((target("avx2"), always_inline)) inline __m256i sixteen(const std::uint8_t* from) {
  return _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}

/// The same with sums of pairs in 32 bits, which need no emptying but once a row.
__attribute__((target("avx2"))) LaplacianSums laplacian_wide(const Plane& luma) {
  constexpr std::size_t most_adds = 1000;  // of two squares of 1020 at most
  const std::size_t width = luma.width;
  const __m256i ones = _mm256_set1_epi16(1);
  LaplacianSums all;
  for (std::uint32_t y = 1; y + 1 < luma.height; ++y) {
    const std::uint8_t *up = luma.samples.data() + (y - 1) * width, *mid = up + width, *down = mid + width;
    std::size_t x = 1;
    while (x + 16 < width) {
      const std::size_t stop = std::min(width - 16, x + 16 * most_adds);
      __m256i sums = _mm256_setzero_si256(), squares = _mm256_setzero_si256();
      for (; x < stop; x += 16) {
        const __m256i around = _mm256_add_epi16(_mm256_add_epi16(sixteen(up + x), sixteen(down + x)),
                                                _mm256_add_epi16(sixteen(mid + x - 1), sixteen(mid + x + 1)));
        const __m256i value = _mm256_sub_epi16(around, _mm256_slli_epi16(sixteen(mid + x), 2));
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(value, ones));
        squares = _mm256_add_epi32(squares, _mm256_madd_epi16(value, value));
      }
      std::array<std::int32_t, 8> sum, square;
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(sum.data()), sums);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(square.data()), squares);
      for (std::size_t k = 0; k < 8; ++k) all.sum += sum[k], all.squares += square[k];
    }
    for (; x + 1 < width; ++x) {
      const int value = up[x] + down[x] + mid[x - 1] + mid[x + 1] - 4 * mid[x];
      all.sum += value;
      all.squares += std::int64_t{value} * value;
    }
  }
  return all;
}
#endif

/// The difference of two neighbours; the edge of a thing counts no more than a large step of compression.
constexpr std::uint8_t most = 24;
VETSET_BODY std::uint8_t step(std::uint8_t a, std::uint8_t b) {
  return std::min(most, static_cast<std::uint8_t>(std::max(a, b) - std::min(a, b)));
}
VETSET_BODY void add_steps(const Bytes16& a, const Bytes16& b, Bytes16& sum) {
  const Bytes16 difference = (a > b ? a : b) - (a > b ? b : a);
  const Bytes16 limit = Bytes16{} + most;
  sum += difference > limit ? limit : difference;
}

VETSET_BODY void steps_body(const Plane& luma, StepSums& steps) {
  const std::size_t width = luma.width;
  constexpr unsigned adds = 255 / most;        // that fit in 8 bits
  constexpr unsigned wide_adds = 65535 / 255;  // of those that fit in 16 bits
  Unsigned16 wide_across{};                    // lane k holds steps to columns k + 1 modulo 8, of any row
  unsigned wide_pending = 0;
  const auto empty_across = [&]() __attribute__((always_inline)) {
    for (std::size_t k = 0; k < 16; ++k) steps.columns[(k + 1) % 8] += wide_across[k];
    wide_across = Unsigned16{};
    wide_pending = 0;
  };
  for (std::uint32_t y = 0; y < luma.height; ++y) {
    const std::uint8_t* const row = luma.samples.data() + y * width;
    const std::uint8_t* const up = y > 0 ? row - width : row;  // of the first row: no step at all
    Bytes16 across{}, down{};
    Unsigned16 wide_down{};
    unsigned pending = 0, wide_down_pending = 0;
    std::uint64_t rows = step(row[0], up[0]);
    const auto widen = [&]() __attribute__((always_inline)) {
      wide_across += __builtin_convertvector(across, Unsigned16);
      wide_down += __builtin_convertvector(down, Unsigned16);
      across = down = Bytes16{};
      pending = 0;
      if (++wide_pending == wide_adds) empty_across();
      if (++wide_down_pending == wide_adds) empty_into(wide_down, rows), wide_down_pending = 0;
    };
    std::size_t x = 1;
    for (; x + 16 <= width; x += 16) {
      Bytes16 here, left, above;
      load(row + x, here), load(row + x - 1, left), load(up + x, above);
      add_steps(here, left, across);
      add_steps(here, above, down);
      if (++pending == adds) widen();
    }
    widen();
    empty_into(wide_down, rows);
    for (; x < width; ++x) {
      steps.columns[x % 8] += step(row[x], row[x - 1]);
      rows += step(row[x], up[x]);
    }
    steps.rows[y % 8] += rows;
  }
  empty_across();
}

constexpr std::int16_t strong_rise = 40;  // grey levels

/// Counts the edges that end in the lanes of `ended`.
VETSET_BODY void count_edges(const Shorts16& ended, const Shorts16& rises, const Shorts16& steepest,
                             EdgeWidths& widths) {
  std::array<std::uint64_t, 4> words;
  std::memcpy(&words, &ended, sizeof words);
  if ((words[0] | words[1] | words[2] | words[3]) == 0) return;
  std::array<std::int16_t, 16> rise, slope;
  std::memcpy(&rise, &rises, sizeof rise);
  std::memcpy(&slope, &steepest, sizeof slope);
  for (std::size_t w = 0; w < 4; ++w)
    for (std::uint64_t word = words[w] & 0x0001000100010001; word != 0; word &= word - 1) {
      const std::size_t k = 4 * w + static_cast<std::size_t>(std::countr_zero(word)) / 16;
      const float width = static_cast<float>(rise[k]) / static_cast<float>(slope[k]) * static_cast<float>(width_parts);
      ++widths[std::min(static_cast<std::size_t>(width + 0.5f), widths.size() - 1)];
    }
}

/// A rise or fall is what lies between two turning points of a line.
VETSET_BODY void edges_body(const LineGroup& lines, EdgeWidths& widths) {
  Shorts16 here, way{}, rise{}, steepest{};
  load(lines.samples, here);
  for (std::size_t i = 1; i < lines.length; ++i) {
    Shorts16 next, size;
    load(lines.samples + i * line_lanes, next);
    const Shorts16 difference = next - here;
    take_size(difference, size);
    const Shorts16 next_way = (difference < 0) - (difference > 0);
    const Shorts16 goes_on = next_way == way;
    count_edges(~goes_on & (rise >= strong_rise), rise, steepest, widths);
    rise = (rise & goes_on) + size;
    steepest &= goes_on;
    steepest = steepest > size ? steepest : size;
    way = next_way;
    here = next;
  }
  count_edges(rise >= strong_rise, rise, steepest, widths);
}

VETSET_BODY void upper_body(const LineGroup& lines, const std::array<float, 8>& taps, UpperEnergy& energy) {
  std::vector<float> samples(lines.length * line_lanes);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = lines.samples[i];
  UpperEnergy sums{};
  for (std::size_t x = upper_reach; x + upper_reach < lines.length; ++x) {
    const float* const at = samples.data() + x * line_lanes;
    std::array<float, line_lanes> out;
    for (std::size_t half = 0; half < line_lanes; half += 8) {
      Floats8 sum;
      load(at + half, sum);
      sum *= 0.5f;
      for (std::size_t i = 0; i < taps.size(); ++i) {
        Floats8 left, right;
        load(at + half - (2 * i + 1) * line_lanes, left), load(at + half + (2 * i + 1) * line_lanes, right);
        sum += taps[i] * (left + right);
      }
      std::memcpy(out.data() + half, &sum, sizeof sum);
    }
    for (std::size_t k = 0; k < line_lanes; ++k) sums[k] += static_cast<double>(out[k]) * static_cast<double>(out[k]);
  }
  energy = sums;
}

LaplacianSums laplacian_plain(const Plane& luma) { return laplacian_body(luma); }

#define VETSET_KERNELS(suffix, attribute, laplacian)                                                             \
  attribute std::uint64_t noise_##suffix(const Plane& luma) { return noise_body(luma); }                         \
  attribute void steps_##suffix(const Plane& luma, StepSums& steps) { steps_body(luma, steps); }                 \
  attribute void edges_##suffix(const LineGroup& lines, EdgeWidths& widths) { edges_body(lines, widths); }       \
  attribute void upper_##suffix(const LineGroup& lines, const std::array<float, 8>& taps, UpperEnergy& energy) { \
    upper_body(lines, taps, energy);                                                                             \
  }                                                                                                              \
  constexpr QualityKernels kernels_##suffix{#suffix,        noise_##suffix, laplacian,                           \
                                            steps_##suffix, edges_##suffix, upper_##suffix};

VETSET_KERNELS(plain, , laplacian_plain)
#if defined(__x86_64__)
VETSET_KERNELS(avx2, __attribute__((target("avx2"))), laplacian_wide)
#endif

}  // namespace

const std::vector<QualityKernels>& quality_kernels() {
  static const std::vector<QualityKernels> kernels = [] {
    std::vector<QualityKernels> here;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) here.push_back(kernels_avx2);
#endif
    here.push_back(kernels_plain);
    return here;
  }();
  return kernels;
}

}  // namespace vetset
