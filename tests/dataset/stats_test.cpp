// Statistics: every number against a dataset small enough to count by hand.
#include <doctest/doctest.h>

#include <limits>

#include "tests/check/made.h"
#include "tests/support/random_dataset.h"
#include "vetset/dataset/stats.h"

using namespace vetset;
using namespace vetset::test;

TEST_CASE("objects are counted by class, split and image; copies of a split's name are one") {
  Made m;
  const CategoryIndex car = m.category("car"), bus = m.category("bus");
  m.category("never");
  const ImageIndex a = m.image("a.jpg"), b = m.image("b.jpg"), c = m.image("c.jpg", 0, 0), alone = m.image("d.jpg");
  m.box(a, car, {0, 0, 10, 10});
  m.box(a, car, {0, 0, 10, 10});
  m.box(b, bus, {0, 0, 40, 40});
  m.box(b, none<CategoryIndex>, {0, 0, 99, 99});
  m.split("train", {a});
  m.split("train", {a, b});
  m.split("val", {c});
  const Stats s = stats_of(m.d);
  REQUIRE(s.splits.size() == 3);
  CHECK(s.splits[0].name == "train");
  CHECK(s.splits[0].images == 2);
  CHECK(s.splits[0].objects == 4);
  CHECK(s.splits[0].classes == 2);
  CHECK(s.splits[1].empty_images == 1);
  CHECK(s.splits[2].name.empty());
  CHECK(s.splits[2].images == 1);
  CHECK(s.classes[0].objects == 2);
  CHECK(s.classes[0].images == 1);
  CHECK(s.classes[0].by_split == std::vector<std::uint64_t>{2, 0, 0});
  CHECK(s.classes[2].objects == 0);
  CHECK(s.unclassed == 1);
  CHECK(s.objects_per_image == std::vector<std::uint64_t>{2, 0, 2});
  CHECK(s.objects_spread.median == 1);
  CHECK(s.objects_spread.mean == 1);
  CHECK(s.small == 2);
  CHECK(s.medium == 1);
  CHECK(s.large == 1);
  CHECK(s.unsized_images == 1);
  CHECK(s.image_sizes.size() == 1);
  CHECK(s.image_sizes[0].second == 3);
  CHECK(to_size(alone) == 3);
}

TEST_CASE("boxes lie where their centres lie; what is outside or no number cannot break the map") {
  Made m;
  const CategoryIndex car = m.category("car");
  const ImageIndex a = m.image("a.jpg", 80, 80);
  m.box(a, car, {0, 70, 10, 10});      // the lower left
  m.box(a, car, {500, -300, 10, 10});  // past the upper right
  m.box(a, car, {std::numeric_limits<double>::quiet_NaN(), 0, 1, 1});
  m.box(a, car, {1e300, 1e300, 1e300, 1e300});
  m.box(a, car, {0, 0, -5, 10});
  const Stats s = stats_of(m.d);
  CHECK(s.heat[7][0] == 1);
  CHECK(s.heat[0][7] == 1);
  CHECK(s.heat[7][7] == 1);
  CHECK(s.heat[0][0] == 1);
  CHECK(s.without_box == 1);
  CHECK(s.by_aspect[3] == 3);  // squares; the negative one has no shape
}

TEST_CASE("whatever a dataset holds, the counts add up and say the same twice") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const Dataset d = random_dataset(seed);
    const Stats s = stats_of(d);
    std::uint64_t images = 0, boxes = 0, in_classes = 0;
    for (const std::uint64_t count : s.objects_per_image) images += count;
    for (const ClassStats& c : s.classes) in_classes += c.objects;
    boxes = s.small + s.medium + s.large + s.without_box;
    CHECK(images == d.images.size());
    CHECK(boxes == d.annotations.size());
    CHECK(in_classes + s.unclassed == d.annotations.size());
    CHECK(to_json(s, "p", "s", "f") == to_json(stats_of(d), "p", "s", "f"));
  }
}
