// Two ways to the same sums: products of rows, and frequencies side by side, which AVX2 multiplies eight at a time.
#include "vetset/image/fingerprint_kernels.h"

#include <cmath>
#include <cstring>

#include "vetset/image/fingerprint.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vetset {

Cosines::Cosines(std::size_t cells) : side(cells) {
  for (std::size_t f = 0; f < frequency_count; ++f)
    for (std::size_t i = 0; i < side / 2; ++i) {
      const double angle =
          3.14159265358979323846 * static_cast<double>(f * (2 * i + 1)) / static_cast<double>(2 * side);
      const auto value = static_cast<std::int16_t>(std::lround(4096 * std::cos(angle)));
      of[f][i] = value;
      of[f][side - 1 - i] = static_cast<std::int16_t>(f % 2 == 0 ? value : -value);
    }
  for (std::size_t i = 0; i < grid_side; ++i)
    for (std::size_t f = 0; f < 16; ++f) pairs[i / 2][2 * f + i % 2] = of[f][i];
}

std::int32_t product(const std::int16_t* a, const std::int16_t* b) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < grid_side; ++i) sum += std::int32_t{a[i]} * b[i];
  return sum;
}

namespace {

/// To the nearest, halves away from zero: a mirrored row gives the same numbers with the other sign. Small enough that
/// the second transform stays within 32 bits: 8,000 at most, times 4096, times the 51 that 80 cosines come to.
std::int16_t rounded(std::int32_t sum) {
  return static_cast<std::int16_t>((sum + (sum < 0 ? -131'072 : 131'072)) / 262'144);
}

void take_plain(const Grid& grid, const Cosines& c, RowSpectrum& rows) {
  for (std::size_t y = 0; y < grid_side; ++y)
    for (std::size_t f = 0; f < frequency_count; ++f)
      rows.of[f][y] = rounded(product(grid.cells.data() + y * grid_side + rows.x, c.of[f].data()));
}

Bits256 signs_plain(const RowSpectrum& rows, std::size_t y, const Cosines& c) {
  Bits256 bits;
  for (std::size_t v = 0; v < 16; ++v)
    for (std::size_t u = 0; u < 16; ++u) {
      const std::size_t skip = u == 0 && v == 0 ? 16 : 0;
      if (product(rows.of[u + skip].data() + y, c.of[v + skip].data()) > 0) bits.set(16 * v + u);
    }
  return bits;
}

#if defined(__x86_64__)
#define VETSET_AVX2 __attribute__((target("avx2")))

/// Frequencies 0 to 7 and 8 to 15 of the cells from `cells` on.
struct Sums {
  __m256i low, high;
};
VETSET_AVX2 inline Sums sums_of(const std::int16_t* cells, const Cosines& c) {
  Sums sums{_mm256_setzero_si256(), _mm256_setzero_si256()};
  for (std::size_t i = 0; i < c.side / 2; ++i) {
    std::int32_t both;
    std::memcpy(&both, cells + 2 * i, sizeof both);
    const __m256i pair = _mm256_set1_epi32(both);
    const auto* const cosines = reinterpret_cast<const __m256i*>(c.pairs[i].data());
    sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(pair, _mm256_load_si256(cosines)));
    sums.high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(pair, _mm256_load_si256(cosines + 1)));
  }
  return sums;
}

VETSET_AVX2 void take_avx2(const Grid& grid, const Cosines& c, RowSpectrum& rows) {
  for (std::size_t y = 0; y < grid_side; ++y) {
    const std::int16_t* const cells = grid.cells.data() + y * grid_side + rows.x;
    const Sums sums = sums_of(cells, c);
    alignas(32) std::array<std::int32_t, 16> all;
    _mm256_store_si256(reinterpret_cast<__m256i*>(all.data()), sums.low);
    _mm256_store_si256(reinterpret_cast<__m256i*>(all.data() + 8), sums.high);
    for (std::size_t f = 0; f < 16; ++f) rows.of[f][y] = rounded(all[f]);
    rows.of[16][y] = rounded(product(cells, c.of[16].data()));
  }
}

VETSET_AVX2 Bits256 signs_avx2(const RowSpectrum& rows, std::size_t y, const Cosines& c) {
  Bits256 bits;
  for (std::size_t u = 0; u < 16; ++u) {  // frequencies down the columns lie side by side
    const Sums sums = sums_of(rows.of[u].data() + y, c);
    const auto positive = [](const __m256i& of) VETSET_AVX2 {
      return static_cast<std::uint64_t>(static_cast<unsigned>(
          _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(of, _mm256_setzero_si256())))));
    };
    bits.words[u / 4] |= (positive(sums.low) | positive(sums.high) << 8) << (16 * (u % 4));
  }
  bits.words[0] &= ~std::uint64_t{1};
  if (product(rows.of[16].data() + y, c.of[16].data()) > 0) bits.set(0);
  constexpr std::uint8_t transposed = 5;
  return turned(bits, transposed);
}
#endif

}  // namespace

const std::vector<FingerprintKernels>& fingerprint_kernels() {
  static const std::vector<FingerprintKernels> kernels = [] {
    std::vector<FingerprintKernels> here;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) here.push_back({"avx2", take_avx2, signs_avx2});
#endif
    here.push_back({"plain", take_plain, signs_plain});
    return here;
  }();
  return kernels;
}

}  // namespace vetset
