#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "vetset/base/nearest.h"

namespace vetset::cli {

Arguments& Arguments::positional(std::string_view name, std::string& value, std::string_view help, bool required) {
  app_.add_option(std::string(name), value, std::string(help))->required(required)->type_name("");
  return *this;
}

Arguments& Arguments::positionals(std::string_view name, std::vector<std::string>& values, std::string_view help) {
  app_.add_option(std::string(name), values, std::string(help))->required()->type_name("");
  return *this;
}

Arguments& Arguments::option(std::string_view flags, std::string& value, std::string_view placeholder,
                             std::string_view help, std::vector<std::string> choices) {
  declared(flags, choices);
  CLI::Option* option =
      app_.add_option(std::string(flags), value, std::string(help))->type_name(std::string(placeholder));
  if (choices.empty()) return *this;
  const auto is_choice = [choices = std::move(choices)](const std::string& word) {
    if (std::find(choices.begin(), choices.end(), word) != choices.end()) return std::string();
    std::string known;
    for (const std::string& choice : choices) known += (known.empty() ? "" : ", ") + choice;
    return "expected one of " + known + "; found '" + word + "'" + did_you_mean(word, choices);
  };
  option->check(CLI::Validator(is_choice, ""))->type_name(std::string(placeholder));
  return *this;
}

Arguments& Arguments::list(std::string_view flags, std::vector<std::string>& values, std::string_view placeholder,
                           std::string_view help) {
  declared(flags, {});
  app_.add_option(std::string(flags), values, std::string(help))
      ->delimiter(',')
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name(std::string(placeholder));
  return *this;
}

Arguments& Arguments::option(std::string_view flags, int& value, std::string_view placeholder, std::string_view help) {
  declared(flags, {});
  app_.add_option(std::string(flags), value, std::string(help))->type_name(std::string(placeholder));
  return *this;
}

Arguments& Arguments::option(std::string_view flags, unsigned& value, std::string_view placeholder,
                             std::string_view help) {
  declared(flags, {});
  app_.add_option(std::string(flags), value, std::string(help))->type_name(std::string(placeholder));
  return *this;
}

Arguments& Arguments::flag(std::string_view flags, bool& value, std::string_view help) {
  app_.add_flag(std::string(flags), value, std::string(help));
  return *this;
}

Arguments& Arguments::suggest(std::vector<std::string> values) {
  values_.back().second = std::move(values);
  return *this;
}

std::vector<std::string> Arguments::values_of(std::string_view name) const {
  for (const auto& [flags, values] : values_)
    if (flags == name || flags.ends_with("," + std::string(name)) || flags.starts_with(std::string(name) + ","))
      return values;
  return {};
}

void Arguments::declared(std::string_view flags, std::vector<std::string> values) {
  values_.emplace_back(flags, std::move(values));
}

}  // namespace vetset::cli
