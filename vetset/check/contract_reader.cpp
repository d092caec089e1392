#include "vetset/check/contract_reader.h"

#include <algorithm>
#include <cmath>

#include "vetset/base/nearest.h"
#include "vetset/base/number.h"
#include "vetset/check/config.h"

namespace vetset {
namespace {

std::string_view kind_of(const Yaml& value) {
  switch (value.type) {
    case Yaml::Type::null: return "nothing";
    case Yaml::Type::scalar: return "one value";
    case Yaml::Type::sequence: return "a list";
    case Yaml::Type::mapping: return "keys with values";
  }
  return "nothing";
}

/// "'day'", or what kind of thing it is.
std::string found(const Yaml& value) {
  return value.type == Yaml::Type::scalar ? "'" + value.text + "'" : std::string(kind_of(value));
}

}  // namespace

Error ContractReader::at(const Yaml& value, std::string what) const {
  return {Code::usage, std::move(what), contract_.file, value.line, value.column};
}

Result<void> ContractReader::each(const Yaml& mapping, std::string_view where, const Keys& keys) const {
  if (mapping.type != Yaml::Type::mapping)
    return at(mapping, std::string(where) + ": expected keys with values, found " + found(mapping));
  std::vector<std::string> known, seen;
  for (const auto& [key, take] : keys) known.push_back(key);
  for (const auto& [key, value] : mapping.entries) {
    const auto take = std::find_if(keys.begin(), keys.end(), [&](const auto& k) { return k.first == key.text; });
    if (take == keys.end()) {
      std::string hint = did_you_mean(key.text, known);
      if (hint.empty()) {
        for (const std::string& k : known) hint += (hint.empty() ? "; known are " : ", ") + k;
      }
      return at(key, "CFG001: nothing is called '" + key.text + "' in " + std::string(where) + hint);
    }
    if (std::find(seen.begin(), seen.end(), key.text) != seen.end())
      return at(key, "'" + key.text + "' stands twice in " + std::string(where));
    seen.push_back(key.text);
    VETSET_DO(take->second(value));
  }
  return {};
}

Result<void> ContractReader::text(const Yaml& value, std::string_view key, std::string& out) const {
  if (value.type != Yaml::Type::scalar || value.text.empty())
    return at(value, std::string(key) + ": expected a text, found " + found(value));
  out = value.text;
  return {};
}

Result<void> ContractReader::truth(const Yaml& value, std::string_view key, bool& out) const {
  if (value.type != Yaml::Type::scalar || (value.text != "true" && value.text != "false"))
    return at(value, std::string(key) + ": expected true or false, found " + found(value));
  out = value.text == "true";
  return {};
}

Result<void> ContractReader::words(const Yaml& value, std::string_view key, std::vector<std::string>& out) const {
  if (value.type != Yaml::Type::sequence || value.items.empty())
    return at(value, std::string(key) + ": expected a list like [a, b], found " +
                         (value.type == Yaml::Type::sequence ? "an empty one" : found(value)));
  for (const Yaml& item : value.items) {
    std::string word;
    VETSET_DO(text(item, key, word));
    if (std::find(out.begin(), out.end(), word) != out.end())
      return at(item, std::string(key) + ": '" + word + "' stands twice");
    out.push_back(std::move(word));
  }
  return {};
}

Result<void> ContractReader::word_or_words(const Yaml& value, std::string_view key,
                                           std::vector<std::string>& out) const {
  if (value.type == Yaml::Type::sequence) return words(value, key, out);
  VETSET_DO(text(value, key, out.emplace_back()));
  return {};
}

Result<void> ContractReader::number(const Yaml& value, std::string_view key, double least, double most,
                                    double& out) const {
  const NumberText n = value.type == Yaml::Type::scalar && !value.quoted ? read_loose_number(value.text) : NumberText{};
  if (n.length == 0 || n.length != value.text.size())
    return at(value, std::string(key) + ": expected a number, found " + found(value));
  if (!(n.value >= least && n.value <= most)) {
    std::string range = std::string(key) + ": expected a number ";
    if (std::isinf(most)) {
      range += "of at least ";
      append_number(range, least);
    } else {
      range += "from ";
      append_number(range, least);
      range += " to ";
      append_number(range, most);
    }
    return at(value, range + ", found " + value.text);
  }
  out = n.value;
  return {};
}

Result<void> ContractReader::share(const Yaml& value, std::string_view key, std::optional<double>& out) const {
  return number(value, key, 0, 1, out.emplace());
}

Result<void> ContractReader::severity(const Yaml& value, std::optional<Severity>& out) const {
  std::string said;
  VETSET_DO(text(value, "severity", said));
  auto parsed = parse_severity(said);
  if (!parsed) return at(value, parsed.error().message);
  out = *parsed;
  return {};
}

ContractReader::Take ContractReader::texts(std::string_view key, std::string& out) const {
  return [this, key, &out](const Yaml& v) { return text(v, key, out); };
}
ContractReader::Take ContractReader::shares(std::string_view key, std::optional<double>& out) const {
  return [this, key, &out](const Yaml& v) { return share(v, key, out); };
}
ContractReader::Take ContractReader::counts(std::string_view key, double& out) const {
  return [this, key, &out](const Yaml& v) -> Result<void> {
    VETSET_DO(number(v, key, 1, 1e9, out));
    if (out != std::floor(out)) return at(v, std::string(key) + ": expected a whole number, found " + v.text);
    return {};
  };
}

}  // namespace vetset
