// The settings of the rules by name: what vetset.toml, the environment and flags may say, within which range.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/check/rule.h"

namespace vetset {

struct Setting {
  /// A whole number, a number, or a list of words.
  using Field =
      std::variant<std::uint32_t CheckSettings::*, double CheckSettings::*, std::vector<std::string> CheckSettings::*>;
  std::string_view name;   // "image-size"
  Field field;             //
  double least, most;      // of a number
  std::string_view rules;  // codes, with blanks between
  std::string_view what;   // one line
};
/// Every setting there is; settings.def lists them.
std::span<const Setting> settings();
const Setting* find_setting(std::string_view name);

/// Sets a number. An error says the range.
Result<void> set_number(CheckSettings& of, const Setting& setting, double value);
/// Sets a list of words.
Result<void> set_words(CheckSettings& of, const Setting& setting, std::vector<std::string> words);
/// Sets from text, as flags and the environment give it: a number, or words with commas between.
Result<void> set_from_text(CheckSettings& of, const Setting& setting, std::string_view text);
void copy_setting(CheckSettings& to, const CheckSettings& from, const Setting& setting);
/// The value as text: "640", "a,b".
std::string setting_text(const CheckSettings& of, const Setting& setting);

}  // namespace vetset
