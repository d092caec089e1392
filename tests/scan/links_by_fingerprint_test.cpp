#include "vetset/scan/links_by_fingerprint.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "vetset/base/random.h"
#include "vetset/image/fingerprint.h"

using namespace vetset;

namespace {

Bits256 random_bits(Random& random) { return {{random.bits(), random.bits(), random.bits(), random.bits()}}; }

Bits256 noisy(Bits256 bits, unsigned flips, Random& random) {
  std::set<std::uint32_t> chosen;
  while (chosen.size() < flips) chosen.insert(random.below(256));
  for (const std::uint32_t bit : chosen) bits.words[bit / 64] ^= std::uint64_t{1} << (bit % 64);
  return bits;
}

/// A dataset of fingerprints, and what a look at the pixels would say.
struct Made {
  explicit Made(std::uint64_t seed) : random(seed) {}

  Random random;
  std::vector<PixelFacts> pixels;
  std::set<std::pair<std::uint32_t, std::uint32_t>> copies;  // pairs that show one picture
  bool all_copies = false;
  std::atomic<std::uint64_t> asked = 0;

  std::uint32_t stranger() {
    PixelFacts p;
    p.status = DecodeStatus::ok;
    p.pixels = {random.bits(), random.bits()};
    p.fingerprint.texture = 60;
    for (Bits256& view : p.fingerprint.views) view = random_bits(random);
    p.fingerprint.views[1] = p.fingerprint.views[0];
    pixels.push_back(p);
    return static_cast<std::uint32_t>(pixels.size() - 1);
  }
  std::uint32_t copy_of(std::uint32_t image, std::uint8_t view, std::uint8_t of_view, std::uint8_t symmetry,
                        unsigned flips) {
    const std::uint32_t copy = stranger();
    Fingerprint& f = pixels[copy].fingerprint;
    f.views[view] = noisy(turned(pixels[image].fingerprint.views[of_view], symmetry), flips, random);
    if (view == 0) f.views[1] = f.views[0];
    copies.insert({image, copy});
    return copy;
  }

  /// A portrait says whose it is by its width.
  Confirmation confirmation() {
    return {
        .portrait = [](std::uint32_t image) -> std::optional<PixelPortrait> {
          PixelPortrait p;
          p.luma.width = image;
          return p;
        },
        .confirm = [this](const PixelPortrait& a, const PixelPortrait& b, const Meeting& m) -> std::optional<Match> {
          ++asked;
          const auto [first, second] = std::minmax(a.luma.width, b.luma.width);
          if (!all_copies && !copies.contains({first, second})) return {};
          Match match{.correlation = 0.95F};
          match.symmetry = m.how.symmetry;
          match.whole = m.how.first_view < 2 && m.how.second_view < 2;
          return match;
        }};
  }
  Links find(const LinkSettings& settings = {}, unsigned threads = 1) {
    auto links = links_by_fingerprint(pixels, settings, confirmation(), Pool(threads), {});
    REQUIRE(links);
    return *std::move(links);
  }
};

std::string shown(const Links& links) {
  std::string text;
  for (const Link& l : links.links)
    text += std::to_string(to_size(l.first)) + "-" + std::to_string(to_size(l.second)) + " " +
            std::string(name(l.kind)) + " " + std::to_string(l.symmetry) + " " + std::to_string(l.distance) + "\n";
  for (const Aside& a : links.aside)
    text += std::string(name(a.why)) + " " + std::to_string(to_size(a.image)) + " " + std::to_string(a.degree) + "\n";
  for (const std::string& note : links.notes) text += note + "\n";
  return text;
}

}  // namespace

TEST_CASE("copies are linked by their kind: whole, turned, cropped") {
  Made made(1);
  for (int k = 0; k < 20; ++k) made.stranger();
  made.copy_of(0, 0, 0, 1, 30);
  std::map<std::uint32_t, std::uint8_t> turns;
  for (std::uint8_t s = 2; s <= 8; ++s) turns[made.copy_of(s, 0, 0, s, 20)] = s;
  const std::uint32_t crop = made.copy_of(10, 0, 5, 1, 25), part = made.copy_of(11, 7, 12, 1, 25);
  const std::uint32_t mirrored = made.copy_of(12, 0, 9, 2, 25);
  const std::uint32_t beyond = made.copy_of(13, 0, 0, 1, 60);

  const Links links = made.find();
  std::map<std::uint32_t, Link> by_copy;
  for (const Link& l : links.links) by_copy[static_cast<std::uint32_t>(l.second)] = l;
  CHECK(links.links.size() == 11);
  CHECK(by_copy[20].kind == LinkKind::near);
  CHECK(by_copy[20].distance == 30);
  CHECK(by_copy[20].score == doctest::Approx(0.95));
  for (const auto& [copy, symmetry] : turns) {
    CAPTURE(symmetry);
    REQUIRE(by_copy.contains(copy));
    const Link& l = by_copy[copy];
    CHECK(l.kind == LinkKind::flipped);
    // The symmetry of a link turns the second, the copy, into the first.
    const Bits256 back = turned(made.pixels[copy].fingerprint.views[0], l.symmetry);
    CHECK(distance(back, made.pixels[to_size(l.first)].fingerprint.views[0]) == l.distance);
    CHECK(l.distance == 20);
  }
  CHECK(by_copy[crop].kind == LinkKind::cropped);
  CHECK(by_copy[part].kind == LinkKind::cropped);
  CHECK(by_copy[mirrored].kind == LinkKind::flipped);
  CHECK(!by_copy.contains(beyond));

  CHECK(links.near.images == made.pixels.size());
  CHECK(links.near.candidates == 11);
  CHECK(links.near.confirmed == 11);
  CHECK(links.near.rejected == 0);
  CHECK(links.near.views == 20);
  CHECK(links.near.symmetries);

  const Links basic = made.find({.near = NearTier::basic});
  CHECK(basic.links.size() == 8);
  CHECK(basic.near.views == 2);
  CHECK(made.find({.near = NearTier::basic, .radius = 60}).links.size() == 9);
  CHECK(made.find({.near = NearTier::none}).links.empty());
}

TEST_CASE("frames without borders meet frames that never had any") {
  Made made(2);
  const std::uint32_t plain = made.stranger(), framed = made.stranger();
  Fingerprint& f = made.pixels[framed].fingerprint;
  f.has_borders = true;
  f.views[1] = noisy(made.pixels[plain].fingerprint.views[0], 10, made.random);
  made.copies.insert({plain, framed});
  const Links links = made.find({.near = NearTier::basic});
  REQUIRE(links.links.size() == 1);
  CHECK(links.links[0].kind == LinkKind::near);
  CHECK(links.links[0].distance == 10);
}

TEST_CASE("images that cannot be searched are set aside by reason; equal pixels are searched once") {
  Made made(3);
  for (int k = 0; k < 5; ++k) made.stranger();
  made.pixels[1].status = DecodeStatus::broken;
  made.pixels[2].fingerprint.texture = 0;
  for (int k = 0; k < 1000; ++k) made.pixels.push_back(made.pixels[3]);
  const Links links = made.find();
  CHECK(shown(links).starts_with("undecodable 1 0\nflat 2 0\n"));
  CHECK(links.links.empty());
  CHECK(links.near.images == 3);
  CHECK(links.near.undecodable == 1);
  CHECK(links.near.flat == 1);
  CHECK(made.asked == 0);
}

TEST_CASE("no images, one image, none that decodes: nothing is found, and nothing is promised") {
  Made made(4);
  CHECK(made.find().links.empty());
  made.stranger();
  const Links one = made.find();
  CHECK(one.near.images == 1);
  CHECK(!one.near.calibrated);
  CHECK(one.near.expected_false_upper == 0);
  CHECK(one.notes.empty());
  made.stranger();
  for (PixelFacts& p : made.pixels) p.status = DecodeStatus::broken;
  const Links broken = made.find();
  CHECK(broken.near.images == 0);
  CHECK(broken.aside.size() == 2);
}

TEST_CASE("what resembles many and is confirmed by none becomes a hub") {
  Made made(5);
  const std::uint32_t page = made.stranger();
  for (int k = 0; k < 150; ++k) made.copy_of(page, 0, 0, 1, 12);
  made.copies.clear();
  const std::uint32_t a = made.stranger(), b = made.copy_of(a, 0, 0, 1, 5);
  const Links links = made.find({.radius = 40});
  REQUIRE(links.links.size() == 1);
  CHECK(to_size(links.links[0].second) == b);
  CHECK(links.near.hubs > 100);
  CHECK(links.near.candidates == 151 * 150 / 2 + 1);
  CHECK(links.near.rejected < 151 * 150 / 2);
  for (const Aside& aside : links.aside) {
    CHECK(aside.why == Aside::Why::hub);
    CHECK(aside.degree == 150);
  }
}

TEST_CASE("a large group of copies is tied together without comparing each with each") {
  Made made(6);
  const std::uint32_t first = made.stranger();
  for (int k = 0; k < 199; ++k) made.copy_of(first, 0, 0, 1, 8);
  made.all_copies = true;
  const Links links = made.find({.near = NearTier::basic, .radius = 40});
  const Components groups = components(links, made.pixels.size());
  CHECK(groups.sizes.size() == 1);
  CHECK(links.near.candidates == 200 * 199 / 2);
  CHECK(links.near.confirmed < 200 * 199 / 4);
  std::vector<std::size_t> degree(200);
  for (const Link& l : links.links) ++degree[to_size(l.first)], ++degree[to_size(l.second)];
  CHECK(*std::min_element(degree.begin(), degree.end()) >= 16);
  CHECK(shown(links).find("pairs of look-alikes were not compared by pixels") != std::string::npos);
}

TEST_CASE("the radius follows from unrelated pairs, of which copies are none") {
  Made made(7);
  for (int k = 0; k < 400; ++k) made.stranger();
  const Links before = made.find();
  CHECK(before.near.calibrated);
  CHECK(before.near.radius == 47);
  CHECK(before.near.null_pairs == 400 * 399 / 2);
  CHECK(before.near.expected_false_upper <= 1);
  for (std::uint32_t k = 0; k < 100; ++k) made.copy_of(k, 0, 0, 1, 20 + k % 30);
  const Links links = made.find();
  CHECK(links.near.null_pairs == 500 * 499 / 2 - 100);
  CHECK(links.near.radius == 47);
  CHECK(links.near.calibrated);
  CHECK(links.near.expected_false_upper <= 1);
}

TEST_CASE("links are the same with any number of threads") {
  Made made(8);
  for (int k = 0; k < 200; ++k) made.stranger();
  for (std::uint32_t k = 0; k < 600; ++k) {
    const auto of = made.random.below(static_cast<std::uint32_t>(made.pixels.size()));
    made.copy_of(of, static_cast<std::uint8_t>(made.random.below(20)), static_cast<std::uint8_t>(made.random.below(20)),
                 static_cast<std::uint8_t>(1 + made.random.below(8)), made.random.below(60));
    if (made.random.once_in(4)) made.copies.erase({of, static_cast<std::uint32_t>(made.pixels.size() - 1)});
  }
  const Links one = made.find({}, 1);
  CHECK(one.links.size() > 50);
  CHECK(one.near.rejected > 0);
  for (const unsigned threads : {2u, 3u}) CHECK(shown(made.find({}, threads)) == shown(one));
}

TEST_CASE("images in another order have the same links") {
  Made made(6);
  const std::uint32_t first = made.stranger();
  for (int k = 0; k < 199; ++k) made.copy_of(first, 0, 0, 1, 8);  // too many to compare each with each
  made.copy_of(made.stranger(), 0, 0, 6, 8);                      // a quarter turn, which has a direction
  made.all_copies = true;
  const auto rows = [&](bool backwards) {
    std::set<std::string> all;
    for (const Link& l : made.find({.near = NearTier::basic, .radius = 40}).links) {
      Hash128 a = made.pixels[to_size(l.first)].pixels, b = made.pixels[to_size(l.second)].pixels;
      std::uint8_t symmetry = l.symmetry;
      if (b < a) std::swap(a, b), symmetry = inverse(symmetry);
      all.insert(a.hex() + " " + b.hex() + " " + std::to_string(symmetry) + " " + std::to_string(l.distance));
    }
    if (backwards) std::reverse(made.pixels.begin(), made.pixels.end());
    return all;
  };
  const auto forwards = rows(true), backwards = rows(false);
  CHECK(forwards.size() > 500);
  CHECK(backwards == forwards);
}

TEST_CASE("pixels that cannot be read again confirm nothing, and that is said") {
  Made made(9);
  made.copy_of(made.stranger(), 0, 0, 1, 3);
  Confirmation blind = made.confirmation();
  blind.portrait = [](std::uint32_t) { return std::optional<PixelPortrait>(); };
  const auto links = links_by_fingerprint(made.pixels, {}, blind, Pool(1), {});
  REQUIRE(links);
  CHECK(links->links.empty());
  CHECK(shown(*links).find("2 images could not be read again") != std::string::npos);
}
