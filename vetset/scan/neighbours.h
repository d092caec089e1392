// Every pair of 256-bit codes within a radius, and none missed: multi-index hashing (Norouzi, Punjani, Fleet: "Fast
// exact search in Hamming space with multi-index hashing", 2014). Sorted lists in place of hash tables, so memory is
// linear: about 48 bytes a code beside the codes, which may stay where they are; beyond a million 24, as they are
// gathered in parts. Where hashing gains nothing, every pair is compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "vetset/base/bits256.h"
#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"

namespace vetset {

/// Rows of codes within larger things, as an image holds its views: where the first row begins, how many bytes on the
/// next one does, and how many codes a row has. The code of number n is n % a_row of row n / a_row.
struct CodeRows {
  const Bits256* first = nullptr;
  std::size_t stride = 0;
  std::uint32_t a_row = 1;

  const Bits256& operator[](std::uint32_t number) const {
    const auto* const bytes = reinterpret_cast<const std::byte*>(first);
    return reinterpret_cast<const Bits256*>(bytes + stride * (number / a_row))[number % a_row];
  }
};

/// Codes that are searched: in a list, or some of rows, by their numbers. They must stay where they are.
class CodeList {
 public:
  CodeList() = default;
  CodeList(std::span<const Bits256> list) : list_(list) {}
  CodeList(const std::vector<Bits256>& list) : list_(list) {}
  CodeList(const CodeRows& rows, std::span<const std::uint32_t> numbers) : rows_(rows), numbers_(numbers) {}

  std::size_t size() const { return numbers_.empty() ? list_.size() : numbers_.size(); }
  bool empty() const { return size() == 0; }
  const Bits256& operator[](std::size_t i) const { return numbers_.empty() ? list_[i] : rows_[numbers_[i]]; }

 private:
  std::span<const Bits256> list_ = {};
  CodeRows rows_ = {};
  std::span<const std::uint32_t> numbers_ = {};
};

struct NearPair {
  std::uint32_t first = 0, second = 0;
  std::uint16_t distance = 0;
  auto operator<=>(const NearPair&) const = default;
};
struct NeighbourLimits {
  /// A code with more neighbours than this is a hub and gets no pairs; 0: max(50, N / 1000), N codes in all.
  std::uint32_t degree = 0;
};
/// What is no pair, however near: codes of one owner (two views of one image), and what the caller knows already.
struct NeighbourFilter {
  std::span<const std::uint32_t> left_owners = {}, right_owners = {};  // empty: each its own; a self-join takes left
  /// Called from any thread, for pairs within the radius only.
  std::function<bool(std::uint32_t first, std::uint32_t second)> skip = {};
};
struct Neighbours {
  std::vector<NearPair> pairs;  // sorted; first < second in a self-join
  /// By code: of which more neighbours were met than the limit grants, and how many before it was given up (it has at
  /// least so many). Codes of the right list are numbered after those of the left.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> hubs;
};

/// All pairs among `codes` at `radius` or less. Exact: two codes that are no hubs are a pair if and only if they lie
/// within the radius; a code with more than the limit of neighbours that are no hubs is one. Equal codes are searched
/// as one and paired each with each. The outcome does not depend on the number of threads.
Result<Neighbours> near_pairs(const CodeList& codes, unsigned radius, const Pool& pool, const Progress& progress = {},
                              const NeighbourLimits& limits = {}, const NeighbourFilter& filter = {});
/// The same, where one code of a pair has its bits of `flips` negated before they are compared: a mirrored fingerprint
/// costs no list of its own.
Result<Neighbours> flipped_pairs(const CodeList& codes, const Bits256& flips, unsigned radius, const Pool& pool,
                                 const Progress& progress = {}, const NeighbourLimits& limits = {},
                                 const NeighbourFilter& filter = {});
/// All pairs of one of `left` and one of `right`; `first` is of `left`.
Result<Neighbours> near_pairs(const CodeList& left, const CodeList& right, unsigned radius, const Pool& pool,
                              const Progress& progress = {}, const NeighbourLimits& limits = {},
                              const NeighbourFilter& filter = {});

}  // namespace vetset
