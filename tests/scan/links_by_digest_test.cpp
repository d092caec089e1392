#include <doctest/doctest.h>

#include "tests/scan/pictures.h"
#include "vetset/scan/find_links.h"

using namespace vetset;

namespace {

Links links_of(const Pictures& p) {
  auto links = links_by_digest(p.d, p.tree, p.facts, p.pixels, Pool(2), {});
  REQUIRE(links);
  return *std::move(links);
}

/// Half white, with a sign in it.
Plane sign() {
  Plane plane = flat(64, 64, 250);
  for (std::uint32_t y = 24; y < 40; ++y)
    for (std::uint32_t x = 16; x < 48; ++x)
      plane.samples[y * 64 + x] = static_cast<std::uint8_t>((x ^ y) & 8 ? 10 : 90);
  return plane;
}

}  // namespace

TEST_CASE("equal files are a star around their first image") {
  Pictures p;
  for (const char* path : {"a.pgm", "b.pgm", "c.pgm"}) p.add(path, drawn(1, 64, 64));
  p.add("d.pgm", drawn(2, 64, 64));
  const Links links = links_of(p);
  REQUIRE(links.links.size() == 2);
  for (std::uint32_t k = 0; k < 2; ++k) {
    CHECK(links.links[k].kind == LinkKind::bytes);
    CHECK(links.links[k].first == ImageIndex{0});
    CHECK(links.links[k].second == ImageIndex{k + 1});
  }
}

TEST_CASE("other bytes of the same samples are one link for each file that differs") {
  Pictures p;
  p.add("a.pgm", drawn(1, 64, 64));
  p.add("b.pgm", drawn(1, 64, 64), "saved again");
  p.add("c.pgm", drawn(1, 64, 64), "saved again");
  const Links links = links_of(p);
  REQUIRE(links.links.size() == 2);
  CHECK(links.links[0].kind == LinkKind::bytes);
  CHECK(links.links[0].first == ImageIndex{1});
  CHECK(links.links[1].kind == LinkKind::pixels);
  CHECK(links.links[1].first == ImageIndex{0});
  CHECK(links.links[1].second == ImageIndex{1});
}

TEST_CASE("a hash that lies proves nothing: samples are compared") {
  Pictures p;
  p.add("a.pgm", drawn(1, 64, 64));
  p.add("b.pgm", drawn(2, 64, 64));
  p.add("c.pgm", drawn(1, 64, 64), "saved again");
  p.pixels[1].pixels = p.pixels[0].pixels;
  const Links links = links_of(p);
  REQUIRE(links.links.size() == 1);
  CHECK(links.links[0].second == ImageIndex{2});
}

TEST_CASE("equal coefficients link what is only turned otherwise") {
  Pictures p;
  p.add("a.pgm", drawn(1, 64, 64));
  p.add("b.pgm", oriented(drawn(1, 64, 64), 6));
  p.add("c.pgm", drawn(1, 64, 64), "saved again");
  for (PixelFacts& facts : p.pixels) facts.coefficients = Hash128{7, 7};
  const Links links = links_of(p);
  REQUIRE(links.links.size() == 2);
  CHECK(links.links[0].kind == LinkKind::pixels);
  CHECK(links.links[1].kind == LinkKind::coefficients);
  CHECK(links.links[1].second == ImageIndex{1});
}

TEST_CASE("one picture that says little under three unrelated names is a placeholder") {
  Pictures p;
  p.add("shoes/anna.pgm", sign());
  p.add("hats/berta.pgm", sign());
  CHECK(links_of(p).aside.empty());
  p.add("bags/clara.pgm", sign());
  const Links links = links_of(p);
  REQUIRE(links.aside.size() == 3);
  CHECK(links.aside[0].why == Aside::Why::placeholder);
  CHECK(links.aside[0].degree == 3);
  CHECK(links.links.size() == 2);

  Pictures copies;  // of one name
  for (const char* path : {"a.pgm", "a (1).pgm", "a (2).pgm"}) copies.add(path, sign());
  CHECK(links_of(copies).aside.empty());

  Pictures photo;  // three times is a duplicate, and no placeholder
  for (const char* path : {"anna.pgm", "berta.pgm", "clara.pgm"}) photo.add(path, drawn(1, 64, 64));
  CHECK(links_of(photo).aside.empty());
}
