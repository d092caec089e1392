// Version numbers, part by part: 1.19.2, 535.104.05, GLIBC_2.28.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vetset {

struct Version {
  std::vector<std::uint32_t> parts;

  /// The numbers at the beginning of a text, between points: "1.32.0rc1" is 1.32.0. Nothing: empty.
  static Version of(std::string_view text);
  explicit operator bool() const { return !parts.empty(); }
  std::uint32_t major() const { return parts.empty() ? 0 : parts[0]; }
  std::uint32_t minor() const { return parts.size() < 2 ? 0 : parts[1]; }
  /// Missing parts are zeros: 1.19 equals 1.19.0.
  std::weak_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const { return (*this <=> other) == std::weak_ordering::equivalent; }
};
/// "1.19.2".
std::string to_string(const Version&);
/// The highest of names that begin so: "GLIBC_" in {"GLIBC_2.2.5", "GLIBC_2.34"} is 2.34.
Version highest(const std::vector<std::string>& names, std::string_view prefix);

}  // namespace vetset
