#include "cli/judging.h"

#include <cstdlib>

#include "vetset/base/day.h"
#include "vetset/base/nearest.h"
#include "vetset/check/select.h"

namespace vetset::cli {
namespace {

/// "VETSET_FAIL_ON" of "fail-on".
std::string variable_of(std::string_view name) {
  std::string variable = "VETSET_";
  for (const char c : name) variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return variable;
}

/// The value of a variable; empty where it is not set.
std::string variable(std::string_view name) {
  const char* value = std::getenv(variable_of(name).c_str());
  return value == nullptr ? std::string() : value;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) words.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

/// An error that says whose value it is.
Error of(std::string_view whose, Error error) {
  error.message = std::string(whose) + ": " + error.message;
  return error;
}

struct Said {
  std::string whose;  // "--fail-on", "VETSET_FAIL_ON"
  std::string value;
};
/// A flag, else its variable.
Said said(std::string_view name, const std::string& flag) {
  if (!flag.empty()) return {"--" + std::string(name), flag};
  return {variable_of(name), variable(name)};
}

Result<void> take_today(const JudgingFlags& flags, CheckOptions& options) {
  const Said day = said("today", flags.today);
  if (day.value.empty()) return {};
  if (!is_date(day.value))
    return Error{Code::usage, day.whose + ": expected a day like 2027-03-31, found '" + day.value + "'"};
  options.settings.today = day.value;
  return {};
}

/// --near asks for pixels, too.
Result<void> take_pixels(const JudgingFlags& flags, CheckOptions& options) {
  const std::string by_variable = variable("pixels");
  if (!by_variable.empty() && by_variable != "0" && by_variable != "1")
    return Error{Code::usage, variable_of("pixels") + ": expected 0 or 1, found '" + by_variable + "'"};
  if (!by_variable.empty()) options.pixels = by_variable == "1";
  if (const Said near = said("near", flags.near); !near.value.empty()) {
    auto tier = parse_near(near.value);
    if (!tier) return of(near.whose, tier.error());
    options.near = *tier;
  }
  options.pixels = options.pixels || flags.pixels || !flags.near.empty();
  options.scan.cache = !flags.no_cache;
  return {};
}

Result<void> take_gate(const JudgingFlags& flags, CheckOptions& options) {
  const Said level = said("fail-on", flags.fail_on);
  if (level.value.empty()) return {};
  auto parsed = parse_fail_on(level.value);
  if (!parsed) return of(level.whose, parsed.error());
  options.fail_on = *parsed;
  return {};
}

/// --severity FMT407=error, LBL110=off.
Result<void> take_severities(const JudgingFlags& flags, CheckOptions& options) {
  for (const std::string& text : flags.severity) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) return Error{Code::usage, "--severity: expected CODE=LEVEL, found '" + text + "'"};
    const std::string code = text.substr(0, equals);
    if (auto known = check_rule_name(code); !known) return of("--severity", known.error());
    auto severity = parse_severity(text.substr(equals + 1));
    if (!severity) return of("--severity", severity.error());
    options.severities.push_back({code, *severity});
  }
  return {};
}

Result<void> take_settings(const JudgingFlags& flags, CheckOptions& options) {
  std::vector<std::string> known;
  for (const Setting& setting : settings()) {
    known.emplace_back(setting.name);
    const std::string value = variable(setting.name);
    if (value.empty()) continue;
    if (auto set = set_from_text(options.settings, setting, value); !set)
      return of(variable_of(setting.name), set.error());
  }
  // "--set group-by=a,b" comes as two words: the second one belongs to the first.
  std::vector<std::string> assignments;
  for (const std::string& word : flags.set) {
    if (word.find('=') == std::string::npos && !assignments.empty())
      assignments.back() += "," + word;
    else
      assignments.push_back(word);
  }
  for (const std::string& text : assignments) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const Setting* setting = find_setting(name);
    if (setting == nullptr)
      return Error{Code::usage, "--set: no threshold is called '" + name + "'" + did_you_mean(name, known)};
    if (equals == std::string::npos) return Error{Code::usage, "--set: expected " + name + "=VALUE"};
    if (auto set = set_from_text(options.settings, *setting, text.substr(equals + 1)); !set)
      return of("--set", set.error());
  }
  return {};
}

Result<std::optional<Config>> config_for(const std::string& src, const JudgingFlags& flags) {
  const Said file = said("config", flags.config);
  if (file.value == "none") return std::optional<Config>();
  if (file.value.empty()) return find_config(src);
  VETSET_TRY(Config config, read_config(file.value));
  return std::optional<Config>(std::move(config));
}

}  // namespace

void define_judging(Arguments& arguments, JudgingFlags& flags) {
  arguments.list("--select", flags.select, "CODES", "only these rules: codes, beginnings of codes, or names")
      .list("--ignore", flags.ignore, "CODES", "not these rules")
      .list("--severity", flags.severity, "CODE=LEVEL", "take a rule as error, warning, note or off")
      .list("--set", flags.set, "NAME=VALUE", "a threshold; 'vetset explain CODE' names them")
      .option("--today", flags.today, "DATE", "the day that decides what has expired; the clock's if not said")
      .option("--config", flags.config, "FILE", "settings instead of the nearest vetset.toml; none for none");
}

void define_gate(Arguments& arguments, JudgingFlags& flags) {
  arguments
      .option("--fail-on", flags.fail_on, "LEVEL",
              "from which severity on the answer is no (exit 1); error if not said",
              {"error", "warning", "note", "never"})
      .option("--baseline", flags.baseline, "FILE", "findings that are known: counted, and not held against the data");
}

void define_pixels(Arguments& arguments, JudgingFlags& flags) {
  arguments.flag("--pixels", flags.pixels, "decode every image, and search near-duplicates")
      .option("--near", flags.near, "TIER", "how: basic, views (if not said) or full, for free crops; asks for pixels",
              {"basic", "views", "full"})
      .flag("--no-cache", flags.no_cache, "remember nothing of the pixels, and take nothing that is remembered")
      .option("--embeddings", flags.embeddings, "FILE",
              "a row of numbers an image (.npy, .parquet): what is alike in it")
      .option("--embeddings-paths", flags.embeddings_paths, "FILE",
              "whose each row is, a path a line; a .txt or .csv named as the .npy, else the order of images");
}

void define_rules(Arguments& arguments, JudgingFlags& flags) {
  arguments.list("--rules", flags.rules, "FILE",
                 "rules of your own, in Python; those that vetset.toml names if not said, none for none");
}

Result<Judging> judging(const std::string& src, const JudgingFlags& flags, bool with_baseline) {
  Judging judging;
  CheckOptions& options = judging.options;
  std::string baseline;
  VETSET_TRY(const std::optional<Config> config, config_for(src, flags));
  if (config) {
    judging.config = config->file;
    VETSET_DO(apply(*config, options));
    if (!config->baseline.empty()) baseline = baseline_path(*config);
    judging.rule_files = rule_files(*config);
    judging.may_run_rules = !said("config", flags.config).value.empty() || may_run_rules(*config, src);
  }
  if (!flags.rules.empty()) {
    judging.rule_files = flags.rules == std::vector<std::string>{"none"} ? std::vector<std::string>() : flags.rules;
    judging.may_run_rules = true;
  }
  judging.embeddings = flags.embeddings;
  judging.embeddings_paths = flags.embeddings_paths;
  if (const std::string list = variable("select"); !list.empty()) options.select = split_list(list);
  if (const std::string list = variable("ignore"); !list.empty()) options.ignore = split_list(list);
  if (!flags.select.empty()) options.select = flags.select;
  if (!flags.ignore.empty()) options.ignore = flags.ignore;
  VETSET_DO(take_gate(flags, options));
  VETSET_DO(take_pixels(flags, options));
  VETSET_DO(take_today(flags, options));
  VETSET_DO(take_severities(flags, options));
  VETSET_DO(take_settings(flags, options));
  if (const Said file = said("baseline", flags.baseline); !file.value.empty()) baseline = file.value;
  if (with_baseline && !baseline.empty() && baseline != "none") {
    VETSET_TRY(options.exceptions.baseline, read_baseline(baseline));
  }
  return judging;
}

}  // namespace vetset::cli
