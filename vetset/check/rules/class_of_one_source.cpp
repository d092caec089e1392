#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/base/statistics.h"
#include "vetset/check/auc.h"
#include "vetset/check/conditions.h"
#include "vetset/check/labelled.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

constexpr double least_area = 0.7;
constexpr std::uint64_t fewest = 20;         // independent records of a class, and of the others
constexpr std::size_t most_judged = 20'000;  // independent records

/// One class and one factor that says where images come from.
struct Told {
  const Factor* source = nullptr;
  CategoryIndex category{};
  double area = 0.5, chance = 1;
  std::uint64_t records = 0;
  std::string level;  // what most of the class is of
  double inside = 0, outside = 0;
};

/// How well the source tells the class, each fifth judged by the share of the class that the other four have at its
/// level.
Told judge(const Paired& pairs, std::uint32_t label, const Factor& source) {
  Told told{.source = &source, .category = to_index<CategoryIndex>(label)};
  std::vector<std::uint64_t> counts[2], whole[2];
  for (const unsigned is : {0U, 1U}) {
    counts[is].resize(folds * pairs.levels);
    whole[is].resize(pairs.levels);
  }
  std::uint64_t all[2] = {};
  for (std::size_t k = 0; k < pairs.level.size(); ++k) {
    const bool is = pairs.label[k] == label;
    ++counts[is][pairs.fold[k] * pairs.levels + pairs.level[k]];
    ++whole[is][pairs.level[k]];
    ++all[is];
  }
  if (all[1] < fewest || all[0] < fewest) return told;
  const double share = static_cast<double>(all[1]) / static_cast<double>(all[0] + all[1]);
  std::vector<Scored> items;
  for (std::size_t f = 0; f < folds; ++f)
    for (std::size_t l = 0; l < pairs.levels; ++l) {
      const std::uint64_t own = counts[1][f * pairs.levels + l], other = counts[0][f * pairs.levels + l];
      const auto is = static_cast<double>(whole[1][l] - own), is_not = static_cast<double>(whole[0][l] - other);
      items.push_back({(is + share) / (is + is_not + 1), own, other});
    }
  told.area = area_under_curve(items);
  told.chance = chance_of(told.area, all[1], all[0]);
  std::size_t most = 0;
  for (std::size_t l = 1; l < pairs.levels; ++l)
    if (whole[1][l] > whole[1][most]) most = l;
  told.level = source.names[most];
  told.inside = static_cast<double>(whole[1][most]) / static_cast<double>(all[1]);
  told.outside = static_cast<double>(whole[0][most]) / static_cast<double>(all[0]);
  told.records = all[1];
  return told;
}

/// Sources that are there; of images labelled as a whole, LEA315 looks at the camera and the program.
std::vector<Condition> sources(const Evidence& evidence, bool whole_images) {
  std::vector<Condition> all = conditions(evidence, {.bins = 8, .most_levels = 50}, is_source);
  std::erase_if(all, [&](const Condition& one) {
    const std::string_view name = one.factor.name;
    const bool by_file = name == "exif.make" || name == "exif.model" || name == "exif.software";
    return (whole_images && (by_file || name == "annotator")) || !names_source(name);
  });
  return all;
}

std::string not_run_class_of_one_source(const Evidence& evidence) {
  if (evidence.dataset.categories.size() < 2) return "needs two classes";
  if (!evidence.pixels.empty()) return {};
  return sources(evidence, false).empty() ? "needs --pixels, or attributes or addresses of images that say their source"
                                          : "";
}

void check_class_of_one_source(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const Labelled all = labelled(d);
  const IndependentGroups groups = independent_groups(evidence);
  const Labelled few = one_a_group(all, groups, most_judged);
  const std::vector<Condition> tried = sources(evidence, all.whole_images);
  std::vector<Told> found;
  std::vector<double> chances, associations;
  for (const Condition& condition : tried) {
    const Paired pairs = paired(few, condition.factor, groups, d.categories.size());
    const double association = association_of(pairs);
    for (std::uint32_t c = 0; c < d.categories.size(); ++c) {
      Told told = judge(pairs, c, condition.factor);
      if (told.records == 0) continue;
      chances.push_back(told.chance);
      associations.push_back(association);
      found.push_back(std::move(told));
    }
  }
  const std::vector<double> q = false_discovery_rates(chances);
  const auto percent = [](double share) { return measure(std::round(share * 100)) + " %"; };
  for (std::size_t k = 0; k < found.size(); ++k) {
    const Told& told = found[k];
    if (q[k] > 0.05 || told.area <= least_area) continue;
    report.scored(told.area, told.category,
                  quoted(d[told.category].name) + " is told by where images come from: AUC " + measure(told.area) +
                      " by " + quoted(told.source->name) + " alone; " + percent(told.inside) + " of it is of " +
                      quoted(told.level) + ", of the other classes " + percent(told.outside) + " (" +
                      counted(told.records, std::string(groups.word()), std::string(groups.word()) + "s") +
                      ", Cramér's V of source and class " + measure(associations[k]) + ", " + q_text(q[k]) + ")",
                  "collect each class from several sources");
  }
}

}  // namespace

extern const Rule class_of_one_source{.code = "COV208",
                                      .name = "class-of-one-source",
                                      .title = "where an image comes from predicts the class",
                                      .severity = Severity::warning,
                                      .evidence = EvidenceClass::calibrated,
                                      .check = check_class_of_one_source,
                                      .not_run = not_run_class_of_one_source};

}  // namespace vetset
