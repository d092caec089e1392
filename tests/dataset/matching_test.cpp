#include "vetset/dataset/matching.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/support/random.h"

using namespace vetset;

namespace {

std::vector<double> ious(const std::vector<Box>& detections, const std::vector<Box>& objects,
                         const std::vector<std::uint8_t>& crowd = {}) {
  std::vector<double> out(detections.size() * objects.size(), 7);
  box_ious(detections, objects, crowd, out);
  return out;
}

std::vector<double> similarities(const std::vector<double>& detections, const std::vector<double>& objects,
                                 const std::vector<double>& areas, const std::vector<Box>& boxes,
                                 const std::vector<double>& sigmas) {
  std::vector<double> out(detections.size() / (3 * sigmas.size()) * areas.size());
  keypoint_similarities(detections, objects, areas, boxes, sigmas, out);
  return out;
}

/// A tile of its own numbers.
struct Tile {
  std::vector<double> overlaps;
  std::vector<std::uint8_t> crowd, leaves, unnamed;
  std::vector<std::uint32_t> ignored;
  GreedyTile view() const {
    return {.detections = crowd.empty() ? 0 : overlaps.size() / crowd.size(),
            .objects = crowd.size(),
            .overlaps = overlaps,
            .crowd = crowd,
            .ignored = ignored,
            .leaves = leaves,
            .unnamed = unnamed};
  }
};

std::vector<std::uint32_t> matched(const Tile& tile, double threshold) {
  std::vector<std::uint32_t> object_of(tile.view().detections);
  match_greedily(tile.view(), threshold, 0, object_of);
  return object_of;
}

}  // namespace

TEST_CASE("boxes that only touch, and boxes without area, overlap nothing") {
  CHECK(ious({{0, 0, 10, 10}}, {{10, 0, 10, 10}, {0, 10, 10, 10}, {5, 5, 0, 10}, {5, 5, 0, 0}}) ==
        std::vector<double>{0, 0, 0, 0});
  CHECK(ious({{0, 0, 0, 0}}, {{0, 0, 0, 0}}) == std::vector<double>{0});
}

TEST_CASE("a box overlaps itself wholly and half of it by half; no pixel is added") {
  CHECK(ious({{3, 4, 10, 10}, {3, 4, 10, 5}}, {{3, 4, 10, 10}, {8, 4, 10, 10}}) ==
        std::vector<double>{1, 50.0 / 150, .5, 25.0 / 125});
}

TEST_CASE("what lies in a crowd is all of the detection") {
  CHECK(ious({{0, 0, 10, 10}}, {{0, 0, 100, 100}, {0, 0, 100, 100}}, {1, 0}) == std::vector<double>{1, .01});
}

TEST_CASE("sums of many numbers are added in pairs as NumPy adds them") {
  // 1 + 1/2 + 1/3 … by NumPy 2: 7 terms in a row, the others in halves of blocks, lanes and a remainder.
  const auto sum = [](std::size_t n) {
    std::vector<double> values(n);
    for (std::size_t i = 0; i < n; ++i) values[i] = 1.0 / static_cast<double>(i + 1);
    return pairwise_sum(values);
  };
  CHECK(sum(0) == 0);
  CHECK(sum(7) == 0x1.4be2be2be2be2p+1);
  CHECK(sum(130) == 0x1.5cb5b871c7c27p+2);
  CHECK(sum(190) == 0x1.74eb6bfc7193ep+2);
  CHECK(sum(250) == 0x1.86717699f517bp+2);
  CHECK(sum(300) == 0x1.92172a3e6965ap+2);
  CHECK(sum(5000) == 0x1.2306376e18052p+3);
}

TEST_CASE("keypoints at their places are all similar, and invisible ones do not count") {
  const std::vector<double> object{10, 10, 2, 50, 50, 0};
  const std::vector<double> detection{10, 10, 1, 90, 90, 1};
  CHECK(similarities(detection, object, {100}, {{0, 0, 60, 60}}, {.1, .1}) == std::vector<double>{1});
}

TEST_CASE("a keypoint counts by its distance, the object's area and its sigma") {
  const std::vector<double> object{10, 10, 2}, detection{13, 14, 0};
  const double variance = .2 * .2, area = 400 + std::numeric_limits<double>::epsilon();
  CHECK(similarities(detection, object, {400}, {{0, 0, 1, 1}}, {.1}) ==
        std::vector<double>{std::exp(-(25 / variance / area / 2))});
}

TEST_CASE("where no point is visible, the distance is that to the box made three times as large") {
  const std::vector<double> object{0, 0, 0};
  const std::vector<double> inside{1, 1, 2, 29, 29, 2}, outside{33, 10, 2}, before{-3, -4, 2};
  const Box box{10, 10, 10, 10};  // reaches from 0 to 30 then
  CHECK(similarities(inside, object, {100}, {box}, {.1}) == std::vector<double>{1, 1});
  const double area = 100 + std::numeric_limits<double>::epsilon();
  CHECK(similarities(outside, object, {100}, {box}, {.1}) ==
        std::vector<double>{std::exp(-(9 / (.2 * .2) / area / 2))});
  CHECK(similarities(before, object, {100}, {box}, {.1}) ==
        std::vector<double>{std::exp(-(25 / (.2 * .2) / area / 2))});
}

TEST_CASE("an object without area is similar to what lies exactly on it, and to nothing else") {
  CHECK(similarities({10, 10, 2, 11, 10, 2}, {10, 10, 2}, {0}, {{0, 0, 1, 1}}, {.1}) == std::vector<double>{1, 0});
}

TEST_CASE("an overlap that equals the threshold is enough, and a threshold of 1 is reached by 1 less a rounding") {
  const Tile tile{.overlaps = {.5}, .crowd = {0}, .ignored = {0}};
  CHECK(matched(tile, .5) == std::vector<std::uint32_t>{0});
  CHECK(matched(tile, std::nextafter(.5, 1)) == std::vector<std::uint32_t>{no_object});
  const Tile nearly{.overlaps = {1 - 1e-11}, .crowd = {0}, .ignored = {0}};
  CHECK(matched(nearly, 1) == std::vector<std::uint32_t>{0});
}

TEST_CASE("of equal overlaps the last object wins, and the first detection chooses first") {
  const Tile tile{.overlaps = {.7, .7, .6, .7, .7, .6}, .crowd = {0, 0, 0}, .ignored = {0, 0, 0}};
  CHECK(matched(tile, .5) == std::vector<std::uint32_t>{1, 0});
}

TEST_CASE("an object that counts is taken before a better one that is ignored") {
  const Tile tile{.overlaps = {.9, .6}, .crowd = {0, 0}, .ignored = {1, 0}};
  CHECK(matched(tile, .5) == std::vector<std::uint32_t>{1});
  CHECK(matched(tile, .8) == std::vector<std::uint32_t>{0});
}

TEST_CASE("a crowd takes many, another object one") {
  const Tile tile{.overlaps = {.9, 0, .9, 0, .9, 0}, .crowd = {1, 0}, .ignored = {1, 0}};
  CHECK(matched(tile, .5) == std::vector<std::uint32_t>{0, 0, 0});
  const Tile single{.overlaps = {.9, .9, .9}, .crowd = {0}, .ignored = {0}};
  CHECK(matched(single, .5) == std::vector<std::uint32_t>{0, no_object, no_object});
}

TEST_CASE("what a leaving detection takes stays free") {
  const Tile tile{.overlaps = {.9, .8}, .crowd = {0}, .leaves = {1, 0}, .ignored = {0}};
  CHECK(matched(tile, .5) == std::vector<std::uint32_t>{0, 0});
}

TEST_CASE("all thresholds in one sweep are each threshold by itself") {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Tile tile;
    const std::uint32_t objects = random.between(1, 6), detections = random.between(1, 9), cases = random.between(1, 5);
    const bool nan = random.once_in(10);
    for (std::uint32_t i = 0; i < objects * detections; ++i)
      tile.overlaps.push_back(nan && random.once_in(8) ? std::numeric_limits<double>::quiet_NaN()
                                                       : random.below(21) / 20.0);
    for (std::uint32_t g = 0; g < objects; ++g) {
      tile.crowd.push_back(random.once_in(4) ? 1 : 0);
      tile.ignored.push_back(random.below(32));
      tile.unnamed.push_back(random.once_in(6) ? 1 : 0);
    }
    if (random.once_in(2))
      for (std::uint32_t d = 0; d < detections; ++d) tile.leaves.push_back(random.once_in(3) ? 1 : 0);
    std::vector<double> thresholds;
    for (std::uint32_t n = random.between(1, 16); n > 0; --n) thresholds.push_back(random.below(23) / 20.0);

    std::vector<GreedyOutcome> swept(detections * cases), expected(detections * cases);
    GreedyMatcher matcher(thresholds, cases);
    for (int again = 0; again < 2; ++again)  // its memory of the tile before does not matter
      matcher.match(tile.view(), [&](std::size_t d, unsigned a, GreedyOutcome o) { swept[d * cases + a] = o; });
    std::vector<std::uint32_t> object_of(detections);
    for (unsigned a = 0; a < cases; ++a)
      for (std::size_t t = 0; t < thresholds.size(); ++t) {
        match_greedily(tile.view(), thresholds[t], a, object_of);
        for (std::size_t d = 0; d < detections; ++d) {
          if (object_of[d] == no_object) continue;
          const std::uint32_t g = object_of[d];
          GreedyOutcome& o = expected[d * cases + a];
          if (tile.unnamed[g] == 0) o.matched = static_cast<std::uint16_t>(o.matched | 1U << t);
          if ((tile.ignored[g] >> a & 1) != 0) o.ignored = static_cast<std::uint16_t>(o.ignored | 1U << t);
        }
      }
    for (std::size_t i = 0; i < swept.size(); ++i) {
      CHECK(swept[i].matched == expected[i].matched);
      CHECK(swept[i].ignored == expected[i].ignored);
    }
  }
}
