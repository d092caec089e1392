// One function a kind of clause. For contract*.cpp.
#pragma once

#include <optional>

#include "vetset/check/contract_levels.h"
#include "vetset/check/contract_tuples.h"
#include "vetset/dataset/expr_fields.h"

namespace vetset {

/// What all clauses look at.
struct ClauseView {
  const ContractInput& input;
  const ContractUnits& units;
  LevelTable& table;
  const Constraints& constraints;         // over `names`
  const std::vector<std::string>& names;  // of all factors, in the order of `constraints`
  const AskedDataset& asked;

  std::size_t number_of(std::string_view factor) const;
};

constexpr std::size_t most_shorts = 100'000;  // that are listed; all are counted

void evaluate_bins(const ClauseView& view, const Clause& clause, ClauseResult& result);
void evaluate_pair(const ClauseView& view, const Clause& clause, ClauseResult& result);
void evaluate_t_way(const ClauseView& view, const Clause& clause, ClauseResult& result);
void evaluate_sdcc(const ClauseView& view, const Clause& clause, ClauseResult& result);
void evaluate_balance(const ClauseView& view, const Clause& clause, ClauseResult& result);
void evaluate_negatives(const ClauseView& view, const Clause& clause, ClauseResult& result);
void evaluate_factor(const ClauseView& view, const Clause& clause, ClauseResult& result);  // unknown, other
void evaluate_impossible(const ClauseView& view, const Clause& clause, ClauseResult& result);
void evaluate_metric_power(const ClauseView& view, const Clause& clause, ClauseResult& result);
void evaluate_ratios(const ClauseView& view, const Clause& clause, ClauseResult& result);
void evaluate_labels(const ClauseView& view, const Clause& clause, ClauseResult& result);
void evaluate_embedding(const ClauseView& view, const Clause& clause, ClauseResult& result);

/// Pass, fail or undecided of a measure with an interval against a limit.
ClauseOutcome decided(const Interval& interval, double limit, bool limit_is_most);
/// The waiver of a combination; null where there is none that holds today.
const ContractWaiver* waiver_of(const ContractInput& input, const Clause& clause, const LevelTuple& tuple);
/// "12.5 %"
std::string percent(double share);

/// What to collect, so that all that is short is there.
std::vector<ToCollect> collection_order(const ClauseView& view, const std::vector<ClauseResult>& results);

}  // namespace vetset
