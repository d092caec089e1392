// IMG501 to IMG510, FMT405, FMT419 and FMT420 by pixels: what decoding told of each image.
#include <doctest/doctest.h>

#include "tests/check/made.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// So many decoded photographs.
struct Photos {
  Made m;
  explicit Photos(int count) {
    for (int k = 0; k < count; ++k) m.image("p" + std::to_string(100 + k) + ".jpg", 640, 480);
    m.decoded(ImageIndex{0});
  }
  Quality& quality(std::size_t k) { return m.pixels[k].quality; }
  std::vector<std::size_t> at_images(std::string_view code) const {
    std::vector<std::size_t> images;
    for (const Finding& f : m.found_by(code)) images.push_back(to_size(at<ImageIndex>(f)));
    return images;
  }
};

using Images = std::vector<std::size_t>;

}  // namespace

TEST_CASE("plain photographs have no finding of any pixel rule") {
  const Photos p(200);
  for (const Rule* rule : rules())
    if (rule->code.starts_with("IMG")) {
      CAPTURE(rule->code);
      CHECK(p.m.found_by(rule->code).empty());
      CHECK(rule->severity != Severity::error);
    }
}

TEST_CASE("the least sharp of sharp photographs is no blurred one") {
  Photos p(200);
  for (std::size_t k = 0; k < 200; ++k) p.quality(k).sharpness = 100 + static_cast<float>(k);
  CHECK(p.m.found_by("IMG501").empty());
  p.quality(3).edge_width = 9;
  CHECK(p.at_images("IMG501") == Images{3});
  p.quality(150).edge_width = 9;  // wide edges, and much fine detail: grain, or depth of field
  CHECK(p.at_images("IMG501") == Images{3});
  p.quality(3).edge_width = 0;  // sky
  CHECK(p.m.found_by("IMG501").empty());
}

TEST_CASE("dark, bright and empty images are told with their numbers") {
  Photos p(50);
  p.quality(1).luma = {0, 1, 5, 10, 20, 50, 60};
  p.quality(2).luma = {240, 245, 250, 252, 254, 255, 255};
  p.quality(3).entropy = 2.5F;
  CHECK(p.at_images("IMG502") == Images{1});
  CHECK(p.m.found_by("IMG502")[0].message ==
        "is dark: 99 % of its pixels are no brighter than 60 of 255, expected 81.6 of 255");
  CHECK(p.at_images("IMG503") == Images{2});
  CHECK(p.at_images("IMG504") == Images{3});
  p.m.settings.dark_luma = 0.2;
  CHECK(p.m.found_by("IMG502").empty());
  p.m.pixels[3].status = DecodeStatus::broken;
  CHECK(p.m.found_by("IMG504").empty());
}

TEST_CASE("a night dataset is told once, not image by image") {
  Photos p(100);
  for (std::size_t k = 0; k < 10; ++k) p.quality(k).luma[6] = 60;
  CHECK(p.at_images("IMG502").size() == 10);
  for (std::size_t k = 0; k < 40; ++k) p.quality(k).luma[6] = 60;
  p.quality(7).luma[6] = 20;
  const auto found = p.m.found_by("IMG502");
  REQUIRE(found.size() == 1);
  CHECK(std::holds_alternative<std::monostate>(found[0].where));
  CHECK(
      mentions(found[0], "40 of 100 images are dark, so they are not told one by one; the worst, `p107.jpg`, is dark"));
}

TEST_CASE("a size is odd beside the others, unless enough images share it") {
  Photos p(100);
  for (std::size_t k = 0; k < 3; ++k) p.m.facts[k].width = p.m.facts[k].height = 3024;
  CHECK(p.at_images("IMG505") == Images{0, 1, 2});
  CHECK(mentions(p.m.found_by("IMG505")[0], "is 3024x3024, 5.46 times as large a side as the median"));
  for (std::size_t k = 0; k < 5; ++k) p.m.facts[k].width = p.m.facts[k].height = 3024;
  CHECK(p.m.found_by("IMG505").empty());  // a second camera
  p.m.facts[9].width = 200;
  p.m.facts[9].height = 1500;
  CHECK(p.at_images("IMG505") == Images{9});
  CHECK(mentions(p.m.found_by("IMG505")[0], "its shorter side is 0.13 of the longer"));
}

TEST_CASE("an image is grey among coloured ones, not in a grey dataset") {
  Photos p(20);
  p.quality(4).coloured = 0.0005F;
  CHECK(p.at_images("IMG506") == Images{4});
  CHECK(p.m.found_by("IMG506")[0].evidence == EvidenceClass::proof);
  p.quality(4).entropy = 0;  // one white page
  CHECK(p.m.found_by("IMG506").empty());
  for (std::size_t k = 0; k < 11; ++k) p.m.pixels[k].channels = 1;
  p.quality(12).coloured = 0;
  CHECK(p.m.found_by("IMG506").empty());
}

TEST_CASE("compression is told by quality, or by blocks that the file's own quality does not explain") {
  Photos p(20);
  p.quality(1).jpeg_quality = 30;
  p.quality(1).blockiness = 3;
  p.quality(2).jpeg_quality = 0;
  p.quality(2).blockiness = 3;
  p.quality(3).jpeg_quality = 60;
  p.quality(3).blockiness = 3;
  CHECK(p.at_images("IMG507") == Images{1, 2});
  CHECK(p.m.found_by("IMG507")[0].message == "is a JPEG of quality 30, expected 50 at least");
}

TEST_CASE("an image without fine detail seems enlarged; a small one, or an empty one, does not") {
  Photos p(20);
  for (std::size_t k : {1U, 2U, 3U}) p.quality(k).upper_band = 0.0004F;
  p.m.pixels[2].height = 60;
  p.quality(3).entropy = 1;
  CHECK(p.at_images("IMG508") == Images{1});
}

TEST_CASE("a border is told from a fiftieth of the side on, with its sides") {
  Photos p(20);
  p.quality(1).borders = {0, 60, 0, 60};
  p.quality(2).borders = {6, 6, 6, 6};
  p.quality(3).borders = {320, 0, 320, 0};
  p.quality(4).borders = {0, 200, 0, 0};  // sky
  CHECK(p.at_images("IMG509") == Images{1});
  CHECK(p.m.found_by("IMG509")[0].message ==
        "has a border of one colour: 60 at the top, 60 at the bottom, in pixels of 640x480");
}

TEST_CASE("one picture under three unrelated names is a placeholder") {
  const auto placeholder = [](std::vector<std::string> names) {
    Made m;
    for (const std::string& name : names) m.image(name);
    m.decoded(ImageIndex{0});
    for (PixelFacts& p : m.pixels) p.pixels = {7, 7};
    m.image("other.jpg");
    m.decoded(ImageIndex{0});
    return m.found_by("IMG510");
  };
  CHECK(placeholder({"cat.jpg", "dog.jpg"}).empty());
  const auto found = placeholder({"cat.jpg", "dog.jpg", "cow.jpg", "cow (1).jpg"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].message == "has the very pixels of `dog.jpg` and 2 others, under 3 unrelated names");
  CHECK(placeholder({"000123.jpg", "000456.jpg", "004711.jpg"}).size() == 1);
  CHECK(placeholder({"f_0007.jpg", "f_0008.jpg", "f_0009.jpg"}).empty());  // nothing moved
  CHECK(placeholder({"a.jpg", "x/a.jpg", "a-copy.jpg", "A (2).png", "a.rf.0f3a.jpg", "a - Copy (3).jpg"}).empty());
}

TEST_CASE("what only decoding finds is told: damage, size, what nobody can decode, what follows the end") {
  Photos p(6);
  p.m.pixels[0].status = DecodeStatus::partial;
  p.m.pixels[0].reason = "the last 40 rows are missing";
  p.m.pixels[1].status = DecodeStatus::broken;
  p.m.pixels[2].status = DecodeStatus::refused;
  p.m.pixels[3].status = DecodeStatus::unsupported;
  p.m.pixels[3].reason = "12-bit JPEG";
  p.m.facts[4].trailing_bytes = 17;
  p.m.facts[5].status = Facts::Status::truncated;
  p.m.pixels[5].status = DecodeStatus::partial;
  const auto found = p.m.found_by("FMT419");
  REQUIRE(found.size() == 6);
  CHECK(found[0].message == "decodes in part only: the last 40 rows are missing");
  CHECK(found[1].message == "cannot be decoded");
  CHECK(found[2].message == "is larger than a decoder is granted");
  CHECK(found[3].message == "was not decoded: 12-bit JPEG");
  CHECK(found[3].severity == Severity::note);
  CHECK(found[4].message == "17 bytes follow the end of the image");
  CHECK(found[5].message == "is cut off");
}

TEST_CASE("a size that no header says is held against the decoded one") {
  Photos p(2);
  p.m.facts[0].width = p.m.facts[0].height = 0;
  CHECK(p.m.found_by("FMT405").empty());
  p.m.pixels[0].width = 600;
  REQUIRE(p.m.found_by("FMT405").size() == 1);
  CHECK(p.m.found_by("FMT405")[0].message == "says 640x480, the file is 600x480");
}

TEST_CASE("modes that decoding tells: animation, CMYK, palette, transparency, 16 bits") {
  Photos p(40);
  p.m.pixels[0].frames = 12;
  p.m.pixels[1].cmyk = true;
  p.m.pixels[2].palette = true;
  p.m.pixels[3].channels = 4;
  p.m.pixels[4].bits = 16;
  const auto found = p.m.found_by("FMT420");
  REQUIRE(found.size() == 5);
  CHECK(found[0].message == "has 12 frames; readers show the first, the last, or none");
  CHECK(mentions(found[1], "is in CMYK"));
  CHECK(found[2].message == "stores its colours in a palette, most others do not");
  CHECK(found[2].severity == Severity::note);
  CHECK(found[3].message == "is coloured with transparency (4 channels), most others are coloured (3)");
  CHECK(found[4].message == "has 16 bits a channel, most others have 8");
  CHECK(found[4].severity == Severity::warning);
}
