// Copies that are made on purpose: the search finds those that it should, and no transform is a copy of another.
#include "vetset/scan/planted.h"

#include <doctest/doctest.h>

#include <map>

#include "../image/drawn.h"
#include "vetset/image/fingerprint.h"

using namespace vetset;

namespace {

struct Album {
  std::vector<Plane> pictures;
  std::vector<PixelFacts> pixels;
  Subjects subjects;

  explicit Album(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      pictures.push_back(drawn(1000 + i, 300, 220));
      PixelFacts facts{.status = DecodeStatus::ok};
      facts.fingerprint = fingerprint_of(pictures.back());
      facts.pixels = {.high = (i * 2654435761U) % 1009, .low = i};
      pixels.push_back(facts);
      subjects.push_back(static_cast<std::uint32_t>(i));
    }
  }
  Confirmation confirmation(bool reads = true) const {
    return {.portrait = [this](std::uint32_t i) { return std::optional(portrait_of(pictures[i], false)); },
            .confirm = [](const PixelPortrait& a, const PixelPortrait& b,
                          const Meeting& m) { return confirm(a, b, m.how); },
            .luma = [this, reads](std::uint32_t i) { return reads ? std::optional(pictures[i]) : std::nullopt; }};
  }
  std::map<std::string, PlantedCopies> planted(const NearSearch& near, bool reads = true) const {
    auto found = search_planted(pixels, planted_subjects(pixels, subjects, 6), near, confirmation(reads), Pool(2), {});
    REQUIRE(found);
    std::map<std::string, PlantedCopies> by_name;
    for (const PlantedCopies& p : *found) by_name.emplace(p.transform, p);
    return by_name;
  }
};

}  // namespace

TEST_CASE("copies of the whole frame are found, and what a tier cannot reach is said to be missed") {
  const Album album(10);
  auto views = album.planted({.tier = NearTier::views, .radius = 47});
  REQUIRE(views.size() == planted_transforms().size());
  for (const char* whole : {"half the size", "JPEG at quality 20", "mirrored", "turned by 90°", "black border"}) {
    CAPTURE(whole);
    CHECK(views[whole].planted == 6);
    CHECK(views[whole].found == 6);
  }
  CHECK(views["cropped to 0.75"].found < 6);
  auto strict = album.planted({.tier = NearTier::basic, .radius = 0});
  CHECK(strict["noise"].found == 0);
  CHECK(strict["noise"].planted == 6);
}

TEST_CASE("an image that cannot be read is not counted as one that was missed") {
  CHECK(Album(4).planted({.tier = NearTier::views, .radius = 47}, false).empty());
}

TEST_CASE("which images are copied does not depend on the order of the dataset") {
  const Album album(40);
  const Subjects chosen = planted_subjects(album.pixels, album.subjects, 8);
  REQUIRE(chosen.size() == 8);
  const Subjects backwards(album.subjects.rbegin(), album.subjects.rend());
  CHECK(planted_subjects(album.pixels, backwards, 8) == chosen);
}

TEST_CASE("the interval of a share is Clopper and Pearson's") {
  const auto of = [](std::uint32_t found, std::uint32_t planted) {
    return PlantedCopies{.transform = "x", .planted = planted, .found = found}.interval();
  };
  CHECK(of(64, 64) == std::pair(0.944, 1.0));  // 0.025^(1/64)
  CHECK(of(0, 64) == std::pair(0.0, 0.056));
  CHECK(of(5, 10) == std::pair(0.1871, 0.8129));  // as R's binom.test has it
  CHECK(of(1, 20) == std::pair(0.0013, 0.2487));
}
