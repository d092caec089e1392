// Rules of a team's own, as a document that Python makes: what a check takes of it, and what it refuses.
#include <doctest/doctest.h>

#include "tests/check/made.h"
#include "vetset/check/own_rules.h"
#include "vetset/check/report/json.h"
#include "vetset/check/report/junit.h"
#include "vetset/check/report/sarif.h"
#include "vetset/check/report/text.h"
#include "vetset/vetset.h"

using namespace vetset;
using namespace vetset::test;

namespace {

struct Two {
  Made m;
  CategoryIndex car = m.category("car");
  ImageIndex a = m.image("a.jpg"), b = m.image("b.jpg");
  AnnotationIndex first = m.box(a, car, {1, 1, 20, 5}), second = m.box(a, car, {2, 1, 30, 5});

  Source source() const {
    Source s;
    s.tree = std::make_unique<MemoryTree>();
    s.dataset = m.d;
    return s;
  }
};

std::string document(const std::string& rules,
                     const std::string& counts = R"("images":2,"annotations":2,"categories":1)") {
  return R"({"vetset-own-rules":1,)" + counts + R"(,"rules":[)" + rules + "]}";
}
std::string rule(const std::string& code, const std::string& rest) {
  return R"({"code":")" + code + R"(","name":"cars-on-)" + std::string(1, static_cast<char>(code.back() - '0' + 'a')) +
         R"(","title":"cars lie on cars","severity":"warning","evidence":"proof","origin":"team.py:3",)" +
         R"("page":"# p\n\n**What.** Two cars.\n",)" + rest + "}";
}

CheckReport checked(const Source& source, const std::string& own, CheckOptions options = {}) {
  options.images = false;
  options.settings.today = "2027-01-01";
  auto read = read_own_rules(own, source.dataset);
  REQUIRE_MESSAGE(read, to_string(read.error()));
  options.own = *read;
  auto report = check(source, options);
  REQUIRE_MESSAGE(report, to_string(report.error()));
  return *std::move(report);
}

const std::string pair =
    rule("TEAM001", R"("findings":[{"annotation":1,"other":0,"message":"overlap"},{"image":1,"message":"b"},)"
                    R"({"image":1,"message":"a","severity":"error"}])");

std::string refused(const std::string& own) {
  const Source source = Two().source();
  const auto read = read_own_rules(own, source.dataset);
  REQUIRE(!read);
  return read.error().message;
}

}  // namespace

TEST_CASE("what a team's own rule found stands among the others, in an order of its own") {
  const Source source = Two().source();
  const CheckReport report = checked(source, document(pair), {.select = {"TEAM"}});
  REQUIRE(report.findings.size() == 3);
  CHECK(report.findings[0].message == "a");
  CHECK(report.findings[0].severity == Severity::error);
  CHECK(report.findings[1].message == "overlap");
  CHECK(std::get<AnnotationPair>(report.findings[1].where).second == to_index<AnnotationIndex>(1));
  CHECK(report.findings[2].message == "b");
  CHECK(rule_of(report, "TEAM001")->title == "cars lie on cars");
  CHECK(report.failed);
  const std::string json = json_report(source, report);
  CHECK(json.find(R"("rule":"cars-on-b")") != std::string::npos);
  const std::string sarif = sarif_report(source, report, "");
  CHECK(sarif.find("What: Two cars.") != std::string::npos);
  CHECK(sarif.find(R"("TEAM")") != std::string::npos);
  CHECK(junit_report(source, report).find("vetset.TEAM") != std::string::npos);
}

TEST_CASE("a team's own rule is selected, silenced, waived and known like any other") {
  const Source source = Two().source();
  CHECK(checked(source, document(pair), {.ignore = {"cars-on-b"}}).errors == 0);
  CHECK(checked(source, document(pair), {.select = {"cars-on-b"}}).findings.size() == 3);
  CHECK(checked(source, document(pair), {.select = {"TEAM001"}, .severities = {{"TEAM001", Severity::note}}}).notes ==
        3);
  const Waiver waiver{.rule = "cars-on-b", .path = "b.jpg", .reason = "known"};
  const CheckReport waived = checked(source, document(pair), {.select = {"TEAM"}, .exceptions = {.waivers = {waiver}}});
  CHECK(waived.waived == 2);
  const CheckReport whole = checked(source, document(pair), {.select = {"TEAM"}});
  const CheckReport known =
      checked(source, document(pair), {.select = {"TEAM"}, .exceptions = {.baseline = all_of(source, whole)}});
  CHECK(known.findings.empty());
  CHECK(known.in_baseline == 3);
}

TEST_CASE("a rule that broke is told as not run, and no answer is yes") {
  const Source source = Two().source();
  const std::string broken =
      document(rule("TEAM001", R"("not_run":"broke at team.py:4: KeyError: 'x'","broken":true)"));
  const CheckReport report = checked(source, broken, {.select = {"TEAM"}});
  CHECK(report.failed);
  CHECK(report.rules.back().not_run == "broke at team.py:4: KeyError: 'x'");
  const std::string text = text_report(source, report, {});
  CHECK(text.find("TEAM001 broke at team.py:4: KeyError: 'x'") != std::string::npos);
  CHECK(text.find("1 rule broke; ") != std::string::npos);
  CHECK(text_report(source, report, {.all = true}).find("TEAM001 broke at") != std::string::npos);
  CHECK(junit_report(source, report).find("<failure") != std::string::npos);
  CHECK(!checked(source, broken, {.ignore = {"TEAM001"}}).failed);
  CHECK(!checked(source, document(rule("TEAM001", R"("not_run":"needs --pixels")"))).failed);
}

TEST_CASE("files of rules that nobody can run are told, and their codes are not held against those who name them") {
  const Source source = Two().source();
  CheckOptions options{.select = {"TEAM001"}, .images = false};
  options.own = unread_own_rules({"checks/team.py", "b.py"}, "was not run: no Python here has vetset");
  const auto report = check(source, options);
  REQUIRE(report);
  CHECK(!report->failed);
  CHECK(report->rules.back().rule->code == "OWN002");
  const std::string text = text_report(source, *report, {});
  CHECK(text.find("OWN001 team.py was not run: no Python here has vetset") != std::string::npos);
  options.select = {"FMT407"};  // theirs are not asked for
  const auto without = check(source, options);
  REQUIRE(without);
  CHECK(text_report(source, *without, {}).find("OWN001") == std::string::npos);
}

TEST_CASE("a code or a name that is nobody's is refused, one of a team's own where it is known") {
  const Source source = Two().source();
  for (const char* word : {"TEAM002", "cars-on-c"}) {
    CheckOptions options{.select = {word}, .images = false};
    options.own = *read_own_rules(document(pair), source.dataset);
    const auto report = check(source, options);
    REQUIRE(!report);
    CHECK(report.error().message.find("no rule is called '" + std::string(word) + "' (did you mean") == 0);
  }
  const auto report = check(source, {.select = {"TEAM001"}, .images = false});
  REQUIRE(!report);
  CHECK(report.error().message.find("come from files that vetset.toml names") != std::string::npos);
}

TEST_CASE("codes of a team's own never meet those of the catalogue") {
  for (const char* code : {"TEAM001", "ABC123", "ACMEDATA0001"}) CHECK(why_not_own_code(code).empty());
  for (const char* code :
       {"FMT999", "LBLX001", "COVER001", "X001", "AB001", "TEAM1", "team001", "TEAM00001", "OWN001", ""})
    CHECK_MESSAGE(!why_not_own_code(code).empty(), code);
}

TEST_CASE("a document that speaks of another dataset, or of no rule, is refused as a whole") {
  CHECK(refused(document(pair, R"("images":3,"annotations":2,"categories":1)")) ==
        "rules of your own: they looked at 3 images, and the dataset has 2");
  CHECK(refused(document(rule("TEAM001", R"("findings":[{"annotation":2,"message":"m"}])"))) ==
        "rules of your own: TEAM001: there is no row 2 of annotations, only 2");
  CHECK(refused(document(rule("FMT001", R"("findings":[])"))).find("is a code of the catalogue") != std::string::npos);
  CHECK(refused(document(pair + "," + pair)).find("TEAM001 is there twice: team.py:3 and team.py:3") !=
        std::string::npos);
  CHECK(refused("{}") == "rules of your own: not what was expected");
}

TEST_CASE("rules that a vetset.toml names are found beside it") {
  const auto config = parse_config("[check]\nrules = [\"team_rules.py\", \"../all.py\"]\n", "a/vetset.toml");
  REQUIRE(config);
  CHECK(rule_files(*config) == std::vector<std::string>{"a/team_rules.py", "all.py"});
}
