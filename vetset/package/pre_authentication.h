// What DSSE signs (its PAE): type and payload with their lengths, so that one cannot be mistaken for the other.
#pragma once

#include <string>
#include <string_view>

namespace vetset {

std::string pre_authentication(std::string_view type, std::string_view payload);

}  // namespace vetset
