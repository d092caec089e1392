// What a path must be so that every file system can hold it, and what two paths of one package must not be to each
// other. Held when a package is made and again whenever its manifest is read.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vetset {

/// Why a package cannot list this path; nothing where it can. Beyond what every tree asks (path_problem): at most 240
/// bytes, 16 parts, 200 bytes a part, normal form C, no ':', no dot or space at the end of a part, no name that Windows
/// keeps for devices.
std::optional<std::string> package_path_problem(std::string_view path);

/// Two paths that one file system cannot hold both: equal where case does not count, or one a file where the other
/// needs a folder.
struct PathClash {
  std::string_view path;  // the later of the two
  std::string words;      // names the other
};
std::optional<PathClash> first_path_clash(std::span<const std::string_view> paths);

}  // namespace vetset
