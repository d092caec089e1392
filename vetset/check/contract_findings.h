// Clauses that fail as findings, for the rules that speak of them: those of the catalogue and those of a contract's
// own.
#pragma once

#include <string>
#include <vector>

#include "vetset/check/contract.h"
#include "vetset/check/rule.h"

namespace vetset {

/// The clauses of this rule's code that do not hold.
void report_clauses(const Evidence& evidence, const Report& report);
/// "the contract asks for nothing of it" where it has no clause of that code; else empty.
std::string no_clause(const Evidence& evidence, std::string_view code);

/// A number of a clause as people read it: "12.5 %", "20".
std::string shown(const ClauseResult& result, double value);
/// "12.5 %, and 25 % is asked for at most".
std::string measured_text(const ClauseResult& result);
/// The first few combinations that are short, the worst first: "weather=snow (3 of 20)".
std::string shorts_text(const ClauseResult& result, std::size_t most);

/// A contract at work: what it says, what it came to, and rules for its own codes. Does not move once made.
struct ContractRun {
  Contract contract;
  ContractReport report = {};
  std::vector<Rule> rules = {};  // of X001 …, pointing into `contract`
};
/// Makes the rules of own codes.
void make_rules(ContractRun& run);

}  // namespace vetset
