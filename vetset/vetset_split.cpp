// Splitting: the images are digested, groups found and placed, and the dataset gets the new splits.
#include <algorithm>
#include <filesystem>

#include "vetset/base/publish.h"
#include "vetset/vetset.h"
#include "vetset/vetset_contract.h"
#include "vetset/vetset_linked.h"
#include "vetset/vetset_split_factors.h"

namespace vetset {
namespace {

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

/// What is stratified by, besides classes.
std::vector<std::string> factors_of(const SplitOptions& options, const SplitLock* lock) {
  if (!options.stratify) return lock != nullptr ? lock->factors : std::vector<std::string>();
  std::vector<std::string> factors;
  for (const std::string& word : *options.stratify)
    if (word != "class") factors.push_back(word);
  return factors;
}

/// The lock's search where another is not asked for: what it kept together stays together by the same measure.
SearchRequest request_of(const auto& options, const SplitLock* lock) {
  SearchRequest request{.radius = options.radius, .scan = options.scan, .common = options.common};
  const LockedSearch* was = lock != nullptr && lock->search ? &*lock->search : nullptr;
  request.near = options.near.value_or(was != nullptr ? was->near : NearTier::views);
  if (!options.radius && was != nullptr && was->near == request.near && was->near != NearTier::none)
    request.radius = was->radius;
  return request;
}

}  // namespace

Result<std::optional<SplitLock>> lock_of(const Source& source, const std::string& named, const Limits& limits) {
  const std::string beside = std::string(source.tree->name()) + ".split.lock";
  const bool inside = named.empty() && source.tree->contains("split.lock");
  if (inside) {
    VETSET_TRY(const Bytes text, source.tree->read("split.lock"));
    VETSET_TRY(SplitLock lock, parse_lock(text, "split.lock", limits));
    return std::optional<SplitLock>(std::move(lock));
  }
  std::error_code ignored;
  if (named.empty() && (!source.only.empty() || !std::filesystem::is_regular_file(beside, ignored)))
    return std::optional<SplitLock>();
  const std::string& path = named.empty() ? beside : named;
  VETSET_TRY(const Bytes text, read_named(path, limits));
  VETSET_TRY(SplitLock lock, parse_lock(text, path, limits));
  return std::optional<SplitLock>(std::move(lock));
}

Result<SplitCheck> check_split(const Source& source, const SplitCheckOptions& options) {
  if (counts_of(source.dataset).splits < 2)
    return Error{Code::usage, counts_of(source.dataset).splits == 0
                                  ? "the dataset has no splits whose leaks could be looked for; vetset split makes some"
                                  : "the dataset has one split, and leaks are between two; vetset split makes them"};
  VETSET_TRY(const std::optional<SplitLock> lock, lock_of(source, options.lock, options.common.limits));
  VETSET_TRY(const std::vector<Keys> keys,
             keys_called(source.dataset, options.group_by, KeyUse::grouping, options.common.limits));
  SearchRequest request = request_of(options, lock ? &*lock : nullptr);
  request.margin = options.margin;
  request.needs_files = !lock;
  VETSET_TRY(LinkedImages found, search_linked(source, keys, request));
  SplitCheck check = check_splits(source.dataset, found.facts, found.links, found.beyond ? &*found.beyond : nullptr,
                                  lock ? &*lock : nullptr);
  if (check.lock && check.lock->new_images == source.dataset.images.size())
    return Error{Code::usage,
                 "the lock knows none of the " + std::to_string(source.dataset.images.size()) +
                     " images here: it is of another dataset",
                 options.lock};
  check.links = std::move(found.links);
  return check;
}

Result<SplitReport> split(Source& source, const SplitOptions& asked) {
  SplitOptions options = asked;
  std::optional<Contract> contract;
  if (!options.contract.empty()) {
    VETSET_TRY(contract, read_contract(options.contract));
    if (!options.stratify && !contract->stratify.empty()) options.stratify = contract->stratify;
    if (options.group_by.empty()) options.group_by = group_words(*contract);
  }
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
  const StratifyWords words = stratify_words(factors_of(options, before));
  VETSET_TRY(const std::vector<Keys> factors, keys_called(source.dataset, words.keys, KeyUse::levels, limits));
  std::optional<Keys> pins;
  if (!options.pins.empty()) {
    VETSET_TRY(const Bytes table, read_named(options.pins, limits));
    VETSET_TRY(pins, keys_of(source.dataset, {.kind = KeyRule::Kind::file, .argument = options.pins, .text = "pins"},
                             table, KeyUse::levels));
  }
  LinkedImages searched;
  std::span<const Facts> facts = options.facts;
  const Links* links = options.links;
  if (facts.empty() || links == nullptr) {
    SearchRequest request = request_of(options, before);
    request.keep_pixels = !words.factors.empty();
    VETSET_TRY(searched, search_linked(source, keys, request));
    facts = searched.facts;
    links = &searched.links;
  }
  ScanRequest looking = options.scan;
  looking.common = options.common;
  VETSET_TRY(const std::vector<Factor> measured,
             factors_called(source, words.factors, contract ? &*contract : nullptr, facts, searched.pixels, looking));
  const SplitInput input{.facts = facts,
                         .keys = keys,
                         .links = links,
                         .factors = factors,
                         .measured = measured,
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
  report.facts.assign(facts.begin(), facts.end());
  report.links = links == &searched.links ? std::move(searched.links) : *links;
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
