#include <doctest/doctest.h>

#include "tests/evaluate/scene.h"
#include "vetset/base/random.h"
#include "vetset/evaluate/resample.h"

namespace vetset {
namespace {

/// Objects with predictions near some of them, crowds and ties of scores now and then.
Scene random_scene(std::uint64_t seed, bool ties) {
  Random random(seed);
  Scene scene;
  scene.images = random.between(1, 8);
  scene.categories = random.between(1, 3);
  for (std::uint32_t n = random.between(1, 40); n > 0; --n)
    scene.truth.push_back(
        {.image = random.below(static_cast<std::uint32_t>(scene.images)),
         .category = random.below(static_cast<std::uint32_t>(scene.categories)),
         .box = {random.unit() * 90, random.unit() * 90, 5 + random.unit() * 60, 5 + random.unit() * 60},
         .crowd = random.once_in(8)});
  for (std::uint32_t n = random.below(120); n > 0; --n) {
    Thing thing = scene.truth[random.below(static_cast<std::uint32_t>(scene.truth.size()))];
    thing.crowd = false;
    if (random.once_in(3)) thing.box.x += random.unit() * 30;
    if (random.once_in(5)) thing.image = random.below(static_cast<std::uint32_t>(scene.images));
    thing.score = ties ? .25 * random.below(4) : random.unit();
    scene.predictions.push_back(thing);
  }
  return scene;
}

double figure_of(Scene& scene, const CocoSettings& settings) {
  const auto result = evaluate_coco(scene.input(), settings, Pool());
  REQUIRE(result);
  return result->lines.front().value;
}

TEST_CASE("every image counted once gives the figure of the evaluation, in both modes and with equal scores") {
  for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected})
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
      CAPTURE(seed);
      Scene scene = random_scene(seed, seed % 2 == 0);
      if (scene.predictions.empty() && mode == CocoMode::strict) continue;  // refused there
      const CocoSettings settings = settings_of(mode);
      const auto sampling = CocoResampling::open(scene.input(), settings, Pool());
      REQUIRE(sampling);
      const std::vector<std::uint32_t> once(scene.images, 1);
      CHECK(sampling->mean_precision(once) == doctest::Approx(figure_of(scene, settings)).epsilon(1e-12));
    }
}

TEST_CASE("an image counted twice is that image twice, and one not counted is not there") {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    CAPTURE(seed);
    Scene scene = random_scene(seed, false);
    const CocoSettings settings = settings_of(CocoMode::corrected);
    const auto sampling = CocoResampling::open(scene.input(), settings, Pool());
    REQUIRE(sampling);
    Random random(seed + 1000);
    std::vector<std::uint32_t> weights;
    Scene drawn;
    drawn.images = 0;
    drawn.categories = scene.categories;
    for (std::uint32_t i = 0; i < scene.images; ++i) {
      weights.push_back(random.below(4));
      for (std::uint32_t copy = 0; copy < weights.back(); ++copy) {
        const auto place = static_cast<std::uint32_t>(drawn.images++);
        const auto take = [&](const std::vector<Thing>& from, std::vector<Thing>& to) {
          for (Thing t : from)
            if (t.image == i) t.image = place, to.push_back(t);
        };
        take(scene.truth, drawn.truth);
        take(scene.predictions, drawn.predictions);
      }
    }
    CHECK(sampling->mean_precision(weights) == doctest::Approx(figure_of(drawn, settings)).epsilon(1e-12));
  }
}

TEST_CASE("an interval is of the values between which 95 of a hundred lie") {
  std::vector<double> values;
  for (int i = 1000; i > 0; --i) values.push_back(i);
  const Interval95 interval = interval_of(values);
  CHECK(interval.low == 25);
  CHECK(interval.high == 976);
  CHECK(interval_of({}).low == -1);
  CHECK(interval_of({0.5}).high == 0.5);
}

}  // namespace
}  // namespace vetset
