#include "vetset/image/resize_kernels.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vetset {
namespace {

template <std::size_t Channels>
void across_plain(const std::uint8_t* from, const std::int32_t* firsts, const std::int16_t* weights, std::size_t width,
                  std::int16_t* to) {
  for (std::size_t x = 0; x < width; ++x) {
    const std::uint8_t* const at = from + Channels * static_cast<std::size_t>(firsts[x]);
    for (std::size_t c = 0; c < Channels; ++c)
      to[Channels * x + c] =
          static_cast<std::int16_t>((at[c] * weights[2 * x] + at[Channels + c] * weights[2 * x + 1]) >> 4);
  }
}

void down_plain(const std::int16_t* above, const std::int16_t* below, std::int16_t first, std::int16_t second,
                std::size_t count, std::uint8_t* to) {
  for (std::size_t x = 0; x < count; ++x)
    to[x] = static_cast<std::uint8_t>((((above[x] * first) >> 16) + ((below[x] * second) >> 16) + 2) >> 2);
}

#if defined(__SSE4_1__)
/// The two weights of pixel `x`, four times.
[[gnu::always_inline]] inline __m128i weights_at(const std::int16_t* weights, std::size_t x) {
  std::int32_t pair = 0;
  std::memcpy(&pair, weights + 2 * x, sizeof pair);
  return _mm_set1_epi32(pair);
}

void across_rgb_sse4(const std::uint8_t* from, const std::int32_t* firsts, const std::int16_t* weights,
                     std::size_t width, std::int16_t* to) {
  // R G B r g b to R r G g B b.
  const __m128i beside = _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  const auto pixel = [&](std::size_t x) {
    const std::uint8_t* const at = from + 3 * static_cast<std::size_t>(firsts[x]);
    const __m128i bytes = _mm_shuffle_epi8(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at)), beside);
    return _mm_srai_epi32(_mm_madd_epi16(bytes, weights_at(weights, x)), 4);
  };
  // Four words a pixel are written, of which the fourth is overwritten by the next one.
  const __m128i close = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, -1, -1, -1, -1);
  std::size_t x = 0;
  for (; x + 2 <= width; x += 2) {
    const __m128i both = _mm_shuffle_epi8(_mm_packs_epi32(pixel(x), pixel(x + 1)), close);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 3 * x), both);
  }
  if (x < width)
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to + 3 * x), _mm_packs_epi32(pixel(x), _mm_setzero_si128()));
}

void down_sse4(const std::int16_t* above, const std::int16_t* below, std::int16_t first, std::int16_t second,
               std::size_t count, std::uint8_t* to) {
  const __m128i by_first = _mm_set1_epi16(first), by_second = _mm_set1_epi16(second), two = _mm_set1_epi16(2);
  const auto eight = [&](std::size_t x) {
    const __m128i up = _mm_mulhi_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(above + x)), by_first);
    const __m128i low = _mm_mulhi_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(below + x)), by_second);
    return _mm_srai_epi16(_mm_add_epi16(_mm_add_epi16(up, low), two), 2);
  };
  for (std::size_t x = 0; x < count; x += 16)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + x), _mm_packus_epi16(eight(x), eight(x + 8)));
}

__attribute__((target("avx2"))) void down_avx2(const std::int16_t* above, const std::int16_t* below, std::int16_t first,
                                               std::int16_t second, std::size_t count, std::uint8_t* to) {
  const __m256i by_first = _mm256_set1_epi16(first), by_second = _mm256_set1_epi16(second), two = _mm256_set1_epi16(2);
  for (std::size_t x = 0; x < count; x += 32) {
    __m256i words[2];
    for (std::size_t i = 0; i < 2; ++i) {
      const auto* const up = reinterpret_cast<const __m256i*>(above + x + 16 * i);
      const auto* const low = reinterpret_cast<const __m256i*>(below + x + 16 * i);
      const __m256i sum = _mm256_add_epi16(_mm256_mulhi_epi16(_mm256_loadu_si256(up), by_first),
                                           _mm256_mulhi_epi16(_mm256_loadu_si256(low), by_second));
      words[i] = _mm256_srai_epi16(_mm256_add_epi16(sum, two), 2);
    }
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(words[0], words[1]), 0xd8);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + x), bytes);
  }
}
#endif

std::vector<LinearKernels> kernels_here() {
  std::vector<LinearKernels> all;
#if defined(__SSE4_1__)
  if (__builtin_cpu_supports("avx2")) all.push_back({"avx2", across_plain<1>, across_rgb_sse4, down_avx2});
  all.push_back({"sse4", across_plain<1>, across_rgb_sse4, down_sse4});
#endif
  all.push_back({"plain", across_plain<1>, across_plain<3>, down_plain});
  return all;
}

}  // namespace

const std::vector<LinearKernels>& linear_kernels() {
  static const std::vector<LinearKernels> all = kernels_here();
  return all;
}

}  // namespace vetset
