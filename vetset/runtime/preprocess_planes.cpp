// RGB rows to planes of float32, as each kind of processor does it best: the same operations in the same order, each of
// them rounded as IEEE 754 has it, so that the values are equal to the bit.
#include "vetset/runtime/preprocess_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vetset {
namespace {

#if defined(__x86_64__)
/// Where byte `channel` of 16 pixels lies in each of three registers; -1: not in that one.
struct Picks {
  alignas(16) char at[3][3][16];
};
constexpr Picks picks = [] {
  Picks p{};
  for (int channel = 0; channel < 3; ++channel)
    for (int part = 0; part < 3; ++part)
      for (int i = 0; i < 16; ++i) {
        const int byte = 3 * i + channel - 16 * part;
        p.at[channel][part][i] = static_cast<char>(byte >= 0 && byte < 16 ? byte : -1);
      }
  return p;
}();

__attribute__((target("avx2,fma"), always_inline)) inline __m128i channel_of(const __m128i (&bytes)[3],
                                                                             std::size_t channel) {
  const auto* const at = reinterpret_cast<const __m128i*>(picks.at[channel]);
  return _mm_or_si128(
      _mm_or_si128(_mm_shuffle_epi8(bytes[0], _mm_load_si128(at)), _mm_shuffle_epi8(bytes[1], _mm_load_si128(at + 1))),
      _mm_shuffle_epi8(bytes[2], _mm_load_si128(at + 2)));
}

/// A quotient by multiplication, and what that lacks; `ChannelSteps::quick` says that it is the rounded quotient.
__attribute__((target("avx2,fma"), always_inline)) inline __m256 divided(__m256 value, float by, float inverse,
                                                                         bool quick) {
  const __m256 divisor = _mm256_set1_ps(by);
  if (!quick) return _mm256_div_ps(value, divisor);
  const __m256 factor = _mm256_set1_ps(inverse), nearly = _mm256_mul_ps(value, factor);
  return _mm256_fmadd_ps(_mm256_fnmadd_ps(nearly, divisor, value), factor, nearly);
}

__attribute__((target("avx2,fma"), always_inline)) inline __m256 stepped(__m256 values, const ChannelSteps& s) {
  if (s.multiplies) values = _mm256_mul_ps(values, _mm256_set1_ps(s.factor));
  if (s.divides) values = divided(values, s.divisor, s.inverse_divisor, s.quick);
  if (s.centres) values = _mm256_sub_ps(values, _mm256_set1_ps(s.mean));
  if (s.spreads) values = divided(values, s.deviation, s.inverse_deviation, s.quick);
  return values;
}

__attribute__((target("avx2,fma"))) void to_planes_avx2(const std::uint8_t* rgb, std::size_t count,
                                                        const std::array<std::size_t, 3>& source,
                                                        const std::array<ChannelSteps, 3>& steps,
                                                        const std::array<float*, 3>& planes) {
  const std::size_t whole = count / 16 * 16;
  for (std::size_t c = 0; c < 3; ++c) {
    const ChannelSteps s = steps[c];
    float* const to = planes[c];
    const std::size_t channel = source[c];
    for (std::size_t x = 0; x < whole; x += 16) {
      const auto* const at = reinterpret_cast<const __m128i*>(rgb + 3 * x);
      const __m128i bytes[3] = {_mm_loadu_si128(at), _mm_loadu_si128(at + 1), _mm_loadu_si128(at + 2)};
      const __m128i sixteen = channel_of(bytes, channel);
      const __m256 low = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(sixteen));
      const __m256 high = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(sixteen, 8)));
      _mm256_storeu_ps(to + x, stepped(low, s));
      _mm256_storeu_ps(to + x + 8, stepped(high, s));
    }
    for (std::size_t x = whole; x < count; ++x) to[x] = s(static_cast<float>(rgb[3 * x + channel]));
  }
}
#endif

}  // namespace

bool to_planes([[maybe_unused]] const std::uint8_t* rgb, [[maybe_unused]] std::size_t count,
               [[maybe_unused]] const std::array<std::size_t, 3>& source,
               [[maybe_unused]] const std::array<ChannelSteps, 3>& steps,
               [[maybe_unused]] const std::array<float*, 3>& planes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    to_planes_avx2(rgb, count, source, steps, planes);
    return true;
  }
#endif
  return false;
}

}  // namespace vetset
