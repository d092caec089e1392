#include "vetset/vetset_split_factors.h"

#include <cmath>

#include "vetset/base/nearest.h"
#include "vetset/check/contract_levels.h"
#include "vetset/split/keys.h"

namespace vetset {
namespace {

constexpr unsigned bins = 4;

/// A column of a contract's levels, by record.
Factor factor_of(const std::string& name, LevelTable& table) {
  const LevelColumn& column = table.column(name);
  const std::vector<std::uint32_t>& records = table.records(column.of);
  Factor f{.name = name, .of = column.of, .numeric = false, .numbers = {}, .levels = {}, .names = column.names};
  f.levels.assign(records.size(), Factor::unknown);
  for (std::size_t row = 0; row < records.size(); ++row)
    if (column.levels[row] != column.unknown()) f.levels[records[row]] = column.levels[row];
  return f;
}

/// Numbers that read well: of three digits, each once.
std::vector<double> rounded(const std::vector<double>& cuts) {
  std::vector<double> out;
  for (const double cut : cuts) {
    const double unit = cut == 0 ? 1 : std::pow(10.0, std::floor(std::log10(std::abs(cut))) - 2);
    const double round = unit < 1 ? std::round(cut / unit) / std::round(1 / unit) : std::round(cut / unit) * unit;
    if (out.empty() || round > out.back()) out.push_back(round);
  }
  return out;
}

Error unknown_factor(const std::string& name, const Contract* contract) {
  std::vector<std::string> known = {"class", "folder", "stem-prefix"};
  if (contract != nullptr)
    for (const ContractFactor& f : contract->factors) known.push_back(f.name);
  for (const FactorKind& kind : factor_kinds()) known.emplace_back(kind.name);
  return {Code::usage, "'" + name + "' is nothing to stratify by" + did_you_mean(name, known) +
                           ": expected class, a key as in --group-by, or a factor" +
                           (contract == nullptr ? "; --contract says whose own factors are meant" : "")};
}

/// The kind that a name is of; null: it is no factor's.
const FactorKind* kind_of(std::string_view name) {
  for (const FactorKind& kind : factor_kinds())
    if (kind.name == name || (kind.name.ends_with('*') && name.starts_with(kind.name.substr(0, kind.name.size() - 1))))
      return &kind;
  return nullptr;
}

Result<void> says_something(const Factor& f) {
  for (std::size_t i = 0; i < f.size(); ++i)
    if (f.known(i)) return {};
  return Error{Code::usage,
               "'" + f.name + "' says nothing: it is known of no " + (f.of == FactorOf::image ? "image" : "object")};
}

}  // namespace

StratifyWords stratify_words(const std::vector<std::string>& words) {
  StratifyWords parts;
  for (const std::string& word : words) {
    const std::string head = word.substr(0, word.find(':'));
    const bool is_key = head == "folder" || head == "stem-prefix" || head == "attribute" || head == "file";
    if (word != "class") (is_key ? parts.keys : parts.factors).push_back(word);
  }
  return parts;
}

Result<std::vector<Factor>> factors_called(const Source& source, const std::vector<std::string>& names,
                                           const Contract* contract, std::span<const Facts> facts,
                                           std::span<const PixelFacts> pixels, const ScanRequest& request) {
  std::vector<Factor> out;
  Scan seen;
  for (const std::string& name : names) {
    const ContractFactor* own = contract == nullptr ? nullptr : contract->find(name);
    const FactorKind* kind = kind_of(own == nullptr ? name : own->from);
    if (own == nullptr && kind == nullptr) return unknown_factor(name, contract);
    if (pixels.empty() && kind != nullptr && kind->pixels) {
      VETSET_TRY(seen, scan(source, request));
      facts = seen.facts, pixels = seen.pixels;
    }
    if (own != nullptr) {
      const ContractInput input{.contract = *contract, .dataset = source.dataset, .facts = facts, .pixels = pixels};
      const ContractUnits units = contract_units(input);
      LevelTable table(input, units);
      out.push_back(factor_of(name, table));
    } else {
      VETSET_TRY(Factor measured, factor({.dataset = source.dataset, .facts = facts, .pixels = pixels}, name));
      out.push_back(measured.numeric ? binned(measured, rounded(even_cuts(measured, bins))) : std::move(measured));
    }
    VETSET_DO(says_something(out.back()));
  }
  return out;
}

std::vector<std::string> group_words(const Contract& contract) {
  std::vector<std::string> words;
  for (const std::string& word : contract.group_by)
    if (const ContractGrouping grouping = contract_grouping(word); !grouping.links)
      words.push_back("attribute:" + std::string(grouping.key));
  return words;
}

}  // namespace vetset
