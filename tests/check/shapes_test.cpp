// FMT407, 408, 411, 412, 413, LBL105, 116: the numbers of annotations.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/check/made.h"

using namespace vetset;
using namespace vetset::test;

namespace {

struct OneImage : Made {
  ImageIndex i = image("a.jpg");  // 100 by 80
  CategoryIndex c = category("cat");
};

}  // namespace

TEST_CASE("a box half a pixel past its image is rounding, one beyond that is outside") {
  OneImage m;
  m.box(m.i, m.c, {-0.5, 0, 100.99, 80});
  CHECK(m.found_by("FMT407").empty());
  const auto far = m.box(m.i, m.c, {90, 70, 22.5, 10.6});
  const auto found = m.found_by("FMT407");
  REQUIRE(found.size() == 1);
  CHECK(at<AnnotationIndex>(found[0]) == far);
  CHECK(found[0].message == "box reaches 12.5 px past the image, which is 100x80");
  CHECK(*found[0].score == 12.5);
}

TEST_CASE("outlines and labelled keypoints are looked at too; points that are not labelled are not") {
  OneImage m;
  m.polygon(m.i, m.c, {1, 1, 50, 1, 50, 50});
  const auto pose = m.box(m.i, m.c, {0, 0, 10, 10});
  m.add_keypoints(pose, {5, 5, 2, 900, 900, 0});
  CHECK(m.found_by("FMT407").empty());
  m.polygon(m.i, m.c, {1, 1, 103, 1, 50, 50});
  m.add_keypoints(m.box(m.i, m.c, {0, 0, 10, 10}), {5, 95, 1});
  const auto found = m.found_by("FMT407");
  REQUIRE(found.size() == 2);
  CHECK(mentions(found[0], "polygon reaches 3 px"));
  CHECK(mentions(found[1], "keypoint reaches 15 px"));
}

TEST_CASE("a turned box reaches past its image by its corners") {
  OneImage m;
  for (const double right : {100.0, 110.0}) {
    const std::vector<double> corners = {80, 10, right, 20, 90, 30, 70, 20};
    const auto begin = m.d.coordinates.size();
    m.d.coordinates.append(corners);
    m.d.shapes.push_back({.begin = begin, .count = 8, .kind = ShapeKind::numbers});
    m.d.annotations.push_back(
        {.image = m.i, .category = m.c, .shape = to_index<ShapeIndex>(m.d.shapes.size() - 1), .kind = Kind::quad});
  }
  const auto found = m.found_by("FMT407");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "turned box reaches 10 px"));
}

TEST_CASE("an image whose size is not known is not judged") {
  OneImage m;
  m.d.images[0].width = m.d.images[0].height = 0;
  m.box(m.i, m.c, {-50, 0, 1000, 80});
  CHECK(m.found_by("FMT407").empty());
}

TEST_CASE("a box without area is a warning, a negative or not finite one an error") {
  OneImage m;
  m.box(m.i, m.c, {1, 1, 0.01, 0.01});
  CHECK(m.found_by("FMT408").empty());
  m.box(m.i, m.c, {1, 1, 0, 5});
  m.box(m.i, m.c, {1, 1, 5, -5});
  m.box(m.i, m.c, {NAN, 1, 5, 5});
  m.box(m.i, m.c, {1, 1, 5, INFINITY});
  const auto found = m.found_by("FMT408");
  REQUIRE(found.size() == 4);
  CHECK(found[0].severity == Severity::warning);
  for (std::size_t k = 1; k < 4; ++k) CHECK(found[k].severity == Severity::error);
}

TEST_CASE("an outline needs three different points, a mask a pixel") {
  OneImage m;
  m.polygon(m.i, m.c, {1, 1, 9, 1, 9, 9});
  m.polygon(m.i, m.c, {});
  m.add_mask(m.box(m.i, m.c, {0, 0, 1, 1}), 80, 100, {0, 1, 7999});
  CHECK(m.found_by("FMT408").empty());
  m.polygon(m.i, m.c, {1, 1, 9, 1, 1, 1, 9, 1});
  m.add_mask(m.box(m.i, m.c, {0, 0, 1, 1}), 80, 100, {8000});
  const auto found = m.found_by("FMT408");
  REQUIRE(found.size() == 2);
  CHECK(mentions(found[0], "fewer than three"));
  CHECK(mentions(found[1], "no pixel"));
}

TEST_CASE("an annotation without a box has no degenerate box") {
  OneImage m;
  m.d.annotations.push_back({.image = m.i, .category = m.c, .kind = Kind::tag});
  CHECK(m.found_by("FMT408").empty());
}

TEST_CASE("an outline that runs through itself is a note; one that touches itself or has a seam is none") {
  OneImage m;
  m.polygon(m.i, m.c, {0, 0, 10, 0, 10, 10, 0, 10});
  m.polygon(m.i, m.c, {0, 0, 10, 0, 5, 5, 10, 10, 0, 10, 5, 5});                      // two corners meet
  m.polygon(m.i, m.c, {0, 0, 9, 0, 9, 9, 0, 9, 0, 0, 3, 3, 3, 6, 6, 6, 6, 3, 3, 3});  // a hole with its seam
  m.polygon(m.i, m.c, {0, 0, 40, 0, 40, 30, 30, 30, 30, 10, 20, 10, 20, 30, 0, 30});  // not convex
  CHECK(m.found_by("FMT411").empty());
  const auto bow = m.polygon(m.i, m.c, {0, 0, 10, 10, 10, 0, 0, 10});
  const auto found = m.found_by("FMT411");
  REQUIRE(found.size() == 1);
  CHECK(at<AnnotationIndex>(found[0]) == bow);
  CHECK(found[0].severity == Severity::note);
}

TEST_CASE("a star drawn in one stroke turns one way at each corner and still crosses itself") {
  OneImage m;
  std::vector<double> star;
  for (int k = 0; k < 5; ++k) {
    const double angle = 4 * 3.14159265358979 * k / 5;
    star.push_back(50 + 30 * std::cos(angle));
    star.push_back(40 + 30 * std::sin(angle));
  }
  m.polygon(m.i, m.c, star);
  CHECK(m.found_by("FMT411").size() == 1);
  std::vector<double> outline;  // of the star: its corners go once around, in and out
  for (int k = 0; k < 10; ++k) {
    const double angle = 3.14159265358979 * k / 5, reach = k % 2 == 0 ? 30 : 12;
    outline.push_back(50 + reach * std::cos(angle));
    outline.push_back(40 + reach * std::sin(angle));
  }
  m.polygon(m.i, m.c, outline);
  std::swap(outline[2], outline[6]);  // two corners change places
  std::swap(outline[3], outline[7]);
  const auto looped = m.polygon(m.i, m.c, outline);
  const auto found = m.found_by("FMT411");
  REQUIRE(found.size() == 2);
  CHECK(at<AnnotationIndex>(found[1]) == looped);
}

TEST_CASE("half a point in an outline is a warning") {
  OneImage m;
  m.polygon(m.i, m.c, {0, 0, 10, 0, 10, 10, 3});
  const auto found = m.found_by("FMT411");
  REQUIRE(found.size() == 1);
  CHECK(found[0].severity == Severity::warning);
  CHECK(mentions(found[0], "7 numbers"));
}

TEST_CASE("a point said twice in a row is a note; a first point that closes its ring is none") {
  OneImage m;
  m.polygon(m.i, m.c, {0, 0, 10, 0, 10, 10, 0, 0});
  CHECK(m.found_by("FMT411").empty());
  m.polygon(m.i, m.c, {0, 0, 10, 0, 10, 0, 10, 0, 10, 10});
  const auto found = m.found_by("FMT411");
  REQUIRE(found.size() == 1);
  CHECK(found[0].severity == Severity::note);
  CHECK(mentions(found[0], "2 points twice in a row"));
}

TEST_CASE("a mask has to add up and to be its image's size") {
  OneImage m;
  m.add_mask(m.box(m.i, m.c, {0, 0, 1, 1}), 80, 100, {10, 10, 7980});
  CHECK(m.found_by("FMT412").empty());
  m.add_mask(m.box(m.i, m.c, {0, 0, 1, 1}), 80, 100, {10, 10, 7981});
  m.add_mask(m.box(m.i, m.c, {0, 0, 1, 1}), 100, 80, {10, 10, 7980});
  const auto found = m.found_by("FMT412");
  REQUIRE(found.size() == 2);
  CHECK(mentions(found[0], "runs cover 8001 pixels; expected 8000"));
  CHECK(mentions(found[1], "swapped"));
}

namespace {

/// A mask of one box, counted along the rows or down the columns.
std::vector<std::uint32_t> counts_of(Box b, std::uint32_t height, std::uint32_t width, bool rows) {
  std::vector<std::uint32_t> counts = {0};
  bool ones = false;
  for (std::uint32_t i = 0; i < height * width; ++i) {
    const double x = rows ? i % width : i / height, y = rows ? i / width : i % height;
    const bool in = x >= b.x && x < b.x + b.width && y >= b.y && y < b.y + b.height;
    if (in != ones) counts.push_back(0);
    ones = in;
    ++counts.back();
  }
  return counts;
}

}  // namespace

TEST_CASE("a mask whose runs go along the rows is known by its box") {
  OneImage m;
  const Box box{60, 10, 24, 9};
  m.add_mask(m.box(m.i, m.c, box), 80, 100, counts_of(box, 80, 100, false));
  m.add_mask(m.box(m.i, m.c, {0, 0, 100, 80}), 80, 100, counts_of(box, 80, 100, true));  // some other box
  m.add_mask(m.box(m.i, m.c, box), 80, 100, {8000});                                     // no pixel
  const auto square = m.image("square.jpg", 64, 64);
  const Box middle{20, 20, 24, 24};
  m.add_mask(m.box(square, m.c, middle), 64, 64, counts_of(middle, 64, 64, true));  // says the same both ways
  CHECK(m.found_by("FMT412").empty());
  const auto rows = m.box(m.i, m.c, box);
  m.add_mask(rows, 80, 100, counts_of(box, 80, 100, true));
  const auto found = m.found_by("FMT412");
  REQUIRE(found.size() == 1);
  CHECK(at<AnnotationIndex>(found[0]) == rows);
  CHECK(found[0].evidence == EvidenceClass::hint);
  CHECK(found[0].severity == Severity::warning);
  CHECK(mentions(found[0], "overlaps the stated one by 100 %"));
}

TEST_CASE("an area is right by the shape's convention or by the box's, within a percent") {
  OneImage m;
  m.add_polygon(m.box(m.i, m.c, {0, 0, 60, 60}), {0, 0, 60, 0, 0, 60});  // 1800 of 3600
  m.d.areas = Column<double>(1, 1800);
  CHECK(m.found_by("FMT413").empty());
  m.d.areas[0] = 3600;
  CHECK(m.found_by("FMT413").empty());
  m.d.areas[0] = 1890;  // as many pixels as an outline of 205 px may gain by being counted
  CHECK(m.found_by("FMT413").empty());
  m.d.areas[0] = unstated();
  CHECK(m.found_by("FMT413").empty());
  m.d.areas[0] = 2500;
  const auto found = m.found_by("FMT413");
  REQUIRE(found.size() == 1);
  CHECK(found[0].message == "area is 2500; expected 1800 (shape) or 3600 (box)");
  CHECK(found[0].severity == Severity::warning);
  m.d.annotations[0].flags.set(Flag::crowd, true);
  CHECK(m.found_by("FMT413")[0].severity == Severity::note);
}

TEST_CASE("a count of keypoints is held against the points") {
  OneImage m;
  const auto pose = m.box(m.i, m.c, {0, 0, 10, 10});
  m.add_keypoints(pose, {1, 1, 2, 2, 2, 1, 0, 0, 0});
  m.d.residues.push_back({Owner::annotation, 0, m.d.add_text("{\"num_keypoints\":2}")});
  CHECK(m.found_by("FMT413").empty());
  m.d.residues[0].json = m.d.add_text("{\"note\":[1],\"num_keypoints\":3}");
  const auto found = m.found_by("FMT413");
  REQUIRE(found.size() == 1);
  CHECK(found[0].message == "num_keypoints is 3; 2 are labelled");
}

TEST_CASE("an annotation that says the same twice is an error; another class, shape, score or text is another one") {
  OneImage m;
  const auto dog = m.category("dog");
  const auto first = m.box(m.i, m.c, {1, 2, 3, 4});
  m.box(m.i, dog, {1, 2, 3, 4});
  m.box(m.i, m.c, {1, 2, 3, 5});
  m.add_polygon(m.box(m.i, m.c, {1, 2, 3, 4}), {1, 2, 4, 2, 4, 6});
  m.add_polygon(m.box(m.i, m.c, {1, 2, 3, 4}), {1, 2, 4, 2, 1, 6});
  m.box(m.image("b.jpg"), m.c, {1, 2, 3, 4});
  CHECK(m.found_by("LBL105").empty());
  const auto again = m.box(m.i, m.c, {1, 2, 3, 4});
  const auto found = m.found_by("LBL105");
  REQUIRE(found.size() == 1);
  CHECK(at<AnnotationPair>(found[0]).first == first);
  CHECK(at<AnnotationPair>(found[0]).second == again);
  CHECK(found[0].severity == Severity::error);
  m.d.scores = Column<double>(m.d.annotations.size(), unstated());
  m.d.scores[to_size(again)] = 0.5;
  CHECK(m.found_by("LBL105").empty());
}

TEST_CASE("captions of one image are told apart by their words") {
  OneImage m;
  for (const char* words : {"a cat", "a cat on a mat"}) {
    m.d.annotations.push_back({.image = m.i, .kind = Kind::caption});
    m.d.text_rows.push_back(
        {to_index<AnnotationIndex>(m.d.annotations.size() - 1), TextRole::caption, m.d.add_text(words)});
  }
  CHECK(m.found_by("LBL105").empty());
  m.d.text_rows[1].text = m.d.text_rows[0].text;
  CHECK(m.found_by("LBL105").size() == 1);
}

TEST_CASE("a box a pixel off its shape is rounding, one further off is not its box") {
  OneImage m;
  m.add_polygon(m.box(m.i, m.c, {9, 9, 22, 22}), {10, 10, 30, 10, 30, 30});
  CHECK(m.found_by("LBL116").empty());
  m.add_polygon(m.box(m.i, m.c, {10, 10, 25, 20}), {10, 10, 30, 10, 30, 30});
  const auto found = m.found_by("LBL116");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "5 px off"));
  CHECK(*found[0].score == 5);
}

TEST_CASE("a large box whose edge is a few pixels off is still its shape's") {
  OneImage m;
  m.d.images[0].width = m.d.images[0].height = 2000;
  m.add_polygon(m.box(m.i, m.c, {0, 0, 1004, 1000}), {0, 0, 1000, 0, 1000, 1000, 0, 1000});
  CHECK(m.found_by("LBL116").empty());
}
