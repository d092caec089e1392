// A check as reports show it: findings with their places resolved, rules, trainers, totals. Made by the façade; text
// and JSON are two views of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/check/config.h"
#include "vetset/check/consumer.h"
#include "vetset/check/rule.h"
#include "vetset/check/rule_page.h"
#include "vetset/dataset/finding.h"
#include "vetset/dataset/statement.h"

namespace vetset {

struct ReportedFinding {
  const Finding* finding = nullptr;
  std::uint64_t count = 1;       // of findings that it stands for, in a summary
  std::string_view rule;         // its name; empty where the code is no rule's
  Place place;                   // empty file: the dataset as a whole
  std::string image = {};        // path of the image it concerns
  std::string other = {};        // of the second one, in a pair
  std::string annotation = {};   // id as JSON; empty where it has none
  std::string category = {};     // name of the class it concerns
  std::string fingerprint = {};  // stays the same while the fault does: code, image, annotation; never line or message
};

struct ReportedRule {
  const Rule* rule = nullptr;
  std::string_view not_run;
  std::uint64_t count = 0;
  Severity severity = {};          // as this check takes it
  std::string_view own_page = {};  // Markdown, of a rule that is in no catalogue
  bool broken = false;             // it did not run because something went wrong in it
};

struct Reported {
  std::string program;  // "vetset 0.1.0"
  std::string source;   // as the user called it
  std::string_view format, title, dialect;
  Counts counts;
  std::vector<ReportedFinding> findings;  // by severity, code, place
  std::vector<ReportedRule> rules;        // all, by code
  std::span<const ConsumerView> consumers;
  std::span<const std::string> notes;  // of the reader
  std::uint64_t errors = 0, warnings = 0, notes_found = 0;
  FailOn fail_on = Severity::error;
  bool failed = false;        // the answer is no
  bool one_consumer = false;  // only a trainer's view was asked for
  bool has_baseline = false;
  std::string_view since = {};                             // what the baseline is of; empty: a file
  std::uint64_t by_path = 0, waived = 0, in_baseline = 0;  // findings that are taken out and not shown
  std::span<const WaiverResult> waivers = {};
  std::span<const BaselineEntry> gone = {};  // of the baseline: found no more
  std::string prefix = {};  // what stands before paths for programs that look from the root of a repository
};

/// What there is to read of a rule, as Markdown; empty: nothing.
inline std::string_view page_of(const ReportedRule& rule) {
  return rule.own_page.empty() ? rule_page(rule.rule->code) : rule.own_page;
}

/// How many rules did not run because something went wrong in them.
inline std::uint64_t broken_rules(const Reported& report) {
  std::uint64_t broken = 0;
  for (const ReportedRule& rule : report.rules) broken += rule.broken ? 1U : 0U;
  return broken;
}

/// The reason for not running that reports leave out: who selects rules knows.
inline constexpr std::string_view not_selected = "not selected";

}  // namespace vetset
