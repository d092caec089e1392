// Combinations of levels: which can be, and how often each is there. NIST IR 7878's combination coverage rests on it.
// For contract*.cpp; knows columns of numbers, no dataset.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace vetset {

/// Which combinations cannot be. Factors and their levels by number.
class Constraints {
 public:
  /// Factor k has sizes[k] levels; of 0, nothing is said.
  explicit Constraints(std::vector<std::size_t> sizes) : sizes_(std::move(sizes)) {}
  struct Part {
    std::size_t factor = 0;
    std::vector<bool> levels;  // that the part names, by level
  };
  /// Not all of these parts together.
  void forbid(std::vector<Part> parts) { forbidden_.push_back(std::move(parts)); }

  static constexpr std::int32_t open = -1;
  /// Whether some full combination that no constraint forbids has these levels; `open` where a factor is not said. What
  /// follows from several constraints together is found by trying.
  bool possible(std::vector<std::int32_t> levels) const;
  bool concerns(std::size_t factor) const;

 private:
  bool extend(std::vector<std::int32_t>& levels, std::uint32_t& steps) const;

  std::vector<std::size_t> sizes_;
  std::vector<std::vector<Part>> forbidden_;
};

/// Levels by row; `size` stands for one that is not known.
struct TupleColumn {
  std::span<const std::uint16_t> levels;
  std::size_t size = 0;
};

/// How many units have each combination: a dense array over (size + 1) levels a column, the last column fastest.
/// `units` gives the unit of each row, equal ones side by side; empty: every row is one. Slots of unknown levels are
/// counted, too. Columns of one to four.
std::vector<std::uint32_t> count_tuples(std::span<const TupleColumn> columns, std::span<const std::uint32_t> units);
/// Slots that such an array has; more than most_slots: too many to count.
std::size_t tuple_slots(std::span<const TupleColumn> columns);
inline constexpr std::size_t most_slots = std::size_t{1} << 24;

/// Calls for every combination of known levels, in order, with its slot.
void for_each_tuple(std::span<const TupleColumn> columns,
                    const std::function<void(std::span<const std::uint16_t>, std::size_t slot)>& call);
/// Calls for every choice of t of n numbers, in order.
void for_each_choice(std::size_t n, unsigned t, const std::function<void(std::span<const std::size_t>)>& call);

/// The chance that a combination of `valid` equally likely ones is drawn at least `least` times in n draws:
/// 1 − (1 − 1/V)^n for one.
double chance_covered(double valid, double n, double least);

}  // namespace vetset
