// Clauses about shares and sizes: unknown, other, impossible, balance, negatives, metric_power, ratios; and labels.
#include <algorithm>
#include <array>
#include <cmath>

#include "vetset/check/contract_clauses.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void undecided(ClauseResult& result, std::string why) {
  result.outcome = ClauseOutcome::undecided;
  result.said = std::move(why);
}

/// The share of each level where every unit counts the same, however many rows it has; rows that are not known do not
/// count. `keep` says which rows are looked at.
struct UnitShares {
  std::vector<double> shares;  // by level
  std::uint64_t units = 0;     // that have a row with a known level
};

template <class Keep>
UnitShares unit_shares(const LevelColumn& c, const std::vector<std::uint32_t>& units, const Keep& keep) {
  UnitShares out;
  out.shares.assign(c.names.size(), 0);
  std::vector<std::uint32_t> of_unit(c.names.size());
  std::vector<std::uint16_t> seen;
  for (std::size_t row = 0; row < c.levels.size();) {
    const std::uint32_t unit = units[row];
    double rows = 0;
    seen.clear();
    for (; row < c.levels.size() && units[row] == unit; ++row) {
      const std::uint16_t level = c.levels[row];
      if (level == c.unknown() || !keep(row)) continue;
      if (of_unit[level]++ == 0) seen.push_back(level);
      ++rows;
    }
    for (const std::uint16_t level : seen) {
      out.shares[level] += of_unit[level] / rows;
      of_unit[level] = 0;
    }
    out.units += rows > 0 ? 1U : 0U;
  }
  for (double& share : out.shares) share /= std::max<double>(1, static_cast<double>(out.units));
  return out;
}

/// Half the width of Wilson's interval of a recall of 0.9.
double half_width_of(double n) {
  const Interval i = wilson_interval(0.9 * n, n);
  return (i.high - i.low) / 2;
}

/// The least n that is firm enough.
std::uint64_t objects_for(double half_width) {
  std::uint64_t low = 1, high = 100'000'000;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (half_width_of(static_cast<double>(middle)) <= half_width)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

std::string units_said(const ClauseView& view, std::uint64_t n) {
  return view.input.contract.of_groups ? counted(n, "group", "groups") : counted(n, "image", "images");
}

}  // namespace

void evaluate_factor(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  const LevelColumn& c = view.table.column(clause.factors.front());
  result.n = c.levels.size();
  result.limit_is_most = true;
  const bool objects = c.of == FactorOf::annotation;
  const std::string rows = objects ? counted(result.n, "object", "objects") : counted(result.n, "image", "images");
  if (clause.kind == ClauseKind::other) {
    if (!c.missing.empty()) return undecided(result, c.missing);
    result.measured = static_cast<double>(c.others);
    result.limit = 0;
    result.unknown = c.unknowns - c.others;
    result.outcome = c.others == 0 ? ClauseOutcome::pass : ClauseOutcome::fail;
    result.said = grouped(c.others) + " of " + rows + " of no declared level";
    return;
  }
  if (c.levels.empty() || c.missing.starts_with("factor '")) return undecided(result, c.missing);
  result.unknown = c.unknowns - c.others;
  result.is_share = true;
  result.measured = static_cast<double>(result.unknown) / static_cast<double>(result.n);
  result.limit = clause.at_most;
  result.outcome = *result.measured <= clause.at_most.value_or(1) ? ClauseOutcome::pass : ClauseOutcome::fail;
  result.said = "not known of " + grouped(result.unknown) + " of " + rows;
}

void evaluate_impossible(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  const ContractConstraint& constraint = view.input.contract.constraints[clause.index];
  bool objects = false;
  std::string missing;
  for (const auto& part : constraint.parts) {
    const LevelColumn& c = view.table.column(part.factor);
    objects = objects || c.of == FactorOf::annotation;
    if (!c.missing.empty()) missing = "'" + part.factor + "': " + c.missing;
  }
  if (!missing.empty()) return undecided(result, missing);
  const FactorOf of = objects ? FactorOf::annotation : FactorOf::image;
  const std::vector<std::uint32_t>& records = view.table.records(of);
  std::vector<bool> holds(records.size(), true);
  for (const auto& part : constraint.parts) {
    const LevelColumn& c = objects ? view.table.by_object(part.factor) : view.table.column(part.factor);
    std::vector<bool> meant(c.names.size() + 1);
    for (std::size_t k = 0; k < c.names.size(); ++k)
      meant[k] = std::find(part.levels.begin(), part.levels.end(), c.names[k]) != part.levels.end();
    for (std::size_t row = 0; row < holds.size(); ++row) holds[row] = holds[row] && meant[c.levels[row]];
  }
  constexpr std::size_t most_places = 10'000;
  for (std::size_t row = 0; row < holds.size(); ++row) {
    if (!holds[row]) continue;
    ++result.place_count;
    if (result.places.size() >= most_places) continue;
    if (objects)
      result.places.emplace_back(to_index<AnnotationIndex>(records[row]));
    else
      result.places.emplace_back(to_index<ImageIndex>(records[row]));
  }
  result.n = records.size();
  result.measured = static_cast<double>(result.place_count);
  result.limit = 0;
  result.limit_is_most = true;
  result.outcome = result.place_count == 0 ? ClauseOutcome::pass : ClauseOutcome::fail;
  LevelTuple parts;
  for (const auto& part : constraint.parts) {
    std::string levels;
    for (const std::string& l : part.levels) levels += (levels.empty() ? "" : "|") + l;
    parts.emplace_back(part.factor, levels);
  }
  result.said = (objects ? counted(result.place_count, "object is", "objects are")
                         : counted(result.place_count, "image is", "images are")) +
                " what cannot be: " + to_string(parts);
}

void evaluate_balance(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  const LevelColumn& c = view.table.column(clause.factors.front());
  if (!c.missing.empty()) return undecided(result, c.missing);
  const UnitShares all = unit_shares(c, view.table.units(c.of), [](std::size_t) { return true; });
  result.n = all.units;
  result.unknown = c.unknowns;
  result.limit_is_most = true;
  const auto largest = std::max_element(all.shares.begin(), all.shares.end());
  double hhi = 0;
  for (const double share : all.shares) hhi += share * share;
  const std::string& level = c.names[static_cast<std::size_t>(largest - all.shares.begin())];
  result.said =
      "'" + level + "' has " + percent(*largest) + " of " + units_said(view, all.units) + ", HHI " + measure(hhi);
  if (clause.max_hhi) {
    result.measured = hhi;
    result.limit = clause.max_hhi;
    result.outcome = hhi <= *clause.max_hhi ? ClauseOutcome::pass : ClauseOutcome::fail;
    return;
  }
  result.is_share = true;
  result.measured = *largest;
  result.interval = wilson_interval(*largest * static_cast<double>(all.units), static_cast<double>(all.units));
  result.limit = clause.max_share;
  result.outcome = clause.max_share && !clause.report_only ? decided(*result.interval, *clause.max_share, true)
                                                           : ClauseOutcome::told;
  if (result.outcome != ClauseOutcome::fail || *clause.max_share <= 0) return;
  // So many more of anything else would bring it to its share.
  const double n = static_cast<double>(all.units);
  const auto more = static_cast<std::uint64_t>(std::ceil(*largest * n / *clause.max_share - n - 1e-9));
  result.shorts.push_back({.tuple = {{c.name, "not " + level}}, .have = 0, .need = more});
  result.shorts.back().waived = waiver_of(view.input, clause, {{c.name, level}}) != nullptr;
  result.short_count = result.shorts.back().waived ? 0 : 1;
  if (result.shorts.back().waived) result.outcome = ClauseOutcome::pass, result.said += "; waived";
}

void evaluate_negatives(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  const Dataset& d = view.input.dataset;
  auto taken = factor({d, view.input.facts, view.input.pixels}, "image.content");
  VETSET_ASSERT(taken, "there is such a factor, and it needs no pixels");
  LevelColumn content{.name = "content", .of = FactorOf::image, .names = {"empty", "objects"}, .levels = {}};
  for (const std::uint32_t i : view.table.records(FactorOf::image)) {
    const std::uint32_t level = taken->levels[i];
    content.levels.push_back(level == Factor::unknown ? content.unknown() : static_cast<std::uint16_t>(level));
    result.unknown += level == Factor::unknown ? 1U : 0U;
  }
  const LevelColumn* per = clause.factors.empty() ? nullptr : &view.table.column(clause.factors.front());
  if (per != nullptr && per->of == FactorOf::annotation)
    return undecided(result, "'" + per->name + "' is of objects, and an image without objects has none");
  if (per != nullptr && !per->missing.empty()) return undecided(result, "'" + per->name + "': " + per->missing);
  result.is_share = true;
  const std::size_t contexts = per == nullptr ? 1 : per->names.size();
  const bool most = clause.at_most.has_value();
  bool first = true;
  result.outcome = ClauseOutcome::undecided;
  result.said = "no image is known to have objects or none";
  for (std::size_t k = 0; k < contexts; ++k) {
    const UnitShares all = unit_shares(content, view.table.units(FactorOf::image),
                                       [&](std::size_t row) { return per == nullptr || per->levels[row] == k; });
    if (all.units == 0) continue;  // that nothing is known of a context is COV204's
    const double share = all.shares[0], n = static_cast<double>(all.units);
    const Interval interval = wilson_interval(share * n, n);
    const bool worse = first || (most ? share > *result.measured : share < *result.measured);
    if (!worse) continue;
    first = false;
    result.measured = share;
    result.interval = interval;
    result.n = all.units;
    result.limit = most ? clause.at_most : clause.at_least;
    result.limit_is_most = most;
    result.outcome = !result.limit || clause.report_only ? ClauseOutcome::told : decided(interval, *result.limit, most);
    result.said = percent(share) + " of " + units_said(view, all.units) + " have no object" +
                  (per == nullptr ? "" : " where " + per->name + "=" + per->names[k]);
    result.shorts.clear();
    if (result.outcome == ClauseOutcome::fail && !most && *clause.at_least < 1) {
      const auto more =
          static_cast<std::uint64_t>(std::ceil((*clause.at_least * n - share * n) / (1 - *clause.at_least) - 1e-9));
      LevelTuple tuple = {{"content", "empty"}};
      if (per != nullptr) tuple.emplace_back(per->name, per->names[k]);
      result.shorts.push_back({.tuple = std::move(tuple), .have = 0, .need = more});
    }
  }
  result.short_count = result.shorts.size();
}

void evaluate_metric_power(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  const LevelColumn& classes = view.table.column("class");
  const LevelColumn* split = clause.split.empty() ? nullptr : &view.table.by_object("split");
  std::size_t wanted = 0;
  if (split != nullptr) {
    while (wanted < split->names.size() && split->names[wanted] != clause.split) ++wanted;
    for (std::size_t k = 0; wanted == split->names.size() && k < split->names.size(); ++k)
      if (split_role(split->names[k]) == split_role(clause.split) && split_role(clause.split) != SplitRole::other)
        wanted = k;
    if (wanted == split->names.size()) return undecided(result, "no split is called '" + clause.split + "'");
  }
  if (!classes.missing.empty()) return undecided(result, classes.missing);
  const std::vector<std::uint32_t>& rows = view.table.records(FactorOf::annotation);
  const std::vector<std::uint32_t>& units = view.table.units(FactorOf::annotation);
  std::vector<std::uint64_t> objects(classes.names.size()), groups(classes.names.size());
  std::vector<std::uint32_t> last(classes.names.size(), Factor::unknown);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const std::uint16_t k = classes.levels[row];
    if (k == classes.unknown() || (split != nullptr && split->levels[row] != wanted)) continue;
    if (view.input.dataset.annotations[rows[row]].flags.is(Flag::crowd)) continue;
    ++objects[k];
    groups[k] += last[k] != units[row] ? 1U : 0U;
    last[k] = units[row];
    ++result.n;
  }
  const std::uint64_t need = objects_for(*clause.half_width);
  std::uint64_t few_objects = 0, few_groups = 0, fewest = ~std::uint64_t{0};
  std::size_t worst = 0;
  for (std::size_t k = 0; k < classes.names.size(); ++k) {
    if (objects[k] < fewest) fewest = objects[k], worst = k;
    if (objects[k] >= need) {
      few_groups += groups[k] < need ? 1U : 0U;
      continue;
    }
    ShortCell cell{.tuple = {{"class", classes.names[k]}}, .have = objects[k], .need = need};
    if (split != nullptr) cell.tuple.emplace_back("split", split->names[wanted]);
    cell.waived = waiver_of(view.input, clause, cell.tuple) != nullptr;
    few_objects += cell.waived ? 0U : 1U;
    result.shorts.push_back(std::move(cell));
  }
  if (classes.names.empty()) return undecided(result, "there are no classes");
  result.short_count = few_objects;
  result.measured = fewest == 0 ? 0.5 : half_width_of(static_cast<double>(fewest));
  result.limit = clause.half_width;
  result.limit_is_most = true;
  // Objects of one group are no independent trials: the truth lies between counting objects and counting groups.
  result.outcome = few_objects > 0  ? ClauseOutcome::fail
                   : few_groups > 0 ? ClauseOutcome::undecided
                                    : ClauseOutcome::pass;
  result.said = few_objects > 0  ? grouped(few_objects) + " of " + counted(classes.names.size(), "class", "classes") +
                                       " with fewer than " + counted(need, "object", "objects") + "; '" +
                                       classes.names[worst] + "' has " + grouped(fewest)
                : few_groups > 0 ? grouped(few_groups) + " of " + counted(classes.names.size(), "class", "classes") +
                                       " with enough objects, but from fewer than " + units_said(view, need)
                                 : "every class has " + counted(need, "object", "objects") + " or more";
}

void evaluate_ratios(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  const LevelColumn& split = view.table.column("split");
  if (!split.missing.empty()) return undecided(result, "no image is in a split");
  std::array<double, 3> images{};  // train, val, test
  double all = 0;
  std::vector<std::size_t> role(split.names.size() + 1, 3);
  for (std::size_t k = 0; k < split.names.size(); ++k) {
    const SplitRole r = split_role(split.names[k]);
    role[k] = r == SplitRole::train ? 0 : r == SplitRole::val ? 1 : r == SplitRole::test ? 2 : 3;
  }
  for (const std::uint16_t level : split.levels) {
    if (role[level] >= images.size()) continue;
    ++images[role[level]];
    ++all;
  }
  result.n = static_cast<std::uint64_t>(all);
  if (all == 0) return undecided(result, "no split is called train, val or test");
  double worst = 0;
  std::string said;
  for (std::size_t k = 0; k < images.size(); ++k) {
    const double wanted = k < clause.ratios.size() ? clause.ratios[k] : 0;
    worst = std::max(worst, std::abs(images[k] / all - wanted));
    said += (k == 0 ? "train " : k == 1 ? ", val " : ", test ") + percent(images[k] / all);
  }
  result.is_share = result.limit_is_most = true;
  result.measured = worst;
  result.limit = clause.at_most;
  result.outcome = worst <= *clause.at_most + 1e-12 ? ClauseOutcome::pass : ClauseOutcome::fail;
  result.said = said;
}

void evaluate_labels(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  const Dataset& d = view.input.dataset;
  constexpr std::size_t most_places = 10'000;
  const auto found = [&](Where where) {
    ++result.place_count;
    if (result.places.size() < most_places) result.places.push_back(std::move(where));
  };
  if (clause.of_images) {
    for (std::size_t i = 0; i < d.images.size(); ++i)
      if (view.asked.holds(*clause.where, to_index<ImageIndex>(i))) found(to_index<ImageIndex>(i));
    result.n = d.images.size();
  } else {
    for (std::size_t a = 0; a < d.annotations.size(); ++a)
      if (d.annotations[a].image != none<ImageIndex> && view.asked.holds(*clause.where, to_index<AnnotationIndex>(a)))
        found(to_index<AnnotationIndex>(a));
    result.n = d.annotations.size();
  }
  result.measured = static_cast<double>(result.place_count);
  result.limit = 0;
  result.limit_is_most = true;
  result.outcome = result.place_count == 0 ? ClauseOutcome::pass : ClauseOutcome::fail;
  result.said = grouped(result.place_count) + " of " +
                (clause.of_images ? counted(result.n, "image", "images") : counted(result.n, "object", "objects"));
}

}  // namespace vetset
