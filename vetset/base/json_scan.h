// Finds the few bytes that matter in JSON text, sixteen at a time where the machine can. For json_*.cpp and readers of
// half a million rows.
#pragma once

#include <bit>
#include <cstdint>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace vetset {

/// First '"', '\\' or control character.
inline const char* find_string_stop(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1f);
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i stops = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                                       _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block));
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(stops));
    if (mask != 0) return at + std::countr_zero(mask);
  }
#endif
  while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) > 0x1f) ++at;
  return at;
}

/// Whether `c` opens or closes a string, an object or an array; also '\\' and '|', which the scan takes along.
inline bool is_structure(char c) {
  const auto folded = static_cast<unsigned char>(static_cast<unsigned char>(c) | 0x20U);
  return c == '"' || (folded >= 0x7b && folded <= 0x7d);
}

/// First byte for which `is_structure` holds: '[', '{', '\\', '|', ']', '}' are 0x7b to 0x7d once bit 5 is set.
inline const char* find_structure(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i bit = _mm_set1_epi8(0x20);
  const __m128i least = _mm_set1_epi8(0x7b);
  const __m128i width = _mm_set1_epi8(2);
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i above = _mm_sub_epi8(_mm_or_si128(block, bit), least);
    const __m128i stops = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(_mm_min_epu8(above, width), above));
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(stops));
    if (mask != 0) return at + std::countr_zero(mask);
  }
#endif
  while (at != end && !is_structure(*at)) ++at;
  return at;
}

}  // namespace vetset
