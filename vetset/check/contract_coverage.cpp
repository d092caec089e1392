// Clauses that count combinations: bins, pair, t_way, sdcc.
#include <algorithm>
#include <cmath>

#include "vetset/check/contract_clauses.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

/// The columns of some factors over one kind of rows: of objects where one of them is of objects.
struct Chosen {
  std::vector<const LevelColumn*> columns;
  std::vector<TupleColumn> tuples;
  FactorOf of = FactorOf::image;
  std::string missing;  // why they cannot be counted
};

Chosen choose_all(const ClauseView& view, const std::vector<std::string>& factors, bool objects) {
  Chosen chosen;
  bool any = objects;
  for (const std::string& f : factors) any = any || view.table.column(f).of == FactorOf::annotation;
  chosen.of = any ? FactorOf::annotation : FactorOf::image;
  for (const std::string& f : factors) {
    const LevelColumn& c = any ? view.table.by_object(f) : view.table.column(f);
    chosen.columns.push_back(&c);
    chosen.tuples.push_back({c.levels, c.names.size()});
    if (chosen.missing.empty() && !c.missing.empty()) chosen.missing = "'" + f + "': " + c.missing;
  }
  return chosen;
}

/// Those that are counted together.
Chosen choose(const ClauseView& view, const std::vector<std::string>& factors, bool objects) {
  Chosen chosen = choose_all(view, factors, objects);
  if (chosen.missing.empty() && tuple_slots(chosen.tuples) > most_slots)
    chosen.missing = "too many combinations to count; give the factors fewer levels";
  return chosen;
}

std::span<const std::uint32_t> units_of(const ClauseView& view, FactorOf of, bool objects) {
  if (objects || view.table.rows_are_units(of)) return {};
  return view.table.units(of);
}

bool is_possible(const ClauseView& view, const Chosen& chosen, std::span<const std::uint16_t> levels) {
  std::vector<std::int32_t> all(view.names.size(), Constraints::open);
  bool concerned = false;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const std::size_t factor = view.number_of(chosen.columns[k]->name);
    all[factor] = levels[k];
    concerned = concerned || view.constraints.concerns(factor);
  }
  return !concerned || view.constraints.possible(std::move(all));
}

LevelTuple named(const Chosen& chosen, std::span<const std::uint16_t> levels) {
  LevelTuple tuple;
  for (std::size_t k = 0; k < levels.size(); ++k)
    tuple.emplace_back(chosen.columns[k]->name, chosen.columns[k]->names[levels[k]]);
  return tuple;
}

/// Rows with a level that is not known.
std::uint64_t unknown_rows(const Chosen& chosen) {
  std::uint64_t n = 0;
  for (std::size_t row = 0; row < chosen.columns.front()->levels.size(); ++row)
    n += std::any_of(chosen.columns.begin(), chosen.columns.end(),
                     [&](const LevelColumn* c) { return c->levels[row] == c->unknown(); })
             ? 1U
             : 0U;
  return n;
}

/// Combinations that can be, and those that are there often enough.
struct Tally {
  std::uint64_t valid = 0, covered = 0, waived = 0;
};

Tally tally(const ClauseView& view, const Clause& clause, const Chosen& chosen, ClauseResult& result) {
  const auto counts = count_tuples(chosen.tuples, units_of(view, chosen.of, clause.of_objects));
  Tally t;
  for_each_tuple(chosen.tuples, [&](std::span<const std::uint16_t> levels, std::size_t slot) {
    if (!is_possible(view, chosen, levels)) return;
    const bool enough = counts[slot] >= clause.min;
    if (enough) {
      ++t.valid;
      ++t.covered;
      return;
    }
    ShortCell cell{
        .tuple = named(chosen, levels), .have = counts[slot], .need = static_cast<std::uint64_t>(clause.min)};
    cell.waived = waiver_of(view.input, clause, cell.tuple) != nullptr;
    t.valid += cell.waived ? 0U : 1U;
    t.waived += cell.waived ? 1U : 0U;
    result.short_count += cell.waived ? 0U : 1U;
    if (result.shorts.size() < most_shorts) result.shorts.push_back(std::move(cell));
  });
  return t;
}

std::string what_counts(const ClauseView& view, const Clause& clause, std::uint64_t n) {
  if (clause.of_objects) return counted(n, "object", "objects");
  return view.input.contract.of_groups ? counted(n, "group", "groups") : counted(n, "image", "images");
}

void conclude(const ClauseView& view, const Clause& clause, const Tally& t, ClauseResult& result) {
  result.is_share = true;
  result.limit = clause.at_least;
  if (t.valid == 0) {
    result.outcome = t.waived > 0 ? ClauseOutcome::pass : ClauseOutcome::undecided;
    result.said = t.waived > 0 ? "all combinations are waived" : "there is no combination to look for";
    return;
  }
  result.measured = static_cast<double>(t.covered) / static_cast<double>(t.valid);
  result.outcome = clause.report_only || !clause.at_least ? ClauseOutcome::told
                   : *result.measured >= *clause.at_least ? ClauseOutcome::pass
                                                          : ClauseOutcome::fail;
  result.said =
      grouped(t.covered) + " of " + counted(t.valid, "combination", "combinations") +
      (clause.min > 1 ? " with " + what_counts(view, clause, static_cast<std::uint64_t>(clause.min)) + " or more"
                      : " seen") +
      (t.waived > 0 ? ", " + grouped(t.waived) + " waived" : "");
}

void undecided(ClauseResult& result, std::string why) {
  result.outcome = ClauseOutcome::undecided;
  result.said = std::move(why);
}

std::vector<std::string> all_or_named(const ClauseView& view, const Clause& clause) {
  if (clause.factors.empty() || clause.factors.front() != "*") return clause.factors;
  std::vector<std::string> all;
  for (const ContractFactor& f : view.input.contract.factors) all.push_back(f.name);
  return all;
}

}  // namespace

void evaluate_bins(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  const auto factors = all_or_named(view, clause);
  const Chosen chosen = choose(view, factors, clause.of_objects);
  if (!chosen.missing.empty()) return undecided(result, chosen.missing);
  if (factors.size() > 4) return undecided(result, "more than four factors at once");
  const Tally t = tally(view, clause, chosen, result);
  result.n = clause.of_objects ? view.table.records(FactorOf::annotation).size() : view.units.count;
  result.unknown = unknown_rows(chosen);
  conclude(view, clause, t, result);
}

void evaluate_pair(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  Tally all;
  for (const std::string& f : all_or_named(view, clause)) {
    if (f == "class") continue;
    const Chosen chosen = choose(view, {"class", f}, true);
    if (!chosen.missing.empty()) {
      result.shorts.clear();
      result.short_count = 0;
      return undecided(result, chosen.missing);
    }
    const Tally t = tally(view, clause, chosen, result);
    all.valid += t.valid, all.covered += t.covered, all.waived += t.waived;
    result.unknown = std::max(result.unknown, unknown_rows(chosen));
  }
  result.n = clause.of_objects ? view.table.records(FactorOf::annotation).size() : view.units.count;
  conclude(view, clause, all, result);
}

void evaluate_t_way(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  std::vector<std::string> factors;
  std::string left_out;
  for (const std::string& f : all_or_named(view, clause)) {
    const std::string& missing = view.table.column(f).missing;
    if (missing.empty()) {
      factors.push_back(f);
      continue;
    }
    if (clause.factors.front() != "*") return undecided(result, "'" + f + "': " + missing);
    left_out += (left_out.empty() ? "" : ", ") + f;  // what nobody knows cannot be covered, and is said
  }
  if (factors.size() < clause.t)
    return undecided(result, counted(factors.size(), "factor", "factors") + " known, " + std::to_string(clause.t) +
                                 " at a time" + (left_out.empty() ? "" : "; nothing is known of " + left_out));
  Tally all;
  double expected = 0;
  std::uint64_t sets = 0, whole = 0;
  std::string missing;
  for_each_choice(factors.size(), clause.t, [&](std::span<const std::size_t> which) {
    std::vector<std::string> names;
    for (const std::size_t k : which) names.push_back(factors[k]);
    const Chosen chosen = choose(view, names, clause.of_objects);
    if (!chosen.missing.empty()) {
      missing = chosen.missing;
      return;
    }
    const Tally t = tally(view, clause, chosen, result);
    all.valid += t.valid, all.covered += t.covered, all.waived += t.waived;
    const double draws = clause.of_objects ? static_cast<double>(view.table.records(FactorOf::annotation).size())
                                           : static_cast<double>(view.units.count);
    expected += static_cast<double>(t.valid) * chance_covered(static_cast<double>(t.valid), draws, clause.min);
    ++sets;
    whole += t.covered == t.valid ? 1U : 0U;
  });
  result.n = clause.of_objects ? view.table.records(FactorOf::annotation).size() : view.units.count;
  if (!missing.empty()) {
    result.shorts.clear();
    result.short_count = 0;
    return undecided(result, missing);
  }
  conclude(view, clause, all, result);
  result.unknown = unknown_rows(choose_all(view, factors, clause.of_objects));
  if (all.valid > 0) result.null = expected / static_cast<double>(all.valid);
  result.said += "; " + grouped(whole) + " of " + counted(sets, "set", "sets") + " of factors whole";
  if (!left_out.empty()) result.said += "; nothing is known of " + left_out;
}

void evaluate_sdcc(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  const LevelColumn& split = view.table.column("split");
  const auto level_of = [&](const std::string& name) {
    auto place = std::find(split.names.begin(), split.names.end(), name);
    if (place == split.names.end())  // "val" is what another calls "valid"
      place = std::find_if(split.names.begin(), split.names.end(), [&](const std::string& known) {
        return split_role(known) == split_role(name) && split_role(name) != SplitRole::other;
      });
    return static_cast<std::size_t>(place - split.names.begin());
  };
  const std::size_t from = level_of(clause.split), minus = level_of(clause.minus);
  for (const auto& [level, name] : {std::pair(from, clause.split), std::pair(minus, clause.minus)})
    if (level == split.names.size()) return undecided(result, "no split is called '" + name + "'");
  std::vector<std::string> factors;
  for (const std::string& f : all_or_named(view, clause)) {
    const std::string& missing = view.table.column(f).missing;
    if (f == "split") continue;
    if (missing.empty())
      factors.push_back(f);
    else if (clause.factors.front() != "*")
      return undecided(result, "'" + f + "': " + missing);
  }
  if (factors.size() < clause.t) return undecided(result, "fewer factors are known than are looked at together");
  std::uint64_t there = 0, only_there = 0;
  std::string missing;
  for_each_choice(factors.size(), clause.t, [&](std::span<const std::size_t> which) {
    std::vector<std::string> names;
    for (const std::size_t k : which) names.push_back(factors[k]);
    const Chosen chosen = choose(view, names, false);
    if (!chosen.missing.empty()) {
      missing = chosen.missing;
      return;
    }
    const LevelColumn& split_rows = chosen.of == FactorOf::image ? split : view.table.by_object("split");
    std::vector<bool> in_from(tuple_slots(chosen.tuples)), in_minus(in_from.size());
    for (std::size_t row = 0; row < split_rows.levels.size(); ++row) {
      std::size_t slot = 0;
      for (const TupleColumn& c : chosen.tuples) slot = slot * (c.size + 1) + c.levels[row];
      if (split_rows.levels[row] == from) in_from[slot] = true;
      if (split_rows.levels[row] == minus) in_minus[slot] = true;
    }
    for_each_tuple(chosen.tuples, [&](std::span<const std::uint16_t> levels, std::size_t slot) {
      if (!in_from[slot]) return;
      ++there;
      if (in_minus[slot]) return;
      ShortCell cell{.tuple = named(chosen, levels), .have = 0, .need = 1};
      cell.waived = waiver_of(view.input, clause, cell.tuple) != nullptr;
      only_there += cell.waived ? 0U : 1U;
      result.short_count += cell.waived ? 0U : 1U;
      if (result.shorts.size() < most_shorts) result.shorts.push_back(std::move(cell));
    });
  });
  if (!missing.empty()) return undecided(result, missing);
  result.n = there;
  result.is_share = result.limit_is_most = true;
  result.limit = clause.at_most;
  if (there == 0) return undecided(result, "no combination is known in '" + clause.split + "'");
  result.measured = static_cast<double>(only_there) / static_cast<double>(there);
  result.outcome = clause.report_only || !clause.at_most ? ClauseOutcome::told
                   : *result.measured <= *clause.at_most ? ClauseOutcome::pass
                                                         : ClauseOutcome::fail;
  result.said = grouped(only_there) + " of " + counted(there, "combination", "combinations") + " in '" + clause.split +
                "' never seen in '" + clause.minus + "'";
}

}  // namespace vetset
