// The contract verb of the façade: read one, hold a dataset to it, write a first one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vetset/check/contract_findings.h"
#include "vetset/vetset.h"

namespace vetset {

Result<Contract> read_contract(const std::string& file);

struct ContractOptions {
  std::string contract = "contract.yaml";
  bool strict = false;  // what is undecided is a no
  bool pixels = true;   // decode images where the contract asks for what only they tell, or for groups
  NearTier near = NearTier::views;
  const Embeddings* embeddings = nullptr;
  ScanRequest scan = {};   // its `common` is not read
  std::string today = {};  // for waivers; empty: the clock's, in UTC
  Common common = {};
};
struct ContractChecked {
  std::unique_ptr<ContractRun> run;
  std::string contract, today;
  bool strict = false, passed = false;
  std::vector<std::string> notes = {};
};
Result<ContractChecked> contract_check(const Source& source, const ContractOptions& options = {});
/// docs/schema/contract-check-v1.json.
std::string to_json(const ContractChecked& checked, std::string_view program, std::string_view source);

struct ContractInitOptions {
  bool pixels = true;
  NearTier near = NearTier::views;
  ScanRequest scan = {};
  std::string name = {};  // of the dataset
  Common common = {};
};
/// A first contract as text, one that the dataset meets: what varies in it, sensible bins, needs a little below what is
/// there.
Result<std::string> contract_init(const Source& source, const ContractInitOptions& options = {});

/// For `check`: the contract that options name, not yet evaluated; null where they name none. Its severities, waivers
/// and split policy become those of `options`, where these do not say otherwise.
Result<std::unique_ptr<ContractRun>> contract_for(CheckOptions& options);
/// Lets a contract look at what is known.
void evaluate(ContractRun& run, const Source& source, std::span<const Facts> facts, std::span<const PixelFacts> pixels,
              const Links* links, const Embeddings* embeddings, std::string_view today);

}  // namespace vetset
