// Lines that stand in one place in all images of a source are found; scenes, tripods and copies are not taken for them.
#include "vetset/scan/overlays.h"

#include <doctest/doctest.h>

#include "tests/scan/pictures.h"

using namespace vetset;

namespace {

/// A sign of letters, dark on light: bars of 3 pixels, 60 wide and 12 high.
void stamp(Plane& plane, std::uint32_t left, std::uint32_t top) {
  for (std::uint32_t y = 0; y < 12; ++y)
    for (std::uint32_t x = 0; x < 60; ++x)
      plane.samples[(top + y) * plane.width + left + x] = static_cast<std::uint8_t>(x / 3 % 2 == 0 ? 250 : 15);
}

Pictures pictures(std::size_t count, bool stamped) {
  Pictures p;
  for (std::size_t k = 0; k < count; ++k) {
    Plane plane = drawn(500 + k, 200, 150);
    if (stamped) stamp(plane, 120, 130);
    p.add("images/" + std::to_string(100 + k) + ".pgm", plane);
  }
  return p;
}

OverlaySearch search(const Pictures& p, const Links& links = {}, unsigned threads = 2) {
  auto found = find_overlays(p.d, p.tree, p.facts, p.pixels, links, Pool(threads), {});
  REQUIRE(found);
  return *std::move(found);
}

}  // namespace

TEST_CASE("a stamp in the corner of unrelated images is found where it stands") {
  const Pictures p = pictures(30, true);
  const OverlaySearch found = search(p);
  CHECK(found.sources == 1);
  REQUIRE(found.found.size() == 1);
  const Overlay& o = found.found[0];
  CHECK(o.example == ImageIndex{0});
  CHECK(o.folder == "images");
  CHECK(o.images == 30);
  CHECK(o.compared == 30);
  CHECK(o.x >= 119);
  CHECK(o.x + o.width <= 182);
  CHECK(o.width >= 50);
  CHECK(o.y >= 129);
  CHECK(o.y + o.height <= 143);
  const OverlaySearch alone = search(p, {}, 1);
  REQUIRE(alone.found.size() == 1);
  CHECK(alone.found[0].x == o.x);
  CHECK(alone.found[0].width == o.width);
}

TEST_CASE("unrelated images without a stamp have no lines in common") {
  const OverlaySearch found = search(pictures(30, false));
  CHECK(found.sources == 1);
  CHECK(found.found.empty());
  CHECK(found.fixed_views == 0);
}

TEST_CASE("a stamp that half of the images have is not said of all") {
  Pictures p = pictures(15, true);
  for (std::size_t k = 0; k < 15; ++k) p.add("images/" + std::to_string(300 + k) + ".pgm", drawn(900 + k, 200, 150));
  CHECK(search(p).found.empty());
}

TEST_CASE("a camera that stands still is a view, not an overlay") {
  Pictures p;
  for (std::size_t k = 0; k < 30; ++k) {
    Plane plane = drawn(7, 200, 150);
    for (std::uint32_t y = 0; y < 150; ++y)
      for (std::uint32_t x = 0; x < 200; ++x)
        if ((x / 10 + y / 10) % 2 == 0) plane.samples[y * 200 + x] = 20;
    stamp(plane, 20 + static_cast<std::uint32_t>(k), 40);
    p.add("images/" + std::to_string(100 + k) + ".pgm", plane);
  }
  const OverlaySearch found = search(p);
  CHECK(found.fixed_views == 1);
  CHECK(found.found.empty());
}

TEST_CASE("images that links tie together count once, so frames of one film are too few") {
  const Pictures p = pictures(30, true);
  Links links;
  for (std::uint32_t k = 1; k < 30; ++k)
    links.links.push_back({.first = ImageIndex{0}, .second = ImageIndex{k}, .kind = LinkKind::sequence});
  const OverlaySearch found = search(p, links);
  CHECK(found.sources == 0);
  CHECK(found.too_few == 1);
  CHECK(found.found.empty());
}

TEST_CASE("letterboxes are borders, and their edges no overlay") {
  Pictures p;
  for (std::size_t k = 0; k < 30; ++k) {
    Plane plane = drawn(500 + k, 200, 150);
    for (std::uint32_t y = 0; y < 150; ++y)
      for (std::uint32_t x = 0; x < 200; ++x)
        if (y < 20 || y >= 130) plane.samples[y * 200 + x] = 0;
    p.add("images/" + std::to_string(100 + k) + ".pgm", plane);
  }
  CHECK(search(p).found.empty());
}
