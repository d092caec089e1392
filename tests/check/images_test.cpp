// FMT405, 406, 419, 420: what the headers of images say.
#include <doctest/doctest.h>

#include "tests/check/made.h"

using namespace vetset;
using namespace vetset::test;

TEST_CASE("a stated size has to be the file's, as stored or as shown") {
  Made m;
  m.image("a.jpg", 100, 80);
  m.image("b.jpg", 100, 80);
  m.facts[1] = {.status = Facts::Status::ok, .type = ImageType::jpeg, .orientation = 6, .width = 80, .height = 100};
  CHECK(m.found_by("FMT405").empty());
  m.facts[1].orientation = 0;
  const auto found = m.found_by("FMT405");
  REQUIRE(found.size() == 1);
  CHECK(at<ImageIndex>(found[0]) == ImageIndex{1});
  CHECK(found[0].message == "says 100x80, the file is 80x100: width and height are swapped");
}

TEST_CASE("a size that was read from the header is not held against it") {
  Made m;
  m.image("a.jpg", 100, 80);
  m.facts[0].width = 50;
  m.d.images[0].size_origin = SizeOrigin::header;
  CHECK(m.found_by("FMT405").empty());
}

TEST_CASE("the frame of a turned image is the one that holds all its boxes") {
  const auto frame = [](Box box, std::uint32_t width, std::uint32_t height) {
    Made m;
    const auto i = m.image("a.jpg", width, height);
    m.facts[0] = {.status = Facts::Status::ok, .type = ImageType::jpeg, .orientation = 6, .width = 100, .height = 40};
    m.box(i, m.category("cat"), box);
    const auto found = m.found_by("FMT406");
    REQUIRE(found.size() == 1);
    CHECK(mentions(found[0], "EXIF orientation 6: stored 100x40, shown 40x100"));
    return found[0].message.substr(found[0].message.find("; ") + 2);
  };
  CHECK(frame({0, 0, 90, 30}, 100, 40) == "its annotations lie in the stored frame only");
  CHECK(frame({0, 0, 30, 90}, 40, 100) == "its annotations lie in the shown frame only");
  CHECK(frame({0, 0, 30, 30}, 40, 100) == "its record states the shown size");
  CHECK(frame({0, 0, 30, 30}, 7, 7) == "undecidable: the annotations fit both");
  CHECK(frame({0, 0, 90, 90}, 100, 40) == "its annotations fit neither");
}

TEST_CASE("what one turned image cannot tell, the others may; a record that says otherwise is an error") {
  Made m;
  const auto cat = m.category("cat");
  for (const char* name : {"a.jpg", "b.jpg", "c.jpg"}) {
    const auto i = m.image(name, 7, 7);
    m.facts[to_size(i)] = {
        .status = Facts::Status::ok, .type = ImageType::jpeg, .orientation = 6, .width = 100, .height = 40};
  }
  m.box(ImageIndex{0}, cat, {0, 0, 30, 30});
  m.box(ImageIndex{1}, cat, {0, 0, 90, 30});
  auto found = m.found_by("FMT406");
  REQUIRE(found.size() == 3);
  CHECK(mentions(found[0], "undecidable: the annotations fit both; 1 other tells of the stored frame"));
  CHECK(mentions(found[1], "its annotations lie in the stored frame only"));
  CHECK(mentions(found[2], "undecidable: it has no annotations that could tell; 1 other tells of the stored frame"));
  CHECK(found[1].severity == Severity::warning);
  m.box(ImageIndex{2}, cat, {0, 0, 30, 90});
  m.d.images[1].width = 40;
  m.d.images[1].height = 100;
  found = m.found_by("FMT406");
  CHECK(mentions(found[0], "; of the others, 1 tell of the stored frame, 1 of the shown one"));
  CHECK(mentions(found[1], "lie in the stored frame only, its record states the size as shown"));
  CHECK(found[1].severity == Severity::error);
}

TEST_CASE("a square turned image fits both ways, and an upright one is no hazard") {
  Made m;
  m.box(m.image("a.jpg", 50, 50), m.category("cat"), {0, 0, 10, 10});
  m.facts[0].orientation = 1;
  CHECK(m.found_by("FMT406").empty());
  m.facts[0].orientation = 8;
  const auto found = m.found_by("FMT406");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "square"));
}

TEST_CASE("an image that is cut off or no image is reported with the reason; one that is absent is not broken") {
  Made m;
  m.image("a.jpg");
  m.image("b.jpg");
  m.facts[1].status = Facts::Status::absent;
  CHECK(m.found_by("FMT419").empty());
  m.facts[0].status = Facts::Status::truncated;
  m.facts[0].reason = "has no end-of-image marker";
  const auto found = m.found_by("FMT419");
  REQUIRE(found.size() == 1);
  CHECK(found[0].message == "is cut off: has no end-of-image marker");
}

TEST_CASE("bytes that are not what the name says are reported; an MPO in a .jpg is not") {
  Made m;
  m.image("a.JPEG");
  m.image("b.jpg");
  m.facts[1].type = ImageType::mpo;
  CHECK(m.found_by("FMT420").empty());
  m.image("c.png");
  const auto found = m.found_by("FMT420");
  REQUIRE(found.size() == 1);
  CHECK(found[0].message == "is named as png, its bytes are jpeg");
}

TEST_CASE("the odd one in mode is a note, but only where nearly all others agree") {
  Made m;
  for (int i = 0; i < 20; ++i) {
    m.image("images/" + std::to_string(i) + ".jpg");
    m.facts.back().channels = i % 2 == 0 ? 3 : 1;
  }
  CHECK(m.found_by("FMT420").empty());
  for (Facts& f : m.facts) f.channels = 3;
  m.facts[7].channels = 1;
  const auto found = m.found_by("FMT420");
  REQUIRE(found.size() == 1);
  CHECK(at<ImageIndex>(found[0]) == ImageIndex{7});
  CHECK(found[0].severity == Severity::note);
  m.facts[7].channels = 4;
  CHECK(m.found_by("FMT420")[0].severity == Severity::warning);
}
