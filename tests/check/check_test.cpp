// The façade's check: selection, what was not run, double findings, places, and the two reports.
#include <doctest/doctest.h>

#include "tests/check/made.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/check/report/json.h"
#include "vetset/check/report/text.h"
#include "vetset/vetset.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// Two images with label files in memory; the second label row of a.txt reaches past its image.
struct Street {
  Made m;
  std::unique_ptr<MemoryTree> tree = std::make_unique<MemoryTree>();
  CategoryIndex car = m.category("car");
  ImageIndex a = m.image("images/a.jpg"), b = m.image("images/b.jpg");
  AnnotationIndex inside = m.box(a, car, {1, 1, 10, 10}), outside = m.box(a, car, {90, 1, 20, 10});

  Street() {
    const FileIndex labels = m.file("labels/a.txt");
    m.d.images[0].file = labels;
    m.d.annotation_positions.push_back(Position::at(labels, 0));
    m.d.annotation_positions.push_back(Position::at(labels, 8));
    for (const char* row : {"0 1 1 5", "0 9 1 2"}) m.d.authored.push_back(m.d.add_text(row));
    REQUIRE(tree->write("labels/a.txt", "0 1 1 5\n0 9 1 2\n"));
    REQUIRE(tree->write("images/a.jpg", "not an image, long enough to be one"));
    REQUIRE(tree->write("images/b.jpg", "no image either, of another size"));
  }

  Source source() {
    Source s;
    s.tree = std::move(tree);
    s.dataset = m.d;
    s.findings = m.reading;
    return s;
  }
};

const RuleResult& result_of(const CheckReport& report, std::string_view code) {
  const auto found = std::find_if(report.rules.begin(), report.rules.end(),
                                  [&](const RuleResult& result) { return result.rule->code == code; });
  REQUIRE(found != report.rules.end());
  return *found;
}

CheckReport checked(const Source& source, CheckOptions options = {}) {
  options.common.threads = 2;
  auto report = check(source, options);
  REQUIRE(report);
  return *std::move(report);
}

}  // namespace

TEST_CASE("rules are listed by code, each with a name, a title and a way to find it") {
  std::string_view last;
  for (const Rule* rule : rules()) {
    CAPTURE(rule->code);
    if (last.substr(0, 3) == rule->code.substr(0, 3)) CHECK(last < rule->code);
    last = rule->code;
    CHECK(find_rule(rule->code) == rule);
    CHECK(find_rule(rule->name) == rule);
    CHECK(!rule->title.empty());
    CHECK((rule->check == nullptr) == rule->by_reader);
  }
  CHECK(find_rule("FMT999") == nullptr);
}

TEST_CASE("findings come by severity, code and place, with line and column") {
  Street street;
  const Source source = street.source();
  const CheckReport report = checked(source);
  REQUIRE(report.findings.size() == 4);  // two images that are none, one box outside, one image without labels
  CHECK(report.findings[0].code == "FMT407");
  CHECK(report.findings[1].code == "FMT419");
  CHECK(report.findings[2].code == "FMT419");
  CHECK(report.findings[3].code == "LBL111");
  CHECK(report.warnings == 3);
  CHECK(report.notes == 1);
  CHECK(report.counts == Counts{.images = 2, .annotations = 2, .categories = 1, .splits = 0});
  const Place place = place_of(source, report.findings[0]);
  CHECK(place.file == "labels/a.txt");
  CHECK(place.line == 2);
  CHECK(place.column == 1);
  CHECK(place_of(source, report.findings[1]).file == "images/a.jpg");
}

TEST_CASE("codes, beginnings of codes and names select; what is left out did not run") {
  Street street;
  const Source source = street.source();
  CHECK(checked(source, {.select = {"FMT407"}}).findings.size() == 1);
  CHECK(checked(source, {.select = {"box-outside-image"}}).findings.size() == 1);
  CHECK(checked(source, {.select = {"FMT4"}}).findings.size() == 3);
  const CheckReport without = checked(source, {.ignore = {"broken-image"}});
  CHECK(without.findings.size() == 2);
  CHECK(result_of(without, "FMT419").not_run == "not selected");
  const auto unknown = check(source, {.select = {"FMT999"}});
  REQUIRE(!unknown);
  CHECK(unknown.error().code == Code::usage);
}

TEST_CASE("a rule that lacks its evidence is not run, and says what it lacks") {
  Street street;
  for (Image& image : street.m.d.images) image.media = {};
  const Source source = street.source();
  const CheckReport report = checked(source);
  for (const char* code : {"FMT404", "FMT405", "FMT406", "FMT419", "FMT420", "LEA301"}) {
    CAPTURE(code);
    CHECK(result_of(report, code).not_run == "needs images: none found");
  }
  CHECK(result_of(report, "FMT407").not_run.empty());
}

TEST_CASE("images that are not to be looked at leave their rules out, and only theirs") {
  Street street;
  const Source source = street.source();
  const CheckReport report = checked(source, {.images = false});
  CHECK(report.facts.empty());
  CHECK(result_of(report, "FMT419").not_run == "needs images: not looked at");
  CHECK(result_of(report, "FMT404").not_run.empty());
}

TEST_CASE("what the reader said of a record, a rule does not say again") {
  Street street;
  const auto no_class = street.m.box(street.b, none<CategoryIndex>, {1, 1, 5, 5});
  street.m.d.annotation_positions.push_back(Position::at(FileIndex{0}, 8));
  street.m.d.authored.push_back({});
  street.m.d.dangling.push_back({no_class, Owner::category, street.m.d.add_text("7")});
  Source source = street.source();
  CHECK(result_of(checked(source), "FMT402").count == 1);
  source.findings.push_back(
      {.code = "FMT402", .where = Place{.file = "labels/a.txt", .line = 2}, .message = "class 7"});
  const CheckReport report = checked(source);
  CHECK(result_of(report, "FMT402").count == 1);
  CHECK(report.findings.front().message == "class 7");
}

TEST_CASE("findings beyond the limit are counted and not kept") {
  Street street;
  for (int i = 0; i < 50; ++i) {
    street.m.box(street.a, street.car, {95.0 + i, 1, 20, 5});
    street.m.d.annotation_positions.push_back(Position::at(FileIndex{0}, 8));
    street.m.d.authored.push_back({});
  }
  const Source source = street.source();
  CheckOptions options;
  options.common.limits.findings_per_code = 10;
  options.select = {"FMT407"};
  const CheckReport report = checked(source, options);
  CHECK(report.findings.size() == 10);
  CHECK(result_of(report, "FMT407").count == 51);
  CHECK(report.warnings == 51);
  CHECK(text_report(source, report).find("box-outside-image  51  ") != std::string::npos);
}

TEST_CASE("places of many findings are those of each, in files of many lines") {
  Street street;
  std::string json = "[\n";
  const FileIndex file = street.m.file("big.json");
  for (int i = 0; i < 300; ++i) {
    street.m.box(street.a, street.car, {95.0, 1, 20.0 + i, 5});
    street.m.d.annotation_positions.push_back(Position::at(file, json.size() + 2));
    street.m.d.authored.push_back({});
    json += "  {}" + std::string(static_cast<std::size_t>(i), ' ') + ",\n";
  }
  REQUIRE(street.tree->write("big.json", json));
  const Source source = street.source();
  const CheckReport report = checked(source, {.select = {"FMT407"}});
  REQUIRE(report.findings.size() == 301);
  const std::vector<Place> places = places_of(source, report.findings);
  for (std::uint32_t i = 0; i < 300; ++i) {
    CHECK(places[i].line == i + 2);
    CHECK(places[i].column == 3);
    CHECK(place_of(source, report.findings[i]) == places[i]);
  }
}

TEST_CASE("the summary is a screenful: what, how many, where, and what next") {
  Street street;
  const Source source = street.source();
  const CheckReport report = checked(source);
  CHECK(text_report(source, report) ==
        R"((memory)  2 images, 2 objects, 1 class, 0 splits

PROVED
  warning  FMT407  box-outside-image  1  labels/a.txt:2
           box reaches 10 px past the image, which is 100x80
           → cut it at the image's edge, if it was made on this image
  warning  FMT419  broken-image       2  images/a.jpg
           is no image: begins like no image type that is known
           → fetch the file again; some trainers drop it, others stop

NOTED
  note     LBL111  unlabelled-image   1  images/b.jpg
           has no annotation; this format cannot say whether nothing is in it
           → label it, or declare it empty

NOT RUN  21 rules need --pixels · 7 rules need a contract · 5 rules need --embeddings · 5 rules nee…

0 errors, 3 warnings, 1 note; every place: vetset check (memory) --all
)");
}

TEST_CASE("with --all every finding is a line that begins with its place") {
  Street street;
  const Source source = street.source();
  CHECK(text_report(source, checked(source, {.select = {"FMT407"}}), {.all = true}) ==
        "labels/a.txt:2  warning FMT407 box-outside-image: box reaches 10 px past the image, which is 100x80\n"
        "0 errors, 1 warning, 0 notes\n");
}

TEST_CASE("no line of the summary is wider than the terminal, with or without colours") {
  Street street;
  const std::string longest = "images/" + std::string(300, 'x') + "\xe6\xbc\xa2\xe5\xad\x97.jpg";
  street.m.d.images[0].media = street.m.d.add_text(longest);
  REQUIRE(street.tree->write(longest, "no image"));
  const Source source = street.source();
  const CheckReport report = checked(source);
  for (const unsigned width : {80U, 100U, 200U}) {
    const std::string text = text_report(source, report, {.width = width});
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      CAPTURE(text.substr(begin, end - begin));
      CHECK(display_width(text.substr(begin, end - begin)) <= width);
      begin = end + 1;
    }
    std::string bare = text_report(source, report, {.color = true, .width = width});
    CHECK(bare.find("\x1b[33m") != std::string::npos);
    for (std::size_t esc; (esc = bare.find('\x1b')) != std::string::npos;)
      bare.erase(esc, bare.find('m', esc) - esc + 1);
    CHECK(bare == text);
  }
}

TEST_CASE("names from the data cannot speak to the terminal") {
  Street street;
  street.m.d.categories[0].name = "car\x1b[2J";
  street.m.category("dead\x1b]0;x\x07");
  const Source source = street.source();
  const CheckReport report = checked(source);
  CHECK(text_report(source, report).find('\x1b') == std::string::npos);
  CHECK(text_report(source, report, {.all = true}).find('\x1b') == std::string::npos);
}

TEST_CASE("the JSON report says the same, without times, and its fingerprints outlive a moved line") {
  Street street, moved;
  moved.tree->replace("labels/a.txt", "\n0 1 1 5\n0 9 1 2\n");
  for (Position& p : moved.m.d.annotation_positions) p = Position::at(p.file(), p.offset() + 1);
  const Source source = street.source(), later = moved.source();
  const std::string json = json_report(source, checked(source));
  CHECK(json == json_report(source, checked(source)));
  const auto before = Json::parse(json), after = Json::parse(json_report(later, checked(later)));
  REQUIRE(before);
  REQUIRE(after);
  const Json &finding = before->find("findings")->elements()[0], &same = after->find("findings")->elements()[0];
  CHECK(finding.text_or("code", "") == "FMT407");
  CHECK(finding.text_or("file", "") == "labels/a.txt");
  CHECK(finding.find("line")->number() == 2);
  CHECK(same.find("line")->number() == 3);
  CHECK(finding.text_or("fingerprint", "") == same.text_or("fingerprint", "-"));
  CHECK(before->find("totals")->find("warnings")->number() == 3);
  CHECK(before->find("rules")->elements().size() == rules().size());
}
