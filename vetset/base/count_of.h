// Counts in messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vetset {

/// "1 image", "3 images".
inline std::string count_of(std::uint64_t count, std::string_view one) {
  return std::to_string(count) + " " + std::string(one) + (count == 1 ? "" : "s");
}

}  // namespace vetset
