// fix: runs the rules that have repairs, applies these, and runs them again until nothing is left to repair.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "vetset/base/json.h"
#include "vetset/base/tree_shards.h"
#include "vetset/dataset/canonical.h"
#include "vetset/dataset/edit.h"
#include "vetset/scan/scan.h"
#include "vetset/vetset.h"
#include "vetset/vetset_fix_log.h"
#include "vetset/vetset_fix_media.h"

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

std::string document_of(const FixReport& report, bool unsafe, const std::string& labels_before,
                        const std::string& labels_after) {
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
  for (unsigned round = 1; round <= most_rounds; ++round)
    for (const std::vector<Edit>* edits : {&report.edits, &report.consequences})
      for (const Edit& edit : *edits)
        if (edit.round == round) write_edit(out, edit);
  out.end_array();
  out.key("labels").begin_object().key("before").value(labels_before).key("after").value(labels_after).end_object();
  out.key("all_else").value("compared field by field: unchanged").end_object();
  return canonical_written(text);
}

std::vector<std::pair<const Repair*, std::uint64_t>> counts_by_repair(std::span<const std::string_view> done) {
  std::map<std::string_view, std::uint64_t> counts;
  for (const std::string_view name : done) ++counts[name];
  std::vector<std::pair<const Repair*, std::uint64_t>> result;
  for (const Repair* repair : repairs())
    if (const auto found = counts.find(repair->name); found != counts.end()) result.emplace_back(repair, found->second);
  return result;
}

Result<std::string> labels_id(const Dataset& d, const Pool& pool) {
  VETSET_TRY(const Identity identity, labels_identity(d, pool));
  return identity.id.text();
}

std::vector<std::string_view> repair_names(const std::vector<Workbench::Edit>& made) {
  std::vector<std::string_view> done;
  for (const Workbench::Edit& e : made) done.push_back(e.repair);
  return done;
}

/// Images that got another extension, with their names before: their files are to be found under the new ones, so that
/// a layout can stay as it was.
void follow_names(Source& source, const Join& join, const std::vector<std::pair<ImageIndex, std::string>>& before) {
  std::vector<RenamedTree::Name> names;
  Dataset& d = source.dataset;
  for (const auto& [i, called] : before) {
    const ImageIndex j = join.images[to_size(i)];
    if (j == none<ImageIndex> || d[j].media.empty()) continue;
    const std::string real(d.text(d[j].media));
    if (!real.ends_with(called)) continue;
    const std::string path = real.substr(0, real.size() - called.size()) + std::string(d.path(j));
    if (path == real || source.media().contains(path)) continue;
    const Text media = d.add_text(path);
    d.images[to_size(j)].media = media;
    names.push_back({path, real});
  }
  if (names.empty()) return;
  std::unique_ptr<Tree>& tree = source.images ? source.images : source.tree;
  tree = std::make_unique<RenamedTree>(std::move(tree), std::move(names));
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

  MediaWork files_done;
  const auto prepare = [&](Workbench& bench) {
    if (!options.files) return;
    bench.rewritable = [&](ImageIndex i, MediaChange change) {
      const Image& image = source.dataset[i];
      return !image.media.empty() && files_done.possible(source, source.dataset.text(image.media), change);
    };
  };
  FixReport report;
  report.before = counts_of(source.dataset);
  const std::span<const std::string_view> files = source.tree->list();
  const std::vector<Finding> nothing_read;
  std::vector<std::string_view> done;
  std::string labels_before;
  for (unsigned round = 1; round <= most_rounds; ++round) {
    if (options.common.progress.stopped()) return Error{Code::cancelled, "stopped while repairing"};
    const Evidence evidence{.dataset = source.dataset,
                            .files = files,
                            .reading = round == 1 ? std::span<const Finding>(source.findings) : nothing_read,
                            .facts = facts,
                            .settings = options.settings};
    if (!options.unsafe && round == 1) {  // on a bench of their own, to tell what they would do
      Workbench trial(source.dataset);
      prepare(trial);
      apply(unsafe, evidence, trial);
      report.unsafe = counts_by_repair(repair_names(trial.edits()));
    }
    Workbench bench(source.dataset);
    prepare(bench);
    apply(chosen, evidence, bench);
    if (bench.edits().empty()) break;
    const std::vector<Workbench::Edit> made = bench.edits();
    Workbench::Finished result = std::move(bench).finish();
    if (labels_before.empty()) {
      VETSET_TRY(labels_before, labels_id(source.dataset, pool));
    }
    VETSET_TRY(RoundEdits log, logged_round(source.dataset, result, made, round, pool));
    files_done.tell(source.dataset, log.edits, made);
    std::move(log.edits.begin(), log.edits.end(), std::back_inserter(report.edits));
    std::move(log.consequences.begin(), log.consequences.end(), std::back_inserter(report.consequences));
    for (const std::string_view name : repair_names(made)) done.push_back(name);
    const bool rewrote =
        std::any_of(made.begin(), made.end(), [](const Workbench::Edit& e) { return e.media != MediaChange::none; });
    files_done.carry_out(source, source.dataset, made);
    if (!facts.empty() && !rewrote) {
      std::vector<Facts> kept(result.dataset.images.size());
      for (std::size_t i = 0; i < facts.size(); ++i)
        if (const ImageIndex j = result.join.images[i]; j != none<ImageIndex>) kept[to_size(j)] = std::move(facts[i]);
      facts = std::move(kept);
    }
    std::vector<std::pair<ImageIndex, std::string>> names;
    for (const Workbench::Edit& e : made)
      if (e.repair == "extension-of-type")
        names.emplace_back(ImageIndex{e.index}, source.dataset.path(ImageIndex{e.index}));
    source.dataset = std::move(result.dataset);
    follow_names(source, result.join, names);
    if (rewrote) {
      VETSET_TRY(facts, facts_of(source, all, pool, options));
    }
  }
  report.after = counts_of(source.dataset);
  report.counts = counts_by_repair(done);
  if (report.edits.empty()) return report;
  VETSET_TRY(const std::string labels_after, labels_id(source.dataset, pool));
  report.document = document_of(report, options.unsafe, labels_before, labels_after);
  source.findings.clear();  // they speak of records that are others now
  source.finding_counts.clear();
  const std::uint64_t count = report.edits.size();
  source.steps.push_back({.name = "fix",
                          .summary = std::to_string(count) + (count == 1 ? " repair" : " repairs"),
                          .document = report.document});
  return report;
}

}  // namespace vetset
