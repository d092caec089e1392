#include "vetset/scan/percolation.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "vetset/base/random.h"

using namespace vetset;

namespace {

Bits256 random_code(Random& random) { return {{random.bits(), random.bits(), random.bits(), random.bits()}}; }

PixelFacts seen_as(const Bits256& code) {
  PixelFacts p{.status = DecodeStatus::ok};
  p.fingerprint.views.fill(code);
  return p;
}

void tie(Links& links, std::uint32_t a, std::uint32_t b, LinkKind kind, std::uint16_t distance = 30) {
  links.links.push_back({.first = ImageIndex{a}, .second = ImageIndex{b}, .kind = kind, .distance = distance});
}

/// Images that share nothing with another, but for what links say.
std::vector<PixelFacts> strange(std::size_t count) {
  Random random(3);
  std::vector<PixelFacts> pixels;
  while (pixels.size() < count) pixels.push_back(seen_as(random_code(random)));
  return pixels;
}

std::size_t largest(const Links& links, std::size_t images) {
  const Components c = components(links, images);
  return *std::max_element(c.sizes.begin(), c.sizes.end());
}

}  // namespace

TEST_CASE("a chain of weak links through images that are not alike is cut, and every cut is told") {
  const auto pixels = strange(200);
  Links links;
  for (std::uint32_t i = 1; i < 200; ++i) tie(links, i - 1, i, LinkKind::near);
  cut_chains(links, pixels, {.bound = 50});
  CHECK(largest(links, 200) <= 50);
  REQUIRE(links.cuts.size() == 3);
  CHECK(links.cuts[0].images == 200);
  CHECK(links.cuts[0].why == "would join 50 images with 50, most of which are not alike");
  for (const Links::Cut& cut : links.cuts) CHECK(links.links[cut.link].cut);
}

TEST_CASE("many copies of one picture are alike, and stay together") {
  Random random(3);
  const Bits256 code = random_code(random);
  const std::vector<PixelFacts> pixels(200, seen_as(code));
  Links links;
  for (std::uint32_t i = 1; i < 200; ++i) tie(links, i - 1, i, LinkKind::near);
  cut_chains(links, pixels, {.bound = 50});
  CHECK(links.cuts.empty());
  CHECK(largest(links, 200) == 200);
}

TEST_CASE("a picture and its crops stay together although its crops are not alike") {
  const auto pixels = strange(200);
  Links links;
  for (std::uint32_t i = 1; i < 200; ++i) tie(links, 0, i, LinkKind::cropped);
  cut_chains(links, pixels, {.bound = 50});
  CHECK(links.cuts.empty());
}

TEST_CASE("what a name, a key or equal bytes tie is never cut") {
  const auto pixels = strange(200);
  for (const LinkKind kind : {LinkKind::sequence, LinkKind::key, LinkKind::bytes, LinkKind::augmented}) {
    Links links;
    for (std::uint32_t i = 1; i < 200; ++i) tie(links, i - 1, i, kind);
    cut_chains(links, pixels, {.bound = 50});
    CHECK(links.cuts.empty());
  }
}

TEST_CASE("a sequence counts as one, so that a copy of one of its frames joins it") {
  const auto pixels = strange(201);
  Links links;
  for (std::uint32_t i = 1; i < 200; ++i) tie(links, i - 1, i, LinkKind::sequence);
  tie(links, 5, 200, LinkKind::near);
  cut_chains(links, pixels, {.bound = 50});
  CHECK(largest(links, 201) == 201);
}

TEST_CASE("a placeholder does not glue the groups that it stands in") {
  const auto pixels = strange(9);
  Links links;
  // Patients 0–2 and 3–5; 2, 5 and 6–8 are one placeholder.
  tie(links, 0, 1, LinkKind::key);
  tie(links, 0, 2, LinkKind::key);
  tie(links, 2, 5, LinkKind::bytes);
  tie(links, 2, 6, LinkKind::bytes);
  tie(links, 2, 7, LinkKind::bytes);
  tie(links, 3, 4, LinkKind::key);
  tie(links, 3, 5, LinkKind::key);
  for (const std::uint32_t i : {2U, 5U, 6U, 7U})
    links.aside.push_back({.image = ImageIndex{i}, .why = Aside::Why::placeholder});
  cut_chains(links, pixels, {});
  const Components c = components(links, pixels.size());
  CHECK(c.of[0] != c.of[3]);
  CHECK(c.of[3] == c.of[5]);
  CHECK(c.of[6] == c.of[7]);
  REQUIRE(links.cuts.size() == 1);
  CHECK(links.cuts[0].why == "would join two groups by a placeholder that belongs to neither");
}
