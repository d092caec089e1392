#include "vetset/scan/neighbours_kernel.h"

#include <algorithm>
#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vetset {
namespace {

// Unrelated codes differ in about half of their bits, so two of the four words nearly always tell that a pair is not
// near; the other two are looked at where they do not.

std::uint32_t first_right(const JoinTask& task, std::uint32_t left) {
  return task.triangle ? std::max(task.right_begin, left + 1) : task.right_begin;
}

bool passed_over(const JoinTask& task, std::uint32_t left) {
  return task.done != nullptr && task.done[left - task.left_begin] != 0;
}

void join_plain(const JoinTask& task, std::vector<Hit>& hits) {
  for (std::uint32_t i = task.left_begin; i < task.left_end; ++i) {
    if (passed_over(task, i)) continue;
    const Bits256 code = task.left.code(i);
    for (std::uint32_t j = first_right(task, i); j < task.right_end; ++j) {
      const auto half = static_cast<unsigned>(std::popcount(code.words[0] ^ task.right.words[0][j]) +
                                              std::popcount(code.words[1] ^ task.right.words[1][j]));
      if (half > task.radius) continue;
      const auto all = half + static_cast<unsigned>(std::popcount(code.words[2] ^ task.right.words[2][j]) +
                                                    std::popcount(code.words[3] ^ task.right.words[3][j]));
      if (all <= task.radius) hits.push_back({i, j, static_cast<std::uint16_t>(all)});
    }
  }
}

#if defined(__x86_64__)

/// Lane k of `lanes` is a hit of `left` and `right` + k.
[[gnu::noinline]] void keep(unsigned lanes, const std::uint64_t* distances, std::uint32_t left, std::uint32_t right,
                            std::vector<Hit>& hits) {
  for (; lanes != 0; lanes &= lanes - 1) {
    const auto k = static_cast<std::uint32_t>(std::countr_zero(lanes));
    hits.push_back({left, right + k, static_cast<std::uint16_t>(distances[k])});
  }
}

/// The lanes of a block of `width` from `j` that lie before `end`.
unsigned lanes_before(std::uint32_t end, std::uint32_t j, unsigned width) {
  return end - j >= width ? (1u << width) - 1 : (1u << (end - j)) - 1;
}

#define VETSET_AVX512 __attribute__((target("avx512f,avx512vpopcntdq")))

VETSET_AVX512 inline __m512i differing(__m512i word, const std::uint64_t* words) {
  return _mm512_popcnt_epi64(_mm512_xor_si512(word, _mm512_loadu_si512(words)));
}

VETSET_AVX512 void join_avx512(const JoinTask& task, std::vector<Hit>& hits) {
  const __m512i radius = _mm512_set1_epi64(static_cast<long long>(task.radius));
  const std::uint64_t* const* right = task.right.words;
  for (std::uint32_t i = task.left_begin; i < task.left_end; ++i) {
    if (passed_over(task, i)) continue;
    __m512i word[4];
    for (std::size_t w = 0; w < 4; ++w) word[w] = _mm512_set1_epi64(static_cast<long long>(task.left.words[w][i]));
    for (std::uint32_t j = first_right(task, i); j < task.right_end; j += 8) {
      __m512i bits = _mm512_add_epi64(differing(word[0], right[0] + j), differing(word[1], right[1] + j));
      unsigned lanes = _mm512_cmple_epu64_mask(bits, radius);
      if ((lanes &= lanes_before(task.right_end, j, 8)) == 0) continue;
      bits =
          _mm512_add_epi64(bits, _mm512_add_epi64(differing(word[2], right[2] + j), differing(word[3], right[3] + j)));
      lanes &= _mm512_cmple_epu64_mask(bits, radius);
      if (lanes == 0) continue;
      alignas(64) std::uint64_t distances[8];
      _mm512_store_si512(distances, bits);
      keep(lanes, distances, i, j, hits);
    }
  }
}

#define VETSET_AVX2 __attribute__((target("avx2")))

/// Differing bits by byte (Muła's table of nibbles).
VETSET_AVX2 inline __m256i differing_bytes(__m256i word, const std::uint64_t* words) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i x = _mm256_xor_si256(word, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words)));
  const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(x, nibble));
  return _mm256_add_epi8(low, _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble)));
}

VETSET_AVX2 inline __m256i sums(__m256i bytes) { return _mm256_sad_epu8(bytes, _mm256_setzero_si256()); }

VETSET_AVX2 inline unsigned within(__m256i bits, __m256i beyond) {
  return static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(beyond, bits))));
}

VETSET_AVX2 void join_avx2(const JoinTask& task, std::vector<Hit>& hits) {
  const __m256i beyond = _mm256_set1_epi64x(static_cast<long long>(task.radius) + 1);
  const std::uint64_t* const* right = task.right.words;
  for (std::uint32_t i = task.left_begin; i < task.left_end; ++i) {
    if (passed_over(task, i)) continue;
    __m256i word[4];
    for (std::size_t w = 0; w < 4; ++w) word[w] = _mm256_set1_epi64x(static_cast<long long>(task.left.words[w][i]));
    for (std::uint32_t j = first_right(task, i); j < task.right_end; j += 4) {
      const __m256i half =
          _mm256_add_epi8(differing_bytes(word[0], right[0] + j), differing_bytes(word[1], right[1] + j));
      unsigned lanes = within(sums(half), beyond);
      if ((lanes &= lanes_before(task.right_end, j, 4)) == 0) continue;
      const __m256i bits = sums(_mm256_add_epi8(
          half, _mm256_add_epi8(differing_bytes(word[2], right[2] + j), differing_bytes(word[3], right[3] + j))));
      if ((lanes &= within(bits, beyond)) == 0) continue;
      alignas(32) std::uint64_t distances[4];
      _mm256_store_si256(reinterpret_cast<__m256i*>(distances), bits);
      keep(lanes, distances, i, j, hits);
    }
  }
}

#endif

}  // namespace

const std::vector<JoinKernel>& join_kernels() {
  static const std::vector<JoinKernel> kernels = [] {
    std::vector<JoinKernel> here;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq"))
      here.push_back({"avx512", join_avx512});
    if (__builtin_cpu_supports("avx2")) here.push_back({"avx2", join_avx2});
#endif
    here.push_back({"plain", join_plain});
    return here;
  }();
  return kernels;
}

}  // namespace vetset
