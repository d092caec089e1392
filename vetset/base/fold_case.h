// Text where case does not count.
#pragma once

#include <string>
#include <string_view>

namespace vetset {

/// Normal form C of the full case folding: equal for names that a file system without case takes for one, "STRASSE" and
/// "straße". A text that is not UTF-8 is folded as far as it is ASCII.
std::string fold_case(std::string_view text);

}  // namespace vetset
