// check from Python: what vetset.toml says, then what the call says; rules by name and by page.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/given.h"
#include "python/src/plan.h"
#include "python/src/report.h"
#include "python/src/running.h"
#include "vetset/base/day.h"
#include "vetset/base/nearest.h"
#include "vetset/base/tree.h"
#include "vetset/check/rule_page.h"
#include "vetset/check/select.h"

namespace vetset::python {
namespace {

using Words = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// What a call says; what it leaves out, vetset.toml may say.
struct Asked {
  std::optional<Words> select, ignore;
  bool images = true;
  std::optional<bool> pixels;  // not said: as vetset.toml says
  std::string near;            // a tier asks for pixels, too
  bool objects = false;        // likewise
  Words known;                 // likewise
  bool cache = true;
  std::string trainer;
  std::optional<std::string> baseline;  // "none": none, whatever vetset.toml says
  std::string fail_on;
  Pairs severities, thresholds;
  std::string today, proof, previous, lock;
  std::string config;  // empty: the nearest; "none": none
};

Result<std::optional<Config>> config_of(const std::string& path, const Asked& asked) {
  if (asked.config == "none" || (asked.config.empty() && path.empty())) return std::optional<Config>();
  if (asked.config.empty()) return find_config(path);
  VETSET_TRY(Config config, read_config(asked.config));
  return std::optional<Config>(std::move(config));
}

Result<void> take_settings(const Asked& asked, CheckOptions& options) {
  Words known;
  for (const Setting& setting : settings()) known.emplace_back(setting.name);
  for (const auto& [name, value] : asked.thresholds) {
    const Setting* setting = find_setting(name);
    if (setting == nullptr)
      return Error{Code::usage, "no threshold is called '" + name + "'" + did_you_mean(name, known)};
    VETSET_DO(set_from_text(options.settings, *setting, value));
  }
  for (const auto& [rule, level] : asked.severities) {
    VETSET_DO(check_rule_name(rule));
    VETSET_TRY(const std::optional<Severity> severity, parse_severity(level));
    options.severities.push_back({rule, severity});
  }
  if (!asked.today.empty() && !is_date(asked.today))
    return Error{Code::usage, "expected a day like 2027-03-31, found '" + asked.today + "'"};
  options.settings.today = asked.today;
  return {};
}

Result<CheckOptions> options_of(const std::optional<Config>& config, const Asked& asked) {
  CheckOptions options{.images = asked.images,
                       .consumer = asked.trainer,
                       .proof = asked.proof,
                       .previous = asked.previous,
                       .lock = asked.lock,
                       .settings = {},
                       .common = {}};
  std::string baseline;
  if (config) {
    VETSET_DO(apply(*config, options));
    if (!config->baseline.empty()) baseline = baseline_path(*config);
  }
  if (asked.pixels) options.pixels = *asked.pixels;
  if (!asked.near.empty()) {
    VETSET_TRY(options.near, parse_near(asked.near));
  }
  const bool looks = !asked.near.empty() || asked.objects || !asked.known.empty();
  if (!asked.images && (looks || asked.pixels.value_or(false)))
    return Error{Code::usage, "images=False looks at no file, and pixels=True decodes all; expected one of them"};
  if (looks) options.pixels = asked.pixels.value_or(true);
  options.objects = asked.objects;
  options.known = asked.known;
  options.scan.cache = asked.cache;
  if (asked.select) options.select = *asked.select;
  if (asked.ignore) options.ignore = *asked.ignore;
  if (!asked.fail_on.empty()) {
    VETSET_TRY(options.fail_on, parse_fail_on(asked.fail_on));
  }
  VETSET_DO(take_settings(asked, options));
  if (asked.baseline) baseline = *asked.baseline;
  if (!baseline.empty() && baseline != "none") {
    VETSET_TRY(options.exceptions.baseline, read_baseline(baseline));
  }
  return options;
}

Plan plan_check(const std::string& path, const std::optional<Words>& select, const std::optional<Words>& ignore,
                bool images, std::optional<bool> pixels, const std::string& near, bool objects, const Words& known,
                bool cache, const std::string& trainer, const std::optional<std::string>& baseline,
                const std::string& fail_on, const Pairs& severities, const Pairs& thresholds, const std::string& today,
                const std::filesystem::path& proof, const std::filesystem::path& previous,
                const std::filesystem::path& lock, const std::filesystem::path& config,
                const std::filesystem::path& contract, unsigned threads) {
  const Asked asked{.select = select,
                    .ignore = ignore,
                    .images = images,
                    .pixels = pixels,
                    .near = near,
                    .objects = objects,
                    .known = known,
                    .cache = cache,
                    .trainer = trainer,
                    .baseline = baseline,
                    .fail_on = fail_on,
                    .severities = severities,
                    .thresholds = thresholds,
                    .today = today,
                    .proof = proof.string(),
                    .previous = previous.string(),
                    .lock = lock.string(),
                    .config = config.string()};
  return run(nb::none(), [&](const Progress&) -> Result<Plan> {
    Plan plan;
    VETSET_TRY(const std::optional<Config> found, config_of(path, asked));
    VETSET_TRY(plan.options, options_of(found, asked));
    if (!contract.empty()) plan.options.contract = contract.string();
    plan.options.common.threads = threads;
    if (found) {
      plan.config = found->file;
      plan.rule_files = rule_files(*found);
      plan.may_run_rules = !asked.config.empty() || may_run_rules(*found, path);
    }
    return plan;
  });
}

/// `_core.Earlier`: a dataset that a check is held to, and its rows for rules in Python, which outlive it.
struct Earlier {
  std::shared_ptr<Before> before;
  Opened shown() const {
    auto held = std::make_shared<Held>();
    held->dataset = before->source.dataset;
    held->format = before->source.format;
    held->tree = std::make_unique<MemoryTree>();
    return {std::move(held)};
  }
};

Earlier open_earlier(const Opened& d, const std::string& path, const std::string& reference, const Plan& plan,
                     const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<Earlier> {
    OpenOptions opening{.from = d.source->format == nullptr ? std::string() : std::string(d.source->format->id)};
    opening.common = plan.options.common;
    opening.common.progress = p;
    VETSET_TRY(Before before, open_before(path, *d.source, reference, opening));
    return Earlier{std::make_shared<Before>(std::move(before))};
  });
}

/// Documents of rules in Python; empty: there were none to ask.
Result<std::shared_ptr<const OwnRules>> own_of(const std::string& document, const Dataset& d) {
  if (document.empty()) return std::shared_ptr<const OwnRules>();
  return read_own_rules(document, d);
}

PyReport check_source(const Opened& d, const std::string& path, const Plan& plan, const Bound* bound,
                      const std::string& own, const Words& unread, const std::string& why, const Earlier* earlier,
                      const std::string& earlier_own, const nb::object& progress) {
  auto checked = std::make_shared<Checked>();
  checked->source = d.source;
  checked->path = path;
  run(progress, [&](const Progress& p) -> Result<bool> {
    CheckOptions options = plan.options;
    options.common.progress = p;
    if (bound != nullptr) bound->into(options);
    VETSET_TRY(options.own, own_of(own, d.source->dataset));
    if (!unread.empty()) options.own = unread_own_rules(unread, why);
    if (earlier != nullptr) {
      VETSET_TRY(std::shared_ptr<const OwnRules> then, own_of(earlier_own, earlier->before->source.dataset));
      if (!unread.empty()) then = options.own;
      VETSET_DO(check_before(*earlier->before, options, std::move(then)));
      options.exceptions.baseline = earlier->before->findings;
      checked->notes = earlier->before->notes;
    }
    VETSET_TRY(checked->report, check(*d.source, options));
    checked->places = places_of(*d.source, checked->report.findings);
    checked->settings = options.settings;
    return true;
  });
  return {std::move(checked), {}};
}

bool asks_for(const Plan& plan, const std::string& code, const std::string& name, const std::string& severity) {
  const OwnRule rule{
      .code = code, .name = name, .title = name, .severity = value_or_raise(parse_severity(severity)).value()};
  return is_asked_for(rule, plan.options);
}

/// Codes of the rules that some words mean.
Words rules_named(const Words& wanted) {
  for (const std::string& word : wanted)
    if (auto known = check_rule_name(word); !known) raise(known.error());
  Words codes;
  for (const Rule* rule : rules())
    if (names_rule(wanted, rule->code)) codes.emplace_back(rule->code);
  return codes;
}

std::string page_of(const std::string& word) {
  if (auto known = check_rule_name(word); !known) raise(known.error());
  const Rule* rule = find_rule(word);
  if (rule == nullptr) raise(Error{Code::usage, "expected the code or the name of one rule, found '" + word + "'"});
  return std::string(rule_page(rule->code));
}

}  // namespace

void bind_check(nb::module_& m) {
  nb::class_<Plan>(m, "CheckPlan", "What a check will do: what the call says, and what vetset.toml says.")
      .def_ro("rule_files", &Plan::rule_files, "Files of rules in Python that vetset.toml names.")
      .def_ro("may_run_rules", &Plan::may_run_rules, "Whether these may be run unasked.")
      .def_ro("config", &Plan::config, "The vetset.toml that holds; empty: none.")
      .def_prop_ro("pixels", [](const Plan& plan) { return plan.options.pixels; })
      .def_prop_ro("images", [](const Plan& plan) { return plan.options.images; })
      .def_prop_ro("cache", [](const Plan& plan) { return plan.options.scan.cache; })
      .def("asks_for", &asks_for, nb::arg("code"), nb::arg("name"), nb::arg("severity"));
  m.def("plan_check", &plan_check, nb::arg("path"), nb::arg("select").none(), nb::arg("ignore").none(),
        nb::arg("images"), nb::arg("pixels").none(), nb::arg("near"), nb::arg("objects"), nb::arg("known"),
        nb::arg("cache"), nb::arg("trainer"), nb::arg("baseline").none(), nb::arg("fail_on"), nb::arg("severities"),
        nb::arg("thresholds"), nb::arg("today"), nb::arg("proof"), nb::arg("previous"), nb::arg("lock"),
        nb::arg("config"), nb::arg("contract"), nb::arg("threads"));
  nb::class_<Earlier>(m, "Earlier", "A dataset that a check is held to.").def_prop_ro("source", &Earlier::shown);
  m.def("open_before", &open_earlier, nb::arg("source"), nb::arg("path"), nb::arg("reference"), nb::arg("plan"),
        nb::arg("progress").none());
  m.def("check", &check_source, nb::arg("source"), nb::arg("path"), nb::arg("plan"), nb::arg("bound").none(),
        nb::arg("own"), nb::arg("unread"), nb::arg("why"), nb::arg("earlier").none(), nb::arg("earlier_own"),
        nb::arg("progress").none());
  m.def("why_not_own_code", [](const std::string& code) { return why_not_own_code(code); }, nb::arg("code"));
  m.def("rules_named", &rules_named, nb::arg("words"), "Codes of the rules that words name: codes, beginnings, names.");
  m.def("explain", &page_of, nb::arg("rule"));
}

}  // namespace vetset::python
