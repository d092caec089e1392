// What a team knows already: settings, paths, waivers, baselines; and the gate.
#include <doctest/doctest.h>

#include "tests/check/made.h"
#include "vetset/base/day.h"
#include "vetset/check/rule_page.h"
#include "vetset/vetset.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// Two boxes that reach past their images, and one image without labels.
struct Two {
  Made m;
  CategoryIndex car = m.category("car");
  ImageIndex a = m.image("images/old/a.jpg"), b = m.image("images/new/b.jpg"), empty = m.image("images/new/c.jpg");
  AnnotationIndex first = m.box(a, car, {90, 1, 20, 5}), second = m.box(b, car, {90, 1, 30, 5});

  Source source() const {
    Source s;
    s.tree = std::make_unique<MemoryTree>();
    s.dataset = m.d;
    return s;
  }
};

CheckReport checked(const Source& source, CheckOptions options) {
  if (options.select.empty()) options.select = {"FMT407", "LBL111"};
  options.images = false;
  if (options.settings.today.empty()) options.settings.today = "2027-01-01";
  auto report = check(source, options);
  REQUIRE(report);
  return *std::move(report);
}

Waiver waiver(std::string path, std::string until = {}) {
  return {.rule = "box-outside-image", .path = std::move(path), .reason = "amodal", .until = std::move(until)};
}

std::string error_of(std::string_view text) {
  const auto config = parse_config(text, "vetset.toml");
  REQUIRE(!config);
  return to_string(config.error());
}

}  // namespace

TEST_CASE("a rule can be off for some paths, and what that takes out is counted") {
  const Source source = Two().source();
  const CheckReport report = checked(source, {.exceptions = {.paths = {{"images/old/**", {"FMT4"}}}}});
  CHECK(report.warnings == 1);
  CHECK(report.by_path == 1);
  REQUIRE(report.findings.size() == 2);
  CHECK(checked(source, {.exceptions = {.paths = {{"b.jpg", {"FMT4"}}}}}).by_path == 1);
}

TEST_CASE("a waiver takes out what it names until its last day, and is told afterwards") {
  const Source source = Two().source();
  CheckOptions options{.exceptions = {.waivers = {waiver("images/old/*", "2027-01-01")}}};
  const CheckReport in_force = checked(source, options);
  CHECK(in_force.waived == 1);
  CHECK(in_force.warnings == 1);
  CHECK(in_force.waivers[0].count == 1);
  CHECK_FALSE(in_force.waivers[0].expired);
  options.settings.today = "2027-01-02";
  const CheckReport ended = checked(source, options);
  CHECK(ended.waived == 0);
  CHECK(ended.warnings == 2);
  CHECK(ended.waivers[0].expired);
  CHECK(ended.waivers[0].count == 1);
}

TEST_CASE("a baseline holds findings, not lines or messages; new ones count, and gone ones are told") {
  Two two;
  const Source source = two.source();
  const CheckReport before = checked(source, {});
  const Baseline baseline = baseline_of(source.dataset, before.findings);
  CHECK(baseline.findings.size() == 3);
  const auto again = parse_baseline(to_json(baseline, "vetset"));
  REQUIRE(again);
  CHECK(again->findings.size() == 3);

  const CheckReport same = checked(source, {.exceptions = {.baseline = *again}});
  CHECK(same.in_baseline == 3);
  CHECK(same.findings.empty());
  CHECK(same.gone.empty());

  // One is mended, one is new; a rule that does not run cannot say that anything is gone.
  two.m.d.annotations[0].box = {1, 1, 5, 5};
  two.m.box(two.b, two.car, {1, 70, 5, 40});
  const Source later = two.source();
  const CheckReport report = checked(later, {.exceptions = {.baseline = *again}});
  CHECK(report.in_baseline == 2);
  REQUIRE(report.findings.size() == 1);
  REQUIRE(report.gone.size() == 1);
  CHECK(report.gone[0].image == "images/old/a.jpg");
  CHECK(checked(later, {.select = {"LBL111"}, .exceptions = {.baseline = *again}}).gone.empty());
}

TEST_CASE("findings that were counted and not kept are known, too") {
  Two two;
  CheckOptions options{.select = {"FMT407"}};
  options.common.limits.findings_per_code = 1;
  const Source source = two.source();
  CHECK(checked(source, options).warnings == 2);
  options.exceptions.baseline = baseline_of(source.dataset, checked(source, options).findings);
  CHECK(checked(source, options).warnings == 1);
  options.exceptions.baseline->beyond = {{"FMT407", 1}};
  const CheckReport report = checked(source, options);
  CHECK(report.warnings == 0);
  CHECK(report.in_baseline == 2);
}

TEST_CASE("a baseline that is none is an error, and one of a later version says so") {
  for (const char* text :
       {"", "[]", "{}", R"({"vetset-baseline": 1})", R"({"vetset-baseline": 1, "findings": [{}]})"}) {
    CAPTURE(text);
    CHECK(!parse_baseline(text));
  }
  const auto later = parse_baseline(R"({"vetset-baseline": 2, "findings": []})");
  REQUIRE(!later);
  CHECK(later.error().code == Code::unsupported);
}

TEST_CASE("severities are the user's, and the gate goes by them") {
  const Source source = Two().source();
  CHECK_FALSE(checked(source, {}).failed);
  CHECK(checked(source, {.fail_on = Severity::warning}).failed);
  CHECK(checked(source, {.select = {"LBL111"}, .fail_on = Severity::note}).failed);
  CHECK_FALSE(checked(source, {.select = {"LBL111"}, .fail_on = FailOn()}).failed);
  const CheckReport graver = checked(source, {.severities = {{"FMT4", Severity::error}}});
  CHECK(graver.errors == 2);
  CHECK(graver.failed);
  const CheckReport off = checked(source, {.severities = {{"FMT4", Severity::error}, {"FMT407", std::nullopt}}});
  CHECK(off.errors == 0);
  CHECK(off.findings.size() == 1);
}

TEST_CASE("settings say what they may, and every mistake has its place") {
  const auto config = parse_config(R"([check]
select = ["FMT4"]
fail-on = "warning"
baseline = "known.json"
[check.severity]
FMT407 = "error"
LBL110 = "off"
[check.per-path]
"old/**" = ["FMT4", "unused-class"]
[check.thresholds]
image-size = 1280
[[waiver]]
rule = "FMT407"
path = "a/*"
reason = "amodal boxes"
by = "labels"
until = 2027-03-31
)",
                                   "data/vetset.toml");
  REQUIRE(config);
  CHECK(*config->select == std::vector<std::string>{"FMT4"});
  CHECK(!config->ignore);
  CHECK(**config->fail_on == Severity::warning);
  CHECK(baseline_path(*config) == "data/known.json");
  CHECK(config->severities[0].severity == Severity::error);
  CHECK(!config->severities[1].severity);
  CHECK(config->paths[0].rules.size() == 2);
  CHECK(config->settings.image_size == 1280);
  CHECK(config->waivers[0].until == "2027-03-31");
  CHECK(config->waivers[0].origin == "vetset.toml:12");

  CHECK(error_of("[check]\nselct = []\n") ==
        "vetset.toml:2:1: nothing is called 'selct' in [check] (did you mean 'select'?)");
  CHECK(error_of("[chekc]\n").find("vetset.toml:1:2: nothing is called 'chekc' here (did you mean 'check'?)") == 0);
  CHECK(error_of("[check]\nselect = ['FMT999']\n").find("vetset.toml:2:11: no rule is called 'FMT999'") == 0);
  CHECK(error_of("[check]\nselect = 'FMT4'\n").find("expected a list, found a string") != std::string::npos);
  CHECK(error_of("[check]\nfail-on = 'eror'\n").find("expected error, warning, note or never") != std::string::npos);
  CHECK(error_of("[check.thresholds]\nimage-size = 3\n").find("from 32 to 65536, found 3") != std::string::npos);
  CHECK(error_of("[check.thresholds]\nimage-size = 640.5\n").find("whole number") != std::string::npos);
  CHECK(error_of("[[waiver]]\nrule = 'FMT407'\n").find("vetset.toml:1:1: waiver of FMT407: expected a reason") == 0);
  CHECK(error_of("[[waiver]]\nrule = 'FMT407'\nreason = ' '\n").find("expected a reason") != std::string::npos);
  CHECK(error_of("[[waiver]]\nrule = 'FMT407'\nreason = 'x'\nuntil = '2027-02-30'\n")
            .find(":4:9: until: expected a day") != std::string::npos);
  CHECK(error_of("[[waiver]]\nreason = 'x'\n").find("expected a rule") != std::string::npos);
}

TEST_CASE("every threshold can be set to its ends, and no further; what is set is what is said") {
  for (const Setting& setting : settings()) {
    CAPTURE(setting.name);
    CHECK(find_setting(setting.name) == &setting);
    CheckSettings of;
    if (std::holds_alternative<std::vector<std::string> CheckSettings::*>(setting.field)) {
      CHECK(set_from_text(of, setting, "a,b"));
      CHECK(setting_text(of, setting) == "a,b");
      CHECK(!set_number(of, setting, 1));
      continue;
    }
    const std::string said = setting_text(of, setting);
    CheckSettings same;
    REQUIRE(set_from_text(same, setting, said));
    CHECK(setting_text(same, setting) == said);
    CHECK(set_number(of, setting, setting.least));
    CHECK(set_number(of, setting, setting.most));
    CHECK(!set_number(of, setting, setting.least - 1));
    CHECK(!set_number(of, setting, setting.most * 2 + 1));
    CHECK(!set_from_text(of, setting, "many"));
    for (std::size_t begin = 0; begin < setting.rules.size(); begin += 7) {
      const Rule* rule = find_rule(setting.rules.substr(begin, 6));
      CHECK(rule != nullptr);
    }
  }
}

TEST_CASE("days are days of the calendar") {
  for (const char* day : {"2027-03-31", "2024-02-29", "2000-02-29"}) CHECK(is_date(day));
  for (const char* day : {"2027-02-29", "1900-02-29", "2027-13-01", "2027-00-10", "2027-1-1", "27-01-01", "2027-01-00",
                          "2027/01/01", ""}) {
    CAPTURE(day);
    CHECK_FALSE(is_date(day));
  }
}

TEST_CASE("every rule has a page, in parts that explain it") {
  for (const Rule* rule : rules()) {
    CAPTURE(rule->code);
    const auto sections = page_sections(rule_page(rule->code));
    for (const char* heading : {"What", "Why it matters", "Example", "Fix", "When it is wrong", "Source"}) {
      CAPTURE(heading);
      CHECK(std::any_of(sections.begin(), sections.end(),
                        [&](const PageSection& s) { return s.heading == heading && !s.lines.empty(); }));
    }
  }
}

TEST_CASE("a trainer that is not known or does not read the format is named") {
  const Source source = Two().source();
  const auto unknown = check(source, {.consumer = "ultralitics"});
  REQUIRE(!unknown);
  CHECK(unknown.error().message.find("did you mean 'ultralytics'?") != std::string::npos);
  CHECK(!check(source, {.consumer = "ultralytics"}));
}
