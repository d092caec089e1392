#include "vetset/dataset/answers.h"

#include <algorithm>
#include <cmath>

namespace vetset {
namespace {

/// A run of ranks with what was answered in it.
struct Run {
  std::uint64_t first = 1, last = 0, answers = 0, errors = 0;
  double size() const { return static_cast<double>(last + 1 - first); }
  double n() const { return static_cast<double>(answers); }
  double share() const { return static_cast<double>(errors) / n(); }
  /// With half an error and half a right label more.
  double smoothed() const { return (static_cast<double>(errors) + 0.5) / (n() + 1); }
};

/// People answer what is handed to them whole from the top, so that who stops has answered a part that is like no
/// other; within so many ranks it hardly matters.
constexpr std::uint64_t ranks_alike = 20;

std::vector<Run> runs_of(std::span<const Answer> answers, std::span<const Stratum> strata) {
  std::vector<Run> runs;
  for (const Stratum& s : strata) {
    const std::uint64_t step = s.taken == s.size() ? ranks_alike : s.size();
    for (std::uint64_t first = s.first; first <= s.last; first += step)
      runs.push_back({.first = first, .last = std::min(s.last, first + step - 1)});
  }
  for (const Answer& a : answers) {
    const auto at = std::partition_point(runs.begin(), runs.end(), [&](const Run& r) { return r.last < a.rank; });
    if (at == runs.end() || a.rank < at->first) continue;
    ++at->answers;
    at->errors += a.error ? 1U : 0U;
  }
  return runs;
}

/// Where a share lies that `hits` of `n` stand for, both effective counts (Clopper and Pearson's interval).
Interval interval_of(double hits, double n, double confidence) {
  const double tail = (1 - confidence) / 2;
  const auto inverse = [](double chance, double a, double b) {
    double low = 0, high = 1;
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (incomplete_beta(a, b, middle) < chance ? low : high) = middle;
    }
    return (low + high) / 2;
  };
  if (!(n > 0)) return {0, 1};
  hits = std::clamp(hits, 0.0, n);
  return {.low = hits <= 0 ? 0 : inverse(tail, hits, n - hits + 1),
          .high = hits >= n ? 1 : inverse(1 - tail, hits + 1, n - hits)};
}

struct Block {
  std::size_t first = 0, last = 0;  // runs
  double weight = 0, hits = 0;      // of suspects that the answers stand for
  double squares = 0;               // of the answers' weights
  std::uint64_t answers = 0, errors = 0;
  double mean() const { return weight > 0 ? hits / weight : 0; }
};

/// Runs pooled until shares fall; those without an answer go with the run before them.
std::vector<Block> pooled(const std::vector<Run>& runs) {
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Run& r = runs[i];
    Block next{.first = i, .last = i, .answers = r.answers, .errors = r.errors};
    if (r.answers > 0) {
      next.weight = r.size();
      next.hits = r.size() * r.share();
      next.squares = r.size() * r.size() / r.n();
    }
    blocks.push_back(next);
    while (blocks.size() > 1) {
      Block& before = blocks[blocks.size() - 2];
      const Block& last = blocks.back();
      if (before.weight > 0 && last.weight > 0 && before.mean() > last.mean()) break;
      before.last = last.last;
      before.weight += last.weight;
      before.hits += last.hits;
      before.squares += last.squares;
      before.answers += last.answers;
      before.errors += last.errors;
      blocks.pop_back();
    }
  }
  return blocks;
}

}  // namespace

std::vector<ChanceStep> chance_steps(std::span<const Answer> answers, std::span<const Stratum> strata,
                                     double confidence) {
  const std::vector<Run> runs = runs_of(answers, strata);
  std::vector<ChanceStep> steps;
  if (answers.empty()) return steps;
  for (const Block& b : pooled(runs)) {
    const double effective = b.squares > 0 ? b.weight * b.weight / b.squares : 0;
    ChanceStep& step = steps.emplace_back();
    step.first = runs[b.first].first;
    step.last = runs[b.last].last;
    step.answers = b.answers;
    step.errors = b.errors;
    step.chance = (b.mean() * effective + 0.5) / (effective + 1);
    step.interval = interval_of(b.mean() * effective, effective, confidence);
  }
  // Half an answer weighs more in a short run than in a long one: the order holds all the same.
  for (std::size_t i = 1; i < steps.size(); ++i) steps[i].chance = std::min(steps[i].chance, steps[i - 1].chance);
  return steps;
}

ErrorEstimate estimate_errors(std::span<const Answer> answers, std::span<const Stratum> strata, double confidence) {
  ErrorEstimate e;
  const std::vector<Run> runs = runs_of(answers, strata);
  const std::vector<ChanceStep> steps = chance_steps(answers, strata, confidence);
  double size = 0, hits = 0, likely = 0, variance = 0, guessed = 0;
  for (const Run& r : runs) {
    e.answers += r.answers;
    e.errors += r.errors;
    if (r.answers == 0) {
      e.unknown += static_cast<std::uint64_t>(r.size());
      const auto step =
          std::find_if(steps.begin(), steps.end(), [&](const ChanceStep& s) { return s.last >= r.first; });
      guessed += step == steps.end() ? 0 : step->chance * r.size();
      continue;
    }
    const double rest = r.size() - r.n();  // nobody looked at these
    if (rest <= 0) continue;
    size += rest;
    hits += rest * r.share();
    likely += rest * r.smoothed();
    // Of the rest: as far as the share is uncertain, and as far as they are drawn anew.
    variance += rest * rest * r.smoothed() * (1 - r.smoothed()) * (1 / r.n() + 1 / rest);
  }
  Interval share{0, 0};
  if (size > 0) {
    const double p = likely / size;
    const double effective = p * (1 - p) * size * size / variance;
    share = interval_of(hits / size * effective, effective, confidence);
  }
  const auto known = static_cast<double>(e.errors), unknown = static_cast<double>(e.unknown);
  e.left = hits + guessed;
  e.left_interval = {share.low * size, share.high * size + unknown};
  e.total = known + e.left;
  e.total_interval = {known + e.left_interval.low, known + e.left_interval.high};
  return e;
}

NextOnes expect_next(std::span<const Answer> answers, std::span<const Stratum> strata, std::uint64_t count,
                     double confidence) {
  NextOnes next;
  std::vector<std::uint64_t> looked_at;
  for (const Answer& a : answers) looked_at.push_back(a.rank);
  std::sort(looked_at.begin(), looked_at.end());
  const std::vector<ChanceStep> steps = chance_steps(answers, strata, confidence);
  std::size_t seen = 0;
  for (const ChanceStep& step : steps)
    for (std::uint64_t rank = step.first; rank <= step.last && next.count < count; ++rank) {
      while (seen < looked_at.size() && looked_at[seen] < rank) ++seen;
      if (seen < looked_at.size() && looked_at[seen] == rank) continue;
      ++next.count;
      next.expected += step.chance;
      next.interval.low += step.interval.low;
      next.interval.high += step.interval.high;
    }
  next.stop = !answers.empty() && next.expected < 1;
  return next;
}

std::optional<Recapture> recapture(std::uint64_t first, std::uint64_t second, std::uint64_t both, double confidence) {
  if (both == 0) return std::nullopt;
  Recapture r{.first = first, .second = second, .both = both};
  const auto a = static_cast<double>(first), b = static_cast<double>(second), m = static_cast<double>(both);
  r.total = (a + 1) * (b + 1) / (m + 1) - 1;
  // Seber 1970; never below what was seen.
  const double variance = (a + 1) * (b + 1) * (a - m) * (b - m) / ((m + 1) * (m + 1) * (m + 2));
  const double reach = normal_quantile(1 - (1 - confidence) / 2) * std::sqrt(variance);
  r.interval = {std::max(a + b - m, r.total - reach), r.total + reach};
  return r;
}

}  // namespace vetset
