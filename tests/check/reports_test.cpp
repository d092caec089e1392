// The reports for machines: what each must say and how it escapes what names and messages hold.
#include <doctest/doctest.h>

#include "tests/check/made.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/check/report/github.h"
#include "vetset/check/report/json.h"
#include "vetset/check/report/jsonl.h"
#include "vetset/check/report/junit.h"
#include "vetset/check/report/sarif.h"
#include "vetset/check/report/text.h"

using namespace vetset;
using namespace vetset::test;

namespace {

constexpr std::string_view hostile = "a,b:c%\"<&\x1b[31m\n\xff\xEF\xBF\xBE";

/// One finding of FMT407 and all rules, as the façade would report them.
struct Shown {
  Finding finding{.code = "FMT407",
                  .severity = Severity::warning,
                  .where = Place{},
                  .message = "box reaches 16 px past " + std::string(hostile),
                  .score = 16.0,
                  .fix = "cut it"};
  Reported report;

  Shown() {
    report.program = "vetset 0.1.0";
    report.source = "street";
    report.fail_on = Severity::error;
    report.warnings = 1;
    for (const Rule* rule : rules())
      report.rules.push_back({rule, {}, rule->code == "FMT407" ? 1U : 0U, rule->severity});
    report.findings.push_back({.finding = &finding,
                               .rule = "box-outside-image",
                               .place = {.file = "labels/fähr rad,1:2%.txt", .line = 5, .column = 3},
                               .image = "images/a.jpg",
                               .other = "images/b.jpg",
                               .annotation = "7",
                               .fingerprint = "0123456789abcdef0123456789abcdef"});
  }
};

Json parsed(const std::string& text) {
  auto json = Json::parse(text);
  REQUIRE(json);
  return *std::move(json);
}

const Json& result_of(const Json& sarif) { return sarif.find("runs")->elements()[0].find("results")->elements()[0]; }

}  // namespace

TEST_CASE("SARIF names rule, place, region and fingerprint, and encodes paths") {
  Shown shown;
  shown.report.prefix = "data/set one/";
  const Json sarif = parsed(sarif_report(shown.report));
  const Json& result = result_of(sarif);
  CHECK(result.text_or("ruleId", "") == "FMT407");
  CHECK(result.text_or("level", "") == "warning");
  const Json& place = *result.find("locations")->elements()[0].find("physicalLocation");
  CHECK(place.find("artifactLocation")->text_or("uri", "") == "data/set%20one/labels/f%C3%A4hr%20rad%2C1%3A2%25.txt");
  CHECK(place.find("region")->find("startLine")->number() == 5);
  CHECK(place.find("region")->find("startColumn")->number() == 3);
  CHECK(result.find("partialFingerprints")->text_or("vetset/v1", "") == shown.report.findings[0].fingerprint);
  const Json& rule = sarif.find("runs")
                         ->elements()[0]
                         .find("tool")
                         ->find("driver")
                         ->find("rules")
                         ->elements()[static_cast<std::size_t>(result.find("ruleIndex")->number())];
  CHECK(rule.text_or("id", "") == "FMT407");
  CHECK(rule.find("help")->text_or("markdown", "").find("# FMT407") == 0);
}

TEST_CASE("no report lets a terminal, XML, JSON or a workflow be spoken to by the data") {
  Shown shown;
  for (const std::string& text :
       {sarif_report(shown.report), junit_report(shown.report), github_report(shown.report), jsonl_report(shown.report),
        json_report(shown.report), text_report(shown.report, {.all = true})}) {
    CAPTURE(text);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(!invalid_utf8(text));
  }
  const std::string xml = junit_report(shown.report);
  CHECK(xml.find("&lt;&amp;") != std::string::npos);
  CHECK(xml.find("\xEF\xBF\xBE") == std::string::npos);
}

TEST_CASE("GitHub's commands escape as its toolkit does: properties more than messages") {
  Shown shown;
  const std::string text = github_report(shown.report);
  CHECK(text.find("::warning file=labels/fähr rad%2C1%3A2%25.txt,line=5,col=3,title=FMT407 box-outside-image::") == 0);
  CHECK(text.find("a,b:c%25") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);  // the command and the totals
}

TEST_CASE("a line of JSON is the finding of the whole document") {
  Shown shown;
  const std::string line = jsonl_report(shown.report);
  CHECK(std::count(line.begin(), line.end(), '\n') == 1);
  CHECK(json_report(shown.report).find(line.substr(0, line.size() - 1)) != std::string::npos);
}

TEST_CASE(
    "a rule fails in JUnit from the gate on, is skipped where it could not look, and is absent where not selected") {
  Shown shown;
  CHECK(junit_report(shown.report).find("<failure") == std::string::npos);
  CHECK(junit_report(shown.report).find("<system-out>labels/fähr rad") != std::string::npos);
  shown.report.fail_on = Severity::warning;
  CHECK(junit_report(shown.report).find("failures=\"1\"") != std::string::npos);
  CHECK(junit_report(shown.report).find("<failure message=\"1 finding: ") != std::string::npos);
  shown.report.findings.clear();
  for (ReportedRule& rule : shown.report.rules) rule.not_run = not_selected;
  shown.report.rules[0].not_run = "needs images: none found";
  const std::string text = junit_report(shown.report);
  CHECK(text.find("tests=\"1\"") != std::string::npos);
  CHECK(text.find("<skipped message=\"needs images: none found\"/>") != std::string::npos);
}

TEST_CASE("one trainer's view reaches every report that has a place for it") {
  Shown shown;
  shown.report.findings.clear();
  shown.report.one_consumer = true;
  const ConsumerView view{
      .consumer = "Ultralytics 8.4.190",
      .task = "detect",
      .images = 2,
      .images_read = 1,
      .objects = 3,
      .objects_read = 1,
      .effects = {{.kind = Effect::Kind::image_dropped, .file = "a.txt", .line = 2, .objects = 2, .what = "dropped"}}};
  shown.report.consumers = std::span(&view, 1);
  for (ReportedRule& rule : shown.report.rules) rule.not_run = not_selected;
  CHECK(result_of(parsed(sarif_report(shown.report))).text_or("ruleId", "") == "Ultralytics 8.4.190");
  CHECK(github_report(shown.report).find("::error file=a.txt,line=2,title=Ultralytics 8.4.190::dropped") == 0);
  CHECK(junit_report(shown.report).find("<failure message=\"Ultralytics 8.4.190 reads 1/2 images, 1/3 objects\"") !=
        std::string::npos);
  CHECK(text_report(shown.report).find("a.txt:2") != std::string::npos);
}
