// The clause of embeddings: how much of a reference the dataset reaches (coverage, Naeem et al. 2020), beside what the
// reference reaches of itself at the same sizes: without that, no such number says anything.
#include <algorithm>
#include <cmath>

#include "vetset/check/contract_clauses.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

constexpr std::size_t most_rows = 1500;  // of each side that are compared
constexpr std::size_t draws = 200;       // of the null

/// So many different numbers below n, in order, by a fixed seed.
std::vector<std::uint32_t> sample(std::size_t n, std::size_t count, Random& random) {
  std::vector<std::uint32_t> all(n);
  for (std::uint32_t i = 0; i < n; ++i) all[i] = i;
  for (std::size_t i = 0; i < count && i < n; ++i)
    std::swap(all[i], all[i + random.below(static_cast<std::uint32_t>(n - i))]);
  all.resize(std::min(n, count));
  return all;
}

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += static_cast<double>(a[k]) * static_cast<double>(b[k]);
  return sum;
}

struct Reached {
  double coverage = 0, density = 0;
};

/// Of `x`, rows and columns of `inner`, by `y`, columns of `outer`: balls around each x to its k-th nearest other x.
Reached reach(const std::vector<float>& inner, std::size_t inner_width, std::span<const std::uint32_t> x,
              const std::vector<float>& outer, std::size_t outer_width, std::span<const std::uint32_t> y, unsigned k) {
  std::uint64_t covered = 0, inside = 0;
  std::vector<float> near;
  for (const std::uint32_t i : x) {
    near.clear();
    for (const std::uint32_t j : x)
      if (j != i) near.push_back(inner[i * inner_width + j]);
    const auto kth = near.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(k, near.size()) - 1);
    std::nth_element(near.begin(), kth, near.end(), std::greater<>());
    std::uint64_t n = 0;
    for (const std::uint32_t j : y) n += outer[i * outer_width + j] >= *kth ? 1U : 0U;
    covered += n > 0 ? 1U : 0U;
    inside += n;
  }
  const auto nx = static_cast<double>(x.size());
  return {static_cast<double>(covered) / nx,
          static_cast<double>(inside) / (static_cast<double>(k) * std::max<double>(1, static_cast<double>(y.size())))};
}

}  // namespace

void evaluate_embedding(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  const auto undecided = [&](std::string why) {
    result.outcome = ClauseOutcome::undecided;
    result.said = std::move(why);
  };
  const Embeddings* own = view.input.embeddings;
  const auto reference = std::find_if(view.input.references.begin(), view.input.references.end(),
                                      [&](const ReferenceRows& r) { return r.name == clause.reference; });
  if (own == nullptr) return undecided("needs the dataset's own rows (--embeddings)");
  if (reference == view.input.references.end()) return undecided("'" + clause.reference + "' was not read");
  if (!reference->error.empty()) return undecided(reference->error);
  if (reference->dimension != own->dimension)
    return undecided("'" + clause.reference + "' has rows of " + counted(reference->dimension, "number", "numbers") +
                     ", the dataset's have " + grouped(own->dimension));
  std::vector<std::uint32_t> known;
  for (std::uint32_t i = 0; i < own->known.size(); ++i)
    if (own->known[i]) known.push_back(i);
  const std::size_t references = reference->values.size() / reference->dimension;
  const std::size_t least = 2 * (clause.neighbours + std::size_t{1});
  if (references < least || known.empty())
    return undecided("needs " + counted(least, "row", "rows") + " of reference at least, and one of the dataset");

  Random random(0x5eed);
  const std::vector<std::uint32_t> r = sample(references, most_rows, random);
  const std::size_t half = r.size() / 2;
  const std::vector<std::uint32_t> picked = sample(known.size(), half, random);
  const auto reference_row = [&](std::uint32_t i) {
    return std::span(reference->values).subspan(std::size_t{i} * reference->dimension, reference->dimension);
  };
  std::vector<float> inner(r.size() * r.size()), outer(r.size() * picked.size());
  for (std::size_t i = 0; i < r.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j)
      inner[i * r.size() + j] = inner[j * r.size() + i] =
          static_cast<float>(dot(reference_row(r[i]), reference_row(r[j])));
    for (std::size_t j = 0; j < picked.size(); ++j)
      outer[i * picked.size() + j] =
          static_cast<float>(dot(reference_row(r[i]), own->of(to_index<ImageIndex>(known[picked[j]]))));
  }
  std::vector<std::uint32_t> y(picked.size());
  for (std::uint32_t j = 0; j < y.size(); ++j) y[j] = j;
  // Each draw halves the reference: one half is looked for, by the other half (the null) and by the dataset.
  std::vector<double> null, seen;
  double density = 0;
  for (std::size_t draw = 0; draw < draws; ++draw) {
    const std::vector<std::uint32_t> order = sample(r.size(), r.size(), random);
    const std::span<const std::uint32_t> x = std::span(order).first(half);
    const std::span<const std::uint32_t> others = std::span(order).subspan(half, std::min(picked.size(), half));
    null.push_back(reach(inner, r.size(), x, inner, r.size(), others, clause.neighbours).coverage);
    if (draw % 10 != 0) continue;
    const Reached one = reach(inner, r.size(), x, outer, picked.size(), y, clause.neighbours);
    seen.push_back(one.coverage);
    density += one.density;
  }
  std::sort(null.begin(), null.end());
  const double q01 = null[null.size() / 100];
  double mean = 0;
  for (const double c : seen) mean += c / static_cast<double>(seen.size());
  result.n = known.size();
  result.unknown = own->without;
  result.is_share = true;
  result.measured = mean;
  result.null = null[null.size() / 2];
  const double half_rows = static_cast<double>(half);
  result.interval = wilson_interval(mean * half_rows, half_rows);
  result.limit = clause.against_null ? q01 : clause.at_least.value_or(0);
  result.outcome = clause.report_only    ? ClauseOutcome::told
                   : clause.against_null ? (mean >= q01 ? ClauseOutcome::pass : ClauseOutcome::fail)
                                         : decided(*result.interval, *result.limit, false);
  result.said = percent(mean) + " of the reference reached (k " + std::to_string(clause.neighbours) + ", " +
                counted(picked.size(), "row", "rows") + " against " + grouped(half) + "), of itself " +
                percent(*result.null) + "; density " + measure(density / static_cast<double>(seen.size()));
}

}  // namespace vetset
