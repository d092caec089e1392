// What is probably true where raters differ, and how far each of them is to be believed: Dawid and Skene 1979. And who
// of them differs from the others more than they differ among themselves.
#pragma once

#include <cstdint>
#include <vector>

#include "vetset/dataset/ratings.h"

namespace vetset {

/// The truth of each unit as probabilities, by expectation and maximisation from the votes: each rater has a table of
/// what they say where a value is true, one imagined answer spread over each of its rows. The same on every run.
struct Consensus {
  struct Chance {
    std::uint32_t value = 0;
    double probability = 0;
  };
  std::vector<std::uint32_t> begin;  // flat, by unit
  std::vector<Chance> chances;       // of values whose probability is above 0.0001, by value
  std::vector<double> right;         // by rater: how likely they say what is true, over all units that they rated
  unsigned rounds = 0;               // until nothing moved
  bool votes_alone = false;          // too many raters and values for tables: the shares of votes

  double probability(std::size_t unit, std::uint32_t value) const;
  Chance best(std::size_t unit) const;
};
Consensus consensus(const Ratings& ratings, std::size_t raters);

/// How often a rater agrees with the others, and how often those agree among themselves about the same units: so that
/// whoever got the harder units is not blamed.
struct RaterStanding {
  std::uint32_t rater = 0;
  std::uint64_t units = 0;        // that two others rated, too
  double agrees = 0, others = 0;  // shares of pairs
  double chance = 1;              // of being so far behind by accident: one-sided, by image
  double rate = 1;                // false discovery rate (Benjamini, Hochberg) over all raters with `fewest` units
  std::uint64_t missed = 0;       // objects that most of the others drew, and they did not
  std::uint64_t alone = 0;        // objects that they drew, and none of the others
  /// Behind the others by a twentieth at least, and not by accident.
  bool deviates() const { return units >= fewest && others - agrees >= least_gap && rate <= 0.05; }
  static constexpr std::uint64_t fewest = 30;
  static constexpr double least_gap = 0.05;
};
std::vector<RaterStanding> rater_standings(const Ratings& ratings, std::size_t raters);

}  // namespace vetset
