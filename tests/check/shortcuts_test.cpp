// LEA315 and LEA316: a class that the file gives away, and an order in time that is not kept.
#include <doctest/doctest.h>

#include "tests/check/made.h"
#include "vetset/base/random.h"
#include "vetset/base/statistics.h"
#include "vetset/check/auc.h"
#include "vetset/check/taken.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// Images of two classes by turns.
struct Classified {
  Made m;
  explicit Classified(int count) {
    const auto cat = m.category("cat"), dog = m.category("dog");
    for (int k = 0; k < count; ++k) {
      const auto i = m.image("p" + std::to_string(k) + ".jpg", 640, 480);
      m.d.annotations.push_back({.image = i, .category = k % 2 == 0 ? cat : dog, .kind = Kind::tag});
    }
  }
};

std::string reason(const Made& m, std::string_view code) {
  const std::vector<std::string_view> files;
  return find_rule(code)->not_run(
      {.dataset = m.d, .files = files, .reading = {}, .facts = m.facts, .settings = m.settings});
}

}  // namespace

TEST_CASE("the area under the curve is the share of pairs in order, ties a half") {
  std::vector<Scored> items = {{1, 1, 0}, {2, 0, 1}, {3, 1, 1}};
  CHECK(area_under_curve(items) == doctest::Approx(0.375));  // of 4 pairs: 1 won, 1 tied
  items = {{1, 0, 5}, {2, 5, 0}};
  CHECK(area_under_curve(items) == 1);
  items = {{1, 5, 0}};
  CHECK(area_under_curve(items) == 0.5);
  CHECK(chance_of(0.5, 100, 100) == doctest::Approx(0.5));
  CHECK(chance_of(0.6, 100, 100) == doctest::Approx(0.00728).epsilon(0.01));  // z = 0.1 / 0.0409
}

TEST_CASE("of many tests those hold that are unlikely together") {
  const std::vector<double> chances = {0.04, 0.001, 0.9, 0.03};
  CHECK(hold_together(chances) == std::vector<bool>{false, true, false, false});
  const std::vector<double> close = {0.04, 0.03, 0.02, 0.01};
  CHECK(hold_together(close) == std::vector<bool>{true, true, true, true});
}

TEST_CASE("a class that was stored in another size is told by it") {
  Classified c(200);
  CHECK(c.m.found_by("LEA315").empty());
  for (std::size_t k = 0; k < 200; k += 2)
    if (k % 20 != 0) c.m.facts[k].width = c.m.facts[k].height = 800;
  const auto found = c.m.found_by("LEA315");
  REQUIRE(found.size() == 2);
  CHECK(at<CategoryIndex>(found[0]) == CategoryIndex{0});
  CHECK(found[0].message ==
        "`cat` (100 of 200 images) is told from the others without a look at the picture: AUC 0.94 by facts of the "
        "file, 0.94 by shorter side alone");
  c.m.settings.file_label_auc = 0.96;
  CHECK(c.m.found_by("LEA315").empty());
}

TEST_CASE("a fact of the file that says nothing of the class is no shortcut") {
  Classified c(400);
  Random random(7);
  for (Facts& f : c.m.facts) {
    f.width = 500 + static_cast<std::uint32_t>(random.below(300));
    f.height = 300 + static_cast<std::uint32_t>(random.below(300));
    f.bytes = 10'000 + random.below(90'000);
  }
  CHECK(c.m.found_by("LEA315").empty());
}

TEST_CASE("the number of bytes is a hint, as the picture moves it, too") {
  Classified c(200);
  for (std::size_t k = 0; k < 200; ++k) c.m.facts[k].bytes = 20'000 + 100 * k + (k % 2) * 40'000;
  const auto found = c.m.found_by("LEA315");
  REQUIRE(found.size() == 2);
  CHECK(found[0].severity == Severity::note);
  CHECK(found[0].evidence == EvidenceClass::hint);
  CHECK(mentions(found[0], "by number of bytes alone: AUC 1; what the pictures show changes that, too"));
}

TEST_CASE("images that are tied together do not tell of each other") {
  Classified c(240);
  Random random(11);
  // Forty scenes of six images, each of a class by chance; two or three share a size: all to learn is scenes.
  for (std::uint32_t scene = 0; scene < 40; ++scene) {
    const CategoryIndex category{random.below(2)};
    for (std::uint32_t k = 6 * scene; k < 6 * scene + 6; ++k) {
      c.m.d.annotations[k].category = category;
      c.m.facts[k].width = c.m.facts[k].height = 500 + 10 * (scene % 16);
      if (k > 6 * scene) c.m.link(ImageIndex{6 * scene}, ImageIndex{k}, LinkKind::near, 3);
    }
  }
  CHECK(c.m.found_by("LEA315").empty());
  c.m.has_links = false;
  CHECK(c.m.found_by("LEA315").size() == 2);
}

TEST_CASE("boxes are no label of a whole image, and few images are no sample") {
  Made boxes;
  const auto cat = boxes.category("cat");
  for (int k = 0; k < 50; ++k) boxes.box(boxes.image("p" + std::to_string(k)), cat, {1, 1, 5, 5});
  CHECK(reason(boxes, "LEA315") == "needs 20 images a class");
  CHECK(reason(Classified(30).m, "LEA315") != "");
  CHECK(reason(Classified(40).m, "LEA315") == "");
}

TEST_CASE("times are read as records and EXIF write them") {
  CHECK(read_time("1970-01-02") == 86'400'000);
  CHECK(read_time("1970:01:01 00:00:01") == 1000);
  CHECK(read_time("1970-01-01T01:00:00.25+01:00") == 250);
  CHECK(read_time("1970-01-01T00:00Z") == 0);
  CHECK(read_time("1700000000") == 1'700'000'000'000);
  CHECK(read_time("1700000000123") == 1'700'000'000'123);
  for (const char* wrong : {"", "2024", "2024-13-01", "0000:00:00 00:00:00", "2024-02-30", "2024-01-01 25:00:00",
                            "soon", "2024-01-01 10:00:00 o'clock"})
    CHECK_MESSAGE(read_time(wrong) == std::nullopt, wrong);
  CHECK(time_text(1'700'000'000'000) == "2023-11-14 22:13:20");
  CHECK(time_text(-1000) == "1969-12-31 23:59:59");
}

TEST_CASE("training on images younger than those of the test is told where the splits promise an order in time") {
  Made m;
  const auto a = m.image("a.jpg"), b = m.image("b.jpg"), c = m.image("c.jpg"), e = m.image("e.jpg");
  m.split("train", {a, b});
  m.split("test", {c, e});
  const char* days[] = {"2024-01-01", "2024-05-03", "2024-05-01", "2024-06-01"};
  for (std::uint32_t k = 0; k < 4; ++k)
    m.attribute(ImageIndex{k}, "date_captured", "\"" + std::string(days[k]) + " 10:00:00\"");
  CHECK(reason(m, "LEA316") == "needs split-policy=temporal");
  m.settings.split_policy = {"temporal"};
  CHECK(reason(m, "LEA316") == "");
  const auto found = m.found_by("LEA316");
  REQUIRE(found.size() == 1);
  CHECK(at<ImagePair>(found[0]).first == b);
  CHECK(at<ImagePair>(found[0]).second == c);
  CHECK(found[0].message ==
        "was taken 2024-05-03 10:00:00 and is trained on, after `c.jpg` in `test`, 2024-05-01 10:00:00; older than it "
        "are 1 of 2 in `test`, by `date_captured`");
  m.settings.split_policy = {"temporal:elsewhere"};
  REQUIRE(m.found_by("LEA316").size() == 1);
  CHECK(m.found_by("LEA316")[0].severity == Severity::note);
}

TEST_CASE("EXIF says when, where no record does") {
  Made m;
  const auto a = m.image("a.jpg"), b = m.image("b.jpg");
  m.split("train", {a});
  m.split("val", {b});
  m.settings.split_policy = {"temporal"};
  m.decoded(a).capture.time_ms = 5000;
  m.decoded(b).capture.time_ms = 4000;
  REQUIRE(m.found_by("LEA316").size() == 1);
  CHECK(mentions(m.found_by("LEA316")[0], "by EXIF"));
  m.decoded(a).capture.utc_offset_minutes = 120;
  m.decoded(b).capture.utc_offset_minutes = 60;
  CHECK(m.found_by("LEA316").empty());
}
