// Base64 of RFC 4648 §4: the standard alphabet, always padded.
#pragma once

#include <string>
#include <string_view>

#include "vetset/base/result.h"

namespace vetset {

std::string base64(std::string_view bytes);

/// Strict: no white space, no missing padding, no set bits where the last digit has none to give. So every text has one
/// meaning, and every meaning one text.
Result<std::string> parse_base64(std::string_view text);

}  // namespace vetset
