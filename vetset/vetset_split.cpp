// Splitting: the images are digested, groups found and placed, and the dataset gets the new splits.
#include <algorithm>

#include "vetset/base/publish.h"
#include "vetset/scan/scan.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

/// A file that the user names beside the dataset: a lock, a table of keys.
Result<Bytes> read_named(const std::string& path, const Limits& limits) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(path));
  VETSET_TRY(const std::uint64_t size, tree->size(base_name(path)));
  if (size > limits.record_bytes)
    return Error{Code::limit, "is larger than " + std::to_string(limits.record_bytes) + " bytes", path};
  auto bytes = tree->read(base_name(path));
  if (!bytes) return std::move(bytes).error().in(path);
  return bytes;
}

std::vector<std::string> usual_names(std::size_t count) {
  if (count == 1) return {"train"};
  if (count == 2) return {"train", "val"};
  return {"train", "val", "test"};
}

Result<SplitSettings> settings_of(const SplitOptions& options, const SplitLock* lock) {
  SplitSettings settings{.seed = options.seed.value_or(lock != nullptr ? lock->seed : 0),
                         .stratify = lock == nullptr || lock->stratified};
  if (options.stratify)
    settings.stratify =
        std::find(options.stratify->begin(), options.stratify->end(), "class") != options.stratify->end();
  settings.folds = options.folds;
  if (options.folds == 0 && lock != nullptr && options.ratios.empty()) settings.folds = lock->folds;
  if (settings.folds == 0 && options.fold >= 0) return Error{Code::usage, "one fold of how many: say --folds"};
  if (settings.folds > 0) {
    if (!options.ratios.empty() || !options.names.empty())
      return Error{Code::usage, "folds are of one size and have names of their own: leave ratios and names out"};
    if (settings.folds < 2 || settings.folds > 100) return Error{Code::usage, "expected 2 to 100 folds"};
    if (options.fold >= static_cast<std::int32_t>(settings.folds))
      return Error{Code::usage, "there is no fold " + std::to_string(options.fold) + ": expected 0 to " +
                                    std::to_string(settings.folds - 1)};
    for (std::uint32_t k = 0; k < settings.folds; ++k) {
      settings.names.push_back("fold" + std::to_string(k));
      settings.ratios.push_back(1);
    }
    return settings;
  }
  if (!options.ratios.empty()) {
    VETSET_TRY(settings.ratios, parse_ratios(options.ratios));
  } else if (lock != nullptr) {
    settings.ratios = lock->ratios;
  } else {
    settings.ratios = {80, 10, 10};
  }
  settings.names = !options.names.empty() ? options.names
                   : lock != nullptr      ? lock->names
                                          : usual_names(settings.ratios.size());
  if (settings.names.size() != settings.ratios.size())
    return Error{Code::usage, std::to_string(settings.ratios.size()) + " ratios and " +
                                  std::to_string(settings.names.size()) +
                                  " names of splits: expected as many; --names says them"};
  return settings;
}

/// One fold against the others: the fold is what is tested on.
void choose_fold(SplitReport& report, std::uint32_t fold) {
  report.fold = static_cast<std::int32_t>(fold);
  for (std::uint32_t& split : report.of)
    if (split != SplitReport::nowhere) split = split == fold ? 1 : 0;
}

Result<std::vector<Keys>> keys_called(const Dataset& d, const std::vector<std::string>& words, KeyUse use,
                                      const Limits& limits) {
  std::vector<Keys> keys;
  for (const std::string& text : words) {
    VETSET_TRY(KeyRule rule, parse_key_rule(text));
    Bytes table;
    if (rule.kind == KeyRule::Kind::file) {
      VETSET_TRY(table, read_named(rule.argument, limits));
    }
    VETSET_TRY(Keys found, keys_of(d, std::move(rule), table, use));
    keys.push_back(std::move(found));
  }
  return keys;
}

/// What is stratified by, besides classes.
std::vector<std::string> factors_of(const SplitOptions& options, const SplitLock* lock) {
  if (!options.stratify) return lock != nullptr ? lock->factors : std::vector<std::string>();
  std::vector<std::string> factors;
  for (const std::string& word : *options.stratify)
    if (word != "class") factors.push_back(word);
  return factors;
}

}  // namespace

Result<SplitReport> split(Source& source, const SplitOptions& options) {
  const Pool pool(options.common.threads);
  const Limits& limits = options.common.limits;
  std::optional<SplitLock> lock;
  if (!options.lock.empty()) {
    VETSET_TRY(const Bytes text, read_named(options.lock, limits));
    VETSET_TRY(lock, parse_lock(text, options.lock, limits));
  }
  const SplitLock* before = lock ? &*lock : nullptr;
  VETSET_TRY(const SplitSettings settings, settings_of(options, before));
  VETSET_TRY(const std::vector<Keys> keys,
             keys_called(source.dataset, options.group_by.empty() && lock ? lock->group_by : options.group_by,
                         KeyUse::grouping, limits));
  VETSET_TRY(const std::vector<Keys> factors,
             keys_called(source.dataset, factors_of(options, before), KeyUse::levels, limits));
  std::optional<Keys> pins;
  if (!options.pins.empty()) {
    VETSET_TRY(const Bytes table, read_named(options.pins, limits));
    VETSET_TRY(pins, keys_of(source.dataset, {.kind = KeyRule::Kind::file, .argument = options.pins, .text = "pins"},
                             table, KeyUse::levels));
  }
  std::vector<Facts> facts(options.facts.begin(), options.facts.end());
  if (facts.empty()) {
    VETSET_TRY(facts, scan(source.dataset, source.media(), pool, options.common.progress,
                           {.digests = Digests::all, .headers = false, .tail = false}));
  }
  const SplitInput input{.facts = facts,
                         .keys = keys,
                         .links = options.links,
                         .factors = factors,
                         .pins = pins ? &*pins : nullptr,
                         .before = before};
  VETSET_TRY(SplitReport report, plan_split(source.dataset, input, settings));
  const SplitSettings planned = report.settings;
  if (options.fold >= 0) {
    choose_fold(report, static_cast<std::uint32_t>(options.fold));
    report.settings.names = {"train", "val"};
  }
  source.dataset = with_splits(std::move(source.dataset), report);
  measure_crossings(source.dataset, input, report);
  report.settings = planned;
  if (report.crossing_files + report.crossing_keys + report.crossing_links > 0)
    return Error{Code::defect, "the splits made share " + std::to_string(report.crossing_files) + " files, " +
                                   std::to_string(report.crossing_keys) + " keys and " +
                                   std::to_string(report.crossing_links) + " links"};
  source.steps.push_back({.name = "split",
                          .summary = summary_of(report),
                          .document = statement_of(report, "vetset " + std::string(version()))});
  report.facts = std::move(facts);
  return report;
}

Result<std::vector<std::string>> write_lock(const SplitReport& report, const std::string& target, bool inside) {
  std::vector<std::string> paths = {target + ".split.lock"};
  if (inside) paths.push_back(target + "/split.lock");
  const std::string text = to_json(report.lock) + "\n";
  for (const std::string& path : paths) VETSET_DO(write_file_atomically(path, text));
  return paths;
}

}  // namespace vetset
