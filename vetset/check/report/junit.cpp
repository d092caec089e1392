#include "vetset/check/report/junit.h"

#include <algorithm>

#include "vetset/base/unicode.h"
#include "vetset/check/select.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

/// Text of XML 1.0: what it has no place for (control characters, bytes that are not UTF-8, U+FFFE, U+FFFF) is spelled
/// out.
std::string xml(std::string_view text) {
  std::string out;
  const std::string safe = printable(text);
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const std::string_view rest = std::string_view(safe).substr(i);
    if (rest.starts_with("\xEF\xBF\xBE") || rest.starts_with("\xEF\xBF\xBF")) {
      out += rest[2] == '\xBE' ? "\\xEF\\xBF\\xBE" : "\\xEF\\xBF\\xBF";
      i += 2;
      continue;
    }
    switch (safe[i]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += safe[i];
    }
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + xml(value) + "\"";
}

struct Case {
  std::string group, name;
  std::string skipped = {};       // why it did not look
  std::string failure = {};       // what it found, in short; empty: passed
  std::string type = {};          // severity of the gravest
  std::vector<std::string> said;  // one line a finding
};

std::string place_line(std::string_view file, std::uint32_t line, std::uint32_t column) {
  std::string text(file);
  if (line != 0) text += ":" + std::to_string(line);
  if (line != 0 && column != 0) text += ":" + std::to_string(column);
  return text.empty() ? text : text + ": ";
}

bool gates(const Reported& report, Severity severity) { return report.fail_on && severity >= *report.fail_on; }

Case case_of(const Reported& report, const ReportedRule& rule) {
  Case c{.group = "vetset." + std::string(family_of(rule.rule->code)),
         .name = std::string(rule.rule->code) + " " + std::string(rule.rule->name),
         .skipped = rule.broken ? std::string() : std::string(rule.not_run),
         .said = {}};
  Severity gravest = Severity::note;
  bool failed = false;
  for (const ReportedFinding& f : report.findings) {
    if (f.finding->code != rule.rule->code) continue;
    gravest = std::max(gravest, f.finding->severity);
    failed = failed || gates(report, f.finding->severity);
    c.said.push_back(place_line(f.place.file, f.place.line, f.place.column) + std::string(name(f.finding->severity)) +
                     ": " + f.finding->message);
  }
  if (failed) c.failure = counted(rule.count, "finding", "findings") + ": " + std::string(rule.rule->title);
  c.type = name(gravest);
  if (rule.broken) {
    c.failure = std::string(rule.not_run);
    c.type = name(Severity::error);
  }
  return c;
}

Case case_of(const ConsumerView& view) {
  Case c{.group = "vetset.trainer", .name = view.consumer, .type = "error", .said = {}};
  if (!view.whole()) c.failure = view.line();
  for (const Effect& e : view.effects) c.said.push_back(place_line(e.file, e.line, 0) + e.what);
  return c;
}

void add_case(std::string& out, const Case& c) {
  out += "    <testcase" + attribute("classname", c.group) + attribute("name", c.name) + " time=\"0\"";
  if (!c.skipped.empty()) {
    out += ">\n      <skipped" + attribute("message", c.skipped) + "/>\n    </testcase>\n";
    return;
  }
  std::string lines;
  for (const std::string& line : c.said) lines += xml(line) + "\n";
  if (!c.failure.empty())
    out += ">\n      <failure" + attribute("message", c.failure) + attribute("type", c.type) + ">" + lines +
           "</failure>\n    </testcase>\n";
  else if (!c.said.empty())
    out += ">\n      <system-out>" + lines + "</system-out>\n    </testcase>\n";
  else
    out += "/>\n";
}

}  // namespace

std::string junit_report(const Reported& report) {
  std::vector<Case> cases;
  for (const ReportedRule& rule : report.rules)
    if (rule.not_run != not_selected) cases.push_back(case_of(report, rule));
  if (report.one_consumer)
    for (const ConsumerView& view : report.consumers) cases.push_back(case_of(view));
  const auto failures = std::count_if(cases.begin(), cases.end(), [](const Case& c) { return !c.failure.empty(); });
  const auto skipped = std::count_if(cases.begin(), cases.end(), [](const Case& c) { return !c.skipped.empty(); });
  const std::string counts = attribute("tests", std::to_string(cases.size())) +
                             attribute("failures", std::to_string(failures)) + " errors=\"0\"";
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", report.program) +
                    counts + " time=\"0\">\n  <testsuite" + attribute("name", "vetset check " + report.source) +
                    counts + attribute("skipped", std::to_string(skipped)) + " time=\"0\">\n";
  for (const Case& c : cases) add_case(out, c);
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace vetset
