// The collection order: the fewest kinds of samples that would fill what is short, found greedily.
#include <algorithm>
#include <cmath>

#include "vetset/check/contract_clauses.h"

namespace vetset {
namespace {

/// A combination that lacks `count` units or objects.
struct Need {
  LevelTuple tuple;
  std::uint64_t count = 0;
  bool objects = false;
};

/// Of a clause that asks for a share of combinations, those that cost least and are enough.
void add_needs(const Clause& clause, const ClauseResult& result, std::vector<Need>& needs) {
  if (result.outcome != ClauseOutcome::fail || result.waived != nullptr) return;
  std::vector<const ShortCell*> cells;
  for (const ShortCell& cell : result.shorts)
    if (!cell.waived) cells.push_back(&cell);
  std::stable_sort(cells.begin(), cells.end(),
                   [](const ShortCell* a, const ShortCell* b) { return a->need - a->have < b->need - b->have; });
  std::size_t wanted = cells.size();
  const bool by_share =
      clause.kind == ClauseKind::bins || clause.kind == ClauseKind::pair || clause.kind == ClauseKind::t_way;
  if (by_share && result.measured && *result.measured < 1 && result.limit) {
    const double valid = static_cast<double>(result.short_count) / (1 - *result.measured);
    const double more = std::ceil(*result.limit * valid - *result.measured * valid - 1e-6);
    wanted = std::min(wanted, static_cast<std::size_t>(std::max(0.0, more)));
  } else if (clause.kind == ClauseKind::sdcc && result.measured && result.limit) {
    const double most = std::floor(*result.limit * static_cast<double>(result.n) + 1e-6);
    wanted = std::min(wanted, static_cast<std::size_t>(std::max(0.0, static_cast<double>(result.short_count) - most)));
  }
  const bool objects = clause.of_objects || clause.kind == ClauseKind::metric_power;
  for (std::size_t k = 0; k < wanted; ++k) {
    LevelTuple tuple = cells[k]->tuple;
    if (clause.kind == ClauseKind::sdcc) tuple.emplace_back("split", clause.minus);
    std::sort(tuple.begin(), tuple.end());
    needs.push_back({std::move(tuple), cells[k]->need - cells[k]->have, objects});
  }
}

/// Both together, where they say nothing different of one factor; nothing else.
std::optional<LevelTuple> joined(const LevelTuple& a, const LevelTuple& b) {
  LevelTuple out = a;
  for (const auto& [factor, level] : b) {
    const auto same = std::find_if(out.begin(), out.end(), [&](const auto& part) { return part.first == factor; });
    if (same == out.end())
      out.emplace_back(factor, level);
    else if (same->second != level)
      return std::nullopt;
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool is_possible(const ClauseView& view, const LevelTuple& tuple) {
  std::vector<std::int32_t> levels(view.names.size(), Constraints::open);
  for (const auto& [factor, level] : tuple) {
    const std::size_t k = view.number_of(factor);
    if (k == view.names.size()) continue;  // "content" of negatives
    const auto& names = view.table.column(factor).names;
    const auto place = std::find(names.begin(), names.end(), level);
    if (place != names.end()) levels[k] = static_cast<std::int32_t>(place - names.begin());
  }
  return view.constraints.possible(std::move(levels));
}

}  // namespace

std::vector<ToCollect> collection_order(const ClauseView& view, const std::vector<ClauseResult>& results) {
  constexpr std::size_t most_needs = 2000, most_wanted = 500;
  std::vector<Need> needs;
  for (const ClauseResult& result : results) add_needs(view.input.contract.clauses[result.clause], result, needs);
  // One that is asked for twice is collected once, as often as the harder clause wants.
  std::stable_sort(needs.begin(), needs.end(), [](const Need& a, const Need& b) {
    return std::tie(a.objects, a.tuple, b.count) < std::tie(b.objects, b.tuple, a.count);
  });
  needs.erase(std::unique(needs.begin(), needs.end(),
                          [](const Need& a, const Need& b) { return a.objects == b.objects && a.tuple == b.tuple; }),
              needs.end());
  std::stable_sort(needs.begin(), needs.end(), [](const Need& a, const Need& b) {
    return a.tuple.size() != b.tuple.size() ? a.tuple.size() > b.tuple.size() : a.count > b.count;
  });
  if (needs.size() > most_needs) needs.resize(most_needs);
  std::vector<ToCollect> order;
  while (!needs.empty() && order.size() < most_wanted) {
    LevelTuple tuple = needs.front().tuple;
    std::uint64_t count = needs.front().count;
    std::vector<std::size_t> served = {0};
    for (std::size_t k = 1; k < needs.size(); ++k) {
      if (needs[k].objects != needs.front().objects) continue;
      const auto both = joined(tuple, needs[k].tuple);
      if (!both || !is_possible(view, *both)) continue;
      tuple = *both;
      count = std::min(count, needs[k].count);
      served.push_back(k);
    }
    order.push_back({tuple, count, needs.front().objects, served.size()});
    for (const std::size_t k : served) needs[k].count -= count;
    std::erase_if(needs, [](const Need& n) { return n.count == 0; });
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const ToCollect& a, const ToCollect& b) { return a.serves * a.count > b.serves * b.count; });
  return order;
}

}  // namespace vetset
