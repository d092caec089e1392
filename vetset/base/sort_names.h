// Sorting the names of one folder: tens of thousands that a file system lists as it hashed them.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace vetset {

/// Sorts paths by their bytes. All of them begin with the same `prefix` bytes.
void sort_names(std::span<std::string_view> paths, std::size_t prefix);

}  // namespace vetset
