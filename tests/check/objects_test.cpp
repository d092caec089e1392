// LBL101, 103, 104, 112, 113, 114: objects beside each other, and objects of a size that is none.
#include <doctest/doctest.h>

#include "tests/check/made.h"

using namespace vetset;
using namespace vetset::test;

namespace {

struct Two : Made {
  ImageIndex a = image("a.jpg"), b = image("b.jpg");
  CategoryIndex cat = category("cat"), dog = category("dog");
};

}  // namespace

TEST_CASE("copies of a file whose labels differ are told once for each copy") {
  Two m;
  m.digest(m.a, "one");
  m.digest(m.b, "one");
  m.box(m.a, m.cat, {1, 1, 20, 20});
  SUBCASE("another class") {
    m.box(m.b, m.dog, {1, 1, 20, 20});
    const auto found = m.found_by("LBL101");
    REQUIRE(found.size() == 1);
    CHECK(mentions(found[0], "1 `cat` here, 1 `dog` there"));
  }
  SUBCASE("another place") {
    m.box(m.b, m.cat, {60, 40, 20, 20});
    CHECK(mentions(m.found_by("LBL101").at(0), "1 box lies elsewhere"));
  }
  SUBCASE("nothing at all") { CHECK(mentions(m.found_by("LBL101").at(0), "nothing there")); }
  SUBCASE("a box a little aside is the same one") {
    m.box(m.b, m.cat, {3, 2, 20, 20});
    CHECK(m.found_by("LBL101").empty());
  }
}

TEST_CASE("files of other bytes may be labelled otherwise") {
  Two m;
  m.digest(m.a, "one");
  m.digest(m.b, "two");
  m.box(m.a, m.cat, {1, 1, 20, 20});
  CHECK(m.found_by("LBL101").empty());
}

TEST_CASE("one box of two classes is told, unless one class is a kind of the other") {
  Two m;
  m.box(m.a, m.cat, {10, 10, 40, 40});
  const auto second = m.box(m.a, m.dog, {10, 10, 40, 41});
  m.box(m.b, m.dog, {10, 10, 40, 40});
  const auto found = m.found_by("LBL103");
  REQUIRE(found.size() == 1);
  CHECK(std::get<AnnotationPair>(found[0].where).second == second);
  m.d.annotations[1].box.height = 44;  // IoU 0.91
  CHECK(m.found_by("LBL103").empty());
  m.d.annotations[1].box.height = 40;
  m.d.categories[0].supercategory = "dog";
  CHECK(m.found_by("LBL103").empty());
}

TEST_CASE("two objects of one class that lie on each other are one, identical boxes surely") {
  Two m;
  m.box(m.a, m.cat, {10, 10, 40, 40});
  m.box(m.a, m.cat, {11, 10, 40, 40});  // IoU 0.95
  auto found = m.found_by("LBL104");
  REQUIRE(found.size() == 1);
  CHECK(found[0].evidence == EvidenceClass::calibrated);
  m.d.annotations[1].box.x = 13;  // IoU 0.86
  CHECK(m.found_by("LBL104").empty());
  m.d.annotations[1].box.x = 10;
  CHECK(m.found_by("LBL104").empty());  // to the last digit: LBL105's
  m.d.annotations[1].flags.set(Flag::difficult, true);
  found = m.found_by("LBL104");
  REQUIRE(found.size() == 1);
  CHECK(found[0].evidence == EvidenceClass::proof);
}

TEST_CASE("objects in one box whose outlines cover other areas, or crowds, are not duplicates") {
  Two m;
  const auto one = m.box(m.a, m.cat, {10, 10, 40, 40}), other = m.box(m.a, m.cat, {10, 10, 40, 40});
  m.add_polygon(one, {10, 10, 50, 10, 50, 50, 10, 50});
  m.add_polygon(other, {10, 10, 50, 10, 10, 50});
  CHECK(m.found_by("LBL104").empty());
  m.d.annotations[0].shape = m.d.annotations[1].shape = none<ShapeIndex>;
  m.d.annotations[0].flags.set(Flag::crowd, true);
  CHECK(m.found_by("LBL104").empty());
}

TEST_CASE("thousands of boxes in a row are compared with their neighbours only") {
  Two m;
  for (int k = 0; k < 30'000; ++k) m.box(m.a, m.cat, {k * 2.0, 10, 10, 10});
  m.box(m.a, m.cat, {0.5, 10, 10, 10});
  CHECK(m.found_by("LBL104").size() == 1);
}

TEST_CASE("an object below two pixels at the training resolution is told, small ones are counted") {
  Made m;
  const auto cat = m.category("cat");
  const auto large = m.image("large.jpg", 6400, 3200), small = m.image("small.jpg", 320, 240);
  const auto tiny = m.box(large, cat, {10, 10, 19, 100});  // 1.9 px
  m.box(large, cat, {10, 10, 21, 100});                    // 2.1 px
  m.box(small, cat, {10, 10, 3, 100});                     // not enlarged: 3 px
  m.box(small, cat, {10, 10, 0, 100});                     // FMT408's
  const auto found = m.found_by("LBL112");
  REQUIRE(found.size() == 2);
  CHECK(at<AnnotationIndex>(found[0]) == tiny);
  CHECK(found[1].severity == Severity::note);
  CHECK(mentions(found[1], "3 of 3 boxes have a side shorter than 8 px"));
  m.settings.image_size = 1280;
  CHECK(m.found_by("LBL112").size() == 1);
}

TEST_CASE("a box far from its class in size or proportion is a hint, in a class of thirty") {
  Made m;
  const auto cat = m.category("cat");
  const auto image = m.image("a.jpg", 4000, 4000);
  for (int k = 0; k < 29; ++k) m.box(image, cat, {10, 10, 40.0 + k % 5, 40.0 + k % 3});
  const auto odd = m.box(image, cat, {10, 10, 900, 900});
  m.box(image, cat, {10, 10, 50, 50});  // a little larger than others
  auto found = m.found_by("LBL113");
  REQUIRE(found.size() == 1);
  CHECK(at<AnnotationIndex>(found[0]) == odd);
  CHECK(mentions(found[0], "large in area"));
  CHECK(found[0].severity == Severity::note);
  m.d.annotations[to_size(odd)].box = {10, 10, 400, 4};
  found = m.found_by("LBL113");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "wide for its height"));
}

TEST_CASE("a few examples have no usual size") {
  Made m;
  const auto cat = m.category("cat");
  const auto image = m.image("a.jpg", 4000, 4000);
  for (int k = 0; k < 10; ++k) m.box(image, cat, {10, 10, 40, 40});
  m.box(image, cat, {10, 10, 900, 900});
  CHECK(m.found_by("LBL113").empty());
}

TEST_CASE("a box over the whole image is a hint, a class of such boxes is one") {
  Made m;
  const auto cat = m.category("cat");
  const auto whole = m.box(m.image("a.jpg"), cat, {0, 0, 100, 79.5});
  m.box(m.image("b.jpg"), cat, {0, 0, 100, 70});
  auto found = m.found_by("LBL114");
  REQUIRE(found.size() == 1);
  CHECK(at<AnnotationIndex>(found[0]) == whole);
  m.settings.whole_image_classes = {"cat"};
  CHECK(m.found_by("LBL114").empty());
  m.settings.whole_image_classes = {};
  for (int k = 0; k < 20; ++k) m.box(m.image("c" + std::to_string(k) + ".jpg"), cat, {0, 0, 100, 80});
  found = m.found_by("LBL114");
  REQUIRE(found.size() == 1);
  CHECK(at<CategoryIndex>(found[0]) == cat);
  CHECK(mentions(found[0], "21 of 22"));
}
