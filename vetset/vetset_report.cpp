// Makes of a check what reports show: places resolved, records named, fingerprints given.
#include <algorithm>

#include "vetset/check/about.h"
#include "vetset/check/report/github.h"
#include "vetset/check/report/json.h"
#include "vetset/check/report/jsonl.h"
#include "vetset/check/report/junit.h"
#include "vetset/check/report/markdown.h"
#include "vetset/check/report/sarif.h"
#include "vetset/check/report/text.h"
#include "vetset/vetset.h"
#include "vetset/vetset_reported.h"

namespace vetset {
namespace {

/// What a summary shows of each rule: the finding that is furthest off, or else the first; and how many there are.
struct Examples {
  std::vector<Finding> findings;
  std::vector<std::uint64_t> counts;
};

Examples examples_of(std::span<const Finding> findings) {
  Examples examples;
  for (const Finding& f : findings) {
    const bool same = !examples.findings.empty() && examples.findings.back().code == f.code &&
                      examples.findings.back().severity == f.severity;
    if (!same) {
      examples.findings.push_back(f);
      examples.counts.push_back(1);
      continue;
    }
    ++examples.counts.back();
    if (f.score && *f.score > examples.findings.back().score.value_or(-1)) examples.findings.back() = f;
  }
  return examples;
}

/// Counts what was found and not kept to the row of the rule's own severity.
void add_unkept(Reported& r, const CheckReport& report) {
  for (const RuleResult& result : report.rules) {
    const auto kept = static_cast<std::uint64_t>(std::count_if(
        report.findings.begin(), report.findings.end(), [&](const Finding& f) { return f.code == result.rule->code; }));
    if (result.count <= kept) continue;
    for (ReportedFinding& f : r.findings)
      if (f.finding->code == result.rule->code && f.finding->severity == result.severity)
        f.count += result.count - kept;
  }
}

/// Which findings a report speaks of one by one; lines are looked up for these only.
enum class Detail : std::uint8_t { examples, all };

/// `kept` holds what `reported` points into.
Reported reported(const Source& source, const CheckReport& report, Detail detail, Examples& kept,
                  Columns columns = Columns::bytes) {
  Reported r{.program = "vetset " + std::string(version()),
             .source = std::string(source.tree->name()),
             .format = source.format == nullptr ? std::string_view() : source.format->id,
             .title = source.format == nullptr ? std::string_view() : source.format->title,
             .dialect = source.detection.dialect,
             .counts = report.counts,
             .findings = {},
             .rules = {},
             .consumers = report.consumers,
             .notes = source.notes,
             .errors = report.errors,
             .warnings = report.warnings,
             .notes_found = report.notes,
             .fail_on = report.fail_on,
             .failed = report.failed,
             .one_consumer = report.one_consumer,
             .has_baseline = report.has_baseline,
             .since = report.since,
             .by_path = report.by_path,
             .waived = report.waived,
             .in_baseline = report.in_baseline,
             .waivers = report.waivers,
             .gone = report.gone};
  if (!source.only.empty() && base_name(r.source) != base_name(source.only)) r.source += "/" + source.only;
  for (const RuleResult& result : report.rules) {
    const OwnRule* own = report.own ? report.own->find(result.rule->code) : nullptr;
    r.rules.push_back({.rule = result.rule,
                       .not_run = result.not_run,
                       .count = result.count,
                       .severity = result.severity,
                       .own_page = own == nullptr ? std::string_view() : std::string_view(own->page),
                       .broken = result.broken});
  }
  if (detail == Detail::examples) kept = examples_of(report.findings);
  const std::span<const Finding> shown =
      detail == Detail::all ? std::span<const Finding>(report.findings) : kept.findings;
  std::vector<Place> places = places_of(source, shown, columns);
  Fingerprints fingerprints;
  r.findings.reserve(shown.size());
  for (std::size_t n = 0; n < shown.size(); ++n) {
    const Rule* rule = rule_of(report, shown[n].code);
    About named = about(source.dataset, shown[n]);
    ReportedFinding& f = r.findings.emplace_back();
    f.finding = &shown[n];
    f.rule = rule == nullptr ? std::string_view() : rule->name;
    f.place = std::move(places[n]);
    f.image = std::move(named.image);
    f.other = std::move(named.other);
    f.annotation = std::move(named.annotation);
    f.category = std::move(named.category);
    if (detail == Detail::all)
      f.fingerprint = fingerprints.next(shown[n].code, named.identity);
    else
      f.count = kept.counts[n];
  }
  if (detail != Detail::all) add_unkept(r, report);
  return r;
}

}  // namespace

std::vector<std::string> own_not_run(const CheckReport& report) {
  std::vector<std::string> why;
  for (const RuleResult& rule : report.rules) {
    const OwnRule* own = report.own ? report.own->find(rule.rule->code) : nullptr;
    if (own != nullptr && !rule.not_run.empty() && rule.not_run == own->not_run) why.push_back(rule.not_run);
  }
  return why;
}

Reported reported_whole(const Source& source, const CheckReport& report) {
  Examples none_kept;
  return reported(source, report, Detail::all, none_kept);
}

std::string text_report(const Source& source, const CheckReport& report, const TextOptions& options) {
  Examples kept;
  return text_report(reported(source, report, options.all ? Detail::all : Detail::examples, kept), options);
}

std::string json_report(const Source& source, const CheckReport& report) {
  Examples kept;
  return json_report(reported(source, report, Detail::all, kept));
}

std::string jsonl_report(const Source& source, const CheckReport& report) {
  Examples kept;
  return jsonl_report(reported(source, report, Detail::all, kept));
}

std::string junit_report(const Source& source, const CheckReport& report) {
  Examples kept;
  return junit_report(reported(source, report, Detail::all, kept));
}

std::string markdown_report(const Source& source, const CheckReport& report, std::string_view data) {
  Examples kept;
  std::string text = markdown_report(reported(source, report, Detail::all, kept));
  if (!data.empty()) (text += "\n## Data\n\n") += data;
  return text;
}

std::string sarif_report(const Source& source, const CheckReport& report, std::string prefix) {
  Examples kept;
  Reported r = reported(source, report, Detail::all, kept, Columns::characters);
  r.prefix = std::move(prefix);
  return sarif_report(r);
}

std::string github_report(const Source& source, const CheckReport& report, std::string prefix) {
  Examples kept;
  Reported r = reported(source, report, Detail::all, kept, Columns::characters);
  r.prefix = std::move(prefix);
  return github_report(r);
}

}  // namespace vetset
