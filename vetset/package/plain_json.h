// JSON that says one thing to every reader: valid, UTF-8, no key twice in an object. For what is signed.
#pragma once

#include <string_view>

#include "vetset/base/json.h"

namespace vetset {

inline constexpr std::uint32_t plain_depth = 32;  // nested values

Result<void> check_plain_json(std::string_view text);
Result<Json> parse_plain_json(std::string_view text);

}  // namespace vetset
