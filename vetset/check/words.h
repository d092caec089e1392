// How numbers, counts and names read in the messages of rules and reports.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vetset {

/// A number with at most two decimals, "12.5"; large or tiny ones in their shortest form.
std::string measure(double value);
/// A share to a tenth of a percent, "4.1 %".
std::string in_percent(double share);
/// "1 image", "3 images", "1,204 boxes".
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);
/// "118,287"
std::string grouped(std::uint64_t count);
/// A name in backquotes, safe to print.
std::string quoted(std::string_view name);

}  // namespace vetset
