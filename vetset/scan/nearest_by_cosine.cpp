#include "vetset/scan/nearest_by_cosine.h"

#include <algorithm>
#include <cstring>

namespace vetset {
namespace {

#if defined(__x86_64__)
#define VETSET_AVX2 __attribute__((target("avx2")))
#endif

using Lanes = float __attribute__((vector_size(UnitVectors::lanes * sizeof(float))));

/// The best of the references so far, for each query of a block.
struct Best {
  float dot = -2;
  std::uint32_t of = NearestVector::none;
};

/// Some queries against some references.
struct Tile {
  const UnitVectors *queries, *references;
  std::size_t query_begin, query_end, begin, end;
  float most;  // products above it are passed over
  Best* best;  // by query, from query_begin on
};

/// Products of Q queries and R references. Eight sums run beside each other and are added up as a tree, so that it does
/// not matter how many of them an instruction makes.
template <std::size_t Q, std::size_t R>
[[gnu::always_inline]] inline void products(const float* queries, const float* references, std::size_t stride,
                                            float* out) {
  Lanes sums[Q][R] = {};
  for (std::size_t k = 0; k < stride; k += UnitVectors::lanes) {
    Lanes left[Q];
    for (std::size_t q = 0; q < Q; ++q) std::memcpy(&left[q], queries + q * stride + k, sizeof(Lanes));
    for (std::size_t r = 0; r < R; ++r) {
      Lanes right;
      std::memcpy(&right, references + r * stride + k, sizeof(Lanes));
      for (std::size_t q = 0; q < Q; ++q) sums[q][r] += left[q] * right;
    }
  }
  for (std::size_t q = 0; q < Q; ++q)
    for (std::size_t r = 0; r < R; ++r) {
      const Lanes& s = sums[q][r];
      out[q * R + r] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }
}

template <std::size_t Q, std::size_t R>
[[gnu::always_inline]] inline void take(const Tile& tile, std::size_t query, std::size_t reference) {
  float dots[Q * R];
  products<Q, R>(tile.queries->at(query), tile.references->at(reference), tile.queries->stride(), dots);
  for (std::size_t q = 0; q < Q; ++q)
    for (std::size_t r = 0; r < R; ++r) {
      const float dot = dots[q * R + r];
      Best& best = tile.best[query + q - tile.query_begin];
      if (dot <= best.dot || dot > tile.most) continue;
      if (tile.queries->group(query + q) == tile.references->group(reference + r)) continue;
      best = {dot, static_cast<std::uint32_t>(reference + r)};
    }
}

template <std::size_t Q, std::size_t R>
[[gnu::always_inline]] inline void take_row(const Tile& tile, std::size_t query) {
  std::size_t reference = tile.begin;
  for (; reference + R <= tile.end; reference += R) take<Q, R>(tile, query, reference);
  for (; reference < tile.end; ++reference) take<Q, 1>(tile, query, reference);
}

template <std::size_t Q, std::size_t R>
[[gnu::always_inline]] inline void take_tile(const Tile& tile) {
  std::size_t query = tile.query_begin;
  for (; query + Q <= tile.query_end; query += Q) take_row<Q, R>(tile, query);
  for (; query < tile.query_end; ++query) take_row<1, R>(tile, query);
}

void take_plain(const Tile& tile) { take_tile<2, 2>(tile); }

using TakeTile = void (*)(const Tile&);
#if defined(__x86_64__)
VETSET_AVX2 void take_avx2(const Tile& tile) { take_tile<2, 4>(tile); }
#endif

TakeTile take_here() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return take_avx2;
#endif
  return take_plain;
}

/// 1 − cosine of two vectors of unit length, as half the square of what lies between them: exact where they are near.
double distance(std::span<const float> a, std::span<const float> b) {
  double squares = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double step = double{a[k]} - double{b[k]};
    squares += step * step;
  }
  return squares / 2;
}

}  // namespace

void UnitVectors::add(std::span<const float> vector, std::uint32_t group) {
  VETSET_ASSERT(vector.size() == dimension_, "all vectors are of one dimension");
  values_.insert(values_.end(), vector.begin(), vector.end());
  values_.resize(values_.size() + stride_ - dimension_);
  groups_.push_back(group);
}

Result<std::vector<NearestVector>> nearest_by_cosine(const UnitVectors& queries, const UnitVectors& references,
                                                     double closest, const Pool& pool, const Progress& progress) {
  constexpr std::size_t block = 32;               // queries that a piece of work holds on to
  constexpr std::size_t cached_bytes = 1U << 17;  // of references, that all of them meet before the next
  const std::size_t together = std::max<std::size_t>(8, cached_bytes / (references.stride() * sizeof(float)));
  constexpr std::string_view telling = "comparing embeddings";
  static const TakeTile take_best = take_here();
  const float most = closest > 0 ? static_cast<float>(1 - closest) : 2.0F;
  std::vector<NearestVector> nearest(queries.size());
  const std::size_t blocks = (queries.size() + block - 1) / block;
  progress.tell(telling, 0, queries.size());
  constexpr std::size_t round = 256;  // blocks between two words of progress, which come from one thread
  for (std::size_t first = 0; first < blocks; first += round) {
    const std::size_t last = std::min(blocks, first + round);
    pool.for_each(last - first, [&](std::size_t k) {
      if (progress.stopped()) return;
      Best best[block];
      Tile tile{.queries = &queries,
                .references = &references,
                .query_begin = (first + k) * block,
                .query_end = std::min(queries.size(), (first + k + 1) * block),
                .begin = 0,
                .end = 0,
                .most = most,
                .best = best};
      for (; tile.begin < references.size(); tile.begin = tile.end) {
        tile.end = std::min(references.size(), tile.begin + together);
        take_best(tile);
      }
      for (std::size_t q = tile.query_begin; q < tile.query_end; ++q) {
        const std::uint32_t of = best[q - tile.query_begin].of;
        if (of != NearestVector::none) nearest[q] = {of, distance(queries[q], references[of])};
      }
    });
    if (progress.stopped()) return Error{Code::cancelled, "stopped while comparing embeddings"};
    progress.tell(telling, std::min(queries.size(), last * block), queries.size());
  }
  return nearest;
}

}  // namespace vetset
