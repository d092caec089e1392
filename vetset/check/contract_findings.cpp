#include "vetset/check/contract_findings.h"

#include <algorithm>

#include "vetset/check/contract_clauses.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

Severity severity_of(const Clause& clause, const ClauseResult& result, const Report& report) {
  return result.outcome == ClauseOutcome::undecided ? Severity::note : clause.severity.value_or(report.rule.severity);
}

void report_places(const Clause& clause, const ClauseResult& result, const Report& report) {
  const std::string message = clause.kind == ClauseKind::labels ? clause.message
                                                                : "is what the contract says cannot be: " +
                                                                      result.said.substr(result.said.find(": ") + 2);
  for (const Where& where : result.places)
    report.with(severity_of(clause, result, report), report.rule.evidence, where, message, clause.fix);
}

}  // namespace

std::string shown(const ClauseResult& result, double value) {
  return result.is_share ? percent(value) : measure(value);
}

std::string measured_text(const ClauseResult& result) {
  std::string out;
  if (result.measured) out = shown(result, *result.measured);
  if (result.limit)
    out += (out.empty() ? "" : ", and ") + shown(result, *result.limit) + " is asked for" +
           (result.limit_is_most ? " at most" : " at least");
  return out;
}

std::string shorts_text(const ClauseResult& result, std::size_t most) {
  std::vector<const ShortCell*> cells;
  for (const ShortCell& cell : result.shorts)
    if (!cell.waived) cells.push_back(&cell);
  std::stable_sort(cells.begin(), cells.end(),
                   [](const ShortCell* a, const ShortCell* b) { return a->have < b->have; });
  std::string out;
  for (std::size_t k = 0; k < cells.size() && k < most; ++k)
    out += (out.empty() ? "" : "; ") + to_string(cells[k]->tuple) + " (" + grouped(cells[k]->have) + " of " +
           grouped(cells[k]->need) + ")";
  if (result.short_count > most) out += "; and " + grouped(result.short_count - most) + " more";
  return out;
}

void report_clauses(const Evidence& evidence, const Report& report) {
  if (evidence.contract == nullptr || evidence.clauses == nullptr) return;
  for (const ClauseResult& result : evidence.clauses->clauses) {
    const Clause& clause = evidence.contract->clauses[result.clause];
    if (clause.code != report.rule.code) continue;
    if (result.outcome != ClauseOutcome::fail && result.outcome != ClauseOutcome::undecided) continue;
    if (!result.places.empty()) {
      report_places(clause, result, report);
      continue;
    }
    std::string message = "'" + clause.text() + "' (line " + std::to_string(clause.line) + ")";
    if (result.outcome == ClauseOutcome::undecided && !result.measured) {
      message += " is undecided: " + result.said;
    } else {
      const std::string asked = measured_text(result);
      message +=
          (result.outcome == ClauseOutcome::undecided ? " is undecided: " : ": ") + result.said + "; it is " + asked;
      if (result.interval && result.outcome == ClauseOutcome::undecided)
        message += "; the truth may be from " + shown(result, result.interval->low) + " to " +
                   shown(result, result.interval->high);
      if (result.short_count > 0 && result.outcome == ClauseOutcome::fail)
        message += "; short are " + shorts_text(result, 3);
    }
    report.with(severity_of(clause, result, report), report.rule.evidence, std::monostate(), std::move(message),
                result.short_count > 0 ? "'vetset contract check' lists what to collect" : "");
  }
}

std::string no_clause(const Evidence& evidence, std::string_view code) {
  if (evidence.contract == nullptr) return {};
  const auto& clauses = evidence.contract->clauses;
  const bool any = std::any_of(clauses.begin(), clauses.end(), [&](const Clause& c) { return c.code == code; });
  return any ? std::string() : "the contract asks for nothing of it";
}

void make_rules(ContractRun& run) {
  run.rules.clear();
  for (const Clause& clause : run.contract.clauses) {
    if (clause.kind != ClauseKind::labels || !clause.code.starts_with('X')) continue;
    run.rules.push_back({.code = clause.code,
                         .name = clause.code,
                         .title = clause.message,
                         .severity = clause.severity.value_or(Severity::warning),
                         .evidence = EvidenceClass::proof,
                         .needs = Needs::contract,
                         .check = report_clauses});
  }
}

}  // namespace vetset
