// What makes images belong together besides equal bytes: keys that a user names. A key that says nothing ("unknown", 0,
// NaN) links nobody.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

/// One way of grouping, as it is typed:
///   folder                the folder that the image is in
///   stem-prefix           its file name without the number at its end: "clip_0012.jpg" → "clip"
///   stem-prefix:SEP       its file name up to the first SEP: "ana.rf.3f.jpg", ".rf." → "ana"
///   stem-prefix:PATTERN   what the brackets catch: "(*)_cam?_#"; * any text, ? one character, # a number
///   attribute:NAME        an attribute of the image, or a key of its record that formats carry along
///   file:CSV              the second column of a table whose first one is the image's path (or its base name)
struct KeyRule {
  enum class Kind : std::uint8_t { folder, stem_number, stem_separator, stem_pattern, attribute, file };
  Kind kind = Kind::folder;
  std::string argument = {};
  std::string text = {};  // as typed; of a file only its base name, so that no document holds a path of a machine
};
Result<KeyRule> parse_key_rule(std::string_view text);

/// The key of each image, empty where it has none. `table` is the text of the CSV file, for Kind::file.
struct Keys {
  KeyRule rule;
  std::vector<std::string> of;    // by image
  std::uint64_t without = 0;      // images without one
  std::uint64_t unused_rows = 0;  // of a table: rows that name no image
};
enum class KeyUse : std::uint8_t {
  grouping,  // a key that says nothing is none
  levels,    // "0", "none" and "unknown" are values like others; only what is empty is none
};
Result<Keys> keys_of(const Dataset& d, KeyRule rule, std::string_view table = {}, KeyUse use = KeyUse::grouping);

/// Whether a key says nothing: empty, unknown, none, null, nan, n/a, 0, -1, in any case.
bool is_null_key(std::string_view key);

/// The catch of a pattern of `stem-prefix:` in a name, or nothing where it does not fit: the shortest that fits.
std::optional<std::string> caught(std::string_view pattern, std::string_view name);

}  // namespace vetset
