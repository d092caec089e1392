// What a contract says of every image and object: label rules (LBL107) and rules of its own (X001).
#include <algorithm>

#include "vetset/check/contract_reader.h"
#include "vetset/dataset/expr_fields.h"

namespace vetset {
namespace {

/// A text as conditions write it.
std::string literal(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

Result<void> ContractReader::condition(const Yaml& place, const std::string& text, Clause& c) const {
  auto parsed = Expr::parse(text, c.of_images ? image_conditions() : object_conditions());
  if (!parsed) {
    const std::uint32_t column = parsed.error().column;
    return at(place, "'" + text + "'" + (column > 0 ? ", column " + std::to_string(column) : "") + ": " +
                         parsed.error().message);
  }
  c.where = *std::move(parsed);
  return {};
}

Result<void> ContractReader::labels(const Yaml& list) {
  if (list.type != Yaml::Type::sequence) return at(list, "labels: expected a list of '- implies: {…}'");
  for (const Yaml& item : list.items) {
    if (item.type != Yaml::Type::mapping || item.entries.size() != 1)
      return at(item, "labels: expected one clause an entry: implies, excludes or requires");
    VETSET_DO(label(item.entries.front().first, item.entries.front().second));
  }
  return {};
}

Result<void> ContractReader::label(const Yaml& word, const Yaml& value) {
  Clause c{.kind = ClauseKind::labels, .code = "LBL107", .line = word.line};
  std::string of_class, needs, when, then, is_for;
  std::vector<std::string> classes, attributes;
  const auto said_for = [&](const Yaml& v) -> Result<void> {
    if (v.text != "image" && v.text != "annotation")
      return at(v, "for: expected image or annotation, found '" + v.text + "'");
    is_for = v.text;
    return {};
  };
  std::string condition_text;
  if (word.text == "implies") {
    VETSET_DO(each(value, "'implies'",
                   {{"class", texts("class", of_class)},
                    {"needs", texts("needs", needs)},
                    {"for", said_for},
                    {"if", texts("if", when)},
                    {"then", texts("then", then)},
                    {"message", texts("message", c.message)}}));
    const bool by_class = !of_class.empty() && !needs.empty() && when.empty() && then.empty();
    const bool by_condition = !when.empty() && !then.empty() && of_class.empty() && needs.empty();
    if (!by_class && !by_condition)
      return at(word, "implies: expected {class: rider, needs: bicycle} or {if: …, then: …}");
    if (by_class) {
      c.of_images = true;
      condition_text = "count(class == " + literal(of_class) + ") > 0 and count(class == " + literal(needs) + ") == 0";
      if (c.message.empty()) c.message = "has '" + of_class + "' and no '" + needs + "', which belongs to it";
    } else {
      c.of_images = is_for == "image";
      condition_text = "(" + when + ") and not (" + then + ")";
      if (c.message.empty()) c.message = "is " + when + ", and not " + then;
    }
  } else if (word.text == "excludes") {
    VETSET_DO(each(value, "'excludes'",
                   {{"classes", [&](const Yaml& v) { return words(v, "classes", classes); }},
                    {"message", texts("message", c.message)}}));
    if (classes.size() != 2) return at(word, "excludes: expected two classes, {classes: [day, night]}");
    c.of_images = true;
    condition_text =
        "count(class == " + literal(classes[0]) + ") > 0 and count(class == " + literal(classes[1]) + ") > 0";
    if (c.message.empty()) c.message = "has '" + classes[0] + "' and '" + classes[1] + "', which exclude each other";
  } else if (word.text == "requires") {
    VETSET_DO(each(value, "'requires'",
                   {{"class", texts("class", of_class)},
                    {"attributes", [&](const Yaml& v) { return word_or_words(v, "attributes", attributes); }},
                    {"message", texts("message", c.message)}}));
    if (attributes.empty()) return at(word, "requires: expected {class: car, attributes: [colour]}");
    std::string missing, list;
    for (const std::string& a : attributes) {
      missing += (missing.empty() ? "attribute." : " or attribute.") + literal(a) + " == null";
      list += (list.empty() ? "'" : " or '") + a + "'";
    }
    condition_text = of_class.empty() ? missing : "class == " + literal(of_class) + " and (" + missing + ")";
    if (c.message.empty()) c.message = (of_class.empty() ? "has no " : "'" + of_class + "' has no ") + list;
  } else {
    return at(word, "CFG001: labels: expected implies, excludes or requires, found '" + word.text + "'");
  }
  VETSET_DO(condition(value, condition_text, c));
  contract_.clauses.push_back(std::move(c));
  return {};
}

Result<void> ContractReader::rules(const Yaml& list) {
  if (list.type != Yaml::Type::sequence) return at(list, "rules: expected a list of '- {code: X001, where: …}'");
  for (const Yaml& item : list.items) {
    Clause c{.kind = ClauseKind::labels, .code = {}, .line = item.line};
    const Yaml* where = nullptr;
    VETSET_DO(each(item, "a rule",
                   {{"code",
                     [&](const Yaml& v) -> Result<void> {
                       const std::string& t = v.text;
                       const bool ok = t.size() == 4 && t[0] == 'X' &&
                                       std::all_of(t.begin() + 1, t.end(), [](char d) { return d >= '0' && d <= '9'; });
                       if (!ok) return at(v, "code: expected X and three digits, X001, found '" + t + "'");
                       for (const Clause& other : contract_.clauses)
                         if (other.code == t) return at(v, "code " + t + " stands twice");
                       c.code = t;
                       return {};
                     }},
                    {"for",
                     [&](const Yaml& v) -> Result<void> {
                       if (v.text != "image" && v.text != "annotation")
                         return at(v, "for: expected image or annotation, found '" + v.text + "'");
                       c.of_images = v.text == "image";
                       return {};
                     }},
                    {"where",
                     [&](const Yaml& v) {
                       where = &v;
                       return Result<void>();
                     }},
                    {"message", texts("message", c.message)},
                    {"fix", texts("fix", c.fix)},
                    {"severity", [&](const Yaml& v) { return severity(v, c.severity); }}}));
    if (c.code.empty()) return at(item, "a rule has a code of its own: X001");
    if (where == nullptr) return at(item, "a rule says what it finds: where: \"box.width < 4\"");
    if (c.message.empty()) return at(item, "a rule has a message: what is wrong with what it finds");
    VETSET_DO(condition(*where, where->text, c));
    contract_.clauses.push_back(std::move(c));
  }
  return {};
}

}  // namespace vetset
