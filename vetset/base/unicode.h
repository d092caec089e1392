// What text needs to be compared: validity, normal forms, case folding, distance. utf8proc does the tables.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vetset {

/// Offset of the first byte that is not UTF-8 (RFC 3629: no surrogates, no overlong forms); nothing where all are.
std::optional<std::size_t> invalid_utf8(std::string_view text);
/// Normal form C; the text itself where it is not UTF-8.
std::string nfc(std::string_view text);
/// Normal form KC, full case folding, trimmed, inner runs of white space as one space: equal for names that people
/// read as the same.
std::string fold(std::string_view text);
/// Levenshtein distance in code points, or `limit + 1` where it exceeds `limit`.
unsigned edit_distance(std::string_view a, std::string_view b, unsigned limit);
/// Text that is safe on a terminal and in one line: control and invalid bytes as \xNN.
std::string printable(std::string_view text);
/// Columns a terminal needs to show the text (East Asian wide characters count two).
std::size_t display_width(std::string_view text);

}  // namespace vetset
