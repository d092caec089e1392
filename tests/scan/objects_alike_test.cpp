// One object on both sides of a split: found in other surroundings, left alone where its class is alike by nature.
#include "vetset/scan/objects_alike.h"

#include <doctest/doctest.h>

#include "tests/scan/pictures.h"

using namespace vetset;

namespace {

struct Scenes {
  Pictures p;

  Scenes() {
    p.d.categories.push_back({.name = "bottle"});
    p.d.categories.push_back({.name = "cup"});
  }
  /// A scene of its own with an object in it.
  ImageIndex add(const std::string& path, std::uint64_t scene, std::uint64_t object, std::uint32_t left,
                 CategoryIndex category = CategoryIndex{0}) {
    Plane plane = drawn(scene, 320, 240);
    const Plane thing = drawn(object, 96, 96);
    for (std::uint32_t y = 0; y < 96; ++y)
      for (std::uint32_t x = 0; x < 96; ++x) plane.samples[(70 + y) * 320 + left + x] = thing.samples[y * 96 + x];
    const ImageIndex i = p.add(path, plane);
    p.d.images[to_size(i)].width = 320;
    p.d.images[to_size(i)].height = 240;
    p.d.annotations.push_back({.box = {static_cast<double>(left), 70, 96, 96},
                               .image = i,
                               .category = category,
                               .kind = Kind::box,
                               .box_origin = Origin::stated});
    return i;
  }
  void split(std::string name, const std::vector<ImageIndex>& images) {
    const auto split = to_index<SplitIndex>(p.d.splits.size());
    p.d.splits.push_back({.name = std::move(name), .origin = SplitOrigin::folder});
    std::uint32_t order = 0;
    for (const ImageIndex i : images) p.d.memberships.push_back({split, i, order++});
  }
  ObjectSearch search(const Links& links = {}) const {
    auto found = find_shared_objects(p.d, p.tree, p.facts, p.pixels, links, Pool(2), {});
    REQUIRE(found);
    return *std::move(found);
  }
};

}  // namespace

TEST_CASE("one object in two surroundings and two splits is a pair, the one in training first") {
  Scenes s;
  std::vector<ImageIndex> train, test;
  test.push_back(s.add("test/a.pgm", 1, 70, 40));
  for (std::uint64_t k = 0; k < 8; ++k)
    train.push_back(s.add("train/" + std::to_string(k) + ".pgm", 10 + k, 90 + k, 100));
  train.push_back(s.add("train/x.pgm", 30, 70, 180));
  s.split("train", train);
  s.split("test", test);
  const ObjectSearch found = s.search();
  CHECK(found.objects == 10);
  REQUIRE(found.pairs.size() == 1);
  CHECK(found.pairs[0].first == AnnotationIndex{9});
  CHECK(found.pairs[0].second == AnnotationIndex{0});
  CHECK(found.pairs[0].correlation > 0.9F);
  REQUIRE(found.classes.size() == 1);
  CHECK(found.classes[0].pairs == 1);
  CHECK(found.classes[0].tells);
}

TEST_CASE("objects of a class that is alike inside one split tell nothing between two") {
  Scenes s;
  std::vector<ImageIndex> train, test;
  for (std::uint64_t k = 0; k < 4; ++k) train.push_back(s.add("train/" + std::to_string(k) + ".pgm", 10 + k, 70, 100));
  test.push_back(s.add("test/a.pgm", 1, 70, 40));
  s.split("train", train);
  s.split("test", test);
  const ObjectSearch found = s.search();
  CHECK(found.pairs.empty());
  REQUIRE(found.classes.size() == 1);
  CHECK(found.classes[0].alike == 4);
  CHECK(found.classes[0].pairs > 0);
  CHECK(!found.classes[0].tells);
}

TEST_CASE("objects of two classes are not one, nor are those of images that links tie together") {
  Scenes s;
  const ImageIndex a = s.add("train/a.pgm", 1, 70, 40), b = s.add("test/b.pgm", 2, 70, 120, CategoryIndex{1});
  const ImageIndex c = s.add("train/c.pgm", 3, 71, 40), e = s.add("test/e.pgm", 4, 71, 120);
  s.split("train", {a, c});
  s.split("test", {b, e});
  CHECK(s.search().pairs.size() == 1);
  Links links;
  links.links.push_back({.first = c, .second = e, .kind = LinkKind::near});
  CHECK(s.search(links).pairs.empty());
}

TEST_CASE("small boxes and boxes of a whole image are left to others") {
  Scenes s;
  const ImageIndex a = s.add("train/a.pgm", 1, 70, 40), b = s.add("test/b.pgm", 2, 70, 120);
  s.split("train", {a});
  s.split("test", {b});
  s.p.d.annotations[0].box = {40, 70, 47, 96};
  CHECK(s.search().pairs.empty());
  CHECK(s.search().too_small == 1);
  s.p.d.annotations[0].box = {0, 0, 320, 240};
  CHECK(s.search().objects == 1);
}
