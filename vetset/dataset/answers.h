// What people said of a queue's labels, and what follows for those that nobody looked at: how likely a label is wrong
// by its place in the ranking, how many are wrong in all, how many are left, and whether going on is worth it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "vetset/base/statistics.h"

namespace vetset {

/// A run of the ranking of which so many were drawn, each as likely as any other. Ranks count from 1.
struct Stratum {
  std::uint64_t first = 1, last = 0;  // ranks
  std::uint64_t taken = 0;            // of them, in the queue
  std::uint64_t size() const { return last + 1 - first; }
};

/// What was said of one suspect.
struct Answer {
  std::uint64_t rank = 0;
  bool error = false;
};

/// The chance of being wrong in a run of the ranking; it never rises with the rank.
struct ChanceStep {
  std::uint64_t first = 1, last = 0;  // ranks
  std::uint64_t answers = 0, errors = 0;
  double chance = 0;  // weighted; half an error and half a right label are added, so that nobody trusts 0 of 1
  Interval interval;
};
/// Isotonic: neighbours that contradict the order are pooled, each answer with the weight of those that it stands for.
/// Steps cover all ranks. Empty where nobody answered.
std::vector<ChanceStep> chance_steps(std::span<const Answer> answers, std::span<const Stratum> strata,
                                     double confidence = 0.9);

/// Errors among all suspects (Horvitz and Thompson 1952), with an interval by the effective number of answers (Korn and
/// Graubard 1998: Clopper and Pearson's with it). The first stratum is taken apart by rank, as people answer in order.
struct ErrorEstimate {
  std::uint64_t answers = 0, errors = 0;  // known
  double total = 0;                       // known and estimated
  Interval total_interval;
  double left = 0;  // errors that nobody has looked at
  Interval left_interval;
  std::uint64_t unknown = 0;  // suspects of runs without an answer: they widen the intervals by all of them
};
ErrorEstimate estimate_errors(std::span<const Answer> answers, std::span<const Stratum> strata,
                              double confidence = 0.9);

/// Errors to expect among the next so many that nobody has looked at, in the order of the ranking.
struct NextOnes {
  std::uint64_t count = 0;
  double expected = 0;
  Interval interval;
  bool stop = false;  // fewer than one is expected
};
NextOnes expect_next(std::span<const Answer> answers, std::span<const Stratum> strata, std::uint64_t count = 50,
                     double confidence = 0.9);

/// Errors in all, seen by either detector or by none (Chapman 1951), if each finds an error whether or not the other
/// does; where they tend to find the same ones, it is a lower bound. Nothing where they share none.
struct Recapture {
  std::uint64_t first = 0, second = 0, both = 0;  // errors that people confirmed
  double total = 0;
  Interval interval;
};
std::optional<Recapture> recapture(std::uint64_t first, std::uint64_t second, std::uint64_t both,
                                   double confidence = 0.9);

}  // namespace vetset
