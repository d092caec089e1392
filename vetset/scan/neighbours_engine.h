// The search itself, over distinct codes: slot by slot, bucket against bucket, in rounds that end alike with any number
// of threads. What neighbours.h promises is made of it there.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "vetset/base/bits256.h"
#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/scan/neighbours.h"
#include "vetset/scan/neighbours_kernel.h"
#include "vetset/scan/neighbours_plan.h"

namespace vetset {

/// Where a code lies, in order: one place, or all those of equal codes.
class Places {
 public:
  explicit Places(std::uint32_t place) : one_(place) {}
  explicit Places(std::span<const std::uint32_t> many) : many_(many) {}
  std::size_t size() const { return many_.empty() ? 1 : many_.size(); }
  std::uint32_t operator[](std::size_t i) const { return many_.empty() ? one_ : many_[i]; }

 private:
  std::uint32_t one_ = 0;
  std::span<const std::uint32_t> many_ = {};
};

/// Codes that all differ, numbered by their first places in `codes`, and all the places of each.
struct DistinctCodes {
  CodeList codes;
  std::vector<std::uint32_t> members = {};  // places, equal codes together, in order within them
  std::vector<std::uint32_t> starts = {};   // distinct code k has members starts[k] to starts[k + 1]
  bool all_differ = true;                   // then code k is codes[k], and both lists are empty

  std::uint32_t size() const { return static_cast<std::uint32_t>(all_differ ? codes.size() : starts.size() - 1); }
  const Bits256& code(std::uint32_t k) const { return codes[all_differ ? k : members[starts[k]]]; }
  std::uint32_t copies(std::uint32_t k) const { return all_differ ? 1 : starts[k + 1] - starts[k]; }
  Places places(std::uint32_t k) const {
    return all_differ ? Places(k) : Places(std::span(members).subspan(starts[k], copies(k)));
  }
};
/// More codes than this are sorted and gathered in eighths or sixteenths, for the sake of memory.
inline constexpr std::size_t codes_at_once = 1 << 20;
DistinctCodes distinct_codes(const CodeList& codes, std::size_t at_once = codes_at_once);

struct DistinctPairs {
  std::vector<NearPair> pairs;                           // of distinct codes, in no order; none of a hub
  std::vector<std::uint32_t> left_degree, right_degree;  // neighbours met, copies counted; right empty in a self-join
};
struct DistinctSearch {
  const DistinctCodes* left = nullptr;
  const DistinctCodes* right = nullptr;  // null: a self-join
  unsigned radius = 0;
  Bits256 flips = {};        // of one code of a pair, before it is compared; symmetric
  std::uint32_t degree = 0;  // a code with more neighbours is a hub
  std::function<bool(std::uint32_t left, std::uint32_t right)> dropped = {};  // by distinct code: no pair at all
  const SearchPlan* plan = nullptr;
  const JoinKernel* kernel = nullptr;
  std::size_t at_once = codes_at_once;
};
/// Whether equal codes are a pair: unless too many bits of one are flipped.
bool copies_are_near(const DistinctSearch& search);
Result<DistinctPairs> search_distinct(const DistinctSearch& search, const Pool& pool, const Progress& progress);

/// near_pairs with a plan and a kernel of the caller's choice; null: the best.
struct SearchChoice {
  const SearchPlan* plan = nullptr;
  const JoinKernel* kernel = nullptr;
  Bits256 flips = {};
  std::size_t at_once = codes_at_once;
};
Result<Neighbours> near_pairs_by(const CodeList& left, const CodeList* right, unsigned radius, const Pool& pool,
                                 const Progress& progress, const NeighbourLimits& limits, const NeighbourFilter& filter,
                                 const SearchChoice& choice);

}  // namespace vetset
