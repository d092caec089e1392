#include "vetset/vetset_contract.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "vetset/base/day.h"
#include "vetset/base/npy.h"
#include "vetset/check/contract_parse.h"
#include "vetset/vetset_given.h"

namespace vetset {
namespace {

/// Rows of the file that a clause names, seen from the contract's folder. What is wrong with it is said, not thrown:
/// the clause is undecided then.
ReferenceRows read_reference(const Contract& contract, const std::string& name) {
  ReferenceRows rows{.name = name, .error = {}, .values = {}};
  const std::string path = (std::filesystem::path(contract.file).parent_path() / name).string();
  const auto bytes = read_given(path);
  if (!bytes) {
    rows.error = to_string(bytes.error());
    return rows;
  }
  auto table = parse_npy(*bytes);
  if (!table) {
    rows.error = "'" + name + "': " + table.error().message;
    return rows;
  }
  rows.dimension = table->columns;
  rows.values = std::move(table->values);
  for (std::size_t begin = 0; begin + rows.dimension <= rows.values.size() && rows.dimension > 0;
       begin += rows.dimension) {
    double square = 0;
    for (std::size_t k = 0; k < rows.dimension; ++k)
      square += static_cast<double>(rows.values[begin + k]) * static_cast<double>(rows.values[begin + k]);
    if (!(square > 0) || !std::isfinite(square)) {
      rows.error = "'" + name + "': row " + std::to_string(begin / rows.dimension) + " has no direction";
      return rows;
    }
    const auto scale = static_cast<float>(1 / std::sqrt(square));
    for (std::size_t k = 0; k < rows.dimension; ++k) rows.values[begin + k] *= scale;
  }
  return rows;
}

bool has_images(const Dataset& d) {
  return std::any_of(d.images.begin(), d.images.end(), [](const Image& image) { return !image.media.empty(); });
}

/// Keys of images, without the words that mean links.
std::vector<std::string> keys_of(const std::vector<std::string>& words) {
  std::vector<std::string> keys;
  for (const std::string& word : words)
    if (word != "near_dup" && word != "near_duplicates" && word != "links" && !link_kind(word)) keys.push_back(word);
  return keys;
}

}  // namespace

Result<Contract> read_contract(const std::string& file) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(file));
  VETSET_TRY(const Bytes bytes, tree->read(tree->list().front()));
  return parse_contract(bytes.text(), file);
}

Result<std::unique_ptr<ContractRun>> contract_for(CheckOptions& options) {
  if (options.contract.empty() || !options.consumer.empty()) return std::unique_ptr<ContractRun>();
  auto run = std::make_unique<ContractRun>();
  VETSET_TRY(run->contract, read_contract(options.contract));
  make_rules(*run);
  const Contract& contract = run->contract;
  std::vector<SeverityChoice> severities;
  for (const auto& [rule, severity] : contract.severities) severities.push_back({rule, severity});
  options.severities.insert(options.severities.begin(), severities.begin(), severities.end());
  for (const ContractWaiver& w : contract.waivers) {
    if (!w.where.empty()) continue;  // of combinations: the clauses know them
    options.exceptions.waivers.push_back({.rule = w.rule,
                                          .reason = w.reason,
                                          .by = w.by,
                                          .until = w.until,
                                          .origin = contract.file + ":" + std::to_string(w.line)});
  }
  if (contract.split_policy == "temporal" && options.settings.split_policy.empty())
    options.settings.split_policy = {"temporal"};
  if (options.settings.group_by.empty()) options.settings.group_by = keys_of(contract.group_by);
  return run;
}

void evaluate(ContractRun& run, const Source& source, std::span<const Facts> facts, std::span<const PixelFacts> pixels,
              const Links* links, const Embeddings* embeddings, std::string_view today) {
  std::vector<ReferenceRows> references;
  for (const Clause& clause : run.contract.clauses)
    if (!clause.reference.empty()) references.push_back(read_reference(run.contract, clause.reference));
  run.report = evaluate_contract({.contract = run.contract,
                                  .dataset = source.dataset,
                                  .facts = facts,
                                  .pixels = pixels,
                                  .links = links,
                                  .embeddings = embeddings,
                                  .references = references,
                                  .today = today});
}

Result<ContractChecked> contract_check(const Source& source, const ContractOptions& options) {
  ContractChecked checked;
  checked.run = std::make_unique<ContractRun>();
  checked.contract = options.contract;
  checked.strict = options.strict;
  checked.today = options.today.empty() ? today() : options.today;
  VETSET_TRY(checked.run->contract, read_contract(options.contract));
  make_rules(*checked.run);
  const bool look = options.pixels && has_images(source.dataset) &&
                    (checked.run->contract.needs_pixels() || checked.run->contract.of_groups);
  Scan seen;
  std::optional<Links> links;
  if (look) {
    ScanRequest request = options.scan;
    request.common = options.common;
    VETSET_TRY(seen, scan(source, request));
    checked.notes = seen.notes;
    if (checked.run->contract.of_groups) {
      LinkSettings settings;
      settings.near = options.near;
      VETSET_TRY(links, find_links(source.dataset, source.media(), seen.facts, seen.pixels, nullptr, settings,
                                   Pool(options.common.threads), options.common.progress));
    }
  }
  evaluate(*checked.run, source, seen.facts, seen.pixels, links ? &*links : nullptr, options.embeddings, checked.today);
  const ClauseOutcome outcome = checked.run->report.outcome();
  checked.passed = outcome == ClauseOutcome::pass || (outcome == ClauseOutcome::undecided && !options.strict);
  return checked;
}

}  // namespace vetset
