// Which combinations of conditions one part of the records shows and another does not: "night with rain is in test and
// never in train". Set-difference combination coverage (Lanus et al. 2021), beside what chance alone would leave out.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "vetset/dataset/factors.h"

namespace vetset {

/// One condition: level `level` of factor `factor` of a list.
struct FactorLevel {
  std::uint32_t factor = 0, level = 0;
  bool operator==(const FactorLevel&) const = default;
};

/// Where a record is: in the part whose combinations are asked about, in the part they are looked for in, both,
/// neither.
enum class Side : std::uint8_t { neither = 0, from = 1, minus = 2, both = 3 };

struct SetDifferenceQuestion {
  std::span<const Factor> factors;             // of levels, one value a record, all of one list of records
  unsigned strength = 2;                       // factors that a combination joins, 1 to 3
  std::span<const Side> side;                  // by record
  std::span<const std::uint32_t> groups = {};  // by record, numbered from 0; empty: each record is one of its own
  unsigned draws = 0;                          // random divisions of the groups to compare with
  std::uint64_t seed = 1;
  std::size_t most_examples = 10;
  /// Whether a combination counts, where some are impossible; empty: all do.
  std::function<bool(std::span<const FactorLevel>)> allowed = {};
};

struct MissingCombination {
  std::vector<FactorLevel> levels;
  std::uint64_t records = 0;  // of `from` that show it
  std::uint64_t groups = 0;   // that these are of
};

struct SetDifference {
  std::uint64_t combinations = 0, missing = 0;  // that `from` shows; of them, that `minus` never does
  std::vector<MissingCombination> examples;     // those of most groups first
  // Of random divisions of the same groups into parts of these sizes; where `draws` were asked for.
  double expected = 0;  // mean share
  double usual = 0;     // 95 of 100 are at most so large
  double chance = 1;    // how often it is at least as large as it is

  double share() const {
    return combinations == 0 ? 0 : static_cast<double>(missing) / static_cast<double>(combinations);
  }
};
/// Values that are not known make no combination.
SetDifference set_difference(const SetDifferenceQuestion& question);

}  // namespace vetset
