// Who is whose partner: the pairing of two sets whose costs add up to the least (Kuhn 1955, Munkres 1957).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vetset {

/// A pair that may be partners, and what it costs: from 0, below 2.
struct Partners {
  std::uint32_t first = 0, second = 0;
  double cost = 0;
};

/// Of the pairs that may be, those that are: each of `first` and `second` at most once, such that their costs and 1 for
/// each that stays alone add up to the least. By `first`. Sets of more than 400 that hang together are paired greedily,
/// the cheapest first.
std::vector<Partners> assigned(std::span<const Partners> pairs);

}  // namespace vetset
