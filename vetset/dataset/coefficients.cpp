#include "vetset/dataset/coefficients.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace vetset {
namespace {

/// Chance-corrected: 1 where nothing is observed that chance would expect; not a number where chance expects nothing.
double corrected(double observed, double expected) { return expected > 0 ? 1 - observed / expected : no_agreement; }

/// How often each value was given to a unit, in the order of values.
std::vector<std::pair<std::uint32_t, std::uint32_t>> counts_of(const Ratings& ratings, const Unit& unit,
                                                               std::uint32_t without) {
  std::map<std::uint32_t, std::uint32_t> counts;
  if (!unit.rated) return {};
  for (const Rating& r : ratings.of(unit))
    if (r.value != without) ++counts[r.value];
  return {counts.begin(), counts.end()};
}

std::uint32_t sum_of(std::span<const std::pair<std::uint32_t, std::uint32_t>> counts) {
  std::uint32_t sum = 0;
  for (const auto& [value, count] : counts) sum += count;
  return sum;
}

}  // namespace

double Coincidences::alpha() const {
  double equal_pairs = 0, by_chance = 0;
  for (std::size_t v = 0; v < all.size(); ++v) {
    equal_pairs += equal[v];
    by_chance += all[v] * all[v];
  }
  if (total < 2) return no_agreement;
  return corrected((total - equal_pairs) * (total - 1), total * total - by_chance);
}

double Coincidences::alpha(std::size_t value) const {
  if (total < 2) return no_agreement;
  return corrected((all[value] - equal[value]) * (total - 1), all[value] * (total - all[value]));
}

double Coincidences::raw() const {
  return total > 0 ? std::accumulate(equal.begin(), equal.end(), 0.0) / total : no_agreement;
}

double Coincidences::raw(std::size_t value) const { return all[value] > 0 ? equal[value] / all[value] : no_agreement; }

Coincidences ImageCoincidences::sum(std::span<const std::uint32_t> weights) const {
  Coincidences sum(values);
  for (std::size_t i = 0; i < images(); ++i) {
    const double weight = weights.empty() ? 1 : weights[i];
    if (weight == 0) continue;
    for (std::uint32_t k = begin[i]; k < begin[i + 1]; ++k) {
      sum.equal[cells[k].value] += weight * cells[k].equal;
      sum.all[cells[k].value] += weight * cells[k].all;
      sum.total += weight * cells[k].all;
    }
  }
  return sum;
}

ImageCoincidences coincidences(const Ratings& ratings, std::uint32_t without) {
  ImageCoincidences out{.values = ratings.values, .begin = {0}, .cells = {}};
  for (std::size_t u = 0; u < ratings.units.size();) {
    std::map<std::uint32_t, ImageCoincidences::Cell> cells;
    const ImageIndex image = ratings.units[u].image;
    for (; u < ratings.units.size() && ratings.units[u].image == image; ++u) {
      const auto counts = counts_of(ratings, ratings.units[u], without);
      const std::uint32_t ratings_of_unit = sum_of(counts);
      if (ratings_of_unit < 2) continue;
      for (const auto& [value, count] : counts) {
        ImageCoincidences::Cell& cell = cells[value];
        cell.value = value;
        cell.all += count;
        cell.equal += static_cast<double>(count) * (count - 1) / (ratings_of_unit - 1);
      }
    }
    if (cells.empty()) continue;
    for (const auto& [value, cell] : cells) out.cells.push_back(cell);
    out.begin.push_back(static_cast<std::uint32_t>(out.cells.size()));
  }
  return out;
}

std::vector<PairAgreement> pair_agreements(const Ratings& ratings, std::uint32_t without) {
  struct Counts {
    std::uint64_t units = 0, equal = 0;
    std::map<std::uint32_t, std::pair<std::uint64_t, std::uint64_t>> by_value;
  };
  std::map<std::pair<std::uint32_t, std::uint32_t>, Counts> pairs;
  for (const Unit& unit : ratings.units) {
    if (!unit.rated) continue;
    const auto rows = ratings.of(unit);
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t k = i + 1; k < rows.size(); ++k) {
        const auto [a, b] =
            std::minmax(rows[i], rows[k], [](const Rating& x, const Rating& y) { return x.rater < y.rater; });
        if (a.value == without || b.value == without) continue;
        Counts& pair = pairs[{a.rater, b.rater}];
        ++pair.units;
        pair.equal += a.value == b.value ? 1U : 0U;
        ++pair.by_value[a.value].first;
        ++pair.by_value[b.value].second;
      }
  }
  std::vector<PairAgreement> out;
  for (const auto& [who, pair] : pairs) {
    const auto n = static_cast<double>(pair.units), equal = static_cast<double>(pair.equal);
    double by_chance = 0;
    for (const auto& [value, counts] : pair.by_value)
      by_chance += static_cast<double>(counts.first) * static_cast<double>(counts.second);
    out.push_back({.first = who.first,
                   .second = who.second,
                   .units = pair.units,
                   .raw = equal / n,
                   .kappa = corrected((n - equal) * n, n * n - by_chance)});
  }
  return out;
}

FleissKappa fleiss_kappa(const Ratings& ratings, std::uint32_t without) {
  FleissKappa out;
  std::vector<double> all(ratings.values, 0);
  double equal = 0;
  for (const Unit& unit : ratings.units) {
    const auto counts = counts_of(ratings, unit, without);
    const std::uint32_t size = sum_of(counts);
    if (size < 2 || size < out.ratings) continue;
    if (size > out.ratings) out.ratings = size, out.units = 0, equal = 0, std::fill(all.begin(), all.end(), 0);
    ++out.units;
    for (const auto& [value, count] : counts) {
      all[value] += count;
      equal += static_cast<double>(count) * (count - 1);
    }
  }
  if (out.units == 0) return out;
  const double n = static_cast<double>(out.units) * out.ratings;
  double by_chance = 0;
  for (const double count : all) by_chance += count / n * (count / n);
  out.kappa = corrected(1 - equal / (n * (out.ratings - 1)), 1 - by_chance);
  return out;
}

}  // namespace vetset
