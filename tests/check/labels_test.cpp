// FMT422, LBL109, 110, 111: rows, classes, and images without labels.
#include <doctest/doctest.h>

#include "tests/check/made.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// Images with a label file each.
struct RowFiles : Made {
  CategoryIndex c = category("cat");
  ImageIndex row_image(std::string_view stem) {
    const auto i = image("images/" + std::string(stem) + ".jpg");
    d.images[to_size(i)].file = file("labels/" + std::string(stem) + ".txt");
    return i;
  }
};

}  // namespace

TEST_CASE("boxes and polygons in one label file are an error at the row of the rarer kind") {
  RowFiles m;
  const auto a = m.row_image("a"), b = m.row_image("b");
  m.box(a, m.c, {1, 1, 5, 5});
  m.box(b, m.c, {1, 1, 5, 5});
  CHECK(m.found_by("FMT422").empty());
  m.box(b, m.c, {2, 1, 5, 5});
  const auto odd = m.polygon(b, m.c, {1, 1, 5, 1, 5, 5});
  const auto found = m.found_by("FMT422");
  REQUIRE(found.size() == 1);
  CHECK(at<AnnotationIndex>(found[0]) == odd);
  CHECK(mentions(found[0], "2 boxes and 1 polygon"));
  CHECK(found[0].severity == Severity::error);
}

TEST_CASE("files of another kind than the others are one warning") {
  RowFiles m;
  for (const char* stem : {"a", "b", "c"}) m.box(m.row_image(stem), m.c, {1, 1, 5, 5});
  const auto odd = m.row_image("d");
  m.polygon(odd, m.c, {1, 1, 5, 1, 5, 5});
  const auto found = m.found_by("FMT422");
  REQUIRE(found.size() == 1);
  CHECK(found[0].severity == Severity::warning);
  CHECK(at<ImageIndex>(found[0]) == odd);
  CHECK(mentions(found[0], "1 file has rows of another kind than the other 3"));
}

TEST_CASE("a document that says of each record what it is may hold boxes and polygons") {
  Made m;
  const auto i = m.image("a.jpg");
  m.d.images[0].file = m.file("instances.json");
  const auto c = m.category("cat");
  m.box(i, c, {1, 1, 5, 5});
  m.polygon(i, c, {1, 1, 5, 1, 5, 5});
  CHECK(m.found_by("FMT422").empty());
}

TEST_CASE("class names that read as one are proved, names that look alike are a hint") {
  const auto collision = [](std::string a, std::string b) {
    Made m;
    m.category(std::move(a));
    m.category(std::move(b));
    return m.found_by("LBL109");
  };
  CHECK(collision("car", "cart").empty());
  CHECK(collision("cat", "bat").empty());
  CHECK(collision("class-1", "class-2").empty());
  CHECK(collision("white-bishop", "black-bishop").empty());
  REQUIRE(collision("Traffic  Light", "traffic light ").size() == 1);
  CHECK(collision("Traffic  Light", "traffic light ")[0].evidence == EvidenceClass::proof);
  for (const auto& [a, b] : {std::pair("person", "persons"), std::pair("box", "boxes"), std::pair("berry", "berries"),
                             std::pair("helmet", "helmmet")}) {
    CAPTURE(a);
    const auto found = collision(a, b);
    REQUIRE(found.size() == 1);
    CHECK(found[0].evidence == EvidenceClass::hint);
    CHECK(found[0].severity == Severity::note);
  }
}

TEST_CASE("a class that nothing uses is a note, unless nothing is labelled at all") {
  Made m;
  const auto image = m.image("a.jpg");
  const auto cat = m.category("cat");
  const auto dog = m.category("dog");
  CHECK(m.found_by("LBL110").empty());
  m.box(image, cat, {1, 1, 5, 5});
  const auto found = m.found_by("LBL110");
  REQUIRE(found.size() == 1);
  CHECK(at<CategoryIndex>(found[0]) == dog);
}

TEST_CASE("an image without labels is a warning where the format could have said that it is empty") {
  Made m;
  const auto labelled = m.image("a.jpg");
  m.box(labelled, m.category("cat"), {1, 1, 5, 5});
  m.image("declared.jpg");
  m.image("forgotten.jpg");
  m.image("coco.jpg");
  m.d.images[1].state = ImageState::labelled_empty;
  m.d.images[2].state = ImageState::unlabelled;
  const auto found = m.found_by("LBL111");
  REQUIRE(found.size() == 2);
  CHECK(at<ImageIndex>(found[0]) == ImageIndex{2});
  CHECK(found[0].severity == Severity::warning);
  CHECK(at<ImageIndex>(found[1]) == ImageIndex{3});
  CHECK(found[1].severity == Severity::note);
}
