// A check as one HTML file: the numbers and pictures that the document of check/report/html.h is made of.
#include <algorithm>

#include "vetset/base/publish.h"
#include "vetset/base/tree_lent.h"
#include "vetset/check/contract_findings.h"
#include "vetset/check/report/html.h"
#include "vetset/check/words.h"
#include "vetset/dataset/canonical.h"
#include "vetset/vetset.h"
#include "vetset/vetset_report_pictures.h"
#include "vetset/vetset_reported.h"

namespace vetset {
namespace {

/// What `fix` would do to a source, which stays as it is.
Result<FixReport> repairs_of(const Source& source, const HtmlOptions& options) {
  Source trial{.tree = std::make_unique<LentTree>(*source.tree),
               .images = source.images == nullptr ? nullptr : std::make_unique<LentTree>(*source.images),
               .only = source.only,
               .format = source.format,
               .detection = source.detection,
               .dataset = source.dataset,
               .findings = source.findings,
               .finding_counts = source.finding_counts,
               .notes = {}};
  return fix(trial, {.settings = options.settings, .common = options.common});
}

/// The members of two canonical rows that are not the same, as text.
void take_change(const Edit& edit, ReportEdit& shown) {
  const auto before = members_of(edit.before), after = members_of(edit.after);
  const auto add = [](std::string& text, const std::string& key, const std::string& value) {
    text += (text.empty() ? "" : ", ") + key + ": " + value;
  };
  const auto is_made = [](const std::string& key) { return key == "ann_id"; };  // follows from the rest of the row
  for (const auto& [key, value] : before) {
    if (is_made(key)) continue;
    const auto now = after.find(key);
    if (edit.after.empty() || now == after.end() || now->second != value) add(shown.before, key, value);
  }
  for (const auto& [key, value] : after) {
    if (is_made(key)) continue;
    const auto then = before.find(key);
    if (then == before.end() || then->second != value) add(shown.after, key, value);
  }
  if (!edit.after.empty() && shown.after.empty() && !shown.before.empty()) shown.after = "not said";
  if (shown.before.empty() && !shown.after.empty()) shown.before = "not said";
}

/// What a contract's clauses came to, and what to collect so that those that fail would hold.
void take_contract(const ContractRun& run, HtmlDocument& doc) {
  for (const ClauseResult& r : run.report.clauses) {
    ReportClause& clause = doc.clauses.emplace_back();
    clause.name = run.contract.clauses[r.clause].text();
    clause.result = r.waived != nullptr ? "waived" : name(r.outcome);
    clause.measured = r.measured ? shown(r, *r.measured) : std::string();
    if (r.interval) clause.measured += " [" + shown(r, r.interval->low) + ", " + shown(r, r.interval->high) + "]";
    clause.measured += (clause.measured.empty() ? "" : "; ") + r.said;
    if (r.limit) clause.limit = (r.limit_is_most ? "at most " : "at least ") + shown(r, *r.limit);
  }
  const std::string unit = run.contract.of_groups ? "group" : "image";
  for (const ToCollect& wanted : run.report.order)
    doc.collect.push_back(
        counted(wanted.count, wanted.objects ? "object" : unit, wanted.objects ? "objects" : unit + "s") + " of " +
        to_string(wanted.tuple));
}

constexpr std::size_t examples_a_repair = 3;

std::vector<ReportRepair> shown_repairs(const FixReport& fixed, const ReportPictures* pictures, std::size_t& bytes,
                                        std::size_t& left_out) {
  std::vector<ReportRepair> repairs;
  for (const auto& [repair, count] : fixed.counts) {
    ReportRepair& shown = repairs.emplace_back();
    shown.code = repair->code, shown.name = repair->name, shown.title = repair->title;
    shown.safe = repair->safe, shown.count = count;
    for (const Edit& edit : fixed.edits) {
      if (edit.repair != repair) continue;
      if (shown.examples.size() == examples_a_repair) break;
      ReportEdit& example = shown.examples.emplace_back();
      example.where = edit.where, example.what = edit.what;
      take_change(edit, example);
      if (pictures == nullptr) continue;
      auto picture = pictures->of_edit(edit);
      if (!picture) continue;
      const std::size_t size = html_bytes(*picture);
      if (size > bytes) {
        ++left_out;
        continue;
      }
      bytes -= size;
      example.pictures.push_back(*std::move(picture));
    }
  }
  for (const auto& [repair, count] : fixed.unsafe)
    repairs.push_back(
        {.code = repair->code, .name = repair->name, .title = repair->title, .safe = false, .count = count});
  return repairs;
}

/// labels_id; and dataset_id where the digest of every image is known already.
Result<void> take_identities(const Source& source, const CheckReport& report, const Pool& pool, HtmlDocument& doc) {
  const Dataset& d = source.dataset;
  std::vector<MediaFile> media;
  for (std::size_t i = 0; i < d.images.size() && i < report.facts.size(); ++i)
    if (report.facts[i].has_digest)
      media.push_back(
          {.image = to_index<ImageIndex>(i), .digest = report.facts[i].digest, .bytes = report.facts[i].bytes});
  const bool whole = !media.empty() && media.size() == d.images.size();
  VETSET_TRY(const Identity identity, whole ? dataset_identity(d, media, pool) : labels_identity(d, pool));
  doc.labels_id = whole ? identity.labels_id.text() : identity.id.text();
  if (whole) doc.dataset_id = identity.id.text();
  return {};
}

}  // namespace

Result<std::string> html_report(const Source& source, const CheckReport& report, const HtmlOptions& options) {
  const Pool pool(options.common.threads);
  const Dataset& d = source.dataset;
  Reported shown = reported_whole(source, report);
  shown.source = base_name(shown.source);  // where it lies on this machine is no part of it
  const Stats stats = stats_of(d);
  const Portrait portrait = portrait_of(d, report.scan.pixels);
  HtmlDocument doc{.report = shown,
                   .stats = stats,
                   .portrait = portrait,
                   .pixels = !report.scan.pixels.empty(),
                   .with_pictures = options.pictures};
  VETSET_DO(take_identities(source, report, pool, doc));
  if (report.contract) take_contract(*report.contract, doc);

  FixReport fixed;
  if (options.repairs && !report.one_consumer) {
    VETSET_TRY(fixed, repairs_of(source, options));
  }
  const ReportPictures pictures(source, report.suspects ? &*report.suspects : nullptr, pool, options.common.progress);
  Sheet sheet;
  if (report.links) sheet = sheet_of(d, *report.links, shown.source);
  doc.leaks = sheet.leaks;
  doc.others = sheet.others;

  // First without pictures: they may take what is left.
  std::size_t none_left_out = 0, nothing = 0;
  doc.repairs = shown_repairs(fixed, nullptr, nothing, none_left_out);
  VETSET_TRY(doc.clusters, pictures.of_clusters(sheet, options.bytes, false, none_left_out));
  if (!options.pictures) return html_report(doc);
  const std::size_t text = html_report(doc).size();
  std::size_t room = text < options.bytes ? options.bytes - text : 0;
  std::size_t for_repairs = room / 8;
  const std::size_t of_repairs = for_repairs;
  doc.repairs = shown_repairs(fixed, &pictures, for_repairs, doc.left_out);
  room -= of_repairs - for_repairs;
  const std::size_t for_clusters = room * 2 / 5;
  VETSET_TRY(std::vector<ReportCluster> clusters, pictures.of_clusters(sheet, for_clusters, true, doc.left_out));
  for (const ReportCluster& cluster : clusters)
    for (const auto* side : {&cluster.left, &cluster.right})
      for (const ReportPicture& picture : *side) room -= std::min(room, html_bytes(picture));
  doc.clusters = std::move(clusters);
  VETSET_TRY(doc.pictured, pictures.of_findings(shown, room, doc.left_out));
  return html_report(doc);
}

Result<std::uint64_t> write_html_report(const std::string& file, const Source& source, const CheckReport& report,
                                        const HtmlOptions& options) {
  VETSET_TRY(const std::string html, html_report(source, report, options));
  VETSET_DO(write_file_atomically(file, html));
  return static_cast<std::uint64_t>(html.size());
}

}  // namespace vetset
