#include "vetset/check/contract_parse.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vetset/base/day.h"
#include "vetset/base/json.h"
#include "vetset/base/nearest.h"
#include "vetset/base/number.h"
#include "vetset/check/contract_reader.h"
#include "vetset/check/select.h"

namespace vetset {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::string number_text(double value) {
  if (std::isinf(value)) return value < 0 ? "-infinity" : "infinity";
  std::string out;
  append_number(out, value);
  return out;
}

/// What a factor cannot leave: bins need not reach beyond it.
std::pair<double, double> range_of(std::string_view from) {
  if (from == "exif.hour" || from == "exif.solar_hour") return {0, 24};
  if (from == "exif.month") return {1, 13};
  return {-infinity, infinity};
}

void write_yaml(JsonWriter& out, const Yaml& value) {
  switch (value.type) {
    case Yaml::Type::null: out.null(); return;
    case Yaml::Type::scalar: {
      const std::string_view type = value.python_type();
      const NumberText n = read_loose_number(value.text);
      const bool is_number = (type == "int" || type == "float") && n.length > 0 && n.length == value.text.size();
      if (is_number)
        out.value(n.value);
      else if (!value.quoted && (value.text == "true" || value.text == "false"))
        out.value(value.text == "true");
      else
        out.value(value.text);
      return;
    }
    case Yaml::Type::sequence:
      out.begin_array();
      for (const Yaml& item : value.items) write_yaml(out, item);
      out.end_array();
      return;
    case Yaml::Type::mapping:
      out.begin_object();
      for (const auto& [key, inner] : value.entries) {
        out.key(key.text);
        write_yaml(out, inner);
      }
      out.end_object();
      return;
  }
}

/// The number that a whole text is.
std::optional<double> whole_number(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  const NumberText n = read_loose_number(text);
  if (n.length == 0 || n.length != text.size()) return std::nullopt;
  return n.value;
}

}  // namespace

Result<Contract> ContractReader::read(const Yaml& root) {
  if (root.type != Yaml::Type::mapping) return at(root, "expected a contract: keys with values, 'vetset: 1' first");
  const Yaml* version = root.find("vetset");
  if (version == nullptr) return at(root, "expected 'vetset: 1', the version of this form");
  if (version->text != "1")
    return at(*version, "expected version 1 of this form, found '" + version->text + "'; a newer vetset may read it");
  const auto later = [](const Yaml&) { return Result<void>(); };
  // In the order in which parts need each other, whatever their order in the file.
  VETSET_DO(each(root, "a contract",
                 {{"vetset", later},
                  {"dataset", texts("dataset", contract_.dataset)},
                  {"unit",
                   [&](const Yaml& v) -> Result<void> {
                     if (v.text != "group" && v.text != "image")
                       return at(v, "unit: expected group or image, found '" + v.text + "'");
                     contract_.of_groups = v.text == "group";
                     return {};
                   }},
                  {"factors", [&](const Yaml& v) { return factors(v); }},
                  {"constraints", later},
                  {"coverage", later},
                  {"labels", later},
                  {"rules", later},
                  {"split", [&](const Yaml& v) { return split(v); }},
                  {"severity", [&](const Yaml& v) { return severities(v); }},
                  {"waivers", later}}));
  if (const Yaml* list = root.find("constraints")) VETSET_DO(constraints(*list));
  if (const Yaml* list = root.find("coverage")) VETSET_DO(coverage(*list));
  if (const Yaml* list = root.find("labels")) VETSET_DO(labels(*list));
  if (const Yaml* list = root.find("rules")) VETSET_DO(rules(*list));
  if (const Yaml* list = root.find("waivers")) VETSET_DO(waivers(*list));
  std::string json;
  JsonWriter writer(json);
  write_yaml(writer, root);
  contract_.canonical = canonical_written(json);
  contract_.digest = sha256(contract_.canonical);
  return std::move(contract_);
}

Result<void> ContractReader::factors(const Yaml& mapping) {
  if (mapping.type != Yaml::Type::mapping) return at(mapping, "factors: expected names with what they are");
  for (const auto& [name, value] : mapping.entries) {
    VETSET_DO(factor(name, value));
    const std::size_t index = contract_.factors.size() - 1;
    const ContractFactor& f = contract_.factors.back();
    if (f.most_unknown)
      contract_.clauses.push_back({.kind = ClauseKind::unknown,
                                   .code = "COV204",
                                   .factors = {f.name},
                                   .at_most = f.most_unknown,
                                   .index = index,
                                   .line = f.line});
    if (f.other == ContractFactor::Other::error)
      contract_.clauses.push_back(
          {.kind = ClauseKind::other, .code = "COV204", .factors = {f.name}, .index = index, .line = f.line});
  }
  return {};
}

Result<void> ContractReader::factor(const Yaml& name, const Yaml& value) {
  if (name.text.empty() || name.text == "*" || name.text == "class" || name.text == "split")
    return at(name, "'" + name.text + "' cannot be the name of a factor: class and split are there already, * is all");
  if (contract_.find(name.text) != nullptr) return at(name, "factor '" + name.text + "' stands twice");
  ContractFactor f{.name = name.text, .from = {}, .levels = {}, .line = name.line};
  double geohash = 0;
  const Yaml* binned = nullptr;
  const Keys keys = {{"from", texts("from", f.from)},
                     {"geohash",
                      [&](const Yaml& v) -> Result<void> {
                        VETSET_DO(number(v, "geohash", 1, 9, geohash));
                        if (geohash != std::floor(geohash))
                          return at(v, "geohash: expected a whole number from 1 to 9");
                        return {};
                      }},
                     {"bins",
                      [&](const Yaml& v) {
                        binned = &v;
                        return Result<void>();
                      }},
                     {"levels", [&](const Yaml& v) { return words(v, "levels", f.levels); }},
                     {"other",
                      [&](const Yaml& v) -> Result<void> {
                        if (v.text == "error")
                          f.other = ContractFactor::Other::error;
                        else if (v.text == "level")
                          f.other = ContractFactor::Other::level;
                        else if (v.text != "unknown")
                          return at(v, "other: expected error, level or unknown, found '" + v.text + "'");
                        return {};
                      }},
                     {"unknown", [&](const Yaml& v) { return unknowns(v, f); }}};
  VETSET_DO(each(value, "factor '" + f.name + "'", keys));
  if (f.from.empty()) return at(name, "factor '" + f.name + "' does not say where it is from: {from: pixel.luma_p50}");
  if (binned != nullptr && !f.levels.empty())
    return at(*binned, "factor '" + f.name + "' has bins and levels; it can have one of them");
  if (f.from == "exif.gps") {
    f.from = "exif.geohash." + std::to_string(geohash > 0 ? static_cast<int>(geohash) : 5);
  } else if (geohash > 0) {
    return at(value, "geohash: only of a place; expected from: exif.gps, found '" + f.from + "'");
  }
  std::vector<std::string> known = {"exif.gps"};
  bool is_known = false;
  for (const FactorKind& kind : factor_kinds()) {
    known.emplace_back(kind.name);
    const bool any = kind.name.ends_with('*');
    const std::string_view stem = kind.name.substr(0, kind.name.size() - (any ? 1 : 0));
    if (any ? f.from.starts_with(stem) && f.from.size() > stem.size() : f.from == stem) {
      is_known = true;
      if (binned == nullptr && kind.numeric && f.levels.empty())
        return at(name, "factor '" + f.name + "' is a number (" + f.from +
                            "): say its bins, like {low: \"<5\", high: \">=5\"}");
      if (binned != nullptr && !kind.numeric && !any)
        return at(*binned, "factor '" + f.name + "' has no numbers to bin (" + f.from + "): say its levels");
    }
  }
  if (!is_known) return at(*value.find("from"), "no factor is called '" + f.from + "'" + did_you_mean(f.from, known));
  if (binned != nullptr) VETSET_DO(bins(*binned, f));
  contract_.factors.push_back(std::move(f));
  return {};
}

Result<void> ContractReader::bins(const Yaml& value, ContractFactor& f) const {
  if (value.type == Yaml::Type::sequence) {  // edges
    std::vector<double> edges;
    for (const Yaml& item : value.items) {
      VETSET_DO(number(item, "bins", -infinity, infinity, edges.emplace_back()));
      if (edges.size() > 1 && edges.back() <= edges[edges.size() - 2])
        return at(item, "bins: expected ascending edges, found " + number_text(edges.back()) + " after " +
                            number_text(edges[edges.size() - 2]));
    }
    if (edges.size() < 2) return at(value, "bins: expected at least two edges, like [0, 6, 12, 18, 24]");
    for (std::size_t k = 1; k < edges.size(); ++k) {
      f.bins.push_back({static_cast<std::uint32_t>(k - 1), edges[k - 1], edges[k]});
      f.levels.push_back(number_text(edges[k - 1]) + ".." + number_text(edges[k]));
    }
    return {};
  }
  if (value.type != Yaml::Type::mapping || value.entries.empty())
    return at(value, "bins: expected names with intervals, {low: \"<5\", high: \">=5\"}, or edges, [0, 5, 10]");
  for (const auto& [name, inner] : value.entries) {
    if (std::find(f.levels.begin(), f.levels.end(), name.text) != f.levels.end())
      return at(name, "bins: '" + name.text + "' stands twice; a bin of several intervals is a list");
    f.levels.push_back(name.text);
    const auto level = static_cast<std::uint32_t>(f.levels.size() - 1);
    if (inner.type == Yaml::Type::sequence)
      for (const Yaml& item : inner.items) VETSET_DO(interval(item, level, f));
    else
      VETSET_DO(interval(inner, level, f));
  }
  return whole(value, f);
}

Result<void> ContractReader::interval(const Yaml& value, std::uint32_t level, ContractFactor& f) const {
  const std::string_view text = value.text;
  ContractFactor::Bin bin{level, -infinity, infinity};
  std::optional<double> low = -infinity, high = infinity;
  const std::size_t dots = text.find("..");
  if (text.starts_with(">="))
    low = whole_number(text.substr(2));
  else if (text.starts_with("<=") || text.starts_with(">"))
    return at(value,
              "bins: '" + std::string(text) + "' is closed at the upper end; expected \"<a\", \"a..b\" or \">=b\"");
  else if (text.starts_with("<"))
    high = whole_number(text.substr(1));
  else if (dots != std::string_view::npos)
    low = whole_number(text.substr(0, dots)), high = whole_number(text.substr(dots + 2));
  else
    low = std::nullopt;
  if (!low || !high) return at(value, "bins: expected \"<a\", \"a..b\" or \">=b\", found '" + std::string(text) + "'");
  bin.low = *low, bin.high = *high;
  if (!(bin.low < bin.high)) return at(value, "bins: '" + std::string(text) + "' holds nothing");
  f.bins.push_back(bin);
  return {};
}

/// Bins by name hold every number once.
Result<void> ContractReader::whole(const Yaml& value, ContractFactor& f) const {
  std::sort(f.bins.begin(), f.bins.end(), [](const auto& a, const auto& b) { return a.low < b.low; });
  const auto [least, most] = range_of(f.from);
  const std::string of = "bins of '" + f.name + "' ";
  if (f.bins.front().low > least)
    return at(value, of + "leave out what is below " + number_text(f.bins.front().low) + "; expected a bin \"<" +
                         number_text(f.bins.front().low) + "\"");
  for (std::size_t k = 1; k < f.bins.size(); ++k) {
    const ContractFactor::Bin &a = f.bins[k - 1], &b = f.bins[k];
    if (b.low > a.high) return at(value, of + "leave out " + number_text(a.high) + ".." + number_text(b.low));
    if (b.low < a.high)
      return at(value, of + "overlap: '" + f.levels[a.level] + "' and '" + f.levels[b.level] + "' both hold " +
                           number_text(b.low) + ".." + number_text(std::min(a.high, b.high)));
  }
  if (f.bins.back().high < most)
    return at(value, of + "leave out what is from " + number_text(f.bins.back().high) +
                         " on; expected a bin \">=" + number_text(f.bins.back().high) + "\"");
  return {};
}

/// "allow", "error", "allow<=20%", "allow<=0.2".
Result<void> ContractReader::unknowns(const Yaml& value, ContractFactor& f) const {
  std::string_view text = value.text;
  if (text == "allow") return {};
  if (text == "error") {
    f.most_unknown = 0;
    return {};
  }
  if (text.starts_with("allow<=")) {
    text.remove_prefix(7);
    const bool percent = text.ends_with('%');
    if (percent) text.remove_suffix(1);
    const auto n = whole_number(text);
    const double part = n.value_or(-1) / (percent ? 100 : 1);
    if (part >= 0 && part <= 1) {
      f.most_unknown = part;
      return {};
    }
  }
  return at(value, "unknown: expected allow, error or a limit like allow<=20%, found '" + value.text + "'");
}

Result<void> ContractReader::level_of(const Yaml& value, std::string_view factor, std::string_view level) const {
  VETSET_DO(known_factor(value, factor));
  const ContractFactor* f = contract_.find(factor);
  if (f == nullptr || f->levels.empty()) return {};  // those that the data has
  if (std::find(f->levels.begin(), f->levels.end(), level) != f->levels.end()) return {};
  if (f->other == ContractFactor::Other::level && level == "other") return {};
  std::string list;
  for (const std::string& l : f->levels) list += (list.empty() ? "" : ", ") + l;
  return at(value, "'" + std::string(level) + "' is no level of '" + std::string(factor) + "'; it has " + list);
}

Result<void> ContractReader::constraints(const Yaml& list) {
  if (list.type != Yaml::Type::sequence) return at(list, "constraints: expected a list of '- not: {…}'");
  for (const Yaml& item : list.items) {
    ContractConstraint c{.parts = {}, .line = item.line};
    const Keys keys = {{"not", [&](const Yaml& parts) -> Result<void> {
                          if (parts.type != Yaml::Type::mapping || parts.entries.empty())
                            return at(parts, "not: expected factors with levels, {hour: \"0..6\", light: day}");
                          for (const auto& [factor, levels] : parts.entries) {
                            c.parts.push_back({factor.text, {}});
                            VETSET_DO(word_or_words(levels, factor.text, c.parts.back().levels));
                            for (const std::string& level : c.parts.back().levels)
                              VETSET_DO(level_of(levels, factor.text, level));
                          }
                          return {};
                        }}};
    VETSET_DO(each(item, "a constraint", keys));
    if (c.parts.empty()) return at(item, "a constraint says what cannot be: {not: {hour: \"0..6\", light: day}}");
    contract_.constraints.push_back(std::move(c));
    std::vector<std::string> names;
    for (const auto& part : contract_.constraints.back().parts) names.push_back(part.factor);
    contract_.clauses.push_back({.kind = ClauseKind::impossible,
                                 .code = "COV204",
                                 .factors = std::move(names),
                                 .index = contract_.constraints.size() - 1,
                                 .line = item.line});
  }
  return check_constraints(list);
}

/// A level that no combination may have is a mistake: nothing could ever be it.
Result<void> ContractReader::check_constraints(const Yaml& list) const {
  for (std::size_t k = 0; k < contract_.constraints.size(); ++k) {
    const ContractConstraint& c = contract_.constraints[k];
    if (c.parts.size() != 1) continue;
    const ContractFactor* f = contract_.find(c.parts.front().factor);
    const std::size_t forbidden = c.parts.front().levels.size();
    if (f != nullptr && !f->levels.empty() && forbidden == f->levels.size())
      return at(list.items[k], "this leaves no level of '" + f->name + "' possible: nothing could meet it");
    if (f != nullptr && !f->levels.empty())
      return at(list.items[k],
                "this forbids a level of '" + f->name + "' whatever else holds; take it out of its levels");
  }
  return {};
}

Result<void> ContractReader::severities(const Yaml& mapping) {
  if (mapping.type != Yaml::Type::mapping) return at(mapping, "severity: expected rules with levels, {COV205: error}");
  for (const auto& [rule, value] : mapping.entries) {
    if (auto known = check_rule_name(rule.text); !known) return at(rule, known.error().message);
    contract_.severities.emplace_back(rule.text, std::nullopt);
    VETSET_DO(severity(value, contract_.severities.back().second));
  }
  return {};
}

Result<void> ContractReader::waivers(const Yaml& list) {
  if (list.type != Yaml::Type::sequence) return at(list, "waivers: expected a list of '- {rule: …, reason: …}'");
  for (const Yaml& item : list.items) {
    ContractWaiver w{.rule = {}, .reason = {}, .by = {}, .until = {}, .line = item.line};
    const Keys keys = {{"rule",
                        [&](const Yaml& v) -> Result<void> {
                          VETSET_DO(text(v, "rule", w.rule));
                          if (auto known = check_rule_name(w.rule); !known) return at(v, known.error().message);
                          return {};
                        }},
                       {"where",
                        [&](const Yaml& v) -> Result<void> {
                          if (v.type != Yaml::Type::mapping)
                            return at(v, "where: expected factors with levels, {weather: snow}");
                          for (const auto& [factor, level] : v.entries) {
                            std::string said;
                            VETSET_DO(text(level, factor.text, said));
                            VETSET_DO(level_of(level, factor.text, said));
                            w.where.emplace_back(factor.text, said);
                          }
                          return {};
                        }},
                       {"reason", texts("reason", w.reason)},
                       {"by", texts("by", w.by)},
                       {"until", [&](const Yaml& v) -> Result<void> {
                          VETSET_DO(text(v, "until", w.until));
                          if (!is_date(w.until))
                            return at(v, "until: expected a day like 2027-03-31, found '" + w.until + "'");
                          return {};
                        }}};
    VETSET_DO(each(item, "a waiver", keys));
    if (w.rule.empty()) return at(item, "a waiver names its rule: {rule: COV204, reason: …}");
    if (w.reason.empty()) return at(item, "a waiver has a reason: who reads it later should know why");
    contract_.waivers.push_back(std::move(w));
  }
  return {};
}

Result<Contract> parse_contract(std::string_view text, std::string_view file) {
  auto root = parse_yaml(text);
  if (!root) return std::move(root).error().in(file);
  return ContractReader(file).read(*root);
}

}  // namespace vetset
