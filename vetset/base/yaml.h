// YAML with places, as far as configuration files use it. yaml-cpp does the reading; aliases that multiply are refused.
// Scalars keep their text: whether `no` is a word or a boolean is the caller's question (YAML 1.1, as PyYAML reads it).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/limits.h"
#include "vetset/base/result.h"

namespace vetset {

struct Yaml {
  enum class Type : std::uint8_t { null, scalar, sequence, mapping };
  Type type = Type::null;
  std::string text;                            // of a scalar, unquoted
  bool quoted = false;                         // '…', "…" or a block: a string whatever it says
  std::vector<Yaml> items;                     // of a sequence
  std::vector<std::pair<Yaml, Yaml>> entries;  // of a mapping, in file order, repeated keys kept
  std::uint32_t line = 0, column = 0;          // from 1
  std::uint64_t begin = 0, end = 0;            // bytes of this value in the text (end may include trailing space)

  // Declared here, because a type that holds pairs of itself cannot have them made implicitly.
  Yaml();
  Yaml(const Yaml&);
  Yaml(Yaml&&) noexcept;
  Yaml& operator=(const Yaml&);
  Yaml& operator=(Yaml&&) noexcept;
  ~Yaml();

  const Yaml* find(std::string_view key) const;  // first entry of that key; null where absent or not a mapping
  bool is_null() const;                          // nothing, ~, null (unquoted)
  /// What PyYAML's safe_load makes of an unquoted scalar: "int", "float", "bool", "null", "str",
  /// "timestamp", "merge", "value"; of anything else "str", "list", "dict".
  std::string_view python_type() const;
};

Result<Yaml> parse_yaml(std::string_view text, const Limits& = {});
/// `text` as a YAML scalar that PyYAML reads back as the same string, in block and in flow style: plain where it can
/// be, else quoted.
void append_yaml_string(std::string& out, std::string_view text);

}  // namespace vetset
