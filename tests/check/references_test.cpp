// FMT402, 403, 404, 417, 418, LEA301: what names what, and what is there.
#include <doctest/doctest.h>

#include "tests/check/made.h"

using namespace vetset;
using namespace vetset::test;

TEST_CASE("an annotation that names an image or class that does not exist is reported with what it names") {
  Made m;
  const auto image = m.image("a.jpg");
  const auto cat = m.category("cat");
  const auto good = m.box(image, cat, {1, 1, 5, 5});
  const auto bad = m.box(none<ImageIndex>, none<CategoryIndex>, {1, 1, 5, 5});
  CHECK(m.found_by("FMT402").empty());
  m.d.dangling.push_back({bad, Owner::image, m.d.add_text("99")});
  m.d.dangling.push_back({bad, Owner::category, m.d.add_text("\"dog\"")});
  const auto found = m.found_by("FMT402");
  REQUIRE(found.size() == 2);
  CHECK(at<AnnotationIndex>(found[0]) == bad);
  CHECK(found[0].message == "names image `99`, which is none of the 1 image");
  CHECK(mentions(found[1], "`\"dog\"`"));
  CHECK(found[0].severity == Severity::error);
  CHECK(good != bad);
}

TEST_CASE("a skeleton may count its points from 0 or from 1, but not beyond them") {
  Made m;
  const auto c = m.category("person");
  m.d.categories[0].keypoints = {"nose", "eye", "ear"};
  m.d.categories[0].skeleton = {{0, 1}, {2, 3}};
  m.d.categories[0].has_keypoints = m.d.categories[0].has_skeleton = true;
  CHECK(m.found_by("FMT402").empty());
  m.d.categories[0].skeleton = {{1, 4}};
  const auto found = m.found_by("FMT402");
  REQUIRE(found.size() == 1);
  CHECK(at<CategoryIndex>(found[0]) == c);
}

TEST_CASE("an id given twice in one document is a fault, in two documents it is not") {
  Made m;
  const auto first = m.file("train.json"), second = m.file("val.json");
  m.image("a.jpg");
  m.image("b.jpg");
  m.d.images[0].file = first;
  m.d.images[1].file = second;
  m.d.image_ids.numbers = Column<std::int64_t>(2, 7);
  CHECK(m.found_by("FMT403").empty());
  m.d.images[1].file = first;
  const auto found = m.found_by("FMT403");
  REQUIRE(found.size() == 1);
  CHECK(at<ImageIndex>(found[0]) == ImageIndex{1});
  CHECK(mentions(found[0], "image id `7`"));
}

TEST_CASE("ids that are not integers are told apart by their text") {
  Made m;
  const auto image = m.image("a.jpg");
  const auto cat = m.category("cat");
  for (int i = 0; i < 3; ++i) m.box(image, cat, {1.0 + i, 1, 5, 5});
  m.d.annotation_ids.numbers = Column<std::int64_t>(3, Ids::odd);
  m.d.annotation_ids.tokens.push_back({0, m.d.add_text("\"a\"")});
  m.d.annotation_ids.tokens.push_back({1, m.d.add_text("\"b\"")});
  m.d.annotation_ids.tokens.push_back({2, m.d.add_text("\"c\"")});
  CHECK(m.found_by("FMT403").empty());
  m.d.annotation_ids.tokens[2].json = m.d.annotation_ids.tokens[0].json;
  const auto found = m.found_by("FMT403");
  REQUIRE(found.size() == 1);
  CHECK(at<AnnotationIndex>(found[0]) == AnnotationIndex{2});
}

TEST_CASE("one file name in two records is a fault; one base name in two folders is not") {
  Made m;
  m.image("a/x.jpg");
  m.image("b/x.jpg");
  CHECK(m.found_by("FMT403").empty());
  m.image("a/x.jpg");
  REQUIRE(m.found_by("FMT403").size() == 1);
  CHECK(at<ImageIndex>(m.found_by("FMT403")[0]) == ImageIndex{2});
}

TEST_CASE("a missing image is a warning that names the nearest file, an image without a record a note") {
  Made m;
  m.image("images/a.jpg");
  m.image("images/B.JPG");
  CHECK(m.found_by("FMT404").empty());
  m.files.push_back("docs/logo.png");  // another folder may hold anything
  m.files.push_back("images/a.txt");
  CHECK(m.found_by("FMT404").empty());
  m.d.images[1].media = {};
  m.files[1] = "images/b.jpg";
  const auto found = m.found_by("FMT404");
  REQUIRE(found.size() == 2);
  CHECK(at<ImageIndex>(found[0]) == ImageIndex{1});
  CHECK(found[0].message == "image `images/B.JPG` is not there; the nearest is `images/b.jpg`");
  CHECK(found[0].severity == Severity::warning);
  CHECK(at<Place>(found[1]).file == "images/b.jpg");
  CHECK(found[1].severity == Severity::note);
}

TEST_CASE("paths that mean something else on another system are reported, spaces and plain Unicode are not") {
  Made m;
  m.image("images/a b.jpg");
  m.image("images/caf\xc3\xa9.jpg");
  m.image("images/console.jpg");
  CHECK(m.found_by("FMT417").empty());
  const auto fault_of = [](std::string_view path) {
    Made one;
    one.image(path);
    const auto found = one.found_by("FMT417");
    REQUIRE(found.size() == 1);
    CHECK(at<Place>(found[0]).file == path);
    return found[0].message;
  };
  CHECK(fault_of("images/cafe\xcc\x81.jpg").find("normal form C") != std::string::npos);
  CHECK(fault_of("images/con.jpg").find("device") != std::string::npos);
  CHECK(fault_of("images/x?.jpg").find("`?`") != std::string::npos);
  CHECK(fault_of("images./x.jpg").find("dot") != std::string::npos);
  CHECK(fault_of("images/" + std::string(240, 'x') + ".jpg").find("251 bytes") != std::string::npos);
}

TEST_CASE("two files that differ in case only are one file elsewhere") {
  Made m;
  m.image("images/A.jpg");
  m.image("images/a.jpg");
  const auto found = m.found_by("FMT417");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "case only"));
}

TEST_CASE("a record that names its image by the path of one machine is reported at the image") {
  Made m;
  const auto image = m.image("images/a.jpg");
  m.d.images[0].path = m.d.add_text("C:\\data\\images\\a.jpg");
  const auto found = m.found_by("FMT417");
  REQUIRE(found.size() == 1);
  CHECK(at<ImageIndex>(found[0]) == image);
  CHECK(mentions(found[0], "absolute"));
}

TEST_CASE("an image in two splits is an error; documents of one name are one split") {
  Made m;
  const auto a = m.image("a.jpg"), b = m.image("b.jpg"), c = m.image("c.jpg");
  m.split("train", {a, b});
  m.split("train", {a, b});
  m.split("val", {c});
  CHECK(m.found_by("FMT418").empty());
  Made n;
  const auto x = n.image("a.jpg"), y = n.image("b.jpg"), z = n.image("c.jpg");
  n.split("train", {x, y});
  n.split("val", {y, z});
  const auto found = n.found_by("FMT418");
  REQUIRE(found.size() == 1);
  CHECK(at<ImageIndex>(found[0]) == y);
  CHECK(found[0].severity == Severity::error);
}

TEST_CASE("a split that lies wholly in another is one finding, not one an image") {
  Made m;
  std::vector<ImageIndex> all;
  for (int i = 0; i < 10; ++i) all.push_back(m.image("images/" + std::to_string(i) + ".jpg"));
  m.split("train", all);
  m.split("val", {all[0], all[1], all[2]});
  const auto found = m.found_by("FMT418");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "share 3 images"));
}

TEST_CASE("two records of one file in two splits are an overlap too") {
  Made m;
  const auto a = m.image("a.jpg"), again = m.image("a.jpg"), b = m.image("b.jpg"), c = m.image("c.jpg");
  m.split("train", {a, b});
  m.split("val", {again, c});
  const auto found = m.found_by("FMT418");
  REQUIRE(found.size() == 1);
  CHECK(at<ImageIndex>(found[0]) == again);
}

TEST_CASE("a list that names an image twice is reported") {
  Made m;
  const auto a = m.image("a.jpg");
  m.split("train", {a, a}, SplitOrigin::list);
  const auto found = m.found_by("FMT418");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "twice"));
}

TEST_CASE("a placeholder a hundred times in two splits is one finding, not one a copy") {
  Made m;
  std::vector<ImageIndex> train, val;
  for (int i = 0; i < 50; ++i) train.push_back(m.image("train/" + std::to_string(i) + ".jpg"));
  for (int i = 0; i < 50; ++i) val.push_back(m.image("val/" + std::to_string(i) + ".jpg"));
  m.split("train", train);
  m.split("val", val);
  for (Facts& f : m.facts) f.has_digest = true;
  const auto found = m.found_by("LEA301");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "100 files are the same, in 2 splits"));
}

TEST_CASE("equal files in two splits leak; inside one split, or unequal, they do not") {
  Made m;
  const auto a = m.image("train/a.jpg"), b = m.image("train/b.jpg"), c = m.image("val/c.jpg");
  m.split("train", {a, b});
  m.split("val", {c});
  for (Facts& f : m.facts) f.has_digest = true;
  m.facts[2].digest.bytes[0] = 1;
  CHECK(m.found_by("LEA301").empty());
  m.facts[2].digest = m.facts[1].digest;
  const auto found = m.found_by("LEA301");
  REQUIRE(found.size() == 1);
  CHECK(at<ImagePair>(found[0]).first == a);
  CHECK(at<ImagePair>(found[0]).second == c);
  CHECK(found[0].severity == Severity::error);
  CHECK(found[0].evidence == EvidenceClass::proof);
}
