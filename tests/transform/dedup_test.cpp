#include "vetset/transform/dedup.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "vetset/base/random.h"

using namespace vetset;

namespace {

/// Images "0.jpg" … of the given splits ("" for none), all of one size.
struct Made {
  Dataset d;
  Links links;
  std::vector<Facts> facts;
  std::vector<PixelFacts> pixels;

  explicit Made(const std::vector<std::string>& splits) {
    for (const char* name : {"train", "val", "test"}) d.splits.push_back({.name = name, .role = role_of(name)});
    for (std::size_t i = 0; i < splits.size(); ++i) {
      Image image{};
      image.path = image.media = d.add_text(std::to_string(i) + ".jpg");
      d.images.push_back(image);
      facts.emplace_back();
      pixels.push_back({.status = DecodeStatus::ok, .width = 10, .height = 10});
      pixels.back().pixels = Hash128{1, i};
    }
    for (std::size_t s = 0; s < d.splits.size(); ++s)
      for (std::size_t i = 0, order = 0; i < splits.size(); ++i)
        if (splits[i] == d.splits[s].name)
          d.memberships.push_back(
              {to_index<SplitIndex>(s), to_index<ImageIndex>(i), static_cast<std::uint32_t>(order++)});
  }
  static SplitRole role_of(std::string_view name) {
    return name == "train" ? SplitRole::train : name == "val" ? SplitRole::val : SplitRole::test;
  }
  void tie(std::uint32_t a, std::uint32_t b, LinkKind kind = LinkKind::near) {
    links.links.push_back({.first = ImageIndex{a}, .second = ImageIndex{b}, .kind = kind, .distance = 9});
  }
  DedupPlan plan(const DedupRules& rules = {}) const { return plan_dedup(d, links, facts, pixels, rules); }
};

std::vector<std::uint32_t> gone(const DedupPlan& plan) {
  std::vector<std::uint32_t> images;
  for (const DedupPlan::Copy& copy : plan.copies) images.push_back(static_cast<std::uint32_t>(copy.image));
  return images;
}

using Gone = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("what is mirrored stays unless it leaks or is asked for") {
  Made m({"train", "train", "test"});
  m.tie(0, 1, LinkKind::flipped);
  m.tie(0, 2, LinkKind::cropped);
  CHECK(gone(m.plan()).empty());
  CHECK(gone(m.plan({.kinds = alike_kinds})) == Gone{0});
  CHECK(gone(m.plan({.kinds = usual_kinds(true), .across_splits = true})) == Gone{0});
  CHECK(gone(m.plan({.kinds = usual_kinds(false)})).empty());
}

TEST_CASE("an image with labels stays, and its better copy without any goes") {
  Made m({"train", "train", "test"});
  m.pixels[0].width = 100;
  m.d.images[1].state = ImageState::labelled;
  m.tie(0, 1);
  CHECK(gone(m.plan()) == Gone{0});
  CHECK(gone(m.plan({.keep = KeepRule::quality})) == Gone{1});
  m.tie(1, 2);  // of test, which decides first
  CHECK(gone(m.plan()) == Gone{1});
}

TEST_CASE("what is evaluated on stays, and its copy in train goes") {
  Made m({"train", "test", "val", "train"});
  m.pixels[0].width = 100;  // better, and yet
  m.tie(0, 1);
  m.tie(2, 3);
  CHECK(gone(m.plan()) == Gone{0, 3});
  CHECK(gone(m.plan({.keep = KeepRule::quality})) == Gone{1, 3});
  CHECK(gone(m.plan({.keep = KeepRule::first})) == Gone{1, 3});
}

TEST_CASE("among equals the largest, least compressed, sharpest stays") {
  Made m({"", "", "", ""});
  for (std::uint32_t i = 1; i < 4; ++i)
    for (std::uint32_t j = 0; j < i; ++j) m.tie(j, i);
  CHECK(gone(m.plan()) == Gone{1, 2, 3});
  m.pixels[3].quality.sharpness = 50;
  CHECK(gone(m.plan()) == Gone{0, 1, 2});
  for (const std::size_t i : {0U, 1U, 3U}) m.pixels[i].quality.jpeg_quality = 80;
  m.pixels[2].quality.jpeg_quality = 90;
  CHECK(gone(m.plan()) == Gone{0, 1, 3});
  m.pixels[0].width = 11;
  CHECK(gone(m.plan()) == Gone{1, 2, 3});
}

TEST_CASE("a copy of a copy stays where it resembles nothing that stays") {
  Made m({"", "", ""});
  m.tie(0, 1);
  m.tie(1, 2);
  CHECK(gone(m.plan()) == Gone{1});
  const DedupPlan plan = m.plan();
  REQUIRE(plan.clusters.size() == 1);
  CHECK(plan.clusters[0].kept == 2);
}

TEST_CASE("across splits only leaks go") {
  Made m({"train", "train", "test", "train"});
  m.tie(0, 1);
  m.tie(2, 3);
  CHECK(gone(m.plan({.across_splits = true})) == Gone{3});
}

TEST_CASE("kinds that were not asked for, and links that were cut, say nothing") {
  Made m({"", "", "", ""});
  m.tie(0, 1, LinkKind::sequence);
  m.tie(2, 3);
  m.links.links.back().cut = true;
  CHECK(m.plan().clusters.empty());
  CHECK(gone(m.plan({.kinds = *parse_link_kinds(std::vector<std::string>{"sequence"})})) == Gone{1});
}

TEST_CASE("every image that goes is linked to one that stays, and no two that stay are linked") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    std::vector<std::string> splits;
    for (int i = 0; i < 30; ++i) splits.emplace_back(random.once_in(2) ? "train" : random.once_in(2) ? "val" : "test");
    Made m(splits);
    // Equal images as stars, as find_links gives them, and other links between any.
    for (std::uint32_t i = 1; i < 6; ++i) {
      m.tie(0, i, LinkKind::pixels);
      m.pixels[i].pixels = m.pixels[0].pixels;
    }
    for (int k = 0; k < 20; ++k) {
      const std::uint32_t a = random.below(29);
      m.tie(a, random.between(a + 1, 29));
    }
    const DedupPlan plan = m.plan();
    std::vector<bool> stays(30, true);
    for (const std::uint32_t i : gone(plan)) stays[i] = false;
    for (const DedupPlan::Copy& copy : plan.copies) CHECK(stays[to_size(copy.of)]);
    for (const Link& link : m.links.links) CHECK_FALSE((stays[to_size(link.first)] && stays[to_size(link.second)]));
    CHECK(std::count(stays.begin(), stays.begin() + 6, true) <= 1);
  }
}

TEST_CASE("an image says what it is a copy of, or what it weighs; other attributes stay") {
  Made m({"", "", "", ""});
  m.tie(0, 1);
  m.tie(0, 3);
  const Text key = m.d.add_text("site"), value = m.d.add_text("\"north\"");
  m.d.attributes.push_back({.owner = Owner::image, .index = 1, .key = key, .value = value});
  const DedupPlan plan = m.plan();
  for (int again = 0; again < 2; ++again) mark_clusters(m.d, plan, DedupAction::link);
  mark_clusters(m.d, plan, DedupAction::weigh);
  CHECK(m.d.attributes_of(Owner::image, 2).empty());
  const auto of = m.d.attributes_of(Owner::image, 1);
  REQUIRE(of.size() == 3);
  CHECK(m.d.text(of[0].value) == "\"north\"");
  CHECK(m.d.text(of[1].value) == "\"0.jpg\"");
  CHECK(m.d.text(of[2].value) == "0.3333333333333333");
  CHECK_FALSE(m.d.inconsistency());
}

TEST_CASE("a kind that there is not is an error with the nearest one") {
  const auto kinds = parse_link_kinds(std::vector<std::string>{"flippd"});
  REQUIRE_FALSE(kinds);
  CHECK(kinds.error().message.find("did you mean 'flipped'?") != std::string::npos);
}
