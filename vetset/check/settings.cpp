#include "vetset/check/settings.h"

#include <cmath>

#include "vetset/base/number.h"

namespace vetset {
namespace {

const Setting all_settings[] = {
#define VETSET_SETTING(field, name, least, most, rules, what) \
  {name, &CheckSettings::field, static_cast<double>(least), static_cast<double>(most), rules, what},
#include "vetset/check/settings.def"
#undef VETSET_SETTING
};

std::string number_text(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

Error not_what(const Setting& setting, std::string_view expected) {
  return {Code::usage, std::string(setting.name) + ": expected " + std::string(expected)};
}

}  // namespace

std::span<const Setting> settings() { return all_settings; }

const Setting* find_setting(std::string_view name) {
  for (const Setting& setting : all_settings)
    if (setting.name == name) return &setting;
  return nullptr;
}

Result<void> set_number(CheckSettings& of, const Setting& setting, double value) {
  if (!(value >= setting.least && value <= setting.most) &&
      !std::holds_alternative<std::vector<std::string> CheckSettings::*>(setting.field))
    return not_what(setting, "a number from " + number_text(setting.least) + " to " + number_text(setting.most) +
                                 ", found " + number_text(value));
  if (const auto* whole = std::get_if<std::uint32_t CheckSettings::*>(&setting.field)) {
    if (value != std::floor(value)) return not_what(setting, "a whole number, found " + number_text(value));
    of.** whole = static_cast<std::uint32_t>(value);
    return {};
  }
  if (const auto* number = std::get_if<double CheckSettings::*>(&setting.field)) {
    of.** number = value;
    return {};
  }
  return not_what(setting, "a list of strings, found a number");
}

Result<void> set_words(CheckSettings& of, const Setting& setting, std::vector<std::string> words) {
  const auto* field = std::get_if<std::vector<std::string> CheckSettings::*>(&setting.field);
  if (field == nullptr) return not_what(setting, "a number, found a list");
  of.** field = std::move(words);
  return {};
}

Result<void> set_from_text(CheckSettings& of, const Setting& setting, std::string_view text) {
  if (std::holds_alternative<std::vector<std::string> CheckSettings::*>(setting.field)) {
    std::vector<std::string> words;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      if (end > begin) words.emplace_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    return set_words(of, setting, std::move(words));
  }
  const NumberText number = read_loose_number(text);
  if (number.length == 0 || number.length != text.size())
    return not_what(setting, "a number, found '" + std::string(text) + "'");
  return set_number(of, setting, number.value);
}

void copy_setting(CheckSettings& to, const CheckSettings& from, const Setting& setting) {
  std::visit([&](auto field) { to.*field = from.*field; }, setting.field);
}

std::string setting_text(const CheckSettings& of, const Setting& setting) {
  if (const auto* whole = std::get_if<std::uint32_t CheckSettings::*>(&setting.field))
    return std::to_string(of.**whole);
  if (const auto* number = std::get_if<double CheckSettings::*>(&setting.field)) return number_text(of.**number);
  std::string text;
  for (const std::string& word : of.**std::get_if<std::vector<std::string> CheckSettings::*>(&setting.field))
    text += (text.empty() ? "" : ",") + word;
  return text;
}

}  // namespace vetset
