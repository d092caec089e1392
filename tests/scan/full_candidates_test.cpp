// Candidates of the tier `full`: every crop and turn meets its original, and strangers seldom meet.
#include "vetset/scan/full_candidates.h"

#include <doctest/doctest.h>

#include "patches.h"

using namespace vetset;

namespace {

/// Originals, then one altered copy of each.
std::vector<std::vector<Landmark>> originals_and(const std::function<Plane(const Plane&)>& altered, std::size_t count) {
  std::vector<std::vector<Landmark>> images(2 * count);
  for (std::size_t k = 0; k < count; ++k) {
    const Plane plane = shapes(k + 1, 400, 300);
    images[k] = landmarks_of(plane);
    images[count + k] = landmarks_of(altered(plane));
  }
  return images;
}

constexpr std::size_t count = 24;

struct Tally {
  std::size_t found = 0, other = 0;
};
Tally tally(const FullCandidates& candidates, std::uint8_t symmetry) {
  Tally result;
  for (const FullCandidate& c : candidates.pairs)
    ++(c.second == c.first + count && c.symmetry == symmetry ? result.found : result.other);
  return result;
}

}  // namespace

TEST_CASE("crops, turns and mirrored crops meet their originals, and hardly anything else does") {
  const auto crop = [](const Plane& p) { return cut(p, {90, 40, 290, 220}); };
  const auto turn = [](const Plane& p) { return spun(p, 25, 1, 300); };
  const auto mirrored = [&](const Plane& p) { return oriented(crop(p), 2); };
  for (const auto& [name, altered, symmetry] :
       std::vector<std::tuple<const char*, std::function<Plane(const Plane&)>, std::uint8_t>>{
           {"crop", crop, std::uint8_t{1}}, {"turn", turn, std::uint8_t{1}}, {"mirrored", mirrored, std::uint8_t{2}}}) {
    const std::string change = name;
    CAPTURE(change);
    const auto candidates = full_candidates(originals_and(altered, count), {}, Pool(1));
    REQUIRE(candidates);
    const Tally t = tally(*candidates, symmetry);
    CHECK(t.found >= count - 1);
    CHECK(t.other <= 20 * count);  // of 1,104
  }
}

TEST_CASE("candidates are the same with any number of threads") {
  const auto images = originals_and([](const Plane& p) { return spun(p, -10, 0.9, 300); }, count);
  const auto one = full_candidates(images, {}, Pool(1)), many = full_candidates(images, {}, Pool(4));
  REQUIRE(one);
  REQUIRE(many);
  CHECK(one->pairs == many->pairs);
  CHECK(one->common == many->common);
  CHECK_FALSE(one->pairs.empty());
}

TEST_CASE("a mark that all images carry makes no candidates") {
  std::vector<std::vector<Landmark>> images;
  const Plane logo = shapes(999, 120, 120);
  for (std::uint64_t k = 0; k < 180; ++k) {
    Plane plane = drawn(k + 1, 300, 300);
    for (std::uint32_t y = 0; y < 120; ++y)
      std::copy_n(logo.samples.begin() + std::ptrdiff_t{y} * 120, 120, plane.samples.begin() + std::ptrdiff_t{y} * 300);
    images.push_back(landmarks_of(plane));
  }
  const auto candidates = full_candidates(images, {}, Pool(1));
  REQUIRE(candidates);
  CHECK(candidates->common > 100);
  CHECK(candidates->pairs.size() < 180 * 179 / 4);  // half of all pairs
}

TEST_CASE("an image has so many candidates at most, the strongest") {
  // Twelve copies of one picture: each meets eleven.
  std::vector<std::vector<Landmark>> images(12, landmarks_of(shapes(5, 300, 300)));
  const auto all = full_candidates(images, {}, Pool(1));
  REQUIRE(all);
  CHECK(all->pairs.size() == 66);
  const auto few = full_candidates(images, {.an_image = 2}, Pool(1));
  REQUIRE(few);
  CHECK(few->pairs.size() < 30);
  CHECK(few->pairs.size() >= 11);
}

TEST_CASE("images without corners have no candidates") {
  const auto none = full_candidates({}, {}, Pool(1));
  REQUIRE(none);
  CHECK(none->pairs.empty());
  const std::vector<std::vector<Landmark>> flats(3, landmarks_of(flat(100, 100, 9)));
  const auto plain = full_candidates(flats, {}, Pool(1));
  REQUIRE(plain);
  CHECK(plain->pairs.empty());
}
