#include <doctest/doctest.h>

#include <bit>

#include "tests/evaluate/plain_coco.h"
#include "tests/support/random.h"

using namespace vetset;

namespace {

Box random_box(Random& random, bool fine) {
  if (fine) return {random.unit() * 90, random.unit() * 90, random.unit() * 60, random.unit() * 60};
  const double side[] = {0, 8, 16, 32, 32, 64, 96};
  return {8.0 * random.below(6), 8.0 * random.below(6), side[random.below(7)], side[random.below(7)]};
}

/// Ties of scores and overlaps, areas at the very ends of ranges, crowds, ids of 0, repeated and negative ones.
Scene random_scene(Random& random) {
  Scene scene;
  scene.images = random.between(1, 5);
  scene.categories = random.between(1, 4);
  const bool fine = random.once_in(2), odd_places = random.once_in(4);
  const auto place = [&](std::size_t count) {
    return odd_places && random.once_in(10) ? no_number : random.below(static_cast<std::uint32_t>(count));
  };
  const unsigned id_style = random.below(6);
  const auto give_ids = [&](std::vector<Thing>& things) {
    for (std::size_t row = 0; row < things.size(); ++row) {
      const auto n = static_cast<std::int64_t>(row);
      const std::int64_t by_style[] = {n + 1,
                                       n,
                                       1 + random.below(20),
                                       2 - n,
                                       (std::int64_t{1} << 53) + n,
                                       static_cast<std::int64_t>(things.size()) - n};
      things[row].has_id = true;
      things[row].id = by_style[id_style];
    }
  };
  for (std::uint32_t n = random.below(30); n > 0; --n) {
    const double area[] = {-1, -1, -1, 1024, 9216, 0, 1e10, 2e10};
    scene.truth.push_back({.image = place(scene.images),
                           .category = place(scene.categories),
                           .box = random_box(random, fine),
                           .crowd = random.once_in(6),
                           .ignore = random.once_in(8),
                           .area = area[random.below(8)]});
  }
  for (std::uint32_t n = random.below(90); n > 0; --n) {
    Thing thing{.image = place(scene.images), .category = place(scene.categories), .box = random_box(random, fine)};
    if (!scene.truth.empty() && !random.once_in(3)) {
      const Thing& like = scene.truth[random.below(static_cast<std::uint32_t>(scene.truth.size()))];
      thing.image = like.image;
      thing.category = random.once_in(6) ? thing.category : like.category;
      thing.box = like.box;
      if (random.once_in(2)) thing.box.x += fine ? random.unit() * 9 : 16.0;
      if (random.once_in(3)) thing.box.width = std::max(0.0, thing.box.width - 16);
    }
    thing.score = random.once_in(2) ? .25 * random.below(4) : random.once_in(6) ? -0.0 : random.unit();
    scene.predictions.push_back(thing);
  }
  if (scene.predictions.empty()) scene.predictions.push_back({.box = {1, 1, 5, 5}, .score = .5});
  give_ids(scene.truth);
  if (random.once_in(3)) give_ids(scene.predictions);
  return scene;
}

CocoSettings random_settings(Random& random, CocoMode mode) {
  CocoSettings s = settings_of(mode);
  s.use_categories = !random.once_in(4);
  if (random.once_in(2)) {
    s.max_detections.clear();
    for (std::uint32_t n = random.between(1, 4), limit = random.below(3); n > 0; --n)
      s.max_detections.push_back(limit += random.below(5));
  }
  if (random.once_in(3)) {
    s.iou_thresholds.clear();
    for (std::uint32_t n = random.between(1, 40); n > 0; --n) s.iou_thresholds.push_back(random.below(23) / 20.0);
    if (random.once_in(2)) std::sort(s.iou_thresholds.begin(), s.iou_thresholds.end());
  }
  if (random.once_in(3)) {
    s.recall_thresholds.clear();
    for (std::uint32_t n = random.between(1, 9); n > 0; --n) s.recall_thresholds.push_back(random.below(13) / 12.0);
    if (random.once_in(2)) std::sort(s.recall_thresholds.begin(), s.recall_thresholds.end());
  }
  if (random.once_in(3)) {
    s.areas.clear();
    for (std::uint32_t n = random.between(1, 5); n > 0; --n) {
      const double low = 512.0 * random.below(4);
      s.areas.push_back({std::to_string(n), low, low + 1024.0 * random.below(4)});
    }
  }
  return s;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) {
           return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
         });
}

unsigned law_seeds() {
  const char* text = std::getenv("VETSET_LAW_SEEDS");
  return text == nullptr ? 400 : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

}  // namespace

TEST_CASE("an evaluation is that of its plain description, to the last bit") {
  for (unsigned seed = 0; seed < law_seeds(); ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Scene scene = random_scene(random);
    for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected}) {
      const CocoSettings settings = random_settings(random, mode);
      const auto result = evaluate_coco(scene.input(), settings, Pool(1 + seed % 3));
      REQUIRE_MESSAGE(result, to_string(result.error()));
      const plain::Arrays expected = plain::evaluate(scene, settings);
      CHECK(same_bits(result->precision, expected.precision));
      CHECK(same_bits(result->recall, expected.recall));
      CHECK(same_bits(result->scores, expected.scores));
    }
  }
}

TEST_CASE("records of single images add up to the arrays") {
  for (unsigned seed = 1000; seed < 1000 + law_seeds() / 4; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Scene scene = random_scene(random);
    const CocoSettings settings = random_settings(random, CocoMode::strict);
    const CocoInput input = scene.input();
    const auto result = evaluate_coco(input, settings, Pool());
    const auto images = CocoImages::open(input, settings);
    REQUIRE(result);
    REQUIRE(images);
    const std::size_t thresholds = settings.iou_thresholds.size(), limits = settings.max_detections.size();
    for (std::size_t k = 0; k < result->categories; ++k)
      for (std::size_t a = 0; a < settings.areas.size(); ++a)
        for (std::size_t t = 0; t < thresholds; ++t) {
          double hits = 0, objects = 0;
          for (std::size_t i = 0; i < scene.images; ++i) {
            const auto found = images->at(i, k, a);
            REQUIRE(found);
            if (!*found) continue;
            const CocoImage& image = **found;
            for (const std::uint8_t ignored : image.truth_ignored) objects += ignored == 0 ? 1 : 0;
            const std::size_t n = image.predictions.size();
            for (std::size_t d = 0; d < n; ++d)
              hits += image.prediction_matches[t * n + d] != 0 && image.prediction_ignored[t * n + d] == 0 ? 1 : 0;
          }
          CHECK(recall_at(*result, t, k, a, limits - 1) == (objects == 0 ? -1 : hits / objects));
        }
  }
}

TEST_CASE("threads share large classes and small ones alike") {
  Random random(7);
  Scene scene;
  scene.images = 300;
  scene.categories = 9;
  for (unsigned n = 0; n < 3000; ++n)
    scene.truth.push_back({.image = random.below(300),
                           .category = random.once_in(3) ? random.below(9) : 4,
                           .box = random_box(random, true)});
  for (unsigned n = 0; n < 40000; ++n) {
    const Thing& like = scene.truth[random.below(3000)];
    Box box = like.box;
    box.x += random.unit() * 10;
    scene.predictions.push_back(
        {.image = like.image, .category = like.category, .box = box, .score = random.below(1000) / 1000.0});
  }
  const CocoInput input = scene.input();
  const auto alone = evaluate_coco(input, settings_of(CocoMode::strict), Pool(1));
  const auto shared = evaluate_coco(input, settings_of(CocoMode::strict), Pool(5));
  REQUIRE(alone);
  REQUIRE(shared);
  CHECK(same_bits(alone->precision, shared->precision));
  CHECK(same_bits(alone->recall, shared->recall));
  CHECK(same_bits(alone->scores, shared->scores));
  CHECK(alone->category_objects == shared->category_objects);
  CHECK(alone->lines[0].value > .1);
}

TEST_CASE("thousands of predictions of one class are counted in the same order as a few") {
  for (unsigned seed = 0; seed < 6; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Scene scene;
    scene.images = 20;
    for (unsigned n = 0; n < 300; ++n)
      scene.truth.push_back({.image = random.below(20), .box = random_box(random, true)});
    for (unsigned n = 0; n < 3000; ++n) {
      const Thing& like = scene.truth[random.below(300)];
      const double scores[] = {random.unit(), random.unit() - .5, random.below(5) / 4.0, 1e-300 * random.unit()};
      scene.predictions.push_back({.image = like.image, .box = like.box, .score = scores[random.below(4)]});
    }
    const CocoSettings settings = settings_of(CocoMode::strict);
    const auto result = evaluate_coco(scene.input(), settings, Pool());
    REQUIRE(result);
    const plain::Arrays expected = plain::evaluate(scene, settings);
    CHECK(same_bits(result->precision, expected.precision));
    CHECK(same_bits(result->recall, expected.recall));
    CHECK(same_bits(result->scores, expected.scores));
  }
}
