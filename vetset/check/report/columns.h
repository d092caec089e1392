// Text in columns of a terminal: filled up, set to the right, cut. Widths are those that people see.
#pragma once

#include <string>
#include <string_view>

namespace vetset {

/// Filled up with blanks on the right, or on the left.
std::string to_left(std::string_view text, std::size_t columns);
std::string to_right(std::string_view text, std::size_t columns);
/// Cut to so many columns, "…" at the end of what is cut.
std::string cut(std::string_view text, std::size_t columns);
/// Long paths lose their middle: the end says which file it is.
std::string cut_middle(std::string_view text, std::size_t columns);

}  // namespace vetset
