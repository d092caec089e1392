// The HTML report: one file that needs nothing, leaks nothing, and takes nothing from data for markup.
#include <doctest/doctest.h>

#include "tests/check/made.h"
#include "vetset/base/base64.h"
#include "vetset/base/digest.h"
#include "vetset/base/json.h"
#include "vetset/check/report/html.h"
#include "vetset/scan/thumbs.h"
#include "vetset/vetset.h"

using namespace vetset;
using namespace vetset::test;

namespace {

constexpr std::string_view hostile =
    "</script><script>alert(1)</script><img src=x onerror='alert(2)'>\"&\xE2\x80\xAEgpj.exe\x1b[31m\xff";

const std::string street = std::string(VETSET_SOURCE_DIR) + "/samples/street";

std::string between(const std::string& text, std::string_view begin, std::string_view end) {
  const std::size_t from = text.find(begin);
  REQUIRE(from != std::string::npos);
  const std::size_t to = text.find(end, from + begin.size());
  REQUIRE(to != std::string::npos);
  return text.substr(from + begin.size(), to - from - begin.size());
}

std::size_t count_of(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

/// A document with findings of one's own.
struct Document {
  std::vector<Finding> findings;
  Reported report;
  Stats stats;
  Portrait portrait;

  explicit Document(std::string source) {
    report.program = "vetset 0.1.0";
    report.source = std::move(source);
    report.fail_on = Severity::error;
    for (const Rule* rule : rules()) report.rules.push_back({rule, {}, 0U, rule->severity});
  }
  void tell() {
    report.findings.clear();
    for (std::size_t n = 0; n < findings.size(); ++n) {
      const std::string path = "images/train/" + std::to_string(n % 10'000) + "_" + std::string(40, 'p') + ".jpg";
      report.findings.push_back({.finding = &findings[n],
                                 .place = {.file = "labels/" + path, .line = static_cast<std::uint32_t>(n)},
                                 .image = path});
    }
  }
  std::string html() const { return html_report({.report = report, .stats = stats, .portrait = portrait}); }
};

std::string report_of(const Source& source, const HtmlOptions& options = {}) {
  CheckOptions asked;
  asked.common.threads = options.common.threads;
  asked.settings.today = "2027-01-01";
  const auto checked = check(source, asked);
  REQUIRE(checked);
  const auto html = html_report(source, *checked, options);
  REQUIRE(html);
  return *html;
}

}  // namespace

TEST_CASE("whatever data hold is text in an HTML report, and nothing else") {
  Document doc{std::string(hostile)};
  doc.findings.push_back({.code = "FMT407",
                          .severity = Severity::error,
                          .where = Place{},
                          .message = "box of " + std::string(hostile),
                          .fix = std::string(hostile)});
  doc.report.rules.front().not_run = "needs nothing";
  doc.tell();
  doc.report.findings[0].place.file = doc.report.findings[0].image = std::string(hostile);
  doc.report.findings[0].category = std::string(hostile);
  doc.stats.classes.push_back({.name = std::string(hostile), .objects = 1, .images = 1, .by_split = {1}});
  doc.stats.splits.push_back({.name = std::string(hostile), .images = 1, .objects = 1, .classes = 1});
  doc.portrait.grids.push_back(
      {.title = "t", .rows_are = "class", .rows = {std::string(hostile)}, .columns = {"a"}, .counts = {{1}}});
  HtmlDocument whole{.report = doc.report, .stats = doc.stats, .portrait = doc.portrait};
  whole.pictured.push_back({.finding = 0, .pictures = {{.path = std::string(hostile), .split = std::string(hostile)}}});
  whole.clusters.push_back({.title = std::string(hostile),
                            .evidence = {std::string(hostile)},
                            .left = {{.path = std::string(hostile)}},
                            .right = {},
                            .left_splits = std::string(hostile),
                            .right_splits = {}});
  whole.repairs.push_back({.code = "FMT407",
                           .name = "clip",
                           .title = "t",
                           .count = 1,
                           .examples = {{.where = std::string(hostile),
                                         .what = std::string(hostile),
                                         .before = std::string(hostile),
                                         .after = std::string(hostile)}}});
  whole.clauses.push_back({.name = std::string(hostile),
                           .result = "fail",
                           .measured = std::string(hostile),
                           .limit = std::string(hostile)});
  const std::string html = html_report(whole);

  CHECK(html.find("<script>alert") == std::string::npos);
  CHECK(html.find("<img src=x") == std::string::npos);
  CHECK(html.find("\xE2\x80\xAE") == std::string::npos);
  CHECK(html.find('\x1b') == std::string::npos);
  CHECK(html.find('\xff') == std::string::npos);
  CHECK(count_of(html, "<script") == 2);
  CHECK(count_of(html, "</script") == 2);
  const auto data = Json::parse(between(html, "id=\"data\">", "</script>"));
  REQUIRE(data);
  CHECK(data->find("rows")->elements().size() == 1);
}

TEST_CASE("an HTML report names its style and script by digest, and may fetch nothing") {
  const std::string html = Document("street").html();
  const std::string policy = between(html, "Content-Security-Policy\" content=\"", "\"");
  CHECK(policy.starts_with("default-src 'none'; img-src data:; "));
  const auto named = [&](const std::string& text) {
    const Digest digest = sha256(text);
    return policy.find("'sha256-" + base64({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()}) +
                       "'") != std::string::npos;
  };
  CHECK(named(between(html, "<style>", "</style>")));
  CHECK(named(between(html, "</script>\n<script>", "</script>")));
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(html.find(" style=") == std::string::npos);
  CHECK(html.find("onclick") == std::string::npos);
}

TEST_CASE("ten thousand images with many findings make an HTML report below five megabytes") {
  Document doc("large");
  for (const Rule* rule : rules())
    for (std::size_t n = 0; n < 3'000; ++n)
      doc.findings.push_back(
          {.code = rule->code,
           .severity = rule->severity,
           .evidence = rule->evidence,
           .where = Place{},
           .message = "box reaches " + std::to_string(n) + " px past the image <" + std::string(60, '"') + ">",
           .fix = "cut it at the image's edge"});
  doc.tell();
  const std::string html = doc.html();
  CHECK(html.size() < 5'000'000);
  const auto data = Json::parse(between(html, "id=\"data\">", "</script>"));
  REQUIRE(data);
  CHECK(data->find("rows")->elements().size() > rules().size() * 20);  // some of each
  CHECK(data->find("rows")->elements().size() < doc.findings.size());
}

TEST_CASE("a name of a home folder does not stand in an HTML report") {
  Document doc("street");
  doc.findings.push_back({.code = "FMT404",
                          .severity = Severity::error,
                          .where = Place{},
                          .message = "names `/home/ann/data/a.jpg`, 'C:\\Users\\Ann Lee\\b.jpg' and \"/Users/bob\""});
  doc.tell();
  const std::string html = doc.html();
  CHECK(html.find("ann/") == std::string::npos);
  CHECK(html.find("Ann") == std::string::npos);
  CHECK(html.find("Lee") == std::string::npos);
  CHECK(html.find("bob") == std::string::npos);
  CHECK(html.find("/home/…/data/a.jpg") != std::string::npos);
}

TEST_CASE("an HTML report draws what is found, and says nothing of this machine") {
  const auto source = open(street);
  REQUIRE(source);
  const std::string html = report_of(*source);
  CHECK(html.size() < 5'000'000);
  CHECK(count_of(html, "src=\"data:image/jpeg;base64,") > 5);
  CHECK(count_of(html, "<polygon class=\"m1\"") > 3);
  CHECK(html.find("id=\"rule-FMT422\"") != std::string::npos);
  CHECK(html.find("vetset fix street -o street-fixed") != std::string::npos);
  CHECK(html.find("class=\"ma\"") != std::string::npos);  // after a repair
  CHECK(html.find("run with <code class=\"flag\">--pixels</code>") != std::string::npos);
  CHECK(html.find(VETSET_SOURCE_DIR) == std::string::npos);
  CHECK(html.find("http://") == std::string::npos);

  const std::string bare = report_of(*source, {.pictures = false});
  CHECK(bare.find("data:image") == std::string::npos);
  CHECK(bare.find("id=\"rule-FMT422\"") != std::string::npos);
}

TEST_CASE("an HTML report has the same bytes with any number of threads, and as many pictures as it has room for") {
  const auto source = open(street);
  REQUIRE(source);
  HtmlOptions one, three, small;
  one.common.threads = 1;
  three.common.threads = 3;
  const std::string first = report_of(*source, one);
  CHECK(first == report_of(*source, three));
  small.bytes = first.size() / 2;
  const std::string less = report_of(*source, small);
  CHECK(less.size() <= small.bytes);
  CHECK(less.find("had no room in it") != std::string::npos);
  CHECK(first.find("had no room in it") == std::string::npos);
}

TEST_CASE("a small thing is shown by the part of its image around it") {
  const auto source = open(street);
  REQUIRE(source);
  const Dataset& d = source->dataset;
  const SmallPicture whole = small_picture(d, source->media(), ImageIndex{0});
  CHECK(whole.decoded);
  CHECK_FALSE(whole.part);
  const SmallPicture part = small_picture(d, source->media(), ImageIndex{0}, {.around = Box{100, 90, 10, 8}});
  CHECK(part.part);
  CHECK(part.across > whole.across);
  CHECK(part.left <= 100);
  CHECK(part.left + part.rgb.width / part.across >= 110);
  CHECK(part.top + part.rgb.height / part.down >= 98);
  const SmallPicture large = small_picture(d, source->media(), ImageIndex{0}, {.around = Box{10, 10, 200, 150}});
  CHECK_FALSE(large.part);
  const SmallPicture outside = small_picture(d, source->media(), ImageIndex{0}, {.around = Box{-50, 90, 10, 8}});
  CHECK(outside.decoded);
}

TEST_CASE("what a model proposes is drawn beside the label that it doubts, in a style and words of its own") {
  const auto source = open(street);
  REQUIRE(source);
  const Dataset& d = source->dataset;
  auto report = check(*source, {.select = {"LBL105"}});
  REQUIRE(report);
  AnnotationIndex doubted{};
  while (d[doubted].image == none<ImageIndex> || d[d[doubted].image].media.empty() || d[doubted].box.width < 20)
    doubted = to_index<AnnotationIndex>(to_size(doubted) + 1);
  const auto other = to_index<CategoryIndex>(to_size(d[doubted].category) == 0 ? 1 : 0);
  Box moved = d[doubted].box;
  moved.x += 5;
  report->suspects = Suspects{.rows = {{.code = "LBL131",
                                        .image = d[doubted].image,
                                        .annotation = doubted,
                                        .score = 0.75,
                                        .proposed = other,
                                        .box = moved,
                                        .given = d[doubted].category}}};
  report->findings = {{.code = "LBL131", .where = doubted, .message = "looks like another", .score = 0.75}};
  const auto html = html_report(*source, *report, {.repairs = false});
  REQUIRE(html);
  CHECK(count_of(*html, "<polygon class=\"m1\"") == 1);
  CHECK(count_of(*html, "<polygon class=\"mp\"") == 1);
  CHECK(html->find("label <code>" + d[d[doubted].category].name + "</code>") != std::string::npos);
  CHECK(html->find("model <code>" + d[other].name + "</code>") != std::string::npos);
  report->suspects.reset();
  const auto without = html_report(*source, *report, {.repairs = false});
  REQUIRE(without);
  CHECK(count_of(*without, "<polygon class=\"mp\"") == 0);
}
