#include <doctest/doctest.h>

#include <cmath>

#include "vetset/base/random.h"
#include "vetset/dataset/groups.h"
#include "vetset/scan/find_links.h"

using namespace vetset;

namespace {

PixelFacts taken(std::int64_t ms, const char* make = "Maker", const char* serial = "") {
  PixelFacts p;
  p.capture.time_ms = ms;
  p.capture.make = make;
  p.capture.serial = serial;
  return p;
}

PixelFacts taken_at(std::int64_t ms, double latitude, double longitude) {
  PixelFacts p = taken(ms, "");
  p.capture.latitude = latitude;
  p.capture.longitude = longitude;
  return p;
}

}  // namespace

TEST_CASE("photos of one camera within two seconds are a burst") {
  const std::vector<PixelFacts> pixels = {taken(10'000),          taken(13'000), taken(11'500),
                                          taken(11'600, "Other"), taken(15'001), taken(12'000, "")};
  const Links links = links_by_capture(pixels);
  REQUIRE(links.links.size() == 2);
  CHECK(links.links[0].first == ImageIndex{0});
  CHECK(links.links[0].second == ImageIndex{2});
  CHECK(links.text(links.links[0]) == "Maker, 1.5 s apart");
  CHECK(links.links[1].first == ImageIndex{1});
  CHECK(links.links[1].second == ImageIndex{2});
}

TEST_CASE("two cameras of one model are told apart by their serial numbers") {
  CHECK(links_by_capture(std::vector<PixelFacts>{taken(0, "M", "1"), taken(100, "M", "2")}).links.empty());
}

TEST_CASE("a clock that stands still says nothing") {
  const std::vector<PixelFacts> pixels(40, taken(946'684'800'000));
  const Links links = links_by_capture(pixels);
  CHECK(links.links.empty());
  REQUIRE(links.notes.size() == 1);
}

TEST_CASE("place and time join what every pair within 25 m and 10 minutes joins") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    std::vector<PixelFacts> pixels;
    for (int k = 0; k < 120; ++k)
      pixels.push_back(taken_at(random.below(4'000'000), 48 + random.unit() * 0.002, 11 + random.unit() * 0.002));
    Links every;
    for (std::uint32_t i = 0; i < pixels.size(); ++i)
      for (std::uint32_t j = i + 1; j < pixels.size(); ++j) {
        const Capture &a = pixels[i].capture, &b = pixels[j].capture;
        const double x =
            (*a.longitude - *b.longitude) * 111'195 * std::cos((*a.latitude + *b.latitude) / 2 * 0.017453292519943295);
        const double y = (*a.latitude - *b.latitude) * 111'195;
        if (std::abs(*a.time_ms - *b.time_ms) <= 600'000 && std::sqrt(x * x + y * y) <= 25)
          every.links.push_back({.first = ImageIndex{i}, .second = ImageIndex{j}, .kind = LinkKind::place_time});
      }
    REQUIRE(every.links.size() > 10);
    CHECK(components(links_by_capture(pixels), pixels.size()).of == components(every, pixels.size()).of);
  }
}

TEST_CASE("nobody was at the point where the equator meets Greenwich") {
  CHECK(links_by_capture(std::vector<PixelFacts>{taken_at(0, 0, 0), taken_at(1, 0, 0)}).links.empty());
}

TEST_CASE("equal keys are a star, and an empty key ties nobody") {
  const Groups groups{.keys = {{.name = "attribute:patient", .of = {"7", "", "8", "7", "", "7"}}}};
  const Links links = links_by_key(groups);
  REQUIRE(links.links.size() == 2);
  CHECK(links.links[0].second == ImageIndex{3});
  CHECK(links.links[1].second == ImageIndex{5});
  CHECK(links.text(links.links[1]) == "attribute:patient 7");
}

TEST_CASE("a copy carries its picture's EXIF: that is no burst") {
  std::vector<PixelFacts> pixels = {taken(0), taken(0), taken(1'000)};
  for (PixelFacts& p : pixels) p.status = DecodeStatus::ok;
  pixels[2].pixels = Hash128{1, 1};
  const Links links = links_by_capture(pixels);
  REQUIRE(links.links.size() == 1);
  CHECK(links.links[0].second == ImageIndex{2});
}
