// "Did you mean …?": the known word that a misspelled one is nearest to.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace vetset {

/// " (did you mean 'check'?)" where one of the words is near, else nothing. Letters dropped, added, changed or swapped
/// count one each.
std::string did_you_mean(std::string_view word, std::span<const std::string> known);

}  // namespace vetset
