// Which bits of a code are a slot, and how far apart two codes may be in it: what multi-index hashing looks up.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "vetset/base/bits256.h"

namespace vetset {

/// Codes within the plan's radius lie within `radius` of each other in at least one slot.
struct Slot {
  std::vector<std::uint8_t> bits;  // of the code; at most 24
  Bits256 mask;                    // the same as a mask
  unsigned radius = 0;

  std::uint32_t key(const Bits256& code) const {
    std::uint32_t key = 0;
    for (std::size_t k = 0; k < bits.size(); ++k)
      key |= static_cast<std::uint32_t>(code.words[bits[k] / 64u] >> (bits[k] % 64u) & 1) << k;
    return key;
  }
  bool holds(const Bits256& a, const Bits256& b) const {
    unsigned differ = 0;
    for (std::size_t w = 0; w < 4; ++w)
      differ += static_cast<unsigned>(std::popcount((a.words[w] ^ b.words[w]) & mask.words[w]));
    return differ <= radius;
  }
};

struct SearchPlan {
  std::vector<Slot> slots;  // one slot without bits: every pair is compared
};

/// The 256 bits dealt out to `slots` slots (11 to 256; or 1: every pair is compared), the radius shared out among them.
/// Slots that no pair needs are left out.
SearchPlan plan_of(unsigned slots, unsigned radius);
/// The plan that should take least for lists of this many codes that are spread evenly.
SearchPlan cheapest_plan(std::uint64_t left, std::uint64_t right, bool self, unsigned radius);
/// What a plan should take, in nanoseconds of one core or the like; only comparisons of two plans mean something.
double cost_of(const SearchPlan& plan, std::uint64_t left, std::uint64_t right, bool self);

}  // namespace vetset
