// Which names of files and folders are the same on every system.
#pragma once

#include <string_view>

namespace vetset {

/// What Windows does not take in a name.
inline constexpr std::string_view unportable_characters = "<>:\"|?*";

/// Names that Windows keeps for devices, whatever their extension: "con", "LPT1.txt".
bool is_device_name(std::string_view part);

}  // namespace vetset
