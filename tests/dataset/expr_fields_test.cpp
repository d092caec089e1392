#include "vetset/dataset/expr_fields.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/random_dataset.h"

using namespace vetset;

namespace {

/// A night image with a car and a crowd of people, and an empty one.
Dataset street() {
  Dataset d;
  d.categories = {{.name = "car", .supercategory = "vehicle"}, {.name = "person"}};
  d.splits = {{.name = "train"}, {.name = "extra"}};
  d.layers = {"", "anna"};
  d.licences.push_back({.name = "CC0", .has_name = true});
  d.images.push_back({.path = d.add_text("night/1.jpg"),
                      .media = d.add_text("night/1.jpg"),
                      .width = 200,
                      .height = 100,
                      .licence = LicenceIndex{0},
                      .state = ImageState::labelled,
                      .size_origin = SizeOrigin::stated});
  d.images.push_back({.path = d.add_text("2.jpg")});
  for (std::uint32_t s = 0; s < 2; ++s) d.memberships.push_back({SplitIndex{s}, ImageIndex{0}, 0});
  Annotation car{.box = {10, 20, 30, 40},
                 .image = ImageIndex{0},
                 .category = CategoryIndex{0},
                 .kind = Kind::box,
                 .box_origin = Origin::stated,
                 .layer = 1};
  d.annotations.push_back(car);
  car.category = CategoryIndex{1};
  car.flags.set(Flag::crowd, true);
  car.box.width = 100;
  d.annotations.push_back(car);
  d.annotations.push_back({});  // of no image, no class, no box
  d.annotation_ids.numbers = Column<std::int64_t>(3, Ids::absent);
  d.annotation_ids.numbers[0] = 7;
  d.annotation_ids.numbers[1] = Ids::odd;
  d.annotation_ids.tokens.push_back({1, d.add_text("\"b\\u0041\"")});
  d.areas = Column<double>(3, unstated());
  d.areas[1] = 3999;
  d.scores = Column<double>(3, unstated());
  d.scores[0] = 0.25;
  const auto attribute = [&](Owner owner, std::uint32_t i, std::string_view key, std::string_view value) {
    d.attributes.push_back({owner, i, d.add_text(key), d.add_text(value)});
  };
  attribute(Owner::image, 0, "weather", "\"snow\"");
  attribute(Owner::annotation, 0, "road type", "3");
  attribute(Owner::annotation, 0, "wet", "true");
  attribute(Owner::annotation, 0, "none", "null");
  d.residues.push_back({Owner::image, 0, d.add_text("{\"date\":\"2020\"}")});
  d.residues.push_back({Owner::annotation, 0, d.add_text("{\"a\":[1],\"num\":4}")});
  REQUIRE(d.inconsistency().value_or("") == "");
  return d;
}

bool object(const Dataset& d, std::uint32_t i, std::string_view text) {
  const auto e = Expr::parse(text, object_conditions());
  INFO(text);
  if (!e) FAIL(to_string(e.error()));
  return AskedDataset(d).holds(*e, AnnotationIndex{i});
}
bool image(const Dataset& d, std::uint32_t i, std::string_view text) {
  const auto e = Expr::parse(text, image_conditions());
  INFO(text);
  if (!e) FAIL(to_string(e.error()));
  return AskedDataset(d).holds(*e, ImageIndex{i});
}

std::string page() {
  std::ifstream in(VETSET_SOURCE_DIR "/docs/guide/expressions.md", std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("an object tells of itself and of its image") {
  const Dataset d = street();
  for (const std::string_view yes : {"class == 'car'",
                                     "class.super == 'vehicle'",
                                     "kind == 'box'",
                                     "id == 7",
                                     "box.x == 10 and box.y == 20",
                                     "box.right == 40 and box.bottom == 60",
                                     "box.area == 1200",
                                     "area == 1200",
                                     "score < 0.3",
                                     "annotator == 'anna'",
                                     "crowd == null",
                                     "points == 0",
                                     "keypoints == null",
                                     "attribute.\"road type\" == 3",
                                     "attribute.wet",
                                     "attribute.none == null",
                                     "extra.num == 4",
                                     "extra.a == '[1]'",
                                     "split == 'extra'",
                                     "image.path like 'night/*'",
                                     "image.name == '1.jpg'",
                                     "area / image.area == 0.06",
                                     "image.objects == 2",
                                     "image.licence == 'CC0'",
                                     "image.found",
                                     "image.state == 'labelled'",
                                     "image.attribute.weather == 'snow'",
                                     "image.extra.date == '2020'",
                                     "image.id == null"}) {
    CAPTURE(yes);
    CHECK(object(d, 0, yes));
  }
  CHECK(object(d, 1, "crowd and area == 3999 and id == 'bA' and score == null and class.super == null"));
}

TEST_CASE("what is not there is not said") {
  const Dataset d = street();
  CHECK(object(d, 2,
               "class == null and box.x == null and area == null and image.path == null and split == null and "
               "image.objects == null"));
  CHECK_FALSE(object(d, 2, "class == 'car' or class != 'car' or area > 0 or area <= 0"));
  CHECK(image(d, 1, "split == null and image.width == null and image.state == null and not image.found"));
}

TEST_CASE("an image counts its objects, without those that are left out") {
  const Dataset d = street();
  CHECK(image(d, 0, "count() == 2 and count(crowd) == 1 and count(class == 'car' and box.width > 100) == 0"));
  CHECK(image(d, 0, "count(image.width == 200) == 2"));
  CHECK(image(d, 1, "count() == 0 and image.objects == 0"));
  AskedDataset asked(d, {"auto", "person"});
  asked.count_only({true, false, true});
  const auto one =
      Expr::parse("count() == 1 and image.objects == 1 and count(class == 'auto') == 1", image_conditions());
  REQUIRE(one);
  CHECK(asked.holds(*one, ImageIndex{0}));
}

TEST_CASE("a condition about objects is no condition about images") {
  CHECK_FALSE(Expr::parse("class == 'car'", image_conditions()));
  CHECK_FALSE(Expr::parse("count() > 1", object_conditions()));
}

TEST_CASE("law: every field can be asked of every record of any dataset") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    const Dataset d = random_dataset(seed, {.style = static_cast<RandomOptions::Style>(seed % 4)});
    const AskedDataset asked(d);
    for (const bool objects : {true, false}) {
      const ExprTable& table = objects ? object_conditions() : image_conditions();
      for (const ExprField& field : table.fields) {
        CAPTURE(field.name);
        std::string name(field.name);
        if (name.ends_with('*')) name.replace(name.size() - 1, 1, "k");
        const auto said = Expr::parse(name + " == " + name, table), not_said = Expr::parse(name + " == null", table);
        REQUIRE(said);
        REQUIRE(not_said);
        const std::size_t records = objects ? d.annotations.size() : d.images.size();
        for (std::size_t i = 0; i < records; ++i) {
          const auto ask = [&](const Expr& e) {
            return objects ? asked.holds(e, to_index<AnnotationIndex>(i)) : asked.holds(e, to_index<ImageIndex>(i));
          };
          CHECK(ask(*said) != ask(*not_said));
        }
      }
    }
  }
}

TEST_CASE("the page of conditions lists every field with its type and what it is") {
  const std::string text = page();
  REQUIRE_FALSE(text.empty());
  for (const ExprField& field : object_conditions().fields) {
    const std::string line = "| `" + std::string(field.name) + "` | " + std::string(name(field.type)) + " | " +
                             std::string(field.about) + " |";
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
}
