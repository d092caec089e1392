// contract.yaml as text to a Contract.
#pragma once

#include <string_view>

#include "vetset/base/result.h"
#include "vetset/dataset/contract.h"

namespace vetset {

/// Every mistake is an error with its line and column; a key that nobody knows is CFG001, with the one it resembles.
Result<Contract> parse_contract(std::string_view text, std::string_view file);

}  // namespace vetset
