#include "vetset/scan/neighbours.h"

#include <algorithm>

#include "vetset/scan/neighbours_engine.h"

namespace vetset {
namespace {

std::uint32_t owner(std::span<const std::uint32_t> owners, std::uint32_t code) {
  return owners.empty() ? code : owners[code];
}

/// What a filter says of two places of the lists.
class Sieve {
 public:
  Sieve(const NeighbourFilter& filter, bool self) : filter_(filter), self_(self) {}

  bool drops(std::uint32_t a, std::uint32_t b) const {
    const auto& right = self_ ? filter_.left_owners : filter_.right_owners;
    if (!filter_.left_owners.empty() && owner(filter_.left_owners, a) == owner(right, b)) return true;
    return filter_.skip && filter_.skip(self_ ? std::min(a, b) : a, self_ ? std::max(a, b) : b);
  }
  bool idle() const { return filter_.left_owners.empty() && !filter_.skip; }

 private:
  const NeighbourFilter& filter_;
  bool self_;
};

/// Pairs of distinct codes as pairs of all their places.
class Expansion {
 public:
  Expansion(const Sieve& sieve, Neighbours& out) : sieve_(sieve), out_(out) {}

  void add(const Places& left, const Places& right, std::uint16_t distance, bool self) {
    for (std::size_t i = 0; i < left.size(); ++i)
      for (std::size_t j = 0; j < right.size(); ++j) add_one(left[i], right[j], distance, self);
  }
  void add_equal(const Places& places, std::uint16_t distance) {
    for (std::size_t i = 0; i + 1 < places.size(); ++i)
      for (std::size_t j = i + 1; j < places.size(); ++j) add_one(places[i], places[j], distance, true);
  }

 private:
  void add_one(std::uint32_t a, std::uint32_t b, std::uint16_t distance, bool self) {
    if (!sieve_.drops(a, b)) out_.pairs.push_back({self ? std::min(a, b) : a, self ? std::max(a, b) : b, distance});
  }

  const Sieve& sieve_;
  Neighbours& out_;
};

void list_hubs(const DistinctCodes& codes, const std::vector<std::uint32_t>& degree, std::uint32_t most,
               std::uint32_t shift, Neighbours& out) {
  for (std::uint32_t k = 0; k < codes.size(); ++k)
    if (degree[k] > most)
      for (std::size_t i = 0; i < codes.copies(k); ++i) out.hubs.emplace_back(shift + codes.places(k)[i], degree[k]);
}

}  // namespace

Result<Neighbours> near_pairs_by(const CodeList& left, const CodeList* right, unsigned radius, const Pool& pool,
                                 const Progress& progress, const NeighbourLimits& limits, const NeighbourFilter& filter,
                                 const SearchChoice& choice) {
  const bool self = right == nullptr;
  const std::uint64_t count = left.size() + (self ? 0 : right->size());
  if (count >= ~std::uint32_t{0}) return Error{Code::limit, "more than 4,294,967,294 fingerprints to compare"};
  if (left.empty() || (!self && right->empty())) return Neighbours{};
  const Sieve sieve(filter, self);
  const DistinctCodes lefts = distinct_codes(left, choice.at_once);
  const DistinctCodes rights = self ? DistinctCodes{} : distinct_codes(*right, choice.at_once);

  DistinctSearch search{.left = &lefts,
                        .right = self ? nullptr : &rights,
                        .radius = std::min(radius, 256u),
                        .flips = choice.flips,
                        .at_once = choice.at_once};
  search.degree =
      limits.degree != 0 ? limits.degree : static_cast<std::uint32_t>(std::max<std::uint64_t>(50, count / 1000));
  search.kernel = choice.kernel != nullptr ? choice.kernel : &join_kernels().front();
  const SearchPlan cheapest =
      choice.plan != nullptr ? *choice.plan
                             : cheapest_plan(lefts.size(), self ? lefts.size() : rights.size(), self, search.radius);
  search.plan = &cheapest;
  const DistinctCodes& others = self ? lefts : rights;
  // Of copies, some may belong to one owner and some not: those are told apart when the pair is expanded.
  if (!sieve.idle())
    search.dropped = [&](std::uint32_t a, std::uint32_t b) {
      return lefts.copies(a) == 1 && others.copies(b) == 1 && sieve.drops(lefts.places(a)[0], others.places(b)[0]);
    };
  VETSET_TRY(DistinctPairs found, search_distinct(search, pool, progress));

  Neighbours out;
  Expansion expansion(sieve, out);
  for (const NearPair& pair : found.pairs)
    expansion.add(lefts.places(pair.first), others.places(pair.second), pair.distance, self);
  found.pairs = std::vector<NearPair>();
  if (self && copies_are_near(search))
    for (std::uint32_t k = 0; k < lefts.size(); ++k)
      if (found.left_degree[k] <= search.degree)
        expansion.add_equal(lefts.places(k), static_cast<std::uint16_t>(distance({}, search.flips)));
  std::sort(out.pairs.begin(), out.pairs.end());
  list_hubs(lefts, found.left_degree, search.degree, 0, out);
  if (!self) list_hubs(rights, found.right_degree, search.degree, static_cast<std::uint32_t>(left.size()), out);
  std::sort(out.hubs.begin(), out.hubs.end());
  return out;
}

Result<Neighbours> near_pairs(const CodeList& codes, unsigned radius, const Pool& pool, const Progress& progress,
                              const NeighbourLimits& limits, const NeighbourFilter& filter) {
  return near_pairs_by(codes, nullptr, radius, pool, progress, limits, filter, {});
}

Result<Neighbours> flipped_pairs(const CodeList& codes, const Bits256& flips, unsigned radius, const Pool& pool,
                                 const Progress& progress, const NeighbourLimits& limits,
                                 const NeighbourFilter& filter) {
  return near_pairs_by(codes, nullptr, radius, pool, progress, limits, filter, {.flips = flips});
}

Result<Neighbours> near_pairs(const CodeList& left, const CodeList& right, unsigned radius, const Pool& pool,
                              const Progress& progress, const NeighbourLimits& limits, const NeighbourFilter& filter) {
  return near_pairs_by(left, &right, radius, pool, progress, limits, filter, {});
}

}  // namespace vetset
