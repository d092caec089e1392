// Rules of a team's own, written in Python and run there: what they are called, what came of each, and what they found,
// as a document (docs/schema/own-rules-v1.json). They take part in a check like those of the catalogue.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/check/rule.h"

namespace vetset {

class Json;

struct OwnRule {
  std::string code;  // "TEAM001": letters of the team's own, then a number
  std::string name;  // "person-on-car"
  std::string title, page = {};
  std::string origin = {};  // where it is written: "team_rules.py:12"
  Severity severity = Severity::warning;
  EvidenceClass evidence = EvidenceClass::proof;
  std::string not_run = {};  // why; empty: it ran
  bool broken = false;       // it did not run because something went wrong in it
  std::vector<Finding> findings = {};
};

/// Of one dataset. Findings and `as_rules` point into `rules`: it does not move once made.
struct OwnRules {
  static constexpr int version = 1;
  OwnRules() = default;
  OwnRules(const OwnRules&) = delete;
  OwnRules& operator=(const OwnRules&) = delete;

  std::vector<OwnRule> rules = {};       // by code
  std::vector<Rule> as_rules = {};       // likewise
  std::vector<std::string> unread = {};  // files whose rules could not be looked at: their codes are not known

  const OwnRule* find(std::string_view code) const;
};

/// Why a code cannot be a team's own; empty: it can. Three to eight capital letters that no code of the catalogue
/// begins with, then three or four digits.
std::string why_not_own_code(std::string_view code);

/// Whether a word may name rules of a team's own: such a code, or the beginning of such codes.
bool may_name_own_rules(std::string_view word);

/// Errors: a document that is not one, codes that cannot be a team's own or are there twice, rows that the dataset does
/// not have.
Result<std::shared_ptr<const OwnRules>> read_own_rules(std::string_view document, const Dataset& d);

/// A list of rules as such a document has it, without what they found.
Result<std::shared_ptr<const OwnRules>> own_rules_of(const Json& rules);

/// Rules that are in these files and could not be looked at: each file is a rule of its own, OWN001 and on, that was
/// not run.
std::shared_ptr<const OwnRules> unread_own_rules(const std::vector<std::string>& files, const std::string& why,
                                                 bool broken = false);

}  // namespace vetset
