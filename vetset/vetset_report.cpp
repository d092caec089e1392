// Makes of a check what reports show: places resolved, records named, fingerprints given.
#include <algorithm>
#include <map>

#include "vetset/base/digest.h"
#include "vetset/base/json.h"
#include "vetset/check/report/json.h"
#include "vetset/check/report/text.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

/// What stands for an annotation however the file around it changes: its id, or what it says.
std::string identity_of(const Dataset& d, AnnotationIndex i) {
  if (std::string id = d.id_json(d.annotation_ids, to_size(i)); !id.empty()) return id;
  if (const std::string_view row = d.authored_text(i); !row.empty()) return std::string(row);
  const Annotation& a = d[i];
  std::string text = a.category == none<CategoryIndex> ? "" : d[a.category].name;
  for (const double number : {a.box.x, a.box.y, a.box.width, a.box.height}) append_json_number(text += ' ', number);
  return text;
}

std::string_view image_of(const Dataset& d, AnnotationIndex i) {
  return d[i].image == none<ImageIndex> ? std::string_view() : d.path(d[i].image);
}

/// Names the records of a finding; gives what its fingerprint is made of.
std::string name_records(const Dataset& d, const Finding& f, ReportedFinding& shown) {
  const auto annotation = [&](AnnotationIndex i) {
    shown.image = image_of(d, i);
    shown.annotation = d.id_json(d.annotation_ids, to_size(i));
    return shown.image + '\n' + identity_of(d, i);
  };
  if (const auto* i = std::get_if<AnnotationIndex>(&f.where)) return annotation(*i);
  if (const auto* pair = std::get_if<AnnotationPair>(&f.where))
    return annotation(pair->second) + '\n' + identity_of(d, pair->first);
  if (const auto* i = std::get_if<ImageIndex>(&f.where)) return shown.image = d.path(*i);
  if (const auto* pair = std::get_if<ImagePair>(&f.where)) {
    shown.image = d.path(pair->first);
    shown.other = d.path(pair->second);
    return shown.image + '\n' + shown.other;
  }
  if (const auto* c = std::get_if<CategoryIndex>(&f.where)) return shown.category = d[*c].name;
  if (const auto* place = std::get_if<Place>(&f.where)) return place->file;
  return {};
}

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
      if (f.finding->code == result.rule->code && f.finding->severity == result.rule->severity)
        f.count += result.count - kept;
  }
}

/// Which findings a report speaks of one by one; lines are looked up for these only.
enum class Detail : std::uint8_t { examples, all };

/// `kept` holds what `reported` points into.
Reported reported(const Source& source, const CheckReport& report, Detail detail, Examples& kept) {
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
             .notes_found = report.notes};
  if (!source.only.empty() && base_name(r.source) != base_name(source.only)) r.source += "/" + source.only;
  for (const RuleResult& result : report.rules) r.rules.push_back({result.rule, result.not_run, result.count});
  if (detail == Detail::examples) kept = examples_of(report.findings);
  const std::span<const Finding> shown =
      detail == Detail::all ? std::span<const Finding>(report.findings) : kept.findings;
  std::vector<Place> places = places_of(source, shown);
  std::map<std::string, std::uint64_t> seen;
  r.findings.reserve(shown.size());
  for (std::size_t n = 0; n < shown.size(); ++n) {
    const Rule* rule = find_rule(shown[n].code);
    ReportedFinding& f = r.findings.emplace_back();
    f.finding = &shown[n];
    f.rule = rule == nullptr ? std::string_view() : rule->name;
    f.place = std::move(places[n]);
    const std::string about = std::string(shown[n].code) + '\n' + name_records(source.dataset, shown[n], f);
    if (detail != Detail::all) {
      f.count = kept.counts[n];
      continue;
    }
    f.fingerprint = sha256(about).hex().substr(0, 32);
    if (const std::uint64_t times = ++seen[f.fingerprint]; times > 1) f.fingerprint += "-" + std::to_string(times);
  }
  if (detail != Detail::all) add_unkept(r, report);
  return r;
}

}  // namespace

std::string text_report(const Source& source, const CheckReport& report, const TextOptions& options) {
  Examples kept;
  return text_report(reported(source, report, options.all ? Detail::all : Detail::examples, kept), options);
}

std::string json_report(const Source& source, const CheckReport& report) {
  Examples kept;
  return json_report(reported(source, report, Detail::all, kept));
}

}  // namespace vetset
