#include "vetset/check/select.h"

#include <algorithm>
#include <vector>

#include "vetset/base/nearest.h"
#include "vetset/check/own_rules.h"
#include "vetset/check/rule.h"

namespace vetset {

bool names_rule(std::string_view wanted, std::string_view code) {
  if (wanted.size() >= 3 && code.starts_with(wanted)) return true;
  const Rule* rule = find_rule(wanted);
  return rule != nullptr && rule->code == code;
}

bool names_rule(std::span<const std::string> wanted, std::string_view code) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& w) { return names_rule(w, code); });
}

std::string_view family_of(std::string_view code) {
  std::size_t size = 0;
  while (size < code.size() && code[size] >= 'A' && code[size] <= 'Z') ++size;
  return code.substr(0, size);
}

Result<void> check_rule_name(std::string_view wanted) {
  // A contract's own: X001. Which there are, only its reader knows; so with a team's own.
  if (wanted.size() == 4 && wanted[0] == 'X' && wanted.find_first_not_of("0123456789", 1) == wanted.npos) return {};
  if (may_name_own_rules(wanted)) return {};
  std::vector<std::string> known;
  for (const Rule* rule : rules()) {
    if (names_rule(wanted, rule->code)) return {};
    known.emplace_back(rule->name);
    known.emplace_back(rule->code);
  }
  return Error{Code::usage, "no rule is called '" + std::string(wanted) + "'" + did_you_mean(wanted, known) +
                                "; expected a code (FMT407), the beginning of codes (LBL1), or a name "
                                "(box-outside-image)"};
}

}  // namespace vetset
