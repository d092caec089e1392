#include "vetset/scan/neighbours_kernel.h"

#include <algorithm>
#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vetset {
namespace {

// Unrelated codes differ in about half of their bits, so two of the four words nearly always tell that a pair is not
// near; the other two are looked at where they do not. Lists are short, a dozen codes: what a loop costs at its end, in
// branches guessed wrong, counts as much as what it does, so some of the right are held against all of the left.

bool passed_over(const JoinTask& task, std::uint32_t left) {
  return task.done != nullptr && task.done[left - task.left_begin] != 0;
}

void join_plain(const JoinTask& task, std::vector<Hit>& hits) {
  const auto& flips = task.flips.words;
  for (std::uint32_t i = task.left_begin; i < task.left_end; ++i) {
    if (passed_over(task, i)) continue;
    Bits256 code = task.left.code(i);
    for (std::size_t w = 0; w < 4; ++w) code.words[w] ^= flips[w];
    for (std::uint32_t j = task.triangle ? std::max(task.right_begin, i + 1) : task.right_begin; j < task.right_end;
         ++j) {
      const auto half = static_cast<unsigned>(std::popcount(code.words[0] ^ task.right.words[0][j]) +
                                              std::popcount(code.words[1] ^ task.right.words[1][j]));
      if (half > task.radius) continue;
      const auto all = half + static_cast<unsigned>(std::popcount(code.words[2] ^ task.right.words[2][j]) +
                                                    std::popcount(code.words[3] ^ task.right.words[3][j]));
      if (all <= task.radius) hits.push_back({i, j, static_cast<std::uint16_t>(all)});
    }
  }
}

unsigned nearest_plain(const Bits256* codes, std::size_t code_count, const CodeColumns& others, std::size_t count) {
  unsigned best = 256;
  for (std::uint32_t j = 0; j < count; ++j)
    for (std::size_t i = 0; i < code_count; ++i) best = std::min(best, distance(codes[i], others.code(j)));
  return best;
}

#if defined(__x86_64__)

/// The lanes of a block of `width` from `j` that count: before the end, and beyond `left` in a triangle.
unsigned lanes_of(const JoinTask& task, std::uint32_t left, std::uint32_t j, unsigned width) {
  unsigned lanes = task.right_end - j >= width ? (1u << width) - 1 : (1u << (task.right_end - j)) - 1;
  if (task.triangle && left >= j) lanes = left - j >= width ? 0 : lanes & ~0u << (left - j) & ~(1u << (left - j));
  return lanes;
}

/// Lane k of `lanes` is a hit of `left` and `right` + k.
[[gnu::noinline]] void keep(unsigned lanes, const std::uint64_t* distances, std::uint32_t left, std::uint32_t right,
                            std::vector<Hit>& hits) {
  for (; lanes != 0; lanes &= lanes - 1) {
    const auto k = static_cast<std::uint32_t>(std::countr_zero(lanes));
    hits.push_back({left, right + k, static_cast<std::uint16_t>(distances[k])});
  }
}

#define VETSET_AVX512 __attribute__((target("avx512f,avx512vpopcntdq")))

VETSET_AVX512 inline __m512i eight(std::uint64_t word) { return _mm512_set1_epi64(static_cast<long long>(word)); }
VETSET_AVX512 inline __m512i differing(__m512i word, std::uint64_t other) {
  return _mm512_popcnt_epi64(_mm512_xor_si512(word, eight(other)));
}

VETSET_AVX512 void join_avx512(const JoinTask& task, std::vector<Hit>& hits) {
  const __m512i radius = eight(task.radius);
  const std::uint64_t* const* left = task.left.words;
  for (std::uint32_t j = task.right_begin; j < task.right_end; j += 8) {
    __m512i word[4];
    for (std::size_t w = 0; w < 4; ++w)
      word[w] = _mm512_xor_si512(_mm512_loadu_si512(task.right.words[w] + j), eight(task.flips.words[w]));
    for (std::uint32_t i = task.left_begin; i < task.left_end; ++i) {
      __m512i bits = _mm512_add_epi64(differing(word[0], left[0][i]), differing(word[1], left[1][i]));
      unsigned lanes = _mm512_cmple_epu64_mask(bits, radius);
      if (lanes == 0) continue;
      bits = _mm512_add_epi64(bits, _mm512_add_epi64(differing(word[2], left[2][i]), differing(word[3], left[3][i])));
      lanes &= _mm512_cmple_epu64_mask(bits, radius);
      if (lanes == 0 || passed_over(task, i) || (lanes &= lanes_of(task, i, j, 8)) == 0) continue;
      alignas(64) std::uint64_t distances[8];
      _mm512_store_si512(distances, bits);
      keep(lanes, distances, i, j, hits);
    }
  }
}

VETSET_AVX512 unsigned nearest_avx512(const Bits256* codes, std::size_t code_count, const CodeColumns& others,
                                      std::size_t count) {
  __m512i best = eight(256);
  for (std::size_t j = 0; j < count; j += 8) {
    __m512i word[4];
    for (std::size_t w = 0; w < 4; ++w) word[w] = _mm512_loadu_si512(others.words[w] + j);
    for (std::size_t i = 0; i < code_count; ++i) {
      const auto& other = codes[i].words;
      const __m512i bits =
          _mm512_add_epi64(_mm512_add_epi64(differing(word[0], other[0]), differing(word[1], other[1])),
                           _mm512_add_epi64(differing(word[2], other[2]), differing(word[3], other[3])));
      best = _mm512_mask_mov_epi64(best, _mm512_cmplt_epu64_mask(bits, best), bits);
    }
  }
  alignas(64) std::uint64_t least[8];
  _mm512_store_si512(least, best);
  return static_cast<unsigned>(*std::min_element(least, least + 8));
}

#define VETSET_AVX2 __attribute__((target("avx2")))

VETSET_AVX2 inline __m256i four(std::uint64_t word) { return _mm256_set1_epi64x(static_cast<long long>(word)); }
VETSET_AVX2 inline __m256i loaded(const std::uint64_t* words) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words));
}
/// Differing bits by byte (Muła's table of nibbles).
VETSET_AVX2 inline __m256i differing_bytes(__m256i word, std::uint64_t other) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i x = _mm256_xor_si256(word, four(other));
  const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(x, nibble));
  return _mm256_add_epi8(low, _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble)));
}

VETSET_AVX2 inline __m256i sums(__m256i bytes) { return _mm256_sad_epu8(bytes, _mm256_setzero_si256()); }

VETSET_AVX2 inline unsigned within(__m256i bits, __m256i beyond) {
  return static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(beyond, bits))));
}

VETSET_AVX2 void join_avx2(const JoinTask& task, std::vector<Hit>& hits) {
  const __m256i beyond = four(std::uint64_t{task.radius} + 1);
  const std::uint64_t* const* left = task.left.words;
  for (std::uint32_t j = task.right_begin; j < task.right_end; j += 4) {
    __m256i word[4];
    for (std::size_t w = 0; w < 4; ++w)
      word[w] = _mm256_xor_si256(loaded(task.right.words[w] + j), four(task.flips.words[w]));
    for (std::uint32_t i = task.left_begin; i < task.left_end; ++i) {
      const __m256i half = _mm256_add_epi8(differing_bytes(word[0], left[0][i]), differing_bytes(word[1], left[1][i]));
      unsigned lanes = within(sums(half), beyond);
      if (lanes == 0) continue;
      const __m256i bits = sums(_mm256_add_epi8(
          half, _mm256_add_epi8(differing_bytes(word[2], left[2][i]), differing_bytes(word[3], left[3][i]))));
      lanes &= within(bits, beyond);
      if (lanes == 0 || passed_over(task, i) || (lanes &= lanes_of(task, i, j, 4)) == 0) continue;
      alignas(32) std::uint64_t distances[4];
      _mm256_store_si256(reinterpret_cast<__m256i*>(distances), bits);
      keep(lanes, distances, i, j, hits);
    }
  }
}

VETSET_AVX2 unsigned nearest_avx2(const Bits256* codes, std::size_t code_count, const CodeColumns& others,
                                  std::size_t count) {
  __m256i best = four(256);
  for (std::size_t j = 0; j < count; j += 4) {
    __m256i word[4];
    for (std::size_t w = 0; w < 4; ++w) word[w] = loaded(others.words[w] + j);
    for (std::size_t i = 0; i < code_count; ++i) {
      const auto& other = codes[i].words;
      const __m256i bits = sums(
          _mm256_add_epi8(_mm256_add_epi8(differing_bytes(word[0], other[0]), differing_bytes(word[1], other[1])),
                          _mm256_add_epi8(differing_bytes(word[2], other[2]), differing_bytes(word[3], other[3]))));
      best = _mm256_min_epi32(best, bits);  // the upper halves are zero
    }
  }
  alignas(32) std::uint64_t least[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(least), best);
  return static_cast<unsigned>(*std::min_element(least, least + 4));
}

#endif

}  // namespace

const std::vector<JoinKernel>& join_kernels() {
  static const std::vector<JoinKernel> kernels = [] {
    std::vector<JoinKernel> here;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq"))
      here.push_back({"avx512", join_avx512, nearest_avx512});
    if (__builtin_cpu_supports("avx2")) here.push_back({"avx2", join_avx2, nearest_avx2});
#endif
    here.push_back({"plain", join_plain, nearest_plain});
    return here;
  }();
  return kernels;
}

}  // namespace vetset
