#include <algorithm>

#include "vetset/check/rule.h"

namespace vetset {

#define VETSET_RULE(name) extern const Rule name;
#include "vetset/check/rules.def"
#undef VETSET_RULE

namespace {

constexpr const Rule* all_rules[] = {
#define VETSET_RULE(name) &name,
#include "vetset/check/rules.def"
#undef VETSET_RULE
};

}  // namespace

std::span<const Rule* const> rules() { return all_rules; }

const Rule* find_rule(std::string_view code_or_name) {
  for (const Rule* rule : all_rules)
    if (rule->code == code_or_name || rule->name == code_or_name) return rule;
  return nullptr;
}

void Report::operator()(Where where, std::string message, std::string fix) const {
  with(rule.severity, rule.evidence, std::move(where), std::move(message), std::move(fix));
}

void Report::with(Severity severity, EvidenceClass evidence, Where where, std::string message, std::string fix) const {
  add({.code = rule.code,
       .severity = severity,
       .evidence = evidence,
       .revision = rule.revision,
       .where = std::move(where),
       .message = std::move(message),
       .fix = std::move(fix)});
}

void Report::scored(double score, Where where, std::string message, std::string fix) const {
  add({.code = rule.code,
       .severity = rule.severity,
       .evidence = rule.evidence,
       .revision = rule.revision,
       .where = std::move(where),
       .message = std::move(message),
       .score = score,
       .fix = std::move(fix)});
}

}  // namespace vetset
