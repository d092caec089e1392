// What a diff says of numbers, for people: decimals that nobody reads are left out. JSON keeps them.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "vetset/dataset/diff.h"

namespace vetset {

/// `text` with its numbers rounded to at most `decimals` digits after the point. Numbers within words stay.
std::string rounded_numbers(std::string_view text, unsigned decimals);
/// The values of a change before and after, in two decimals where those are enough to show it, else in four, else as
/// they are. Only where the field is a measure: text is text.
std::pair<std::string, std::string> values_for_people(const Diff::FieldChange& change);

}  // namespace vetset
