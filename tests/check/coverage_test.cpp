// Rules of coverage with a threshold of statistics: planted flaws are found, and where nothing is, little is said.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/check/made.h"
#include "tests/support/circle.h"
#include "vetset/base/random.h"
#include "vetset/check/labelled.h"
#include "vetset/dataset/embeddings.h"
#include "vetset/dataset/probabilities.h"

using namespace vetset;
using namespace vetset::test;

namespace {

struct Models {
  const Embeddings* embeddings = nullptr;
  const Probabilities* probabilities = nullptr;
};

Evidence evidence_of(const Made& m, const Models& models) {
  return {.dataset = m.d,
          .files = {},
          .reading = {},
          .facts = m.facts,
          .settings = m.settings,
          .groups = m.groups,
          .embeddings = models.embeddings,
          .pixels = m.pixels,
          .links = m.has_links ? &m.links : nullptr,
          .probabilities = models.probabilities};
}

std::vector<Finding> found(const Made& m, std::string_view code, const Models& models = {}) {
  REQUIRE_FALSE(m.d.inconsistency());
  const Rule* rule = find_rule(code);
  REQUIRE(rule != nullptr);
  const Evidence evidence = evidence_of(m, models);
  if (rule->not_run != nullptr) REQUIRE(rule->not_run(evidence) == "");
  std::vector<Finding> all;
  const std::function<void(Finding)> add = [&](Finding f) { all.push_back(std::move(f)); };
  rule->check(evidence, Report{*rule, add});
  return all;
}

std::string not_run(const Made& m, std::string_view code) { return find_rule(code)->not_run(evidence_of(m, {})); }

/// Images of one tag each; what an image is like is for the test to say.
struct Tagged {
  Made m;
  std::vector<CategoryIndex> label;
  Random random;

  Tagged(int count, std::uint64_t seed, std::uint32_t one_in = 2) : random(seed) {
    const auto cat = m.category("cat"), dog = m.category("dog");
    for (int k = 0; k < count; ++k) {
      const auto i = m.image("p" + std::to_string(k) + ".jpg", 640, 480);
      label.push_back(random.once_in(one_in) ? dog : cat);
      m.d.annotations.push_back({.image = i, .category = label.back(), .kind = Kind::tag});
    }
  }
  void attribute(std::string_view key, const std::function<std::string_view(std::size_t)>& value) {
    for (std::size_t k = 0; k < label.size(); ++k)
      m.attribute(to_index<ImageIndex>(k), key, "\"" + std::string(value(k)) + "\"");
  }
  /// The first `count` images for training, the rest for testing.
  void divide(std::size_t count) {
    std::vector<ImageIndex> train, test;
    for (std::size_t k = 0; k < label.size(); ++k) (k < count ? train : test).push_back(to_index<ImageIndex>(k));
    m.split("train", train);
    m.split("test", test);
  }
};

}  // namespace

TEST_CASE("a property that tells the class is a shortcut") {
  Tagged t(200, 1);
  t.attribute("light", [&](std::size_t k) { return t.label[k] == CategoryIndex{0} || k % 10 == 0 ? "night" : "day"; });
  const auto all = found(t.m, "COV207");
  REQUIRE(all.size() == 1);
  CHECK(mentions(all[0], "`image.attribute.light` alone tells the class of 200 images"));
  CHECK(*all[0].score > 0.7);
}

TEST_CASE("a property that has nothing to do with unequal classes tells nothing") {
  // 90 to 10, where a baseline by the number of classes instead of the counts sees skill.
  int alarms = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Tagged t(200, seed, 10);
    t.attribute("light", [&](std::size_t) { return t.random.once_in(2) ? "night" : "day"; });
    alarms += static_cast<int>(found(t.m, "COV207").size());
  }
  CHECK(alarms == 0);
}

TEST_CASE("images of one group count once before a property is said to tell the class") {
  Tagged t(200, 1);
  t.attribute("light", [&](std::size_t k) { return t.label[k] == CategoryIndex{0} ? "night" : "day"; });
  CHECK(found(t.m, "COV207").size() == 1);
  for (std::uint32_t k = 10; k < 200; ++k) t.m.link(ImageIndex{k % 10}, ImageIndex{k}, LinkKind::sequence);
  CHECK(found(t.m, "COV207").empty());
}

TEST_CASE("skill is over the commonest class") {
  Paired pairs{.levels = 2, .classes = 2};
  for (std::uint32_t k = 0; k < 100; ++k) {
    pairs.level.push_back(k % 2);
    pairs.label.push_back(k % 10 == 0);
    pairs.fold.push_back(static_cast<std::uint8_t>(k / 10 % 5));
  }
  CHECK(skill_of(pairs) == doctest::Approx(0));
  for (std::uint32_t k = 0; k < 100; ++k) pairs.level[k] = pairs.label[k];
  CHECK(skill_of(pairs) == doctest::Approx(1));
  CHECK(association_of(pairs) == doctest::Approx(1));
}

TEST_CASE("a class that comes from one source is told") {
  Tagged t(200, 2);
  t.attribute("site", [&](std::size_t k) { return t.label[k] == CategoryIndex{1} || k % 5 == 0 ? "north" : "south"; });
  const auto all = found(t.m, "COV208");
  REQUIRE(all.size() == 2);
  CHECK(mentions(all[0], "`cat` is told by where images come from"));
  CHECK(mentions(all[0], "by `image.attribute.site` alone"));
  CHECK(found(t.m, "COV207").empty());  // said once
}

TEST_CASE("sources that are spread over the classes are silent") {
  int alarms = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Tagged t(120, seed, 4);
    t.attribute("site", [&](std::size_t) { return t.random.once_in(3) ? "north" : "south"; });
    alarms += static_cast<int>(found(t.m, "COV208").size());
  }
  CHECK(alarms == 0);
}

TEST_CASE("a split in another light has drifted") {
  Tagged t(240, 3);
  t.attribute("light", [&](std::size_t k) { return t.random.once_in(k < 160 ? 8 : 2) ? "night" : "day"; });
  t.divide(160);
  const auto all = found(t.m, "COV213");
  REQUIRE(all.size() == 1);
  CHECK(mentions(all[0], "`test` differs from `train` in `image.attribute.light`"));
  CHECK(mentions(all[0], "by image, q = "));
}

TEST_CASE("splits that were drawn at random have not drifted, and lack nothing that chance would not") {
  int drifts = 0, lacks = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Tagged t(120, seed);
    const char* names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    for (std::size_t k = 0; k < t.label.size(); ++k)
      for (const char* key : {"light", "view"})
        t.m.attribute(to_index<ImageIndex>(k), key, "\"" + std::string(names[t.random.below(8)]) + "\"");
    t.divide(90);
    drifts += static_cast<int>(found(t.m, "COV213").size());
    lacks += static_cast<int>(found(t.m, "COV206").size());
  }
  CHECK(drifts <= 5);
  CHECK(lacks <= 6);
}

TEST_CASE("a night of one sequence is one night: no drift is proved by it") {
  Tagged t(240, 3);
  t.attribute("light", [&](std::size_t k) { return k >= 200 ? "night" : "day"; });
  t.divide(160);
  CHECK(found(t.m, "COV213").size() == 1);
  for (std::uint32_t k = 0; k < 240; ++k)
    if (k % 40 != 0) t.m.link(ImageIndex{k / 40 * 40}, ImageIndex{k}, LinkKind::sequence);
  CHECK(found(t.m, "COV213").empty());
}

TEST_CASE("a pair of conditions that training never shows is missing") {
  Tagged t(160, 4);
  for (std::size_t k = 0; k < 160; ++k) {
    const bool night = k % 3 == 0, rain = k >= 120 ? k % 2 == 0 : !night && k % 2 == 0;
    t.m.attribute(to_index<ImageIndex>(k), "light", night ? "\"night\"" : "\"day\"");
    t.m.attribute(to_index<ImageIndex>(k), "weather", rain ? "\"rain\"" : "\"clear\"");
  }
  t.divide(120);
  const auto all = found(t.m, "COV206");
  REQUIRE(all.size() == 1);
  CHECK(mentions(all[0], "25 % of the pairs of conditions of images in `test` are nowhere in `train` (1 of 4)"));
  CHECK(mentions(all[0], "image.attribute.light `night` with image.attribute.weather `rain` (7 images)"));
}

TEST_CASE("boxes that keep to one place or one size are narrow, others are not") {
  Made m;
  const auto car = m.category("car"), cat = m.category("cat");
  const auto i = m.image("a.jpg", 800, 800);
  Random random(1);
  for (int k = 0; k < 150; ++k) {
    m.box(i, car, {400 + random.unit(), 400, 40, 40});
    m.box(i, cat, {700 * random.unit(), 700 * random.unit(), 20 + 70 * random.unit(), 30});
  }
  const auto all = found(m, "COV209");
  REQUIRE(all.size() == 2);
  CHECK(at<CategoryIndex>(all[0]) == car);
  CHECK(mentions(all[0], "90 % of the centres are in 1 of 64 cells"));
  CHECK(mentions(all[1], "90 % have a side (root of area) of 5 % to 5 %"));
}

TEST_CASE("images that repeat others are redundant, frames of a sequence are not counted as copies") {
  Tagged t(10, 1);
  for (std::uint32_t k = 1; k < 5; ++k) t.m.link(ImageIndex{0}, ImageIndex{k}, LinkKind::near, 3, 0.99F);
  for (std::uint32_t k = 6; k < 10; ++k) t.m.link(ImageIndex{5}, ImageIndex{k}, LinkKind::sequence);
  const auto all = found(t.m, "COV210");
  REQUIRE(all.size() == 1);
  CHECK(mentions(all[0], "10 images show 6 pictures: 40 % repeat another one nearly; this one is there 5 times"));
  t.m.links.links.resize(2);
  CHECK(found(t.m, "COV210").empty());
}

TEST_CASE("a split beyond training is a hole, and a random part of it is none") {
  int holes = 0, uncovered = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Tagged t(300, seed);
    t.divide(200);
    std::vector<double> angles;
    for (int k = 0; k < 300; ++k) angles.push_back(t.random.unit() * 2);
    const Embeddings e = on_circle(angles);
    holes += static_cast<int>(found(t.m, "COV211", {.embeddings = &e}).size());
    uncovered += static_cast<int>(found(t.m, "COV212", {.embeddings = &e}).size());
    if (seed > 1) continue;
    for (std::size_t k = 200; k < 300; ++k) angles[k] = k % 3 == 0 ? 4 + t.random.unit() : angles[k];
    const Embeddings far = on_circle(angles);
    const auto found_holes = found(t.m, "COV211", {.embeddings = &far});
    REQUIRE_FALSE(found_holes.empty());
    CHECK(mentions(found_holes[0], "`test` shows what `train` does not"));
    CHECK(found(t.m, "COV212", {.embeddings = &far}).size() == 1);
  }
  CHECK(holes <= 3);
  CHECK(uncovered <= 3);
}

TEST_CASE("one image far from all others is an outlier") {
  Tagged t(200, 1);
  Embeddings ring{.name = "e.npy", .dimension = 3, .known = std::vector<bool>(200, true)};
  for (int k = 0; k < 200; ++k) {
    const double angle = 2 * std::acos(-1.0) * k / 200;
    for (const double x : {std::cos(angle), std::sin(angle), 0.0}) ring.values.push_back(static_cast<float>(x));
  }
  CHECK(found(t.m, "COV218", {.embeddings = &ring}).empty());
  for (std::size_t axis = 0; axis < 3; ++axis) ring.values[150 + axis] = axis == 2 ? 1.0F : 0.0F;
  const auto all = found(t.m, "COV218", {.embeddings = &ring});
  REQUIRE(all.size() == 1);
  CHECK(at<ImageIndex>(all[0]) == ImageIndex{50});
}

TEST_CASE("a model that fails by night has a weak slice, one that fails anywhere has none") {
  Tagged t(400, 1);
  t.attribute("light", [](std::size_t k) { return k % 5 == 0 ? "night" : "day"; });
  const auto predicted = [&](const std::function<bool(std::size_t)>& wrong) {
    std::vector<float> values;
    for (std::size_t k = 0; k < 400; ++k) {
      const bool dog = (t.label[k] == CategoryIndex{1}) != wrong(k);
      values.push_back(dog ? 0.2F : 0.8F);
      values.push_back(dog ? 0.8F : 0.2F);
    }
    return values;
  };
  const auto weak = [&](const std::vector<float>& values) {
    Probabilities p{.of = ProbabilitiesOf::images, .rows = 400, .width = 2, .values = values};
    for (std::uint32_t k = 0; k < 400; ++k) p.row_of.push_back(k);
    p.category_of = {CategoryIndex{0}, CategoryIndex{1}};
    p.column_of = {0, 1};
    return found(t.m, "COV219", {.probabilities = &p});
  };
  const auto all = weak(predicted([&](std::size_t k) { return k % 5 == 0 ? k % 2 == 0 : k % 17 == 0; }));
  REQUIRE(all.size() == 1);
  CHECK(mentions(all[0], "where image.attribute.light `night`, "));
  CHECK(mentions(all[0], "is given another class"));
  CHECK(weak(predicted([&](std::size_t) { return t.random.once_in(8); })).empty());
  CHECK(not_run(t.m, "COV219") == "needs --predictions or --probabilities");
}

TEST_CASE("rules of coverage say what they lack") {
  Tagged t(50, 1);
  CHECK(not_run(t.m, "COV207") == "needs --pixels or attributes of images");
  CHECK(not_run(t.m, "COV206") == "needs two splits");
  CHECK(not_run(t.m, "COV213") == "needs two splits");
  CHECK(not_run(t.m, "COV210") == "needs --pixels or --embeddings");
  CHECK(not_run(t.m, "COV218") == "needs --embeddings");
}
