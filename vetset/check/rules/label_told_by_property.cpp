#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/base/statistics.h"
#include "vetset/check/conditions.h"
#include "vetset/check/labelled.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

constexpr double least_skill = 0.1, least_association = 0.3;
constexpr std::uint64_t fewest = 40;       // independent records
constexpr std::size_t most_tested = 2000;  // of them, when labels are moved about

struct Told {
  const Factor* factor = nullptr;
  double skill = 0, association = 0, chance = 1;
  std::uint64_t records = 0;
};

bool is_strong(const Told& told) { return told.skill > least_skill || told.association > least_association; }

/// How often labels that are moved about at random are told as well.
double chance_of_telling(Paired pairs, bool by_skill, unsigned draws) {
  const auto told = [&] { return by_skill ? skill_of(pairs) : association_of(pairs); };
  const double seen = told();
  Random random(1);
  std::uint64_t as_well = 1;
  for (unsigned draw = 0; draw < draws; ++draw) {
    for (auto k = static_cast<std::uint32_t>(pairs.label.size()); k > 1; --k)
      std::swap(pairs.label[k - 1], pairs.label[random.below(k)]);
    as_well += told() >= seen - 1e-12;
  }
  return static_cast<double>(as_well) / (draws + 1.0);
}

/// The level that tells most: the one where its commonest class stands out by most records.
std::string telling_level(const Paired& pairs, const Factor& factor, const Dataset& d) {
  std::vector<std::uint64_t> counts(pairs.levels * pairs.classes), of_level(pairs.levels), of_class(pairs.classes);
  for (std::size_t k = 0; k < pairs.level.size(); ++k) {
    ++counts[pairs.level[k] * pairs.classes + pairs.label[k]];
    ++of_level[pairs.level[k]];
    ++of_class[pairs.label[k]];
  }
  const auto all = static_cast<double>(pairs.level.size());
  std::size_t best = 0;
  double most = -1;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const double usual =
        static_cast<double>(of_level[k / pairs.classes]) * static_cast<double>(of_class[k % pairs.classes]) / all;
    if (static_cast<double>(counts[k]) - usual > most) most = static_cast<double>(counts[k]) - usual, best = k;
  }
  const std::size_t level = best / pairs.classes, label = best % pairs.classes;
  const auto percent = [](std::uint64_t part, double whole) {
    return measure(std::round(static_cast<double>(part) / whole * 100)) + " %";
  };
  return "where it is " + quoted(factor.names[level]) + ", " +
         percent(counts[best], static_cast<double>(of_level[level])) + " are " + quoted(d.categories[label].name) +
         ", of all " + percent(of_class[label], all);
}

/// What LEA315 looks at where images are labelled as a whole: facts of the file. Where a source is a factor: COV208.
bool is_judged_here(const Condition& condition, bool whole_images) {
  const std::string_view name = condition.factor.name;
  if (whole_images &&
      (name.starts_with("header.") || name == "exif.make" || name == "exif.model" || name == "exif.software"))
    return false;
  return name != "image.objects" && !(name.starts_with("image.attribute.") && names_source(name)) &&
         !(!name.starts_with("pixel.") && name == "host");
}

bool is_property(const FactorKind& kind) { return is_image_condition(kind) && kind.name != "image.objects"; }

std::vector<Condition> properties(const Evidence& evidence, bool whole_images) {
  std::vector<Condition> all = conditions(evidence, {.bins = 8, .most_levels = 30}, is_property);
  std::erase_if(all, [&](const Condition& one) { return !is_judged_here(one, whole_images); });
  return all;
}

void check_label_told_by_property(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const Labelled all = labelled(d);
  const IndependentGroups groups = independent_groups(evidence);
  const Labelled few = one_a_group(all, groups, most_tested);
  if (few.record.size() < fewest) return;
  const std::vector<Condition> tried = properties(evidence, all.whole_images);
  const auto draws = static_cast<unsigned>(std::max<std::size_t>(999, 40 * tried.size()));
  std::vector<Told> found;
  std::vector<double> chances;
  for (const Condition& condition : tried) {
    const Paired pairs = paired(all, condition.factor, groups, d.categories.size());
    Told told{&condition.factor, skill_of(pairs), association_of(pairs), 1, pairs.level.size()};
    if (is_strong(told)) {
      Paired drawn = paired(few, condition.factor, groups, d.categories.size());
      if (drawn.level.size() >= fewest)
        told.chance = chance_of_telling(std::move(drawn), told.skill > least_skill, draws);
    }
    chances.push_back(told.chance);
    found.push_back(told);
  }
  const std::vector<double> q = false_discovery_rates(chances);
  for (std::size_t k = 0; k < found.size(); ++k) {
    const Told& told = found[k];
    if (q[k] > 0.05 || !is_strong(told)) continue;
    report.scored(std::max(told.skill, told.association), {},
                  quoted(told.factor->name) + " alone tells the class of " +
                      counted(told.records, all.word(), std::string(all.word()) + "s") + ": " +
                      telling_level(paired(all, *told.factor, groups, d.categories.size()), *told.factor, d) +
                      " (skill over the commonest class " + measure(std::max(told.skill, 0.0)) + ", Cramér's V " +
                      measure(told.association) + ", " + q_text(q[k]) + " by " + std::string(groups.word()) + ")",
                  "collect each class under all conditions: a model learns the shortcut");
  }
}

std::string not_run_label_told_by_property(const Evidence& evidence) {
  std::size_t used = 0;
  std::vector<bool> seen(evidence.dataset.categories.size());
  for (const Annotation& a : evidence.dataset.annotations) {
    if (a.category == none<CategoryIndex> || seen[to_size(a.category)]) continue;
    seen[to_size(a.category)] = true;
    if (++used > 1) break;
  }
  if (used < 2) return "needs two classes";
  if (!evidence.pixels.empty()) return {};
  const bool has_attributes = std::any_of(evidence.dataset.attributes.begin(), evidence.dataset.attributes.end(),
                                          [](const Attribute& a) { return a.owner == Owner::image; });
  return has_attributes ? "" : "needs --pixels or attributes of images";
}

}  // namespace

extern const Rule label_told_by_property{.code = "COV207",
                                         .name = "label-told-by-property",
                                         .title = "light, time or another property of images predicts the class",
                                         .severity = Severity::warning,
                                         .evidence = EvidenceClass::calibrated,
                                         .check = check_label_told_by_property,
                                         .not_run = not_run_label_told_by_property};

}  // namespace vetset
