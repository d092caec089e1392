#include "vetset/check/config.h"

#include <functional>

#include "vetset/base/day.h"
#include "vetset/base/nearest.h"
#include "vetset/base/toml.h"
#include "vetset/base/tree.h"
#include "vetset/check/select.h"

namespace vetset {
namespace {

class ConfigReader {
 public:
  explicit ConfigReader(std::string_view file) { config_.file = file; }

  Result<Config> read(const Toml& root) {
    VETSET_DO(each(root, "", {{"check", [&](const Toml& t) { return check(t); }}, {"waiver", [&](const Toml& t) {
                                                                                     return waivers(t);
                                                                                   }}}));
    return std::move(config_);
  }

 private:
  using Take = std::function<Result<void>(const Toml&)>;
  using Keys = std::vector<std::pair<std::string, Take>>;

  Error at(const Toml& value, std::string what) const {
    return {Code::usage, std::move(what), config_.file, value.line, value.column};
  }
  /// The error of something inner, at this place.
  Result<void> placed(const Toml& value, Result<void> done) const {
    if (done) return {};
    return at(value, done.error().message);
  }

  Result<void> expect(const Toml& value, Toml::Type type, std::string_view key) const {
    if (value.type == type) return {};
    return at(value,
              std::string(key) + ": expected " + std::string(name(type)) + ", found " + std::string(name(value.type)));
  }

  /// Gives each entry of a table to the one who knows its key.
  Result<void> each(const Toml& table, std::string_view where, const Keys& keys) {
    std::vector<std::string> known;
    for (const auto& [key, take] : keys) known.push_back(key);
    for (const auto& [key, value] : table.entries) {
      const Take* take = nullptr;
      for (const auto& [wanted, taker] : keys)
        if (wanted == key) take = &taker;
      if (take == nullptr)
        return Error{Code::usage,
                     "nothing is called '" + key + "' " + (where.empty() ? "here" : "in " + std::string(where)) +
                         did_you_mean(key, known),
                     config_.file, value.key_line, value.key_column};
      VETSET_DO((*take)(value));
    }
    return {};
  }

  Result<void> text(const Toml& value, std::string_view key, std::string& out) const {
    VETSET_DO(expect(value, Toml::Type::string, key));
    out = value.text;
    return {};
  }
  Result<void> truth(const Toml& value, std::string_view key, std::optional<bool>& out) const {
    VETSET_DO(expect(value, Toml::Type::boolean, key));
    out = value.boolean;
    return {};
  }
  Result<void> words(const Toml& value, std::string_view key, std::vector<std::string>& out) const {
    VETSET_DO(expect(value, Toml::Type::array, key));
    for (const Toml& item : value.items) {
      VETSET_DO(expect(item, Toml::Type::string, key));
      out.push_back(item.text);
    }
    return {};
  }
  Result<void> rule_names(const Toml& value, std::string_view key, std::vector<std::string>& out) const {
    VETSET_DO(words(value, key, out));
    for (const Toml& item : value.items) VETSET_DO(placed(item, check_rule_name(item.text)));
    return {};
  }

  Result<void> check(const Toml& table) {
    VETSET_DO(expect(table, Toml::Type::table, "check"));
    return each(table, "[check]",
                {{"select", [&](const Toml& v) { return rule_names(v, "select", config_.select.emplace()); }},
                 {"ignore", [&](const Toml& v) { return rule_names(v, "ignore", config_.ignore.emplace()); }},
                 {"fail-on", [&](const Toml& v) { return fail_on(v); }},
                 {"pixels", [&](const Toml& v) { return truth(v, "pixels", config_.pixels); }},
                 {"near", [&](const Toml& v) { return near(v); }},
                 {"baseline", [&](const Toml& v) { return text(v, "baseline", config_.baseline); }},
                 {"rules", [&](const Toml& v) { return words(v, "rules", config_.rules); }},
                 {"severity", [&](const Toml& v) { return severities(v); }},
                 {"per-path", [&](const Toml& v) { return paths(v); }},
                 {"thresholds", [&](const Toml& v) { return thresholds(v); }}});
  }

  Result<void> fail_on(const Toml& value) {
    std::string said;
    VETSET_DO(text(value, "fail-on", said));
    auto parsed = parse_fail_on(said);
    if (!parsed) return at(value, parsed.error().message);
    config_.fail_on = *parsed;
    return {};
  }

  Result<void> near(const Toml& value) {
    std::string said;
    VETSET_DO(text(value, "near", said));
    auto parsed = parse_near(said);
    if (!parsed) return at(value, parsed.error().message);
    config_.near = *parsed;
    return {};
  }

  Result<void> severities(const Toml& table) {
    VETSET_DO(expect(table, Toml::Type::table, "severity"));
    for (const auto& [key, value] : table.entries) {
      if (auto named = check_rule_name(key); !named)
        return Error{Code::usage, named.error().message, config_.file, value.key_line, value.key_column};
      VETSET_DO(expect(value, Toml::Type::string, key));
      auto severity = parse_severity(value.text);
      if (!severity) return at(value, severity.error().message);
      config_.severities.push_back({key, *severity});
    }
    return {};
  }

  Result<void> paths(const Toml& table) {
    VETSET_DO(expect(table, Toml::Type::table, "per-path"));
    for (const auto& [pattern, value] : table.entries) {
      config_.paths.push_back({pattern, {}});
      VETSET_DO(rule_names(value, pattern, config_.paths.back().rules));
    }
    return {};
  }

  Result<void> thresholds(const Toml& table) {
    VETSET_DO(expect(table, Toml::Type::table, "thresholds"));
    Keys keys;
    for (const Setting& setting : settings())
      keys.emplace_back(std::string(setting.name), [&](const Toml& v) { return threshold(setting, v); });
    return each(table, "[check.thresholds]", keys);
  }

  Result<void> threshold(const Setting& setting, const Toml& value) {
    config_.set.emplace_back(setting.name);
    if (value.type == Toml::Type::integer || value.type == Toml::Type::number)
      return placed(value, set_number(config_.settings, setting, value.number));
    std::vector<std::string> list;
    if (value.type != Toml::Type::array)
      return at(value, std::string(setting.name) + ": expected a number or a list of strings, found " +
                           std::string(name(value.type)));
    VETSET_DO(words(value, setting.name, list));
    return placed(value, set_words(config_.settings, setting, std::move(list)));
  }

  Result<void> waivers(const Toml& list) {
    if (list.type != Toml::Type::array)
      return at(list, "waiver: expected [[waiver]], a list of tables, found " + std::string(name(list.type)));
    for (const Toml& table : list.items) {
      VETSET_DO(expect(table, Toml::Type::table, "waiver"));
      VETSET_DO(waiver(table));
    }
    return {};
  }

  Result<void> waiver(const Toml& table) {
    Waiver& w = config_.waivers.emplace_back();
    w.origin = std::string(base_name(config_.file)) + ":" + std::to_string(table.line);
    const auto said = [&](std::string_view key, std::string& out) -> Take {
      return [this, key, &out](const Toml& v) { return text(v, key, out); };
    };
    const auto day = [&](const Toml& v) -> Result<void> {
      if (v.type != Toml::Type::string && v.type != Toml::Type::date)
        return at(v, "until: expected a day like 2027-03-31, found " + std::string(name(v.type)));
      w.until = v.text;
      if (!is_date(w.until)) return at(v, "until: expected a day like 2027-03-31, found '" + w.until + "'");
      return {};
    };
    VETSET_DO(each(table, "[[waiver]]",
                   {{"rule", said("rule", w.rule)},
                    {"path", said("path", w.path)},
                    {"annotation", said("annotation", w.annotation)},
                    {"reason", said("reason", w.reason)},
                    {"by", said("by", w.by)},
                    {"until", day}}));
    if (w.rule.empty()) return at(table, "waiver: expected a rule (a code or a name) that it waives");
    VETSET_DO(placed(*table.find("rule"), check_rule_name(w.rule)));
    if (w.reason.find_first_not_of(" \t\n") == std::string::npos)
      return at(table, "waiver of " + w.rule + ": expected a reason; without one nobody can tell when it may go");
    return {};
  }

  Config config_;
};

}  // namespace

Result<std::optional<Severity>> parse_severity(std::string_view text) {
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note})
    if (text == name(severity)) return std::optional(severity);
  if (text == "off") return std::optional<Severity>();
  return Error{Code::usage, "expected error, warning, note or off, found '" + std::string(text) + "'"};
}

Result<FailOn> parse_fail_on(std::string_view text) {
  if (text == "never") return FailOn();
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note})
    if (text == name(severity)) return FailOn(severity);
  return Error{Code::usage, "expected error, warning, note or never, found '" + std::string(text) + "'"};
}

Result<NearTier> parse_near(std::string_view text) {
  std::vector<std::string> known;
  for (const NearTier tier : {NearTier::basic, NearTier::views, NearTier::full}) {
    if (text == name(tier)) return tier;
    known.emplace_back(name(tier));
  }
  return Error{Code::usage,
               "expected basic, views or full, found '" + std::string(text) + "'" + did_you_mean(text, known)};
}

Result<Config> parse_config(std::string_view text, std::string_view file) {
  VETSET_TRY(const Toml root, parse_toml(text, file));
  return ConfigReader(file).read(root);
}

}  // namespace vetset
