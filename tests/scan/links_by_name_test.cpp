#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/scan/pictures.h"
#include "vetset/scan/find_links.h"
#include "vetset/scan/links_by_name_grammar.h"

using namespace vetset;

namespace {

Links links_of(const Pictures& p) {
  auto links = links_by_name(p.d, p.tree, p.facts, p.pixels, Pool(2), {});
  REQUIRE(links);
  return *std::move(links);
}

std::size_t count(const Links& links, LinkKind kind) {
  std::size_t n = 0;
  for (const Link& link : links.links) n += link.kind == kind ? 1U : 0U;
  return n;
}

/// A frame of a camera that pans over a scene.
Plane frame(std::uint64_t scene, std::uint32_t x) { return cut(drawn(scene, 640, 128), {x, 0, 128, 128}); }

std::string lettered(const std::string& name, int k) {
  return name + static_cast<char>('a' + k / 26) + static_cast<char>('a' + k % 26) + ".pgm";
}

std::string numbered(const std::string& name, int number) {
  const std::string digits = std::to_string(number);
  return name + std::string(4 - digits.size(), '0') + digits + ".pgm";
}

}  // namespace

TEST_CASE("a name says what it is a copy of, and what was done") {
  const auto grammar = [](std::string_view path) {
    const NameGrammar g = name_grammar(path);
    return g.root + "|" + g.pattern;
  };
  CHECK(grammar("train/images/Ana_jpg.rf.0e0bd4d38c146d3200e3ef3549a284bb.jpg") == "ana|.rf.#");
  CHECK(grammar("ana (2).jpg") == "ana| (#)");
  CHECK(grammar("ana - Copy.jpg") == "ana| copy");
  CHECK(grammar("ana_copy2.jpg") == "ana|_copy#");
  CHECK(grammar("ana_aug_12.png") == "ana|_aug_#");
  CHECK(grammar("ana_hflip_brightness.png") == "ana|_hflip_brightness");
  CHECK(grammar("ana_rot90.png") == "ana|_rot#");
  CHECK(grammar("aug_3_ana.png") == "ana|aug_#_");
  CHECK(grammar("cats_original_ana.jpg_0e0bd4d3-8c14-6d32-00e3-ef3549a284bb.jpg") == "ana|_original_#");
  CHECK(grammar("flip.jpg") == "flip|");
  CHECK(grammar("img_0012.jpg") == "img_0012|");
  CHECK(grammar("mycopy.jpg") == "mycopy|");
}

TEST_CASE("a number counts, and a piece of a hash does not") {
  const auto series = [](std::string_view path) {
    const NameGrammar g = name_grammar(path);
    return g.counter ? g.folder + ":" + g.series + "=" + std::to_string(*g.counter) : std::string();
  };
  CHECK(series("train/images/clip_1/frame_0012.jpg") == "clip_1:frame_#=12");
  CHECK(series("IMG0012_left.jpg") == ":img#_left=12");
  CHECK(series("00000007.png") == ":#=7");
  CHECK(series("frame_0012_jpg.rf.0e0bd4d38c146d3200e3ef3549a284bb.jpg") == ":frame_#=12");
  CHECK(series("0b47311f426ff926578c9d738d683e76_jpg.rf.0b55f43ac16aa65c889558d8ea757072.jpg").empty());
  CHECK(series("baf70158-25de-4d08-9981-e7c160fa87ad.jpg").empty());
  CHECK(series("ea907c0490b6.jpg").empty());
}

TEST_CASE("two numbers at the end are a place in a grid only where the name or the step says so") {
  const auto tile = [](std::string_view path) { return name_grammar(path).tile; };
  CHECK(tile("field_r3_c4.png")->named);
  CHECK(tile("field_x512_y0.png")->first == 512);
  CHECK(tile("tile_0_512.png")->named);
  CHECK_FALSE(tile("person_3_17.png")->named);
  CHECK_FALSE(tile("person_17.png"));

  Pictures tiles, people;
  for (const std::uint32_t x : {0U, 64U, 128U})
    for (const std::uint32_t y : {0U, 64U}) {
      tiles.add("field_" + std::to_string(x) + "_" + std::to_string(y) + ".pgm", drawn(x + y + 1, 64, 64));
      people.add("person_" + std::to_string(x / 64) + "_" + std::to_string(y / 64) + ".pgm", drawn(x + y + 1, 64, 64));
    }
  CHECK(count(links_of(tiles), LinkKind::tile) == 5);
  CHECK(links_of(people).links.empty());
}

TEST_CASE("augmented siblings are found by their names and confirmed by their content") {
  Pictures p;
  for (int k = 0; k < 20; ++k) p.add(lettered("other_", k), drawn(static_cast<std::uint64_t>(100 + k), 96, 96));
  const Plane ana = drawn(1, 96, 96);
  p.add("train/ana_jpg.rf.00000000000000000000000000000001.pgm", ana);
  p.add("train/ana_jpg.rf.00000000000000000000000000000002.pgm", oriented(ana, 2));
  p.add("test/ana_jpg.rf.00000000000000000000000000000003.pgm", oriented(noisy(ana, 8), 6));
  const Links links = links_of(p);
  REQUIRE(count(links, LinkKind::augmented) == 2);
  for (const Link& link : links.links) {
    CHECK(link.distance < 60);
    CHECK(links.text(link) == "stem ana");
  }
}

TEST_CASE("names that suggest copies of other pictures are told, and not linked") {
  Pictures p;
  for (int k = 1; k <= 30; ++k)
    p.add("holiday (" + std::to_string(k) + ").pgm", drawn(static_cast<std::uint64_t>(k), 96, 96));
  const Links links = links_of(p);
  CHECK(links.links.empty());
  REQUIRE(links.notes.size() == 1);
  CHECK(links.notes[0] ==
        "29 names with ' (#)' suggest copies of a picture, but the pixels show other pictures: not linked");
}

TEST_CASE("a pattern that most siblings confirm is believed of the others in their folder") {
  Pictures p;
  for (std::uint64_t k = 0; k < 6; ++k) {
    const std::string name = "train/pic" + std::string(1, static_cast<char>('a' + k));
    p.add(name + ".rf.0000000000000000.pgm", drawn(k + 1, 96, 96));
    p.add(name + ".rf.1111111111111111.pgm", k == 5 ? drawn(77, 96, 96) : noisy(drawn(k + 1, 96, 96), 6));
  }
  const Links links = links_of(p);
  REQUIRE(count(links, LinkKind::augmented) == 6);
  CHECK(links.text(links.links.back()) == "stem picf, by its name alone: 5 of 6 with '.rf.#' look alike");
  CHECK(links.links.back().distance == Link::no_distance);
}

TEST_CASE("frames are a chain; files that are only numbered are none") {
  Pictures p;
  std::set<ImageIndex> frames;
  for (int k = 0; k < 10; ++k) {
    frames.insert(p.add(numbered("clip/f_", k), frame(1, static_cast<std::uint32_t>(k) * 10)));
    p.add(numbered("photos/img_", k), drawn(static_cast<std::uint64_t>(50 + k), 128, 128));
  }
  const Links links = links_of(p);
  CHECK(links.links.size() == 9);
  for (const Link& link : links.links) {
    CHECK(link.kind == LinkKind::sequence);
    CHECK(frames.count(link.first) == 1);
    CHECK(links.text(link) == "sequence clip/f_#");
  }
}

TEST_CASE("a sequence dealt out over splits is one") {
  Pictures p;
  for (int k = 0; k < 12; ++k)
    p.add(numbered(k % 3 == 0 ? "test/images/f_" : "train/images/f_", k), frame(1, static_cast<std::uint32_t>(k) * 10));
  for (int k = 0; k < 20; ++k) p.add(lettered("other/", k), drawn(static_cast<std::uint64_t>(100 + k), 128, 128));
  CHECK(count(links_of(p), LinkKind::sequence) == 11);
}

TEST_CASE("a jump of the numbers to another scene ends a sequence") {
  Pictures p;
  for (int k = 0; k < 10; ++k) p.add(numbered("clip/f_", k), frame(1, static_cast<std::uint32_t>(k) * 10));
  for (int k = 0; k < 10; ++k) p.add(numbered("clip/f_", 500 + k), frame(2, static_cast<std::uint32_t>(k) * 10));
  const Links links = links_of(p);
  CHECK(links.links.size() == 18);
}

TEST_CASE("pictures of one kind are alike in any order: no sequence") {
  Pictures p;
  const Plane usual = drawn(1, 128, 128);
  for (int k = 0; k < 40; ++k) {
    Plane one = drawn(static_cast<std::uint64_t>(10 + k), 128, 128);
    for (std::size_t s = 0; s < one.samples.size(); ++s)
      one.samples[s] = static_cast<std::uint8_t>((usual.samples[s] + one.samples[s]) / 2);
    p.add(numbered("slides/s_", k), one);
  }
  for (int k = 0; k < 40; ++k) p.add(lettered("x/", k), drawn(static_cast<std::uint64_t>(200 + k), 128, 128));
  CHECK(links_of(p).links.empty());
}

TEST_CASE("a fixed camera is a sequence although all its frames are alike") {
  Pictures p;
  const Plane scene = drawn(1, 128, 128);
  Random random(5);
  for (int k = 0; k < 40; ++k) {
    Plane one = scene;
    const std::uint32_t left = random.below(100), top = random.below(100);
    for (std::uint32_t y = top; y < top + 28; ++y)
      for (std::uint32_t x = left; x < left + 28; ++x) one.samples[y * 128 + x] = 20;
    p.add(numbered("cam/s_", k), one);
  }
  for (int k = 0; k < 40; ++k) p.add(lettered("x/", k), drawn(static_cast<std::uint64_t>(200 + k), 128, 128));
  const Links links = links_of(p);
  REQUIRE(links.links.size() == 39);
  CHECK(links.text(links.links[0]) == "sequence cam/s_#, fixed camera");
}
