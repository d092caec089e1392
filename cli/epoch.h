// The time that a manifest may state: told on the command line, or by SOURCE_DATE_EPOCH as reproducible builds do;
// never the clock's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "vetset/base/result.h"

namespace vetset::cli {

/// Seconds since 1970. `told` is what --epoch says; empty: the environment decides, and where that is silent too there
/// is none.
Result<std::optional<std::int64_t>> epoch_of(const std::string& told);

}  // namespace vetset::cli
