// Every pair of 256-bit codes within a radius, and none missed: multi-index hashing (Norouzi, Punjani, Fleet: "Fast
// exact search in Hamming space with multi-index hashing", 2014). Sorted lists in place of hash tables, so memory is
// linear.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "vetset/base/bits256.h"
#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"

namespace vetset {

struct NearPair {
  std::uint32_t first = 0, second = 0;
  std::uint16_t distance = 0;
  auto operator<=>(const NearPair&) const = default;
};
struct NeighbourLimits {
  std::uint32_t degree = 0;  // a code with more neighbours than this is a hub and gets no pairs; 0: max(50, N / 1000)
};
struct Neighbours {
  std::vector<NearPair> pairs;                                // sorted; first < second in a self-join
  std::vector<std::pair<std::uint32_t, std::uint32_t>> hubs;  // code and how many neighbours it has, by code
};

/// All pairs among `codes` at `radius` or less.
Result<Neighbours> near_pairs(std::span<const Bits256> codes, unsigned radius, const Pool& pool,
                              const Progress& progress = {}, const NeighbourLimits& limits = {});
/// All pairs of one of `left` and one of `right`; `first` is of `left`.
Result<Neighbours> near_pairs(std::span<const Bits256> left, std::span<const Bits256> right, unsigned radius,
                              const Pool& pool, const Progress& progress = {}, const NeighbourLimits& limits = {});

}  // namespace vetset
