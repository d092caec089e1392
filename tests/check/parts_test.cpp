// COV201–203, LEA303, 311, 318, 319: classes and images over splits.
#include <doctest/doctest.h>

#include "tests/check/made.h"
#include "vetset/dataset/groups.h"
#include "vetset/dataset/previous.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// Images in train and val, one after another.
struct Parts : Made {
  std::vector<ImageIndex> train, val;
  CategoryIndex cat = category("cat"), dog = category("dog");

  void fill(std::size_t trained, std::size_t validated) {
    for (std::size_t k = 0; k < trained; ++k) train.push_back(image("train/" + std::to_string(k) + ".jpg"));
    for (std::size_t k = 0; k < validated; ++k) val.push_back(image("val/" + std::to_string(k) + ".jpg"));
    split("train", train);
    split("val", val);
    d.splits[0].role = SplitRole::train;
    d.splits[1].role = SplitRole::val;
  }
  void boxes(ImageIndex image, CategoryIndex c, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) box(image, c, {1, 1, 10, 10});
  }
};

}  // namespace

TEST_CASE("fifty to one is imbalance, a little less is not") {
  Parts m;
  m.fill(1, 0);
  m.boxes(m.train[0], m.cat, 5);
  m.boxes(m.train[0], m.dog, 50);
  CHECK(m.found_by("COV201").empty());
  m.boxes(m.train[0], m.dog, 200);
  const auto found = m.found_by("COV201");
  REQUIRE(found.size() == 1);
  CHECK(at<CategoryIndex>(found[0]) == m.cat);
  CHECK(found[0].severity == Severity::note);
  CHECK(mentions(found[0], "50 to 1"));
}

TEST_CASE("an evaluation split needs 141 objects of a class for a recall of 0.9 to within 0.05") {
  Parts m;
  m.fill(1, 1);
  m.boxes(m.train[0], m.cat, 3);  // training may be small
  m.boxes(m.val[0], m.dog, 141);
  CHECK(m.found_by("COV202").empty());
  m.boxes(m.val[0], m.cat, 140);
  const auto found = m.found_by("COV202");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "1 of 2 classes in `val` have fewer than 141 objects"));
}

TEST_CASE("a class that one split has and another lacks is told once a split") {
  Parts m;
  m.fill(1, 1);
  m.boxes(m.train[0], m.cat, 3);
  CHECK(m.found_by("COV203").empty());  // val has no label at all: they are withheld
  m.boxes(m.val[0], m.cat, 1);
  CHECK(m.found_by("COV203").empty());
  m.boxes(m.val[0], m.dog, 1);
  const auto found = m.found_by("COV203");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "`train` has nothing of 1 of 2 classes: `dog`; they are evaluated and never learned"));
  m.d.splits[1].role = SplitRole::other;
  CHECK(m.found_by("COV203").empty());
}

TEST_CASE("one address in two splits is one photo, a file's name or a collection's address is not") {
  Parts m;
  m.fill(2, 1);
  const char* key = "flickr_url";
  const char *first = "\"http://example.org/7.jpg\"", *second = first;
  SUBCASE("an address") {}
  SUBCASE("no address") { first = second = "\"7.jpg\""; }
  SUBCASE("another address") { second = "\"http://example.org/8.jpg\""; }
  SUBCASE("a key that names no source") { key = "note"; }
  m.attribute(m.train[0], key, first);
  m.attribute(m.val[0], key, second);
  const auto found = m.found_by("LEA303");
  const bool same = std::string_view(key) == "flickr_url" && first == second && first[1] == 'h';
  REQUIRE(found.size() == (same ? 1 : 0));
  if (same) CHECK(mentions(found[0], "has the flickr_url of `val/0.jpg` in `val`"));
}

TEST_CASE("an address that many images share is not that of a photo") {
  Parts m;
  m.fill(8, 1);
  for (const ImageIndex i : m.train) m.attribute(i, "url", "\"http://example.org/collection\"");
  m.attribute(m.val[0], "url", "\"http://example.org/collection\"");
  CHECK(m.found_by("LEA303").empty());
}

TEST_CASE("a key that a user named keeps images together, where it has a value") {
  Parts m;
  m.fill(2, 2);
  Groups groups{{{"patient", {"ana", "", "ana", ""}}}};
  m.groups = &groups;
  const auto found = m.found_by("LEA311");
  REQUIRE(found.size() == 1);
  CHECK(std::get<ImagePair>(found[0].where).second == m.val[0]);
  groups.keys[0].of[2] = "bob";
  CHECK(m.found_by("LEA311").empty());
}

TEST_CASE("without keys the rule of groups is not run") {
  const Made m;
  const Evidence evidence{.dataset = m.d, .files = {}, .reading = {}, .facts = {}, .settings = m.settings};
  CHECK(find_rule("LEA311")->not_run(evidence) == "needs keys to group by");
  CHECK(find_rule("LEA318")->not_run(evidence) == "needs an earlier split");
  CHECK(find_rule("FMT415")->not_run(evidence) == "needs the proof of a conversion");
  CHECK(find_rule("FMT416")->not_run(evidence) == "needs the proof of a conversion");
}

TEST_CASE("an image that changed its split is told, by its bytes and else by its path") {
  Parts m;
  m.fill(3, 1);
  Previous previous{.name = "split.lock",
                    .images = {{.path = "old/name.jpg", .digest = sha256("one"), .split = "val"},
                               {.path = "train/1.jpg", .digest = {}, .split = "val"},
                               {.path = "train/2.jpg", .digest = sha256("before"), .split = "val"},
                               {.path = "val/0.jpg", .digest = {}, .split = "val"}}};
  m.previous = &previous;
  m.digest(m.train[0], "one");
  m.digest(m.train[2], "now");  // another file has taken the name
  const auto found = m.found_by("LEA318");
  REQUIRE(found.size() == 2);
  CHECK(at<ImageIndex>(found[0]) == m.train[0]);
  CHECK(at<ImageIndex>(found[1]) == m.train[1]);
  CHECK(mentions(found[0], "is in `train`; `split.lock` had it in `val`"));
}

TEST_CASE("copies inside one split are counted once, and say how many images are left") {
  Parts m;
  m.fill(4, 1);
  for (const std::size_t k : {0U, 2U, 3U}) m.digest(m.train[k], "one");
  m.digest(m.val[0], "one");  // LEA301's
  const auto found = m.found_by("LEA319");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "is byte for byte `train/2.jpg` and 1 other; `train` has 4 images, 2 different"));
  CHECK(found[0].severity == Severity::note);
}
