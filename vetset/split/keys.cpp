#include "vetset/split/keys.h"

#include <algorithm>
#include <array>

#include "vetset/base/csv.h"
#include "vetset/base/json.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/image_names.h"

namespace vetset {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "clip_0012" → "clip": the name without the number at its end, and without what stood before that.
std::string without_number(std::string_view stem) {
  std::size_t end = stem.size();
  while (end > 0 && is_digit(stem[end - 1])) --end;
  if (end == stem.size()) return std::string(stem);
  while (end > 0 && (stem[end - 1] == '_' || stem[end - 1] == '-' || stem[end - 1] == '.' || stem[end - 1] == ' '))
    --end;
  return std::string(stem.substr(0, end));
}

std::string before(std::string_view stem, std::string_view separator) {
  const std::size_t at = stem.find(separator);
  return at == std::string_view::npos ? std::string() : std::string(stem.substr(0, at));
}

/// Matches the rest of a pattern against the rest of a name, and notes where the brackets open and close.
struct Catch {
  std::size_t begin = std::string_view::npos, end = std::string_view::npos;
};
bool fits(std::string_view pattern, std::string_view name, std::size_t at, Catch& brackets, unsigned& steps) {
  constexpr unsigned most_steps = 100'000;  // a pattern of many stars is no reason to wait
  while (!pattern.empty()) {
    if (++steps > most_steps) return false;
    const char c = pattern.front();
    pattern.remove_prefix(1);
    if (c == '(') {
      brackets.begin = at;
    } else if (c == ')') {
      brackets.end = at;
    } else if (c == '*') {
      for (std::size_t rest = at; rest <= name.size(); ++rest)
        if (fits(pattern, name, rest, brackets, steps)) return true;
      return false;
    } else if (c == '#') {
      std::size_t digits = at;
      while (digits < name.size() && is_digit(name[digits])) ++digits;
      if (digits == at) return false;
      at = digits;
    } else if (at == name.size() || (c != '?' && name[at] != c)) {
      return false;
    } else {
      ++at;
    }
  }
  return at == name.size();
}

/// A JSON value as a key: text without its quotes, anything else as it is written.
std::string key_text(std::string_view json) {
  const auto value = Json::parse(json);
  if (!value) return std::string(json);
  if (value->type() == JsonType::string) return std::string(value->text());
  if (value->type() == JsonType::null) return {};
  return std::string(json);
}

/// What an image says under a name: an attribute, else a key of its record that formats carry along.
std::string attribute_of(const Dataset& d, std::size_t image, std::string_view name) {
  for (const Attribute& a : d.attributes_of(Owner::image, image))
    if (d.text(a.key) == name) return key_text(d.text(a.value));
  for (const Residue& r : d.residues_of(Owner::image, image)) {
    JsonCursor in(d.text(r.json));
    for (in.enter_object(); in.next_member();) {
      const bool asked = in.key() == name;
      const std::string_view value = in.skip();
      if (asked && !in.failed()) return key_text(value);
    }
  }
  return {};
}

/// Whether a pattern has one pair of brackets, in order.
bool has_brackets(std::string_view pattern) {
  const std::size_t open = pattern.find('('), close = pattern.find(')');
  return open != std::string_view::npos && close != std::string_view::npos && open < close &&
         pattern.find('(', open + 1) == std::string_view::npos &&
         pattern.find(')', close + 1) == std::string_view::npos;
}

/// The second column by the first, which is a path or, where only one image has it, a base name.
Result<void> fill_from_table(const Dataset& d, std::string_view table, Keys& keys) {
  const ImageNames names(d);
  CsvReader rows(table);
  std::vector<std::string> row;
  while (rows.next(row)) {
    const auto wrong = [&](std::string what) {
      return Error{Code::malformed, std::move(what), std::string(base_name(keys.rule.argument)), rows.line()};
    };
    if (rows.broken()) return wrong("a quote is opened and not closed");
    if (row.size() < 2) return wrong("expected two columns: the path of an image and its key");
    const ImageNames::Named named = names.find(row[0]);
    if (named.by_base_name && named.images.size() > 1)
      return wrong("'" + row[0] + "' is the name of " + std::to_string(named.images.size()) +
                   " images, expected a path that only one has");
    if (named.images.empty()) {
      if (rows.line() > 1) ++keys.unused_rows;  // the first may be a heading
      continue;
    }
    for (const ImageIndex i : named.images) {
      std::string& key = keys.of[to_size(i)];
      if (!key.empty() && key != row[1])
        return wrong("gives '" + row[0] + "' the key '" + row[1] + "', after '" + key + "'");
      key = row[1];
    }
  }
  return {};
}

}  // namespace

std::optional<std::string> caught(std::string_view pattern, std::string_view name) {
  Catch brackets;
  unsigned steps = 0;
  if (!fits(pattern, name, 0, brackets, steps)) return {};
  if (brackets.end == std::string_view::npos || brackets.begin > brackets.end) return {};
  return std::string(name.substr(brackets.begin, brackets.end - brackets.begin));
}

bool is_null_key(std::string_view key) {
  static constexpr std::array<std::string_view, 12> words = {"",   "unknown",   "none", "null", "nan", "n/a",
                                                             "na", "undefined", "0",    "0.0",  "-1",  "?"};
  while (!key.empty() && key.front() == ' ') key.remove_prefix(1);
  while (!key.empty() && key.back() == ' ') key.remove_suffix(1);
  std::string lower(key);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return std::find(words.begin(), words.end(), lower) != words.end() ||
         (!lower.empty() && lower.find_first_not_of('0') == std::string::npos);
}

Result<KeyRule> parse_key_rule(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view word = text.substr(0, colon);
  const std::string_view argument = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  KeyRule rule{.argument = std::string(argument), .text = std::string(text)};
  const auto complain = [&](std::string what) { return Error{Code::usage, "'" + std::string(text) + "' " + what}; };
  if (word == "folder") {
    if (colon != std::string_view::npos) return complain("takes nothing after 'folder'");
    rule.kind = KeyRule::Kind::folder;
    return rule;
  }
  if (word == "stem-prefix") {
    rule.kind = colon == std::string_view::npos       ? KeyRule::Kind::stem_number
                : argument.find('(') != argument.npos ? KeyRule::Kind::stem_pattern
                                                      : KeyRule::Kind::stem_separator;
    if (colon != std::string_view::npos && argument.empty()) return complain("lacks its separator or pattern");
    if (rule.kind == KeyRule::Kind::stem_pattern && !has_brackets(argument))
      return complain("is no pattern: expected one pair of brackets around what images share");
    return rule;
  }
  if (word == "attribute" || word == "file") {
    if (argument.empty())
      return complain(word == "file" ? "lacks the path of a CSV file" : "lacks the name of an attribute");
    rule.kind = word == "file" ? KeyRule::Kind::file : KeyRule::Kind::attribute;
    if (word == "file") rule.text = "file:" + std::string(base_name(argument));
    return rule;
  }
  return complain(
      "is no way to group; known are: folder, stem-prefix, stem-prefix:SEP, stem-prefix:PATTERN, "
      "attribute:NAME, file:CSV");
}

Result<Keys> keys_of(const Dataset& d, KeyRule rule, std::string_view table, KeyUse use) {
  Keys keys{.rule = std::move(rule), .of = std::vector<std::string>(d.images.size())};
  if (keys.rule.kind == KeyRule::Kind::file) VETSET_DO(fill_from_table(d, table, keys));
  for (std::size_t i = 0; i < keys.of.size(); ++i) {
    const std::string_view path = d.path(to_index<ImageIndex>(i)), stem = stem_of(path);
    const std::string& argument = keys.rule.argument;
    std::string& key = keys.of[i];
    switch (keys.rule.kind) {
      case KeyRule::Kind::folder: key = folder_of(path); break;
      case KeyRule::Kind::stem_number: key = without_number(stem); break;
      case KeyRule::Kind::stem_separator: key = before(stem, argument); break;
      case KeyRule::Kind::stem_pattern: key = caught(argument, stem).value_or(std::string()); break;
      case KeyRule::Kind::attribute: key = attribute_of(d, i, argument); break;
      case KeyRule::Kind::file: break;
    }
    if (use == KeyUse::grouping && is_null_key(key)) key.clear();
    if (key.empty()) ++keys.without;
  }
  if (!keys.of.empty() && keys.without == keys.of.size())
    return Error{Code::usage, "'" + keys.rule.text + "' says nothing: no image has such a key"};
  return keys;
}

}  // namespace vetset
