// What the clauses of a contract come to. Pure: no files, no clock. Rules COV204 … and `vetset contract check` tell it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/contract.h"
#include "vetset/dataset/embeddings.h"
#include "vetset/dataset/links.h"

namespace vetset {

/// Rows of a reference that an embedding clause names, each of unit length.
struct ReferenceRows {
  std::string name;   // as the clause names the file
  std::string error;  // why there are none; empty: there are
  std::size_t dimension = 0;
  std::vector<float> values;
};

struct ContractInput {
  const Contract& contract;
  const Dataset& dataset;
  std::span<const Facts> facts = {};        // one an image; empty: not looked at
  std::span<const PixelFacts> pixels = {};  // likewise
  const Links* links = nullptr;             // null: not searched
  const Embeddings* embeddings = nullptr;
  std::span<const ReferenceRows> references = {};
  std::string_view today = {};  // what has expired
};

/// The report points into the contract.
ContractReport evaluate_contract(const ContractInput& input);

}  // namespace vetset
