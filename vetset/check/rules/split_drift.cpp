#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "vetset/base/random.h"
#include "vetset/base/statistics.h"
#include "vetset/check/conditions.h"
#include "vetset/check/embedded.h"
#include "vetset/check/rule.h"
#include "vetset/check/split_classifier.h"
#include "vetset/check/units.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

constexpr double least_divergence = 0.1;   // bits
constexpr std::size_t most_tested = 2000;  // groups of each split
constexpr std::size_t fewest_tested = 8;
constexpr unsigned bootstraps = 200;
constexpr std::size_t most_named = 4;  // further factors, by name
constexpr double least_area = 0.6;
constexpr std::size_t fewest_told = 20;  // groups of each split that a classifier learns from

/// One factor of records that belong to images.
struct Varying {
  Condition condition;
  bool of_objects = false;
};

struct Drift {
  const Varying* what = nullptr;
  const SplitPair* pair = nullptr;
  double divergence = 0, chance = 1;
};

/// What a classifier of all factors of images makes of two splits, or one of their embeddings.
struct Classified {
  const SplitPair* pair = nullptr;
  bool by_embeddings = false;
  SplitTold told = {};
  std::size_t others = 0, bases = 0;  // images
};

/// Who is in which split, for records of images or of objects.
struct Drawn {
  std::vector<std::uint32_t> others, bases;  // one record a group
};

class Comparing {
 public:
  Comparing(const Evidence& evidence, const IndependentGroups& groups) : d_(evidence.dataset), groups_(groups) {}

  std::size_t records(bool of_objects) const { return of_objects ? d_.annotations.size() : d_.images.size(); }
  ImageIndex image_of(bool of_objects, std::size_t k) const {
    return of_objects ? d_.annotations[k].image : to_index<ImageIndex>(k);
  }
  Side side_of(const SplitPair& pair, bool of_objects, std::size_t k) const {
    const ImageIndex i = image_of(of_objects, k);
    return i == none<ImageIndex> ? Side::neither : pair.side[to_size(i)];
  }

  double divergence_of(const Varying& what, const SplitPair& pair) const {
    const std::size_t levels = what.condition.factor.names.size();
    std::vector<double> counts[4];
    for (std::vector<double>& one : counts) one.resize(levels);
    for (std::size_t k = 0; k < what.condition.factor.levels.size(); ++k) {
      const std::uint32_t level = what.condition.factor.levels[k];
      if (level != Factor::unknown) ++counts[static_cast<unsigned>(side_of(pair, what.of_objects, k))][level];
    }
    for (std::size_t l = 0; l < levels; ++l) {
      counts[1][l] += counts[3][l];
      counts[2][l] += counts[3][l];
    }
    return divergence(counts[1], counts[2]);
  }

  Drawn drawn(const SplitPair& pair, bool of_objects) const {
    const auto of_side = [&](Side side) {
      return one_a_group(groups_, records(of_objects), most_tested, 1, [&](std::size_t k) {
        return side_of(pair, of_objects, k) == side ? image_of(of_objects, k) : none<ImageIndex>;
      });
    };
    return {of_side(Side::from), of_side(Side::minus)};
  }

  /// How often random divisions of the drawn records are as far apart.
  static double chance_of_divergence(const Varying& what, const Drawn& drawn, unsigned draws) {
    const Factor& factor = what.condition.factor;
    std::vector<std::uint32_t> levels;
    std::size_t others = 0;
    for (const std::uint32_t k : drawn.others)
      if (factor.levels[k] != Factor::unknown) levels.push_back(factor.levels[k]), ++others;
    for (const std::uint32_t k : drawn.bases)
      if (factor.levels[k] != Factor::unknown) levels.push_back(factor.levels[k]);
    if (others < fewest_tested || levels.size() - others < fewest_tested) return 1;
    std::vector<double> all(factor.names.size());
    for (const std::uint32_t level : levels) ++all[level];
    std::vector<double> a(all.size()), b(all.size());
    // The smaller part is drawn, the larger one is what is left.
    const std::size_t small = std::min(others, levels.size() - others);
    const auto apart = [&](std::size_t begin, std::size_t end) {
      std::fill(a.begin(), a.end(), 0.0);
      for (std::size_t k = begin; k < end; ++k) ++a[levels[k]];
      for (std::size_t l = 0; l < all.size(); ++l) b[l] = all[l] - a[l];
      return divergence(a, b);
    };
    const double seen = apart(0, others);
    Random random(1);
    std::uint64_t as_far = 1;
    for (unsigned draw = 0; draw < draws; ++draw) {
      for (std::size_t k = 0; k < small; ++k)
        std::swap(levels[k], levels[k + random.below(static_cast<std::uint32_t>(levels.size() - k))]);
      as_far += apart(0, small) >= seen - 1e-12;
    }
    return static_cast<double>(as_far) / (draws + 1.0);
  }

  /// A bootstrap of groups, each split by itself.
  Interval interval(const Varying& what, const SplitPair& pair) const {
    struct Entry {
      std::uint32_t unit, level;
    };
    const Factor& factor = what.condition.factor;
    std::vector<Entry> entries[2];
    std::vector<std::uint32_t> number[2];
    std::uint32_t units[2] = {};
    for (std::vector<std::uint32_t>& one : number) one.assign(groups_.count, 0xffffffffU);
    for (std::size_t k = 0; k < factor.levels.size(); ++k) {
      if (factor.levels[k] == Factor::unknown) continue;
      const auto side = static_cast<unsigned>(side_of(pair, what.of_objects, k));
      for (const unsigned s : {0U, 1U}) {
        if ((side >> s & 1U) == 0) continue;
        std::uint32_t& own = number[s][groups_.of[to_size(image_of(what.of_objects, k))]];
        if (own == 0xffffffffU) own = units[s]++;
        entries[s].push_back({own, factor.levels[k]});
      }
    }
    Random random(1);
    std::vector<double> values;
    for (unsigned draw = 0; draw < bootstraps; ++draw) {
      std::vector<double> counts[2];
      for (const unsigned s : {0U, 1U}) {
        const std::vector<std::uint32_t> weights = draw_groups(units[s], random);
        counts[s].resize(factor.names.size());
        for (const Entry& e : entries[s]) counts[s][e.level] += weights[e.unit];
      }
      values.push_back(divergence(counts[0], counts[1]));
    }
    return percentile_interval(values);
  }

  /// What moved: medians of numbers, or the level whose share differs most.
  std::string movement(const Varying& what, const SplitPair& pair) const {
    const Factor& factor = what.condition.factor;
    std::vector<double> values[2];
    std::vector<double> counts[2];
    double all[2] = {};
    for (std::vector<double>& one : counts) one.resize(factor.names.size());
    for (std::size_t k = 0; k < factor.levels.size(); ++k) {
      if (factor.levels[k] == Factor::unknown) continue;
      const auto side = static_cast<unsigned>(side_of(pair, what.of_objects, k));
      for (const unsigned s : {0U, 1U}) {
        if ((side >> s & 1U) == 0) continue;
        ++counts[s][factor.levels[k]];
        ++all[s];
        if (!what.condition.numbers.empty() && !std::isnan(what.condition.numbers[k]))
          values[s].push_back(what.condition.numbers[k]);
      }
    }
    if (!values[0].empty() && !values[1].empty()) {
      for (std::vector<double>& one : values) std::sort(one.begin(), one.end());
      return "its median is " + measure(values[0][values[0].size() / 2]) + " against " +
             measure(values[1][values[1].size() / 2]) + ", Kolmogorov-Smirnov distance " +
             measure(distribution_distance(values[0], values[1]));
    }
    std::size_t most = 0;
    double difference = -1;
    for (std::size_t l = 0; l < counts[0].size(); ++l) {
      const double apart = std::abs(counts[0][l] / all[0] - counts[1][l] / all[1]);
      if (apart > difference) difference = apart, most = l;
    }
    return quoted(factor.names[most]) + " is " + in_percent(counts[0][most] / all[0]) + " of it against " +
           in_percent(counts[1][most] / all[1]);
  }

 private:
  const Dataset& d_;
  const IndependentGroups& groups_;
};

std::vector<Varying> varying(const Evidence& evidence) {
  const ConditionSettings settings{.bins = 8, .most_levels = 50, .unknown_counts = true};
  std::vector<Varying> all;
  for (const bool of_objects : {false, true})
    for (Condition& one : conditions(evidence, settings, of_objects ? is_object_condition : is_image_condition))
      all.push_back({std::move(one), of_objects});
  return all;
}

/// All pairs of splits that have enough groups to learn from.
std::vector<Classified> classified(const Evidence& evidence, const IndependentGroups& groups,
                                   const Comparing& comparing, std::span<const SplitPair> pairs,
                                   std::span<const Factor* const> factors) {
  std::vector<Classified> all;
  for (const SplitPair& pair : pairs) {
    const Drawn drawn = comparing.drawn(pair, false);
    for (const bool by_embeddings : {false, true}) {
      if (by_embeddings ? evidence.embeddings == nullptr : factors.empty()) continue;
      Drawn of = drawn;
      const auto has_no_row = [&](std::uint32_t i) { return by_embeddings && !evidence.embeddings->known[i]; };
      std::erase_if(of.others, has_no_row);
      std::erase_if(of.bases, has_no_row);
      if (std::min(of.others.size(), of.bases.size()) < fewest_told) continue;
      const SplitRows rows = split_rows(of.others, of.bases, groups.of);
      all.push_back({&pair, by_embeddings,
                     by_embeddings ? told_by_embeddings(rows, *evidence.embeddings, least_area)
                                   : told_by_factors(rows, factors, least_area),
                     of.others.size(), of.bases.size()});
    }
  }
  return all;
}

/// "an AUC of 0.81 (0.77 to 0.85, five-fold, one of each group: 120 against 300; q < 0.001)"
std::string area_text(const Classified& c, const IndependentGroups& groups, double q) {
  return "AUC " + measure(c.told.area) + " (" + measure(c.told.interval.low) + " to " + measure(c.told.interval.high) +
         ", five-fold, by " + std::string(groups.word()) + ": " + grouped(c.others) + " against " + grouped(c.bases) +
         ", " + q_text(q) + ")";
}

void check_split_drift(const Evidence& evidence, const Report& report) {
  const std::vector<SplitPair> pairs = split_pairs(evidence.dataset);
  const std::vector<Varying> factors = varying(evidence);
  const IndependentGroups groups = independent_groups(evidence);
  const Comparing comparing(evidence, groups);
  const auto draws = static_cast<unsigned>(std::max<std::size_t>(999, 40 * pairs.size() * factors.size()));
  std::vector<Drift> all;
  std::vector<double> chances;
  for (const SplitPair& pair : pairs) {
    Drawn drawn[2];
    bool ready[2] = {};
    for (const Varying& what : factors) {
      Drift drift{&what, &pair, comparing.divergence_of(what, pair), 1};
      if (drift.divergence > least_divergence) {
        if (!ready[what.of_objects]) drawn[what.of_objects] = comparing.drawn(pair, what.of_objects);
        ready[what.of_objects] = true;
        drift.chance = Comparing::chance_of_divergence(what, drawn[what.of_objects], draws);
      }
      chances.push_back(drift.chance);
      all.push_back(drift);
    }
  }
  std::vector<const Factor*> of_images;
  for (const Varying& what : factors)
    if (!what.of_objects) of_images.push_back(&what.condition.factor);
  const std::vector<Classified> told = classified(evidence, groups, comparing, pairs, of_images);
  for (const Classified& c : told) chances.push_back(c.told.chance);
  const std::vector<double> q = false_discovery_rates(chances);
  const auto holds = [&](std::size_t t) { return q[all.size() + t] <= 0.05 && told[t].told.area > least_area; };
  for (const SplitPair& pair : pairs) {
    std::vector<std::size_t> held;  // those that hold, the furthest first
    for (std::size_t k = 0; k < all.size(); ++k)
      if (all[k].pair == &pair && q[k] <= 0.05 && all[k].divergence > least_divergence) held.push_back(k);
    for (std::size_t t = 0; t < told.size(); ++t) {
      const Classified& c = told[t];
      if (c.pair != &pair || !holds(t) || (!held.empty() && !c.by_embeddings)) continue;
      const std::string by = c.by_embeddings ? embedding_name(*evidence.embeddings)
                                             : counted(of_images.size(), "factor", "factors together") + ", most by " +
                                                   quoted(of_images[c.told.strongest]->name);
      report.scored(c.told.area, {},
                    "images of " + quoted(pair.other) + " can be told from those of " + quoted(pair.base) + " by " +
                        by + ": " + area_text(c, groups, q[all.size() + t]),
                    "split anew by group, or say that the split is meant to differ");
    }
    if (held.empty()) continue;
    std::stable_sort(held.begin(), held.end(),
                     [&](std::size_t x, std::size_t y) { return all[x].divergence > all[y].divergence; });
    const Drift& drift = all[held.front()];
    const Interval interval = comparing.interval(*drift.what, pair);
    std::string others;
    for (std::size_t k = 1; k < held.size() && k <= most_named; ++k)
      others += (k == 1 ? "; so do " : ", ") + quoted(all[held[k]].what->condition.factor.name);
    if (held.size() > most_named + 1) others += " and " + std::to_string(held.size() - most_named - 1) + " more";
    for (std::size_t t = 0; t < told.size(); ++t)
      if (told[t].pair == &pair && !told[t].by_embeddings && holds(t))
        others +=
            "; all factors of images together tell the two apart, " + area_text(told[t], groups, q[all.size() + t]);
    report.scored(drift.divergence, {},
                  quoted(pair.other) + " differs from " + quoted(pair.base) + " in " +
                      quoted(drift.what->condition.factor.name) + ": " + comparing.movement(*drift.what, pair) +
                      " (Jensen-Shannon divergence " + measure(drift.divergence) + " bits, " + measure(interval.low) +
                      " to " + measure(interval.high) + " by " + std::string(groups.word()) + ", " +
                      q_text(q[held.front()]) + ")" + others,
                  "split anew by group, or say that the split is meant to differ");
  }
}

std::string not_run_split_drift(const Evidence& evidence) { return needs_two_splits(evidence); }

}  // namespace

extern const Rule split_drift{.code = "COV213",
                              .name = "split-drift",
                              .title = "a split differs from training in light, size, classes or another factor",
                              .severity = Severity::warning,
                              .evidence = EvidenceClass::calibrated,
                              .check = check_split_drift,
                              .not_run = not_run_split_drift,
                              .revision = 2};

}  // namespace vetset
