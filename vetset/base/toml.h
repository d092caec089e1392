// TOML with places, for settings. toml++ does the reading.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/result.h"

namespace vetset {

struct Toml {
  enum class Type : std::uint8_t { string, integer, number, boolean, date, array, table };
  Type type = Type::table;
  std::string text;                                   // of a string; of a date as TOML spells it
  double number = 0;                                  // of an integer, too
  bool boolean = false;                               //
  std::vector<Toml> items;                            // of an array
  std::vector<std::pair<std::string, Toml>> entries;  // of a table, in file order
  std::uint32_t line = 0, column = 0;                 // of the value, from 1
  std::uint32_t key_line = 0, key_column = 0;         // of its key, where it is a table's entry

  // Declared here, because a type that holds pairs of itself cannot have them made implicitly.
  Toml();
  Toml(const Toml&);
  Toml(Toml&&) noexcept;
  Toml& operator=(const Toml&);
  Toml& operator=(Toml&&) noexcept;
  ~Toml();

  const Toml* find(std::string_view key) const;  // null where absent or not a table
};
/// "a string", "a table": for messages.
std::string_view name(Toml::Type type);

/// `file` stands in errors.
Result<Toml> parse_toml(std::string_view text, std::string_view file);

}  // namespace vetset
