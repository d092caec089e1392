// LEA302 to LEA319, LBL102: what links tie together across splits, and inside one.
#include <doctest/doctest.h>

#include "tests/check/made.h"
#include "vetset/check/leaks.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// Four images to train on, two to validate with, two to test with.
struct Split3 {
  Made m;
  std::vector<ImageIndex> train, val, test;
  Split3() {
    for (const char* name : {"train/a.jpg", "train/b.jpg", "train/c.jpg", "train/d.jpg"})
      train.push_back(m.image(name));
    for (const char* name : {"val/e.jpg", "val/f.jpg"}) val.push_back(m.image(name));
    for (const char* name : {"test/g.jpg", "test/h.jpg"}) test.push_back(m.image(name));
    m.split("train", train);
    m.split("val", val);
    m.split("test", test);
    m.decoded(test.back());
    m.has_links = true;
    m.links.near.tier = NearTier::views;
  }
};

/// Findings about images, without the dataset's own.
std::vector<Finding> of_pairs(std::vector<Finding> found) {
  std::erase_if(found, [](const Finding& f) { return !std::holds_alternative<ImagePair>(f.where); });
  return found;
}

std::vector<std::string> of_dataset(const std::vector<Finding>& found) {
  std::vector<std::string> messages;
  for (const Finding& f : found)
    if (std::holds_alternative<std::monostate>(f.where)) messages.push_back(f.message);
  return messages;
}

}  // namespace

TEST_CASE("a near-duplicate across splits is one warning, the image that is trained on first") {
  Split3 s;
  s.m.link(s.train[1], s.test[0], LinkKind::near, 9, 0.97F);
  const auto found = s.m.found_by("LEA304");
  REQUIRE(of_pairs(found).size() == 1);
  CHECK(found[0].message ==
        "in `train`, is a near-duplicate of `test/g.jpg` in `test` (9 of 256 bits differ, correlation 0.97)");
  CHECK(found[0].severity == Severity::warning);
  CHECK(found[0].evidence == EvidenceClass::calibrated);
  CHECK(at<ImagePair>(found[0]).first == s.train[1]);
  CHECK(at<ImagePair>(found[0]).second == s.test[0]);
  CHECK(of_dataset(found) ==
        std::vector<std::string>{"1 group across splits touches 1 of 4 evaluation images: 1 of 2 in `test`, 0 of 2 in "
                                 "`val`"});
}

TEST_CASE("near-duplicates inside one split, and links that were cut, leak nothing") {
  Split3 s;
  s.m.link(s.train[0], s.train[1], LinkKind::near, 3);
  s.m.link(s.train[0], s.test[0], LinkKind::near, 3).cut = true;
  CHECK(s.m.found_by("LEA304").empty());
  s.m.link(s.train[1], s.test[0], LinkKind::near, 30);
  CHECK(mentions(s.m.found_by("LEA304")[0], "30 of 256"));  // not the link that was cut
}

TEST_CASE("images in one split leak nothing") {
  Made m;
  const auto a = m.image("a.jpg"), b = m.image("b.jpg");
  m.split("train", {a, b});
  m.link(a, b, LinkKind::near, 3);
  CHECK(m.found_by("LEA304").empty());
  REQUIRE(m.found_by("LEA319").size() == 1);
}

TEST_CASE("a cluster is one finding, at its nearest pair of training and evaluation") {
  Split3 s;
  s.m.link(s.train[0], s.train[1], LinkKind::near, 1);
  s.m.link(s.train[0], s.val[0], LinkKind::near, 20);
  s.m.link(s.train[1], s.val[1], LinkKind::near, 12);
  s.m.link(s.val[1], s.test[1], LinkKind::near, 2);
  const auto found = s.m.found_by("LEA304");
  REQUIRE(of_pairs(found).size() == 1);
  CHECK(at<ImagePair>(found[0]).first == s.train[1]);
  CHECK(at<ImagePair>(found[0]).second == s.val[1]);
  CHECK(mentions(found[0], "5 images hang together: 1 in `test`, 2 in `train`, 2 in `val`"));
  CHECK(of_dataset(found) ==
        std::vector<std::string>{"1 group across splits touches 3 of 4 evaluation images: 1 of 2 in `test`, 2 of 2 in "
                                 "`val`"});
}

TEST_CASE("a copy in another split leaks what its original resembles") {
  Split3 s;
  s.m.link(s.train[0], s.train[1], LinkKind::near, 5);
  s.m.link(s.train[1], s.test[0], LinkKind::bytes);
  const auto found = of_pairs(s.m.found_by("LEA304"));
  REQUIRE(found.size() == 1);
  CHECK(at<ImagePair>(found[0]).first == s.train[0]);
  CHECK(at<ImagePair>(found[0]).second == s.test[0]);
  CHECK(mentions(found[0], "one of them by a copy of it"));
}

TEST_CASE("copies alone are no near-duplicates") {
  Split3 s;
  s.m.link(s.train[0], s.test[0], LinkKind::bytes);
  CHECK(s.m.found_by("LEA304").empty());
  CHECK(s.m.found_by("LEA302").empty());
}

TEST_CASE("the same pixels in other bytes are an error, a placeholder is left to its own rule") {
  Split3 s;
  s.m.link(s.train[0], s.test[0], LinkKind::pixels);
  s.m.link(s.train[1], s.test[1], LinkKind::coefficients);
  const auto found = of_pairs(s.m.found_by("LEA302"));
  REQUIRE(found.size() == 2);
  CHECK(found[0].message == "in `train`, shows the very pixels of `test/g.jpg` in `test`");
  CHECK(found[0].severity == Severity::error);
  CHECK(found[0].evidence == EvidenceClass::proof);
  s.m.links.aside = {{s.train[0], Aside::Why::placeholder, 2}};
  REQUIRE(of_pairs(s.m.found_by("LEA302")).size() == 1);
  CHECK(at<ImagePair>(s.m.found_by("LEA302")[0]).first == s.train[1]);
}

TEST_CASE("every kind of link has its rule, and no rule takes another's") {
  const std::pair<LinkKind, const char*> rules[] = {
      {LinkKind::pixels, "LEA302"},   {LinkKind::coefficients, "LEA302"}, {LinkKind::near, "LEA304"},
      {LinkKind::flipped, "LEA305"},  {LinkKind::cropped, "LEA306"},      {LinkKind::augmented, "LEA307"},
      {LinkKind::sequence, "LEA308"}, {LinkKind::burst, "LEA309"},        {LinkKind::place_time, "LEA310"},
      {LinkKind::tile, "LEA312"},     {LinkKind::embedding, "LEA314"},
  };
  for (const auto& [kind, code] : rules)
    for (const auto& [other, rule] : rules) {
      CAPTURE(code);
      CAPTURE(rule);
      Split3 s;
      s.m.link(s.train[0], s.val[0], kind, 4);
      CHECK(of_pairs(s.m.found_by(rule)).size() == (std::string_view(rule) == code ? 1 : 0));
    }
}

TEST_CASE("near-duplicates that are frames of one sequence are told as such") {
  Split3 s;
  s.m.link(s.train[0], s.val[0], LinkKind::near, 6);
  CHECK_FALSE(mentions(s.m.found_by("LEA304")[0], "sequence"));
  s.m.link(s.train[0], s.train[3], LinkKind::sequence);
  s.m.link(s.train[3], s.val[0], LinkKind::sequence).text = 1;
  s.m.links.texts = {"", "stem ana"};
  CHECK(mentions(s.m.found_by("LEA304")[0], "; they are frames of one sequence (LEA308)"));
  s.m.link(s.train[1], s.val[0], LinkKind::near, 6);
  CHECK(mentions(s.m.found_by("LEA304")[0], "; 2 of them are frames of one sequence (LEA308)"));
  s.m.link(s.train[2], s.val[0], LinkKind::near, 6);
  CHECK_FALSE(mentions(s.m.found_by("LEA304")[0], "sequence"));  // two of four explain nothing
  const auto found = of_pairs(s.m.found_by("LEA308"));
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "in `train`, is of one sequence with `val/e.jpg` in `val` (stem ana)"));
}

TEST_CASE("what was not searched is said, with or without a leak") {
  Split3 s;
  CHECK(s.m.found_by("LEA304").empty());
  s.m.links.near.undecodable = 2;
  s.m.links.near.flat = 1;
  CHECK(of_dataset(s.m.found_by("LEA304")) ==
        std::vector<std::string>{"3 images were not searched for near-duplicates: 2 not decoded, 1 flat"});
}

TEST_CASE("without a search for near-duplicates the rules about them do not run") {
  Split3 s;
  s.m.links.near.tier = NearTier::none;
  const std::vector<std::string_view> files;
  const Evidence evidence{.dataset = s.m.d,
                          .files = files,
                          .reading = {},
                          .facts = s.m.facts,
                          .settings = s.m.settings,
                          .links = &s.m.links};
  for (const char* code : {"LEA304", "LEA305", "LEA306", "LBL102"}) {
    CAPTURE(code);
    CHECK(find_rule(code)->not_run(evidence) == "needs a search for near-duplicates: --near basic, views or full");
  }
}

TEST_CASE("where no split is called test or val, what is not trained on is evaluated on") {
  Made m;
  const auto a = m.image("a.jpg"), b = m.image("b.jpg"), c = m.image("c.jpg");
  m.split("train", {a});
  m.split("night", {b, c});
  m.link(a, c, LinkKind::near, 4);
  CHECK(of_dataset(m.found_by("LEA304")) ==
        std::vector<std::string>{"1 group across splits touches 1 of 2 evaluation images"});
}

TEST_CASE("images that are in two splits, and images in none, do not leak by themselves") {
  Made m;
  const auto a = m.image("a.jpg"), b = m.image("b.jpg"), c = m.image("c.jpg");
  m.split("train", {a});
  m.split("val", {a});
  m.link(b, c, LinkKind::near, 4);
  CHECK(m.found_by("LEA304").empty());
  m.link(a, b, LinkKind::near, 4);
  CHECK(m.found_by("LEA304").empty());
}

TEST_CASE("a split counts as many images as it has groups") {
  Split3 s;
  s.m.link(s.train[0], s.train[1], LinkKind::near, 4);
  s.m.link(s.train[1], s.train[2], LinkKind::sequence);
  s.m.link(s.test[0], s.test[1], LinkKind::embedding);
  const auto found = s.m.found_by("LEA319");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "`train` has 4 images that count as 2: "));
  CHECK(mentions(found[0], "the largest group has 3, this one and `train/b.jpg` among them"));
  CHECK(found[0].severity == Severity::note);
  CHECK(at<ImagePair>(found[0]).first == s.train[0]);
}

TEST_CASE("images tied by way of another split count as one in theirs") {
  Split3 s;
  s.m.link(s.train[0], s.val[0], LinkKind::near, 4);
  s.m.link(s.train[3], s.val[0], LinkKind::near, 4);
  const auto found = s.m.found_by("LEA319");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "`train` has 4 images that count as 3"));
}

TEST_CASE("near-duplicates with other classes are told, and copies are not") {
  Split3 s;
  const auto cat = s.m.category("cat"), dog = s.m.category("dog");
  s.m.box(s.train[0], cat, {10, 10, 20, 20});
  s.m.box(s.train[1], dog, {10, 10, 20, 20});
  s.m.link(s.train[0], s.train[1], LinkKind::near, 7);
  const auto found = s.m.found_by("LBL102");
  REQUIRE(found.size() == 1);
  CHECK(found[0].message ==
        "is a near-duplicate of `train/b.jpg` (7 of 256 bits differ in the fingerprint) and labelled otherwise: "
        "1 `cat` here, 1 `dog` there");
  s.m.link(s.train[0], s.train[1], LinkKind::sequence);
  CHECK(s.m.found_by("LBL102").empty());  // a moment later something else is there
  s.m.links.links.pop_back();
  CHECK(s.m.found_by("LBL102").size() == 1);
  s.m.pixels[1].pixels = s.m.pixels[0].pixels;
  CHECK(s.m.found_by("LBL102").empty());
  CHECK(s.m.found_by("LBL101").size() == 1);
}

TEST_CASE("boxes of near-duplicates are compared at one scale; fewer than four of five that agree is told") {
  Made m;
  const auto small = m.image("small.jpg", 100, 80), large = m.image("large.jpg", 200, 160);
  const auto cat = m.category("cat");
  for (int k = 0; k < 4; ++k) {
    m.box(small, cat, {20.0 * k, 10, 10, 10});
    m.box(large, cat, {40.0 * k, 20, 20, 20});
  }
  m.link(small, large, LinkKind::near, 3);
  CHECK(m.found_by("LBL102").empty());
  m.box(large, cat, {100, 100, 20, 20});  // 4 of 4 and 5: F1 0.89
  CHECK(m.found_by("LBL102").empty());
  m.box(large, cat, {140, 100, 20, 20});
  CHECK(m.found_by("LBL102").empty());  // F1 0.8, which is enough
  m.box(large, cat, {10, 100, 20, 20});
  const auto found = m.found_by("LBL102");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "4 of 4 and 7 boxes agree (F1 0.73)"));
  m.facts[0].orientation = 6;  // now nobody knows which frame its boxes are in
  CHECK(m.found_by("LBL102").empty());
}

TEST_CASE("boxes agree only where their classes do") {
  Made m;
  const auto a = m.image("a.jpg"), b = m.image("b.jpg");
  const auto cat = m.category("cat"), dog = m.category("dog");
  m.box(a, cat, {10, 10, 20, 20});
  m.box(a, dog, {60, 40, 20, 20});
  m.box(b, dog, {10, 10, 20, 20});
  m.box(b, cat, {60, 40, 20, 20});
  m.link(a, b, LinkKind::near, 3);
  REQUIRE(m.found_by("LBL102").size() == 1);
  CHECK(mentions(m.found_by("LBL102")[0], "0 of 2 and 2 boxes agree (F1 0)"));
}

TEST_CASE("a group of near-duplicates that disagree is one finding, at its worst pair") {
  Split3 s;
  const auto cat = s.m.category("cat"), dog = s.m.category("dog");
  s.m.box(s.train[0], cat, {10, 10, 20, 20});
  s.m.box(s.train[1], cat, {10, 10, 20, 20});
  s.m.box(s.train[2], cat, {10, 10, 20, 20});
  s.m.box(s.train[2], dog, {10, 10, 20, 20});
  s.m.box(s.train[3], dog, {10, 10, 20, 20});
  s.m.link(s.train[0], s.train[1], LinkKind::near, 3);
  s.m.link(s.train[0], s.train[2], LinkKind::near, 3);
  s.m.link(s.train[1], s.train[3], LinkKind::near, 3);
  const auto found = s.m.found_by("LBL102");
  REQUIRE(found.size() == 1);
  CHECK(at<ImagePair>(found[0]).first == s.train[1]);
  CHECK(mentions(found[0], "; so are 2 of the 3 pairs of their group of 4 images"));
}

TEST_CASE("equal pixels with other labels are told beside equal bytes") {
  Split3 s;
  const auto cat = s.m.category("cat"), dog = s.m.category("dog");
  s.m.box(s.train[0], cat, {10, 10, 20, 20});
  s.m.box(s.train[1], cat, {60, 40, 20, 20});
  s.m.box(s.train[2], dog, {10, 10, 20, 20});
  s.m.pixels[1].pixels = s.m.pixels[2].pixels = s.m.pixels[0].pixels;
  s.m.digest(s.train[0], "x");
  s.m.digest(s.train[1], "x");
  s.m.digest(s.train[2], "y");
  const auto found = s.m.found_by("LBL101");
  REQUIRE(found.size() == 2);
  CHECK(found[0].message == "is byte for byte `train/b.jpg` and labelled otherwise: 1 box lies elsewhere there");
  CHECK(found[1].message ==
        "shows the very pixels of `train/c.jpg` and labelled otherwise: 1 `cat` here, 1 `dog` there");
  s.m.box(s.train[3], cat, {60, 40, 20, 20});
  s.m.pixels[3].pixels = s.m.pixels[0].pixels;
  s.m.facts[3].orientation = 3;  // shown alike, and its boxes may be of the stored frame
  CHECK(s.m.found_by("LBL101").size() == 2);
}

TEST_CASE("copies in two splits are summed up, too, each evaluation image once") {
  Split3 s;
  s.m.digest(s.train[0], "x");
  s.m.digest(s.val[0], "x");
  CHECK(of_dataset(s.m.found_by("LEA301")).empty());  // one finding says it all
  s.m.digest(s.train[1], "y");
  s.m.digest(s.test[0], "y");
  s.m.digest(s.test[1], "y");
  const auto found = s.m.found_by("LEA301");
  CHECK(of_pairs(found).size() == 2);  // one a group
  CHECK(of_dataset(found) ==
        std::vector<std::string>{
            "2 groups across splits touch 3 of 4 evaluation images: 2 of 2 in `test`, 1 of 2 in `val`"});
}
