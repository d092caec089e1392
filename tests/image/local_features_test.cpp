// Corners and their descriptors: the same wherever a picture is turned, mirrored or lit otherwise.
#include "vetset/image/local_features.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/scan/patches.h"

using namespace vetset;

namespace {

/// Of the features of `first`, how many have one of `second` within 48 bits at the place `expected` says, of all.
template <class Expected>
double found_again(const std::vector<LocalFeature>& first, const std::vector<LocalFeature>& second,
                   const Expected& expected, bool mirrored = false) {
  std::size_t found = 0;
  for (const LocalFeature& a : first) {
    const auto [x, y] = expected(a);
    for (const LocalFeature& b : second)
      if (std::abs(b.x - x) < 3 && std::abs(b.y - y) < 3 &&
          distance(mirrored ? a.mirrored : a.descriptor, b.descriptor) <= 48) {
        ++found;
        break;
      }
  }
  return static_cast<double>(found) / static_cast<double>(first.size());
}

}  // namespace

TEST_CASE("corners come strongest first, spread over the frame, as many as asked for") {
  // All contrast lies in the left half; the right half is faint, and has corners all the same.
  Plane plane = shapes(1, 400, 300);
  for (std::uint32_t y = 0; y < 300; ++y)
    for (std::uint32_t x = 200; x < 400; ++x) {
      std::uint8_t& level = plane.samples[std::size_t{y} * 400 + x];
      level = static_cast<std::uint8_t>(100 + level / 4);
    }
  const std::vector<LocalFeature> features = local_features(plane, 128);
  REQUIRE(features.size() == 128);
  std::size_t right = 0;
  for (std::size_t k = 0; k < features.size(); ++k) {
    if (k > 0) CHECK(features[k].response <= features[k - 1].response);
    if (features[k].x > 200) ++right;
  }
  CHECK(right >= 24);
}

TEST_CASE("a picture turned by a quarter has the same corners with the same descriptors") {
  const Plane plane = shapes(2, 320, 320);
  const auto upright = local_features(plane, 96), turned = local_features(oriented(plane, 6), 96);
  CHECK(found_again(upright, turned, [](const LocalFeature& f) { return std::pair(320 - f.y, f.x); }) > 0.8);
}

TEST_CASE("the mirrored descriptor is the descriptor of the mirrored picture") {
  const Plane plane = shapes(3, 320, 240);
  const auto upright = local_features(plane, 96), mirrored = local_features(oriented(plane, 2), 96);
  const auto place = [](const LocalFeature& f) { return std::pair(320 - f.x, f.y); };
  CHECK(found_again(upright, mirrored, place, true) > 0.8);
  CHECK(found_again(upright, mirrored, place, false) < 0.2);
}

TEST_CASE("corners outlive light, noise and small turns") {
  const Plane plane = shapes(4, 320, 320);
  const auto upright = local_features(plane, 96);
  const auto stay = [](const LocalFeature& f) { return std::pair(f.x, f.y); };
  CHECK(found_again(upright, local_features(changed(plane, [](int v) { return v * 6 / 10 + 20; }), 96), stay) > 0.6);
  CHECK(found_again(upright, local_features(noisy(plane, 8), 96), stay) > 0.5);
  const auto turned = [](const LocalFeature& f) {
    const double dx = f.x - 160, dy = f.y - 160;
    return std::pair(160 + 0.9397 * dx - 0.342 * dy, 160 + 0.342 * dx + 0.9397 * dy);
  };
  CHECK(found_again(upright, local_features(spun(plane, 20, 1, 320), 96), turned) > 0.3);
}

TEST_CASE("where nothing is to be seen there are no corners") {
  CHECK(local_features(flat(200, 200, 90), 64).empty());
  CHECK(local_features(shapes(5, 40, 40), 64).empty());
  CHECK(local_features(Plane{}, 64).empty());
}
