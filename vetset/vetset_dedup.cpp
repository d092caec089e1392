// dedup: plans which copies of a picture go, or which images belong together, and says so in a step that can be undone.
#include <algorithm>

#include "vetset/dataset/canonical.h"
#include "vetset/vetset.h"
#include "vetset/vetset_fix_log.h"

namespace vetset {
namespace {

std::string counted(std::uint64_t count, std::string_view word) {
  return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

std::string bits_apart(const DedupPlan::Copy& copy) {
  if (copy.distance == Link::no_distance || copy.distance == 0) return {};
  return ", " + counted(copy.distance, "bit") + " apart";
}

void write_text(JsonWriter& out, std::string_view text) {
  std::string json;
  append_canonical_string(json, text);
  out.raw(json);
}

void write_counts(JsonWriter& out, std::string_view key, const Counts& c) {
  out.key(key).begin_object().key("images").value(c.images).key("annotations").value(c.annotations);
  out.key("categories").value(c.categories).key("splits").value(c.splits).end_object();
}

void write_rules(JsonWriter& out, const DedupRules& rules, const NearSearch& near) {
  out.key("rules").begin_object().key("action").value(name(rules.action)).key("keep").value(name(rules.keep));
  out.key("across_splits").value(rules.across_splits).key("kinds").begin_array();
  for (std::size_t k = 0; k < link_kind_count; ++k)
    if (const auto kind = static_cast<LinkKind>(k); has(rules.kinds, kind)) out.value(name(kind));
  out.end_array().end_object();
  out.key("search").begin_object().key("tier").value(name(near.tier)).key("radius").value(near.radius);
  out.key("calibrated").value(near.calibrated).end_object();
}

void write_clusters(JsonWriter& out, const Dataset& d, const DedupPlan& plan) {
  out.key("clusters").begin_array();
  for (const DedupPlan::Cluster& cluster : plan.clusters) {
    out.begin_object().key("kept").value(cluster.kept).key("images").begin_array();
    for (const ImageIndex i : cluster.images) write_text(out, d.path(i));
    out.end_array().end_object();
  }
  out.end_array().key("copies").begin_array();
  for (const DedupPlan::Copy& copy : plan.copies) {
    out.begin_object().key("image");
    write_text(out, d.path(copy.image));
    out.key("of");
    write_text(out, d.path(copy.of));
    out.key("kind").value(name(copy.kind));
    if (copy.distance != Link::no_distance) out.key("distance").value(std::uint32_t{copy.distance});
    out.end_object();
  }
  out.end_array();
}

std::string document_of(const Dataset& before, const Links& found, const DedupRules& rules, const DedupReport& report,
                        const RoundEdits& log, const std::string& labels_before, const std::string& labels_after) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-dedup").value(1).key("program").value("vetset " + std::string(version()));
  write_counts(out, "before", report.before);
  write_counts(out, "after", report.after);
  write_rules(out, rules, found.near);
  write_clusters(out, before, report.plan);
  out.key("edits").begin_array();
  for (const std::vector<Edit>* edits : {&log.edits, &log.consequences})
    for (const Edit& edit : *edits) write_edit(out, edit);
  out.end_array();
  out.key("labels").begin_object().key("before").value(labels_before).key("after").value(labels_after).end_object();
  out.end_object();
  return canonical_written(text);
}

Result<std::string> labels_id(const Dataset& d, const Pool& pool) {
  VETSET_TRY(const Identity identity, labels_identity(d, pool));
  return identity.id.text();
}

/// The dataset without the copies, and every row that went.
Result<RoundEdits> leave_out(Dataset& d, const DedupPlan& plan, const Pool& pool) {
  Workbench bench(d);
  bench.begin(leave_out_copy.code, leave_out_copy.name);
  for (const DedupPlan::Copy& copy : plan.copies)
    bench.drop(copy.image,
               "a copy (" + std::string(name(copy.kind)) + bits_apart(copy) + ") of " + std::string(d.path(copy.of)),
               copy.same_file ? copy.of : none<ImageIndex>);
  const std::vector<Workbench::Edit> made = bench.edits();
  Workbench::Finished result = std::move(bench).finish();
  VETSET_TRY(RoundEdits log, logged_round(d, result, made, 1, pool));
  d = std::move(result.dataset);
  return log;
}

std::string summary_of(const DedupReport& report, DedupAction action) {
  if (action == DedupAction::drop) return counted(report.plan.copies.size(), "image") + " left out as copies";
  return counted(report.plan.clusters.size(), "cluster") + (action == DedupAction::link ? " linked" : " weighed");
}

}  // namespace

Result<DedupReport> dedup(Source& source, const Scan& seen, const Links& found, const DedupRules& rules,
                          const Common& common) {
  const Pool pool(common.threads);
  DedupReport report{.plan = plan_dedup(source.dataset, found, seen.facts, seen.pixels, rules),
                     .before = counts_of(source.dataset),
                     .after = counts_of(source.dataset)};
  const bool drop = rules.action == DedupAction::drop;
  if (drop ? report.plan.copies.empty() : report.plan.clusters.empty()) return report;
  VETSET_TRY(const std::string labels_before, labels_id(source.dataset, pool));
  Dataset after = source.dataset;
  RoundEdits log;
  if (drop) {
    VETSET_TRY(log, leave_out(after, report.plan, pool));
  } else {
    mark_clusters(after, report.plan, rules.action);
  }
  VETSET_TRY(const std::string labels_after, labels_id(after, pool));
  report.after = counts_of(after);
  report.document = document_of(source.dataset, found, rules, report, log, labels_before, labels_after);
  source.dataset = std::move(after);
  source.findings.clear();  // they speak of records that are others now
  source.finding_counts.clear();
  source.steps.push_back({.name = "dedup", .summary = summary_of(report, rules.action), .document = report.document});
  return report;
}

}  // namespace vetset
