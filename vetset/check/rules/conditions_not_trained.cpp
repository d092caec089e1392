#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/base/statistics.h"
#include "vetset/check/conditions.h"
#include "vetset/check/rule.h"
#include "vetset/check/units.h"
#include "vetset/check/words.h"
#include "vetset/dataset/set_difference.h"

namespace vetset {
namespace {

constexpr double least_share = 0.05;  // of the combinations of a split
constexpr unsigned draws = 199;
constexpr std::size_t told = 3;

struct Asked {
  const SplitPair* pair = nullptr;
  bool trained = false;  // whether it is training that shows what the other split does not
  std::string_view what;
  SetDifference seen;
  std::string examples;
};

std::string examples_of(const SetDifference& seen, std::span<const Factor> factors, std::string_view record) {
  std::string text;
  for (std::size_t k = 0; k < std::min(told, seen.examples.size()); ++k) {
    const MissingCombination& missing = seen.examples[k];
    text += text.empty() ? "" : ", ";
    for (std::size_t l = 0; l < missing.levels.size(); ++l) {
      const Factor& factor = factors[missing.levels[l].factor];
      text += (l > 0 ? " with " : "") + factor.name + " " + quoted(factor.names[missing.levels[l].level]);
    }
    text += " (" + counted(missing.records, record, std::string(record) + "s") + ")";
  }
  return text;
}

std::vector<Side> turned(std::vector<Side> sides) {
  for (Side& side : sides) {
    const auto bits = static_cast<unsigned>(side);
    side = static_cast<Side>(bits >> 1U | (bits & 1U) << 1U);
  }
  return sides;
}

/// Records of one kind, and whose each is.
struct Records {
  std::vector<Factor> factors;
  std::string_view what;           // "image", "object"
  std::vector<ImageIndex> images;  // by record; empty: the images themselves
};

class Question {
 public:
  Question(const Evidence& evidence, const IndependentGroups& groups) : groups_(groups) {
    const ConditionSettings settings{.bins = 4, .most_levels = 50};
    of_images_.what = "image";
    of_objects_.what = "object";
    const auto take = [](std::vector<Condition> conditions, Records& records) {
      for (Condition& one : conditions) records.factors.push_back(std::move(one.factor));
    };
    take(conditions(evidence, settings, is_image_condition), of_images_);
    const Dataset& d = evidence.dataset;
    take(conditions(evidence, settings, is_object_condition), of_objects_);
    if (of_objects_.factors.size() < 2) return;
    of_objects_.images.reserve(d.annotations.size());
    for (const Annotation& a : d.annotations) of_objects_.images.push_back(a.image);
    group_of_objects_.reserve(d.annotations.size());
    for (const ImageIndex i : of_objects_.images)
      group_of_objects_.push_back(i == none<ImageIndex> ? 0 : groups.of[to_size(i)]);
  }

  void ask(const SplitPair& pair, std::vector<Asked>& all) const {
    for (const Records* records : {&of_images_, &of_objects_}) {
      if (records->factors.size() < 2) continue;
      std::vector<Side> sides = pair.side;
      if (!records->images.empty()) {
        sides.clear();
        for (const ImageIndex i : records->images)
          sides.push_back(i == none<ImageIndex> ? Side::neither : pair.side[to_size(i)]);
      }
      for (const bool trained : {false, true}) {
        if (trained) sides = turned(std::move(sides));
        const SetDifference seen = set_difference({.factors = records->factors,
                                                   .side = sides,
                                                   .groups = records->images.empty() ? groups_.of : group_of_objects_,
                                                   .draws = draws,
                                                   .most_examples = told});
        all.push_back({&pair, trained, records->what, seen, examples_of(seen, records->factors, records->what)});
      }
    }
  }

 private:
  const IndependentGroups& groups_;
  Records of_images_, of_objects_;
  std::vector<std::uint32_t> group_of_objects_;
};

void check_conditions_not_trained(const Evidence& evidence, const Report& report) {
  const IndependentGroups groups = independent_groups(evidence);
  const Question question(evidence, groups);
  const std::vector<SplitPair> pairs = split_pairs(evidence.dataset);
  std::vector<Asked> all;
  for (const SplitPair& pair : pairs) question.ask(pair, all);
  std::vector<double> chances;
  for (const Asked& asked : all) chances.push_back(asked.seen.chance);
  const std::vector<double> q = false_discovery_rates(chances);
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Asked& asked = all[k];
    if (q[k] > 0.05 || asked.seen.share() <= std::max(least_share, asked.seen.usual)) continue;
    const std::string_view shows = asked.trained ? asked.pair->base : asked.pair->other,
                           lacks = asked.trained ? asked.pair->other : asked.pair->base;
    const std::string message = in_percent(asked.seen.share()) + " of the pairs of conditions of " +
                                std::string(asked.what) + "s in " + quoted(shows) + " are nowhere in " + quoted(lacks) +
                                " (" + grouped(asked.seen.missing) + " of " + grouped(asked.seen.combinations) +
                                "); a random division of the " + std::string(groups.word()) + "s leaves out " +
                                in_percent(asked.seen.expected) + ", at most " + in_percent(asked.seen.usual) +
                                " in 95 of 100 draws (" + q_text(q[k]) + "); most of all " + asked.examples;
    if (asked.trained)
      report.with(Severity::note, EvidenceClass::calibrated, {}, message,
                  "what is trained and never tested: collect it for " + quoted(lacks));
    else
      report.scored(asked.seen.share(), {}, message, "collect these conditions for training, or split anew by group");
  }
}

std::string not_run_conditions_not_trained(const Evidence& evidence) { return needs_two_splits(evidence); }

}  // namespace

extern const Rule conditions_not_trained{.code = "COV206",
                                         .name = "conditions-not-trained",
                                         .title = "a split shows combinations of conditions that training never does",
                                         .severity = Severity::warning,
                                         .evidence = EvidenceClass::calibrated,
                                         .check = check_conditions_not_trained,
                                         .not_run = not_run_conditions_not_trained};

}  // namespace vetset
