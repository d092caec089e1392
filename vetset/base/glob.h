// Patterns over paths, as .gitignore and ruff take them.
#pragma once

#include <string_view>

namespace vetset {

/// Whether a pattern matches the whole text. `*` and `?` stay within one folder, `**` goes through any number of them,
/// `[a-z]` and `[!a]` are sets, `\` takes the next sign as it is.
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace vetset
