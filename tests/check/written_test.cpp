// FMT409, 410, 414, 415, 416, 421: what exports and conversions do to numbers, classes, keypoints and masks.
#include <doctest/doctest.h>

#include "tests/check/made.h"
#include "vetset/dataset/proof_read.h"
#include "vetset/dataset/statement.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// Forty boxes all over an image of 1000 by 800, as x y width height.
std::vector<Box> spread() {
  std::vector<Box> boxes;
  for (int k = 0; k < 40; ++k) boxes.push_back({(k % 8) * 115.0, (k / 8) * 150.0, 100.0 + k, 80.0 + k});
  return boxes;
}

struct Written : Made {
  CategoryIndex cat = category("cat");
  ImageIndex a = image("a.jpg", 1000, 800);
  explicit Written(std::string format) { d.format = std::move(format); }
  template <class Change>
  void write(const Change& change) {
    for (const Box& b : spread()) box(a, cat, change(b));
  }
};

}  // namespace

TEST_CASE("boxes written as COCO has them are in no doubt") {
  Written m("coco");
  m.write([](const Box& b) { return b; });
  CHECK(m.found_by("FMT409").empty());
}

TEST_CASE("corners, centres and fractions in a COCO file are recognised") {
  Written m("coco");
  const char* expected = "";
  SUBCASE("corners") {
    m.write([](const Box& b) { return Box{b.x, b.y, b.x + b.width, b.y + b.height}; });
    expected = "left, top, right, bottom in pixels";
  }
  SUBCASE("fractions") {
    m.write([](const Box& b) { return Box{b.x / 1000, b.y / 800, b.width / 1000, b.height / 800}; });
    expected = "left, top, width, height as fractions";
  }
  const auto found = m.found_by("FMT409");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], expected));
  CHECK(found[0].evidence == EvidenceClass::calibrated);
}

TEST_CASE("left and top in place of the centre are recognised in label files") {
  Written m("yolo");
  // What its reader makes of "left top width height": the box lies half its size further left and up.
  m.write([](const Box& b) { return Box{b.x - b.width / 2, b.y - b.height / 2, b.width, b.height}; });
  const auto found = m.found_by("FMT409");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "when read as left, top, width, height as fractions"));
}

TEST_CASE("a few boxes tell no convention") {
  Written m("coco");
  for (int k = 0; k < 10; ++k) m.box(m.a, m.cat, {500, 400, 900, 700});
  CHECK(m.found_by("FMT409").empty());
}

TEST_CASE("classes numbered from 1 under names numbered from 0 are a shift") {
  Made m;
  const auto image = m.image("a.jpg");
  for (const char* name : {"cat", "dog", "owl"}) m.category(name);
  m.box(image, CategoryIndex{1}, {1, 1, 5, 5});
  m.box(image, CategoryIndex{2}, {1, 1, 5, 5});
  const auto broken = m.box(image, none<CategoryIndex>, {1, 1, 5, 5});
  m.d.dangling.push_back({broken, Owner::category, m.d.add_text("3")});
  const auto found = m.found_by("FMT410");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "labels use classes 1 to 3, the list has 0 to 2: all would fit one lower"));
  m.box(image, CategoryIndex{0}, {1, 1, 5, 5});  // then it is one class too many, and no shift
  CHECK(m.found_by("FMT410").empty());
}

TEST_CASE("an unused first class called background is a hint") {
  Made m;
  m.d.format = "yolo";
  m.category("__background__");
  const auto cat = m.category("cat");
  m.box(m.image("a.jpg"), cat, {1, 1, 5, 5});
  REQUIRE(m.found_by("FMT410").size() == 1);
  m.box(ImageIndex{0}, CategoryIndex{0}, {1, 1, 5, 5});
  CHECK(m.found_by("FMT410").empty());
}

TEST_CASE("keypoints have the number of their class and a visibility of 0, 1 or 2") {
  Made m;
  const auto image = m.image("a.jpg");
  const auto person = m.category("person");
  m.d.categories[0].keypoints = {"nose", "tail"};
  m.d.categories[0].has_keypoints = true;
  const auto i = m.box(image, person, {1, 1, 50, 50});
  std::string expected;
  SUBCASE("right") { m.add_keypoints(i, {10, 10, 2, 0, 0, 0}); }
  SUBCASE("none") { m.add_keypoints(i, {}); }
  SUBCASE("too few") {
    m.add_keypoints(i, {10, 10, 2});
    expected = "1 keypoint; class `person` has 2";
  }
  SUBCASE("a visibility of three") {
    m.add_keypoints(i, {10, 10, 2, 20, 20, 3});
    expected = "visibility of keypoint 2 is 3, expected 0, 1 or 2";
  }
  SUBCASE("placed and not labelled") {
    m.add_keypoints(i, {10, 10, 2, 20, 20, 0});
    expected = "1 keypoint is not labelled (0) and yet at a place";
  }
  const auto found = m.found_by("FMT414");
  REQUIRE(found.size() == (expected.empty() ? 0 : 1));
  if (!expected.empty()) CHECK(found[0].message == expected);
}

TEST_CASE("a proof that was written is read back, and says what moved and what was lost") {
  Proof written;
  written.from = "coco";
  written.to = "yolo";
  written.lines = {
      {.field = Field::annotation_box,
       .verb = Verb::quantised,
       .outcome = Outcome::changed,
       .count = 3,
       .of = 9,
       .largest = 0.75,
       .unit = "px",
       .bound = 1,
       .where = "a.jpg, annotation 7"},
      {.field = Field::annotation_mask, .verb = Verb::aggregated, .outcome = Outcome::changed, .count = 1},
      {.field = Field::annotation_id, .verb = Verb::dropped, .outcome = Outcome::lost, .count = 2, .of = 9},
      {.field = Field::annotation_lexemes, .verb = Verb::dropped, .outcome = Outcome::lost, .count = 2},
      {.field = Field::image, .outcome = Outcome::kept, .count = 4, .of = 4}};
  const auto read = ReadProof::parse(to_json(written), "p.json");
  REQUIRE(read);
  CHECK(read->proof().lines.size() == written.lines.size());
  Made m;
  m.proof = &read->proof();
  auto found = m.found_by("FMT415");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "moved annotation.box in 3 of 9 records, by up to 0.75 px; first a.jpg, annotation 7"));
  found = m.found_by("FMT416");
  REQUIRE(found.size() == 2);
  CHECK(mentions(found[0], "made annotation.mask coarser"));
  CHECK(found[0].severity == Severity::warning);
  CHECK(mentions(found[1], "coco → yolo lost annotation.id in 2 of 9 records"));
  CHECK(found[1].severity == Severity::note);
  m.settings.drift_px = 1;
  CHECK(m.found_by("FMT415").empty());
}

TEST_CASE("what is no proof, or one of a later version, is refused by name") {
  CHECK(ReadProof::parse("{}", "p.json").error().message.find("is no proof") == 0);
  CHECK(ReadProof::parse(R"({"vetset-proof": 2})", "p.json").error().code == Code::unsupported);
}

TEST_CASE("a mask that is lossy, coloured or of another size is told from its header") {
  Made m;
  const auto i = m.image("a.jpg", 100, 80);
  Facts good{.status = Facts::Status::ok, .type = ImageType::png, .width = 100, .height = 80, .channels = 1, .bits = 8};
  m.masks.push_back({i, "masks/a.png", good});
  CHECK(m.found_by("FMT421").empty());
  m.masks[0].facts.type = ImageType::jpeg;
  CHECK(mentions(m.found_by("FMT421").at(0), "is a JPEG"));
  m.masks[0].facts = good;
  m.masks[0].facts.channels = 3;
  CHECK(mentions(m.found_by("FMT421").at(0), "has 3 channels"));
  m.masks[0].facts = good;
  m.masks[0].facts.width = 50;
  CHECK(mentions(m.found_by("FMT421").at(0), "is 50x80, its image is 100x80"));
  m.masks[0].facts = {};
  CHECK(mentions(m.found_by("FMT421").at(0), "is not there"));
}

TEST_CASE("with pixels, a mask's colours are held to the classes that there are") {
  Made m;
  const auto i = m.image("a.jpg", 100, 80);
  m.category("cat");
  m.category("dog");
  const Facts good{.status = Facts::Status::ok, .type = ImageType::png, .width = 100, .height = 80, .channels = 1};
  m.masks.push_back({.image = i, .path = "masks/a.png", .facts = good});
  MaskFile& mask = m.masks[0];
  mask.colours = {.status = DecodeStatus::ok, .values = true, .uses = {{0, 90}, {1, 5}, {2, 5}, {255, 3}}};

  SUBCASE("background, two classes and a border are sound") { CHECK(m.found_by("FMT421").empty()); }
  SUBCASE("a third value is a hint, as the dataset may not name all classes") {
    mask.colours.uses.insert(mask.colours.uses.begin() + 3, {9, 1});
    const auto found = m.found_by("FMT421");
    REQUIRE(found.size() == 1);
    CHECK(found[0].evidence == EvidenceClass::hint);
    CHECK(mentions(found[0], "has 3 values besides background and border; the dataset has 2 classes"));
    mask.of_objects = true;
    CHECK(m.found_by("FMT421").empty());
  }
  SUBCASE("by a list, a value of no class is proved") {
    mask.classes = std::make_shared<const MaskClasses>(MaskClasses{"labelmap.txt", 3, {0, 0x800000, 0x008000}});
    CHECK(m.found_by("FMT421").empty());
    mask.colours.uses[2].colour = 3;
    const auto found = m.found_by("FMT421");
    REQUIRE(found.size() == 1);
    CHECK(found[0].evidence == EvidenceClass::proof);
    CHECK(mentions(found[0], "5 pixels of 1 value that `labelmap.txt` has no class for, value 3; expected 0 to 2"));
  }
  SUBCASE("by a list, colours are no fault and blends of them are") {
    mask.classes = std::make_shared<const MaskClasses>(MaskClasses{"labelmap.txt", 3, {0, 0x800000, 0x008000}});
    mask.facts.channels = 3;
    mask.colours.values = false;
    mask.colours.uses = {{0, 90}, {0x008000, 5}, {0x800000, 5}, {0xE0E0C0, 2}};
    CHECK(m.found_by("FMT421").empty());
    mask.colours.uses.insert(mask.colours.uses.begin() + 1, {{0x004000, 4}, {0x004100, 1}});
    const auto found = m.found_by("FMT421");
    REQUIRE(found.size() == 1);
    CHECK(mentions(found[0], "5 pixels of 2 colours that `labelmap.txt` does not have, colour 0,64,0 most"));
  }
  SUBCASE("an index that the palette does not have is damage") {
    mask.colours = {.status = DecodeStatus::partial, .reason = "7 pixels have an index that the palette does not have"};
    CHECK(mentions(m.found_by("FMT421").at(0), "is damaged: 7 pixels have an index"));
  }
}

TEST_CASE("left and right that cross in one pose of very many are a hint, where limbs of the class do not cross") {
  Made m;
  const auto image = m.image("a.jpg", 640, 480);
  const auto person = m.category("person");
  Category& c = m.d.categories[0];
  c.keypoints = {"left_shoulder", "right_shoulder", "left_hip", "right_hip"};
  c.has_keypoints = true;
  c.has_skeleton = true;
  c.skeleton = {{1, 3}, {2, 4}, {1, 2}, {3, 4}};
  const auto pose = [&](bool swapped) {
    const auto i = m.box(image, person, {10, 10, 100, 100});
    const double a = swapped ? 20 : 60, b = swapped ? 60 : 20;
    m.add_keypoints(i, {60, 20, 2, 20, 20, 2, a, 90, 2, b, 90, 2});
  };
  for (int k = 0; k < 250; ++k) pose(false);
  CHECK(m.found_by("FMT414").empty());
  pose(true);
  SUBCASE("one") {
    const auto found = m.found_by("FMT414");
    REQUIRE(found.size() == 1);
    CHECK(found[0].evidence == EvidenceClass::hint);
    CHECK(to_size(at<AnnotationIndex>(found[0])) == 250);
    CHECK(mentions(found[0], "in 1 of 251 poses"));
  }
  SUBCASE("where more cross, that is what they do") {
    pose(true);
    CHECK(m.found_by("FMT414").empty());
  }
  SUBCASE("a mirror that does not exchange sides is proved from the names alone") {
    c.flip = {1, 0, 3, 2};
    CHECK(m.found_by("FMT414").size() == 1);
    c.flip = {0, 1, 2, 3};
    const auto found = m.found_by("FMT414");
    REQUIRE(found.size() == 2);
    CHECK(mentions(found[0], "a mirrored `left_shoulder` is taken for `left_shoulder`, expected `right_shoulder`"));
  }
}
