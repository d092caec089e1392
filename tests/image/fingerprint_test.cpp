// Fingerprints: what changes them, what must not, and that turning the bits is turning the picture.
#include "vetset/image/fingerprint.h"

#include <doctest/doctest.h>

#include "drawn.h"

using namespace vetset;

namespace {

Bits256 whole(const Plane& plane) { return fingerprint_of(plane).views[0]; }

}  // namespace

TEST_CASE("turning the bits of a fingerprint is turning the picture") {
  for (const Size& size : {Size{300u, 200u}, {97u, 131u}, {640u, 480u}, {60u, 60u}}) {
    const Plane plane = drawn(size.width, size.width, size.height);
    const Fingerprint upright = fingerprint_of(plane);
    for (std::uint8_t symmetry = 1; symmetry <= symmetry_count; ++symmetry) {
      CAPTURE(size.width);
      CAPTURE(int{symmetry});
      const Bits256 really = whole(oriented(plane, symmetry));
      // A flip is exact; a transposition rounds in another order, so a coefficient that is nearly 0 may differ.
      CHECK(distance(turned(upright.views[0], symmetry), really) <= (symmetry < 5 ? 0 : 2));
      if (symmetry > 1) CHECK(distance(upright.views[0], really) > 80);
    }
  }
}

TEST_CASE("the symmetries are a group") {
  Random random(3);
  Bits256 bits;
  for (std::uint64_t& word : bits.words) word = random.bits();
  bits.words[0] &= ~std::uint64_t{1};
  for (const std::uint8_t symmetry : std::array<std::uint8_t, 5>{2, 3, 4, 5, 7})
    CHECK(turned(turned(bits, symmetry), symmetry) == bits);
  CHECK(turned(turned(bits, 6), 8) == bits);
  CHECK(turned(turned(bits, 6), 6) == turned(bits, 3));
  CHECK(turned(turned(bits, 5), 2) == turned(bits, 6));
  CHECK(turned(bits, 1) == bits);
  CHECK(turned(bits, 0) == bits);
}

TEST_CASE("the views lie as symmetrically as the square") {
  for (std::size_t v = 0; v < Fingerprint::view_count; ++v) {
    const ViewRegion r = view_region(v);
    bool mirrored = false, transposed = false;
    for (std::size_t w = 0; w < Fingerprint::view_count; ++w) {
      const ViewRegion s = view_region(w);
      mirrored |= s.width == r.width && s.y == r.y && std::abs(s.x - (1 - r.x - r.width)) < 1e-9;
      transposed |= s.width == r.height && s.x == r.y && s.y == r.x;
    }
    CAPTURE(view_name(v));
    CHECK(mirrored);
    CHECK(transposed);
  }
}

TEST_CASE("a fingerprint outlives what happens to copies") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    const Plane plane = drawn(seed, 500, 375);
    const Bits256 bits = whole(plane);
    CHECK(distance(bits, whole(changed(plane, [](int level) { return level / 2; }))) <= 16);
    CHECK(distance(bits, whole(changed(plane, [](int level) { return level * level / 255; }))) <= 31);
    CHECK(distance(bits, whole(blurred(plane, 2))) <= 16);
    CHECK(distance(bits, whole(noisy(plane, 15))) <= 16);
    CHECK(distance(bits, whole(resampled(plane, {0, 0, 500, 375}, 250, 188))) <= 16);
    CHECK(distance(bits, whole(resampled(plane, {0, 0, 500, 375}, 300, 400))) <= 16);
    CHECK(distance(bits, whole(resampled(plane, {0, 0, 500, 375}, 1500, 1125))) <= 4);
  }
}

TEST_CASE("other pictures are far away") {
  std::vector<Bits256> all;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) all.push_back(whole(drawn(seed, 120, 90)));
  unsigned nearest = 256;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) nearest = std::min(nearest, distance(all[i], all[j]));
  CHECK(nearest > 80);
}

TEST_CASE("a crop is found by a view of the whole") {
  const Plane plane = drawn(7, 600, 400);
  const Fingerprint full = fingerprint_of(plane);
  for (std::size_t v = 2; v < Fingerprint::view_count; ++v) {
    const ViewRegion r = view_region(v);
    const auto pixels = [](double share, std::uint32_t side) { return static_cast<std::uint32_t>(share * side + 0.5); };
    const Plane part = cut(plane, {pixels(r.x, 600), pixels(r.y, 400), pixels(r.width, 600), pixels(r.height, 400)});
    CAPTURE(view_name(v));
    CHECK(distance(full.views[v], whole(part)) <= 31);
  }
}

TEST_CASE("borders are found to the pixel, and view 1 is without them") {
  const Plane plane = drawn(11, 320, 240);
  const Fingerprint bare = fingerprint_of(plane);
  CHECK(uniform_borders(plane) == std::array<std::uint16_t, 4>{});
  CHECK_FALSE(bare.has_borders);
  CHECK(bare.views[0] == bare.views[1]);

  for (const Bars& bars : {Bars{0, 60, 0, 60}, Bars{20, 20, 20, 20}, Bars{7, 0, 0, 0}, Bars{0, 0, 3, 90}}) {
    const Plane boxed = framed(plane, bars, 0);
    CAPTURE(bars.top);
    CHECK(uniform_borders(boxed) ==
          std::array{static_cast<std::uint16_t>(bars.left), static_cast<std::uint16_t>(bars.top),
                     static_cast<std::uint16_t>(bars.right), static_cast<std::uint16_t>(bars.bottom)});
    const Fingerprint f = fingerprint_of(boxed);
    CHECK(f.has_borders);
    CHECK(f.views[1] == bare.views[1]);
    CHECK(f.views[5] == bare.views[5]);
  }
  // Around one another, of two levels, with the noise of compression.
  const Plane twice = framed(framed(plane, {0, 30, 0, 30}, 0), {16, 16, 16, 16}, 255);
  CHECK(uniform_borders(noisy(twice, 1.5)) == std::array<std::uint16_t, 4>{16, 46, 16, 46});
}

TEST_CASE("a flat picture has no borders and nothing to recognise") {
  for (const Size& size : {Size{1u, 1u}, {3u, 7u}, {79u, 81u}, {500u, 1u}, {200u, 200u}}) {
    CAPTURE(size.width);
    const Fingerprint f = fingerprint_of(flat(size.width, size.height, 200));
    CHECK(f.texture == 0);
    CHECK_FALSE(f.has_borders);
  }
  CHECK(fingerprint_of(noisy(flat(400, 300, 200), 3)).texture <= 5);
  CHECK(fingerprint_of(drawn(1, 400, 300)).texture >= 50);
  CHECK(fingerprint_of(Plane{}).texture == 0);
  // One dot on a plain ground is not what is left when borders are gone.
  Plane dot = flat(200, 200, 255);
  for (std::uint32_t y = 99; y < 103; ++y)
    for (std::uint32_t x = 99; x < 103; ++x) dot.samples[y * 200 + x] = 0;
  CHECK(uniform_borders(dot) == std::array<std::uint16_t, 4>{});
}

TEST_CASE("fingerprints are the same bits on every machine") {
  const Bits256 expected{{0x2316add76ea43338, 0xd82cb13733bf2b6c, 0x977eb03cc632f17e, 0xaa52d7d171ed35d2}};
  CHECK(fingerprint_of(drawn(5, 333, 222)).views[3] == expected);
}
