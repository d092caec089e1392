// Words as they must be typed in a shell.
#pragma once

#include <string>
#include <string_view>

namespace vetset {

/// The text as one word: as it is where nothing in it means anything to a shell, else in quotes.
std::string shell_word(std::string_view text);

}  // namespace vetset
