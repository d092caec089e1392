#include "vetset/base/toml.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <tuple>

namespace vetset {
namespace {

Toml toml_of(const toml::node& node) {
  Toml value;
  value.line = node.source().begin.line;
  value.column = node.source().begin.column;
  if (const auto* text = node.as_string()) {
    value.type = Toml::Type::string;
    value.text = text->get();
  } else if (const auto* whole = node.as_integer()) {
    value.type = Toml::Type::integer;
    value.number = static_cast<double>(whole->get());
  } else if (const auto* number = node.as_floating_point()) {
    value.type = Toml::Type::number;
    value.number = number->get();
  } else if (const auto* truth = node.as_boolean()) {
    value.type = Toml::Type::boolean;
    value.boolean = truth->get();
  } else if (const auto* array = node.as_array()) {
    value.type = Toml::Type::array;
    for (const toml::node& item : *array) value.items.push_back(toml_of(item));
  } else if (const auto* table = node.as_table()) {
    for (const auto& [key, entry] : *table) {
      Toml& held = value.entries.emplace_back(std::string(key.str()), toml_of(entry)).second;
      held.key_line = key.source().begin.line;
      held.key_column = key.source().begin.column;
    }
    std::stable_sort(value.entries.begin(), value.entries.end(), [](const auto& a, const auto& b) {
      return std::tuple(a.second.key_line, a.second.key_column) < std::tuple(b.second.key_line, b.second.key_column);
    });
  } else {
    value.type = Toml::Type::date;
    std::ostringstream spelled;
    if (const auto* date = node.as_date()) spelled << date->get();
    if (const auto* time = node.as_time()) spelled << time->get();
    if (const auto* moment = node.as_date_time()) spelled << moment->get();
    value.text = spelled.str();
  }
  return value;
}

}  // namespace

Toml::Toml() = default;
Toml::Toml(const Toml&) = default;
Toml::Toml(Toml&&) noexcept = default;
Toml& Toml::operator=(const Toml&) = default;
Toml& Toml::operator=(Toml&&) noexcept = default;
Toml::~Toml() = default;

const Toml* Toml::find(std::string_view key) const {
  for (const auto& [name, value] : entries)
    if (name == key) return &value;
  return nullptr;
}

std::string_view name(Toml::Type type) {
  switch (type) {
    case Toml::Type::string: return "a string";
    case Toml::Type::integer: return "a whole number";
    case Toml::Type::number: return "a number";
    case Toml::Type::boolean: return "true or false";
    case Toml::Type::date: return "a date";
    case Toml::Type::array: return "a list";
    case Toml::Type::table: break;
  }
  return "a table";
}

Result<Toml> parse_toml(std::string_view text, std::string_view file) {
  const toml::parse_result parsed = toml::parse(text);
  if (parsed) return toml_of(parsed.table());
  const toml::parse_error& error = parsed.error();
  std::string what(error.description());
  if (!what.empty() && what[0] >= 'A' && what[0] <= 'Z') what[0] = static_cast<char>(what[0] - 'A' + 'a');
  return Error{Code::malformed, std::move(what), std::string(file), error.source().begin.line,
               error.source().begin.column};
}

}  // namespace vetset
