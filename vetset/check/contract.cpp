#include "vetset/check/contract.h"

#include <algorithm>

#include "vetset/base/number.h"
#include "vetset/check/contract_clauses.h"
#include "vetset/check/select.h"

namespace vetset {
namespace {

Constraints constraints_of(const Contract& contract, const std::vector<std::string>& names, LevelTable& table) {
  std::vector<std::size_t> sizes(names.size());
  for (const ContractConstraint& c : contract.constraints)  // only what constraints name is looked at for them
    for (const auto& part : c.parts) {
      const auto k = static_cast<std::size_t>(std::find(names.begin(), names.end(), part.factor) - names.begin());
      sizes[k] = table.column(part.factor).names.size();
    }
  Constraints constraints(sizes);
  for (const ContractConstraint& c : contract.constraints) {
    std::vector<Constraints::Part> parts;
    bool any = true;
    for (const auto& part : c.parts) {
      const auto k = static_cast<std::size_t>(std::find(names.begin(), names.end(), part.factor) - names.begin());
      const auto& levels = table.column(part.factor).names;
      Constraints::Part meant{k, std::vector<bool>(levels.size())};
      for (std::size_t l = 0; l < levels.size(); ++l)
        meant.levels[l] = std::find(part.levels.begin(), part.levels.end(), levels[l]) != part.levels.end();
      any = any && std::find(meant.levels.begin(), meant.levels.end(), true) != meant.levels.end();
      parts.push_back(std::move(meant));
    }
    if (any) constraints.forbid(std::move(parts));  // levels that the data lacks forbid nothing
  }
  return constraints;
}

void evaluate(const ClauseView& view, const Clause& clause, ClauseResult& result) {
  switch (clause.kind) {
    case ClauseKind::unknown:
    case ClauseKind::other: return evaluate_factor(view, clause, result);
    case ClauseKind::impossible: return evaluate_impossible(view, clause, result);
    case ClauseKind::bins: return evaluate_bins(view, clause, result);
    case ClauseKind::pair: return evaluate_pair(view, clause, result);
    case ClauseKind::t_way: return evaluate_t_way(view, clause, result);
    case ClauseKind::sdcc: return evaluate_sdcc(view, clause, result);
    case ClauseKind::balance: return evaluate_balance(view, clause, result);
    case ClauseKind::negatives: return evaluate_negatives(view, clause, result);
    case ClauseKind::embedding: return evaluate_embedding(view, clause, result);
    case ClauseKind::metric_power: return evaluate_metric_power(view, clause, result);
    case ClauseKind::ratios: return evaluate_ratios(view, clause, result);
    case ClauseKind::labels: return evaluate_labels(view, clause, result);
  }
}

bool holds_today(const ContractWaiver& waiver, std::string_view today) {
  return waiver.until.empty() || today.empty() || waiver.until >= today;
}

}  // namespace

std::size_t ClauseView::number_of(std::string_view factor) const {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), factor) - names.begin());
}

ClauseOutcome decided(const Interval& interval, double limit, bool limit_is_most) {
  if (limit_is_most ? interval.high <= limit : interval.low >= limit) return ClauseOutcome::pass;
  if (limit_is_most ? interval.low > limit : interval.high < limit) return ClauseOutcome::fail;
  return ClauseOutcome::undecided;
}

const ContractWaiver* waiver_of(const ContractInput& input, const Clause& clause, const LevelTuple& tuple) {
  for (const ContractWaiver& waiver : input.contract.waivers) {
    if (waiver.where.empty() || !names_rule(waiver.rule, clause.code) || !holds_today(waiver, input.today)) continue;
    const bool covers = std::all_of(waiver.where.begin(), waiver.where.end(), [&](const auto& part) {
      return std::find(tuple.begin(), tuple.end(), part) != tuple.end();
    });
    if (covers) return &waiver;
  }
  return nullptr;
}

std::string percent(double share) {
  std::string out;
  const double value = 100 * share;
  append_fixed(out, value, value == 0 || value >= 99.95 ? 0 : value < 0.1 ? 2 : 1);
  return out + " %";
}

ContractReport evaluate_contract(const ContractInput& input) {
  const ContractUnits units = contract_units(input);
  LevelTable table(input, units);
  std::vector<std::string> names = {"class", "split"};
  for (const ContractFactor& f : input.contract.factors) names.push_back(f.name);
  const Constraints constraints = constraints_of(input.contract, names, table);
  const AskedDataset asked(input.dataset);
  const ClauseView view{input, units, table, constraints, names, asked};

  ContractReport report{.contract = &input.contract,
                        .clauses = {},
                        .order = {},
                        .images = input.dataset.images.size(),
                        .units = units.count,
                        .unit_said = units.said};
  for (std::size_t k = 0; k < input.contract.clauses.size(); ++k) {
    const Clause& clause = input.contract.clauses[k];
    ClauseResult result{.clause = k};
    evaluate(view, clause, result);
    for (const ContractWaiver& waiver : input.contract.waivers)
      if (waiver.where.empty() && names_rule(waiver.rule, clause.code) && holds_today(waiver, input.today) &&
          result.outcome != ClauseOutcome::pass)
        result.waived = &waiver;
    if (result.waived != nullptr)
      ++report.waived;
    else if (result.outcome == ClauseOutcome::pass)
      ++report.passed;
    else if (result.outcome == ClauseOutcome::fail)
      ++report.failed;
    else if (result.outcome == ClauseOutcome::undecided)
      ++report.undecided;
    else
      ++report.told;
    report.clauses.push_back(std::move(result));
  }
  report.order = collection_order(view, report.clauses);
  return report;
}

}  // namespace vetset
