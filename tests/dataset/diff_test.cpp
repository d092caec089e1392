#include "vetset/dataset/diff.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/random_dataset.h"

namespace vetset {
namespace {

/// Two images with two objects each, of classes "a" and "b", ids from 1 on.
Dataset small() {
  Dataset d;
  d.format = "coco";
  d.categories = {{.name = "a"}, {.name = "b"}};
  for (const char* split : {"train", "val"})
    d.splits.push_back({.name = split, .role = split_role(split), .origin = SplitOrigin::file});
  for (std::uint32_t i = 0; i < 2; ++i) {
    Image image{.width = 100, .height = 100, .size_origin = SizeOrigin::stated};
    image.path = d.add_text("img" + std::to_string(i) + ".jpg");
    d.images.push_back(image);
    d.memberships.push_back({.split = to_index<SplitIndex>(i), .image = to_index<ImageIndex>(i)});
    for (std::uint32_t k = 0; k < 2; ++k) {
      Annotation a;
      a.image = to_index<ImageIndex>(i);
      a.category = to_index<CategoryIndex>(k);
      a.kind = Kind::box;
      a.box = {10.0 + 40 * k, 10, 20, 20};
      a.box_origin = Origin::stated;
      d.annotations.push_back(a);
      d.annotation_ids.numbers.push_back(1 + i * 2 + k);
    }
  }
  return d;
}

Diff compare(const Dataset& a, const Dataset& b, DiffSettings settings = {}) {
  settings.format_before = settings.format_after = "coco";
  return diff_datasets(a, b, settings);
}

TEST_CASE("a dataset has no difference from itself, whatever it holds") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const Dataset d = random_dataset(seed, {.style = RandomOptions::Style::plain});
    CHECK(compare(d, d).equal);
  }
}

TEST_CASE("a box that moved is one changed object, and a tolerance takes it out") {
  Dataset b = small();
  b.annotations[1].box.x += 0.4;
  const Diff d = compare(small(), b);
  CHECK_FALSE(d.equal);
  CHECK(d.objects_changed == 1);
  CHECK(d.objects_added + d.objects_removed == 0);
  REQUIRE(d.images.size() == 1);
  REQUIRE(d.images[0].objects.size() == 1);
  CHECK(d.images[0].objects[0].fields[0].field == Field::annotation_box);
  CHECK(d.classes[1].changed == 1);
  CHECK(compare(small(), b, {.tolerance = 0.5}).equal);
  CHECK(compare(small(), b, {.ignore = {"annotation.box"}}).equal);
  CHECK(compare(small(), b, {.only = {"category"}}).equal);
  CHECK_FALSE(compare(small(), b, {.only = {"annotation"}}).equal);
}

TEST_CASE("a class that changed is a change, with ids and without") {
  for (const bool ids : {true, false}) {
    CAPTURE(ids);
    Dataset a = small(), b = small();
    b.annotations[0].category = CategoryIndex{1};
    if (!ids) a.annotation_ids = {}, b.annotation_ids = {};
    const Diff d = compare(a, b);
    CHECK(d.objects_changed == 1);
    REQUIRE(d.images.size() == 1);
    CHECK(d.images[0].objects[0].was == "a");
    CHECK(d.images[0].objects[0].is == "b");
  }
}

TEST_CASE("ids that were given anew do not mix up objects") {
  Dataset b = small();
  std::reverse(b.annotation_ids.numbers.begin(), b.annotation_ids.numbers.end());
  const Diff d = compare(small(), b);
  CHECK(d.fields.size() == 1);  // annotation.id, and nothing else
  CHECK(d.fields[0].field == Field::annotation_id);
  CHECK(d.objects_changed == 4);
}

TEST_CASE("objects that came and went are counted by class") {
  Dataset b = small();
  b.annotations[3].box = {70, 70, 5, 5};
  b.annotation_ids.numbers[3] = 99;
  const Diff d = compare(small(), b);
  CHECK(d.objects_added == 1);
  CHECK(d.objects_removed == 1);
  CHECK(d.classes[1].added == 1);
  CHECK(d.classes[1].removed == 1);
}

TEST_CASE("an image in another split has moved, and a renamed one is known by its bytes") {
  Dataset b = small();
  std::swap(b.memberships[0].image, b.memberships[1].image);
  Diff d = compare(small(), b);
  CHECK(d.images_moved == 2);
  CHECK(d.images[0].splits_before == "train");
  CHECK(d.images[0].splits_after == "val");
  CHECK(compare(small(), b, {.ignore = {"split"}}).equal);

  b = small();
  b.images[0].path = b.add_text("other.jpg");
  std::vector<Facts> facts(2);
  for (std::size_t i = 0; i < 2; ++i) facts[i].has_digest = true, facts[i].digest = sha256(std::to_string(i));
  d = compare(small(), b, {.facts_before = facts, .facts_after = facts});
  CHECK(d.images_renamed == 1);
  CHECK(d.images_added + d.images_removed == 0);
  CHECK(d.images[0].renamed_to == "other.jpg");
  d = compare(small(), b);  // without bytes nobody knows
  CHECK(d.images_added == 1);
  CHECK(d.images_removed == 1);
}

TEST_CASE("other bytes under one name are a difference of media") {
  std::vector<Facts> a(2), b(2);
  for (std::size_t i = 0; i < 2; ++i) a[i].has_digest = b[i].has_digest = true;
  b[1].digest = sha256("x");
  const Diff d = compare(small(), small(), {.facts_before = a, .facts_after = b});
  CHECK(d.media_changed == 1);
  CHECK(d.media_compared == 2);
  CHECK_FALSE(d.equal);
  CHECK(compare(small(), small(), {.ignore = {"media"}, .facts_before = a, .facts_after = b}).equal);
}

TEST_CASE("the order of objects is told and is no difference") {
  Dataset b = small();
  std::swap(b.annotations[0], b.annotations[1]);
  std::swap(b.annotation_ids.numbers[0], b.annotation_ids.numbers[1]);
  const Diff d = compare(small(), b);
  CHECK(d.equal);
  REQUIRE(d.spelled.size() == 1);
  CHECK(d.spelled[0].field == Field::annotation_order);
}

TEST_CASE("classes that are new and gone are told") {
  Dataset b = small();
  b.categories.push_back({.name = "c"});
  Diff d = compare(small(), b);
  CHECK(d.classes.back().outcome == Outcome::added);
  d = compare(b, small());
  CHECK(d.classes.back().outcome == Outcome::lost);
}

TEST_CASE("what a format does not carry is not comparable, seen from either side") {
  Dataset a = small(), b = small();
  b.format = "other";
  a.areas.resize(4, 400);
  const Carry all_but_area[] = {{.field = Field::annotation_id, .verb = Verb::rekeyed}};
  const DiffSettings forth{.carries_after = all_but_area, .format_before = "coco", .format_after = "other"};
  const Diff d = diff_datasets(a, b, forth);
  CHECK(d.equal);
  REQUIRE(d.not_comparable.size() == 1);
  CHECK(d.not_comparable[0].field == Field::annotation_area);
  CHECK(d.not_comparable[0].format == "other");
  const DiffSettings back{.carries_before = all_but_area, .format_before = "other", .format_after = "coco"};
  CHECK(diff_datasets(b, a, back).equal);
  b.annotations[0].box.x += 3;
  CHECK_FALSE(diff_datasets(a, b, forth).equal);
}

TEST_CASE("markdown stays within its bound and escapes what people write") {
  Dataset a = small(), b = small();
  a.categories[0].name = b.categories[0].name = "<b>|a*";
  for (std::size_t i = 0; i < 4; ++i) b.annotations[i].box.y += 1;
  const std::string text = to_markdown(compare(a, b), "v1", "v2");
  CHECK(text.find("&lt;b&gt;\\|a\\*") != std::string::npos);
  CHECK(text.find("<b>|a*") == std::string::npos);
  CHECK(to_markdown(compare(a, b), "v1", "v2", 700).find("more image") != std::string::npos);
}

TEST_CASE("a word that names no field is refused") {
  CHECK(check_field_words({"annotation", "annotation.box", "media", "split"}));
  CHECK_FALSE(check_field_words({"anno"}));
}

}  // namespace
}  // namespace vetset
