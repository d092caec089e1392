// RGB rows to planes of float32, as each kind of processor does it best: the same operations in the same order, each of
// them rounded as IEEE 754 has it, so that the values are equal to the bit.
#include "vetset/runtime/preprocess_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vetset {
namespace {

#if defined(__x86_64__)
constexpr char none = -1;

/// Byte `channel` of each of 16 pixels in 48 bytes.
__attribute__((target("avx2"))) inline __m128i channel_of(const __m128i (&bytes)[3], int channel) {
  alignas(16) char picks[3][16];
  for (auto& pick : picks)
    for (char& p : pick) p = none;
  for (int i = 0; i < 16; ++i) {
    const int at = 3 * i + channel;
    picks[at / 16][i] = static_cast<char>(at % 16);
  }
  __m128i all = _mm_setzero_si128();
  for (int k = 0; k < 3; ++k)
    all = _mm_or_si128(all, _mm_shuffle_epi8(bytes[k], _mm_load_si128(reinterpret_cast<const __m128i*>(picks[k]))));
  return all;
}

__attribute__((target("avx2"))) inline __m256 stepped(__m256 values, const ChannelSteps& s) {
  if (s.multiplies) values = _mm256_mul_ps(values, _mm256_set1_ps(s.factor));
  if (s.divides) values = _mm256_div_ps(values, _mm256_set1_ps(s.divisor));
  if (s.centres) values = _mm256_sub_ps(values, _mm256_set1_ps(s.mean));
  if (s.spreads) values = _mm256_div_ps(values, _mm256_set1_ps(s.deviation));
  return values;
}

__attribute__((target("avx2"))) void to_planes_avx2(const std::uint8_t* rgb, std::size_t count,
                                                    const std::array<std::size_t, 3>& source,
                                                    const std::array<ChannelSteps, 3>& steps,
                                                    const std::array<float*, 3>& planes) {
  std::size_t x = 0;
  for (; x + 16 <= count; x += 16) {
    const auto* const at = reinterpret_cast<const __m128i*>(rgb + 3 * x);
    const __m128i bytes[3] = {_mm_loadu_si128(at), _mm_loadu_si128(at + 1), _mm_loadu_si128(at + 2)};
    const __m128i colours[3] = {channel_of(bytes, 0), channel_of(bytes, 1), channel_of(bytes, 2)};
    for (std::size_t c = 0; c < 3; ++c) {
      const __m128i sixteen = colours[source[c]];
      const __m256 low = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(sixteen));
      const __m256 high = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(sixteen, 8)));
      _mm256_storeu_ps(planes[c] + x, stepped(low, steps[c]));
      _mm256_storeu_ps(planes[c] + x + 8, stepped(high, steps[c]));
    }
  }
  for (; x < count; ++x)
    for (std::size_t c = 0; c < 3; ++c) planes[c][x] = steps[c](static_cast<float>(rgb[3 * x + source[c]]));
}
#endif

}  // namespace

bool to_planes([[maybe_unused]] const std::uint8_t* rgb, [[maybe_unused]] std::size_t count,
               [[maybe_unused]] const std::array<std::size_t, 3>& source,
               [[maybe_unused]] const std::array<ChannelSteps, 3>& steps,
               [[maybe_unused]] const std::array<float*, 3>& planes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    to_planes_avx2(rgb, count, source, steps, planes);
    return true;
  }
#endif
  return false;
}

}  // namespace vetset
