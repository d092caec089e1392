// fix: runs the rules that have repairs, applies these, and runs them again until nothing is left to repair.
#include <algorithm>
#include <map>

#include "vetset/base/json.h"
#include "vetset/dataset/canonical.h"
#include "vetset/dataset/edit.h"
#include "vetset/scan/scan.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

constexpr unsigned most_rounds = 8;

bool names(const std::vector<std::string>& words, const Repair& repair) {
  const Rule* const rule = find_rule(repair.code);
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return word == repair.name || (rule != nullptr && word == rule->name) ||
           (word.size() >= 3 && repair.code.starts_with(word));
  });
}

Result<std::vector<const Repair*>> chosen_repairs(const FixOptions& options, bool safe) {
  for (const auto* words : {&options.select, &options.ignore})
    for (const std::string& word : *words)
      if (std::none_of(repairs().begin(), repairs().end(), [&](const Repair* r) { return names({word}, *r); }))
        return Error{Code::usage, "nothing is repaired under the name '" + word +
                                      "'; expected the code of a rule (FMT407), the beginning of codes (FMT), or the "
                                      "name of a rule or a repair (clip-to-image)"};
  std::vector<const Repair*> chosen;
  for (const Repair* repair : repairs())
    if (repair->safe == safe && (options.select.empty() || names(options.select, *repair)) &&
        !names(options.ignore, *repair))
      chosen.push_back(repair);
  return chosen;
}

/// What a rule finds of its own and what the reader found for it, each record once.
std::vector<Finding> findings_of(const Rule& rule, const Evidence& evidence) {
  std::vector<Finding> found;
  for (const Finding& finding : evidence.reading)
    if (finding.code == rule.code) found.push_back(finding);
  if (rule.check == nullptr) return found;
  found.clear();
  const std::function<void(Finding)> add = [&](Finding finding) { found.push_back(std::move(finding)); };
  rule.check(evidence, Report{rule, add});
  return found;
}

bool can_run(const Rule& rule, const Evidence& evidence) {
  if (rule.needs & (Needs::headers | Needs::digests)) return !evidence.facts.empty();
  return !(rule.needs & (Needs::pixels | Needs::predictions | Needs::embeddings | Needs::contract | Needs::raters));
}

void apply(std::span<const Repair* const> chosen, const Evidence& evidence, Workbench& bench) {
  std::map<std::string_view, std::vector<Finding>> findings;
  for (const Repair* repair : chosen) {
    const Rule* const rule = find_rule(repair->code);
    if (rule == nullptr || !can_run(*rule, evidence)) continue;
    auto [found, is_new] = findings.try_emplace(repair->code);
    if (is_new) found->second = findings_of(*rule, evidence);
    bench.begin(repair->code, repair->name);
    repair->apply(evidence, found->second, bench);
  }
}

Result<std::vector<Facts>> facts_of(const Source& source, std::span<const Repair* const> chosen, const Pool& pool,
                                    const FixOptions& options) {
  bool headers = false, digests = false;
  for (const Repair* repair : chosen)
    if (const Rule* rule = find_rule(repair->code)) {
      headers = headers || (rule->needs & Needs::headers);
      digests = digests || (rule->needs & Needs::digests);
    }
  const Dataset& d = source.dataset;
  const bool images = std::any_of(d.images.begin(), d.images.end(), [](const Image& i) { return !i.media.empty(); });
  if (!images || (!headers && !digests)) return std::vector<Facts>();
  return scan(d, source.media(), pool, options.common.progress,
              {.digests = digests ? Digests::where_equal_size : Digests::none, .headers = headers});
}

const Repair* repair_named(std::string_view name) {
  const auto found = std::find_if(repairs().begin(), repairs().end(), [&](const Repair* r) { return r->name == name; });
  return found == repairs().end() ? nullptr : *found;
}

AnnotationIndex after_of(const Join& join, AnnotationIndex i) {
  const auto pair = join.of(i);
  return pair.empty() ? none<AnnotationIndex> : pair.front();
}

std::string file_row(const File& file) { return file.bom ? R"({"bom":true})" : R"({"bom":false})"; }

/// The edits of one round with the rows of both sides, in the order of repairs and records.
std::vector<Edit> edits_of(const std::vector<Workbench::Edit>& made, const Dataset& before,
                           const Workbench::Finished& result, unsigned round, const Pool& pool) {
  const Rows rows_before(before, pool), rows_after(result.dataset, pool);
  std::vector<Edit> edits;
  for (const Workbench::Edit& e : made) {
    Edit edit{.repair = repair_named(e.repair), .round = round, .owner = e.owner, .what = e.what};
    if (e.owner == Owner::annotation) {
      const auto i = AnnotationIndex{e.index};
      edit.where = place_name(before, i);
      edit.before = rows_before.of(i);
      edit.authored = before.authored_text(i);
      if (const AnnotationIndex j = after_of(result.join, i); j != none<AnnotationIndex>) edit.after = rows_after.of(j);
    } else if (e.owner == Owner::image) {
      const auto i = ImageIndex{e.index};
      edit.where = before.path(i);
      edit.before = rows_before.of(i);
      if (const ImageIndex j = result.join.images[e.index]; j != none<ImageIndex>) edit.after = rows_after.of(j);
    } else if (e.owner == Owner::category) {
      const auto i = CategoryIndex{e.index};
      edit.where = "class " + before[i].name;
      edit.before = rows_before.of(i);
    } else if (e.owner == Owner::split) {
      const Membership& m = before.memberships[e.index];
      edit.where = before.path(m.image);
      JsonWriter(edit.before)
          .begin_object()
          .key("image")
          .value(edit.where)
          .key("split")
          .value(before[m.split].name)
          .end_object();
    } else {
      edit.where = before.path(FileIndex{e.index});
      edit.before = file_row(before.files[e.index]);
      edit.after = R"({"bom":false})";
    }
    edits.push_back(std::move(edit));
  }
  return edits;
}

/// What the edits may change besides the annotations they name: so many records of a field.
std::map<Field, std::uint64_t> allowed_changes(const std::vector<Workbench::Edit>& made) {
  std::map<Field, std::uint64_t> allowed;
  std::map<std::pair<Field, std::uint32_t>, bool> once;
  const auto allow = [&](Field field, std::uint32_t index) {
    if (once.emplace(std::pair(field, index), true).second) ++allowed[field];
  };
  for (const Workbench::Edit& e : made) {
    if (e.owner == Owner::category)
      for (const Field f : {Field::category, Field::category_id, Field::category_order}) allowed[f] = ~0ULL;
    if (e.owner == Owner::category) allowed[Field::split_categories] = ~0ULL;
    if (e.owner == Owner::split)  // those behind it move up
      for (const Field f : {Field::split_members, Field::image_order}) allowed[f] = ~0ULL;
    if (e.owner != Owner::image || e.dropped) continue;
    if (e.repair == "file-size") allow(Field::image_size, e.index);
    if (e.repair == "portable-path") allow(Field::image_path, e.index);
    if (e.repair == "new-image-id") allow(Field::image_id, e.index);
    if (e.repair == "mark-as-background") allow(Field::image_state, e.index);
  }
  return allowed;
}

/// Compares everything that no edit speaks of. An image that is left out takes its annotations along.
Result<void> nothing_else_changed(const Dataset& before, const Workbench::Finished& result,
                                  const std::vector<Workbench::Edit>& made, const Pool& pool) {
  Selection left{.images = std::vector<bool>(before.images.size(), true),
                 .annotations = std::vector<bool>(before.annotations.size(), true)};
  std::vector<bool> merged(before.categories.size(), false);
  for (const Workbench::Edit& e : made) {
    if (e.owner == Owner::annotation) left.annotations[e.index] = false;
    if (e.owner == Owner::image && e.dropped) left.images[e.index] = false;
    if (e.owner == Owner::category) merged[e.index] = true;
  }
  for (std::size_t n = 0; n < before.annotations.size(); ++n)
    if (const CategoryIndex c = before.annotations[n].category; c != none<CategoryIndex> && merged[to_size(c)])
      left.annotations[n] = false;
  Selection right{.images = std::vector<bool>(result.dataset.images.size(), true),
                  .annotations = std::vector<bool>(result.dataset.annotations.size(), true)};
  for (std::size_t n = 0; n < before.annotations.size(); ++n)
    if (const AnnotationIndex j = after_of(result.join, to_index<AnnotationIndex>(n));
        !left.annotations[n] && j != none<AnnotationIndex>)
      right.annotations[to_size(j)] = false;
  const Selected a = selected(before, left), b = selected(result.dataset, right);

  // before → a, before → result, result → b: so a → b.
  Join join = a.join;
  const auto onward = [](auto& to, const auto& from_before, const auto& from_result, const auto& of_a,
                         std::size_t size) {
    using Index = std::decay_t<decltype(to[0])>;
    to = {};
    to.resize(size, none<Index>);
    for (std::size_t i = 0; i < from_before.size(); ++i)
      if (of_a[i] != none<Index> && from_before[i] != none<Index>)
        to[to_size(of_a[i])] = from_result[to_size(from_before[i])];
  };
  onward(join.splits, result.join.splits, b.join.splits, a.join.splits, a.dataset.splits.size());
  onward(join.categories, result.join.categories, b.join.categories, a.join.categories, a.dataset.categories.size());
  for (std::size_t c = 0; c < merged.size(); ++c)  // a class that went into another is not that other
    if (merged[c] && a.join.categories[c] != none<CategoryIndex>)
      join.categories[to_size(a.join.categories[c])] = none<CategoryIndex>;
  onward(join.licences, result.join.licences, b.join.licences, a.join.licences, a.dataset.licences.size());
  onward(join.images, result.join.images, b.join.images, a.join.images, a.dataset.images.size());
  join.image_sources = {};
  join.image_sources.resize(b.dataset.images.size(), none<ImageIndex>);
  for (std::size_t i = 0; i < join.images.size(); ++i)
    if (join.images[i] != none<ImageIndex>) join.image_sources[to_size(join.images[i])] = to_index<ImageIndex>(i);
  join.annotation_begin = {};
  join.annotations = {};
  std::vector<AnnotationIndex> of(a.dataset.annotations.size(), none<AnnotationIndex>);
  for (std::size_t n = 0; n < before.annotations.size(); ++n) {
    const auto i = to_index<AnnotationIndex>(n);
    const AnnotationIndex in_a = after_of(a.join, i), in_result = after_of(result.join, i);
    if (in_a != none<AnnotationIndex> && in_result != none<AnnotationIndex>)
      of[to_size(in_a)] = after_of(b.join, in_result);
  }
  join.annotation_begin.push_back(0);
  for (const AnnotationIndex i : of) {
    if (i != none<AnnotationIndex>) join.annotations.push_back(i);
    join.annotation_begin.push_back(static_cast<std::uint32_t>(join.annotations.size()));
  }

  const std::map<Field, std::uint64_t> allowed = allowed_changes(made);
  for (const Difference& line : compare(a.dataset, b.dataset, join, {.pool = &pool})) {
    if (line.outcome == Outcome::kept) continue;
    const auto limit = allowed.find(line.field);
    if (limit != allowed.end() && line.count <= limit->second) continue;
    return Error{Code::defect,
                 "a repair changed " + std::string(name(line.field)) +
                     " of a record that it does not name: " + line.before + " became " + line.after,
                 line.where};
  }
  return {};
}

std::string_view record_name(Owner owner) {
  if (owner == Owner::dataset) return "file";
  return owner == Owner::split ? "membership" : name(owner);
}

void write_edit(JsonWriter& out, const Edit& edit) {
  const auto row = [&](std::string_view key, const std::string& json) {
    out.key(key);
    if (json.empty())
      out.null();
    else
      out.raw(json);
  };
  out.begin_object().key("code").value(edit.repair->code).key("repair").value(edit.repair->name);
  out.key("round").value(std::uint64_t{edit.round}).key("record").value(record_name(edit.owner));
  out.key("where").value(edit.where).key("what").value(edit.what);
  row("before", edit.before);
  row("after", edit.after);
  if (!edit.authored.empty()) out.key("authored").value(edit.authored);
  out.end_object();
}

std::string document_of(const FixReport& report, bool unsafe) {
  std::string text;
  JsonWriter out(text);
  const auto counts = [&](std::string_view key, const Counts& c) {
    out.key(key).begin_object().key("images").value(c.images).key("annotations").value(c.annotations);
    out.key("categories").value(c.categories).key("splits").value(c.splits).end_object();
  };
  out.begin_object().key("vetset-fix").value(1).key("program").value("vetset " + std::string(version()));
  out.key("unsafe").value(unsafe);
  counts("before", report.before);
  counts("after", report.after);
  out.key("repairs").begin_array();
  for (const auto& [repair, count] : report.counts)
    out.begin_object()
        .key("code")
        .value(repair->code)
        .key("repair")
        .value(repair->name)
        .key("safe")
        .value(repair->safe)
        .key("count")
        .value(count)
        .end_object();
  out.end_array().key("edits").begin_array();
  for (const Edit& edit : report.edits) write_edit(out, edit);
  out.end_array();
  out.key("all_else").value("compared field by field: unchanged").end_object();
  Result<std::string> canonical = canonical_json(text);
  VETSET_ASSERT(canonical, "what a JsonWriter wrote is JSON");
  return *std::move(canonical);
}

std::vector<std::pair<const Repair*, std::uint64_t>> counts_by_repair(std::span<const std::string_view> done) {
  std::map<std::string_view, std::uint64_t> counts;
  for (const std::string_view name : done) ++counts[name];
  std::vector<std::pair<const Repair*, std::uint64_t>> result;
  for (const Repair* repair : repairs())
    if (const auto found = counts.find(repair->name); found != counts.end()) result.emplace_back(repair, found->second);
  return result;
}

std::vector<std::string_view> repair_names(const std::vector<Workbench::Edit>& made) {
  std::vector<std::string_view> done;
  for (const Workbench::Edit& e : made) done.push_back(e.repair);
  return done;
}

}  // namespace

Result<FixReport> fix(Source& source, const FixOptions& options) {
  VETSET_TRY(std::vector<const Repair*> chosen, chosen_repairs(options, true));
  VETSET_TRY(const std::vector<const Repair*> unsafe, chosen_repairs(options, false));
  const Pool pool(options.common.threads);
  std::vector<const Repair*> all = chosen;
  all.insert(all.end(), unsafe.begin(), unsafe.end());
  VETSET_TRY(std::vector<Facts> facts, facts_of(source, all, pool, options));
  if (options.unsafe) {
    const auto place = [](const Repair* r) { return std::find(repairs().begin(), repairs().end(), r); };
    std::sort(all.begin(), all.end(), [&](const Repair* a, const Repair* b) { return place(a) < place(b); });
    chosen = all;
  }

  FixReport report;
  report.before = counts_of(source.dataset);
  const std::span<const std::string_view> files = source.tree->list();
  const std::vector<Finding> nothing_read;
  std::vector<std::string_view> done;
  for (unsigned round = 1; round <= most_rounds; ++round) {
    if (options.common.progress.stopped()) return Error{Code::cancelled, "stopped while repairing"};
    const Evidence evidence{.dataset = source.dataset,
                            .files = files,
                            .reading = round == 1 ? std::span<const Finding>(source.findings) : nothing_read,
                            .facts = facts,
                            .settings = options.settings};
    if (!options.unsafe && round == 1) {  // on a bench of their own, to tell what they would do
      Workbench trial(source.dataset);
      apply(unsafe, evidence, trial);
      report.unsafe = counts_by_repair(repair_names(trial.edits()));
    }
    Workbench bench(source.dataset);
    apply(chosen, evidence, bench);
    if (bench.edits().empty()) break;
    const std::vector<Workbench::Edit> made = bench.edits();
    Workbench::Finished result = std::move(bench).finish();
    VETSET_DO(nothing_else_changed(source.dataset, result, made, pool));
    for (Edit& edit : edits_of(made, source.dataset, result, round, pool)) report.edits.push_back(std::move(edit));
    for (const std::string_view name : repair_names(made)) done.push_back(name);
    if (!facts.empty()) {
      std::vector<Facts> kept(result.dataset.images.size());
      for (std::size_t i = 0; i < facts.size(); ++i)
        if (const ImageIndex j = result.join.images[i]; j != none<ImageIndex>) kept[to_size(j)] = std::move(facts[i]);
      facts = std::move(kept);
    }
    source.dataset = std::move(result.dataset);
  }
  report.after = counts_of(source.dataset);
  report.counts = counts_by_repair(done);
  if (report.edits.empty()) return report;
  report.document = document_of(report, options.unsafe);
  source.findings.clear();  // they speak of records that are others now
  source.finding_counts.clear();
  const std::uint64_t count = report.edits.size();
  source.steps.push_back({.name = "fix",
                          .summary = std::to_string(count) + (count == 1 ? " repair" : " repairs"),
                          .document = report.document});
  return report;
}

}  // namespace vetset
