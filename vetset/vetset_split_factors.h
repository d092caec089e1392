// What a split is even by besides classes: keys of images, and factors that are measured, by the names that a contract
// gives them or by their own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "vetset/dataset/contract.h"
#include "vetset/dataset/factors.h"
#include "vetset/vetset.h"

namespace vetset {

/// Words of --stratify: keys ("folder", "attribute:weather"), and all others, which are factors.
struct StratifyWords {
  std::vector<std::string> keys, factors;
};
StratifyWords stratify_words(const std::vector<std::string>& words);

/// A contract's own factors in its levels; others by name, numbers in four bins of as many images or objects each.
/// Images are decoded where a factor needs it and `pixels` is empty.
Result<std::vector<Factor>> factors_called(const Source& source, const std::vector<std::string>& names,
                                           const Contract* contract, std::span<const Facts> facts,
                                           std::span<const PixelFacts> pixels, const ScanRequest& scan);

/// The keys that a contract's group_by names, as --group-by takes them; links are searched anyway.
std::vector<std::string> group_words(const Contract& contract);

}  // namespace vetset
