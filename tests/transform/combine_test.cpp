// Several datasets as one: nothing of any of them is lost but what is told.
#include "vetset/transform/combine.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "tests/support/random_dataset.h"
#include "vetset/dataset/compare.h"

using namespace vetset;

namespace {

std::vector<CombineInput> inputs_of(std::vector<Dataset> datasets) {
  std::vector<CombineInput> inputs;
  for (Dataset& d : datasets) {
    const std::string name(1, static_cast<char>('a' + inputs.size()));
    std::vector<std::string> media;
    for (const Image& image : d.images)
      media.push_back(image.media.empty() ? "" : name + "/" + std::string(d.text(image.media)));
    inputs.push_back({name, std::move(d), std::move(media)});
  }
  return inputs;
}

Combined made(std::vector<Dataset> datasets, const CombineRules& rules = {}) {
  auto result = combined(inputs_of(std::move(datasets)), rules);
  if (!result) FAIL(to_string(result.error()));
  REQUIRE(result->united.dataset.inconsistency().value_or("") == "");
  return *std::move(result);
}

/// A dataset of these classes, an image and a split; an object of each class.
Dataset small(std::vector<std::string> classes, std::string_view image, const std::string& split) {
  Dataset d;
  for (std::string& name : classes) d.categories.push_back({.name = std::move(name)});
  d.splits.push_back({.name = split, .role = split_role(split), .folder = "images/" + split});
  d.images.push_back({.path = d.add_text(image),
                      .media = d.add_text(image),
                      .width = 10,
                      .height = 10,
                      .size_origin = SizeOrigin::stated});
  d.memberships.push_back({SplitIndex{0}, ImageIndex{0}, 0});
  for (std::uint32_t c = 0; c < d.categories.size(); ++c) {
    d.annotations.push_back({.box = {1, 1, 2.0 + c, 2},
                             .image = ImageIndex{0},
                             .category = CategoryIndex{c},
                             .kind = Kind::box,
                             .box_origin = Origin::stated,
                             .order = c});
    d.annotation_ids.numbers.push_back(c + 1);
  }
  d.image_ids.numbers.push_back(1);
  return d;
}

/// Which record of the union stands for which of one part.
Join join_of(const Dataset& before, const Dataset& after, const UnitePart& places, const United::Part& part) {
  Join join;
  for (const SplitIndex s : places.splits) join.splits.push_back(s);
  for (const CategoryIndex c : places.categories) join.categories.push_back(c);
  for (const LicenceIndex l : places.licences) join.licences.push_back(l);
  join.image_sources = Column<ImageIndex>(after.images.size(), none<ImageIndex>);
  for (std::size_t i = 0; i < before.images.size(); ++i) {
    join.images.push_back(to_index<ImageIndex>(part.first_image + i));
    join.image_sources[part.first_image + i] = to_index<ImageIndex>(i);
  }
  join.annotation_begin.push_back(0);
  for (std::size_t i = 0; i < before.annotations.size(); ++i) {
    join.annotations.push_back(to_index<AnnotationIndex>(part.first_annotation + i));
    join.annotation_begin.push_back(static_cast<std::uint32_t>(i + 1));
  }
  return join;
}

std::string classes(const Dataset& d) {
  std::string out;
  for (const Category& c : d.categories) out += (out.empty() ? "" : ",") + c.name;
  return out;
}

}  // namespace

TEST_CASE("law: in a union every record says what it said in its part") {
  for (std::uint64_t seed = 0; seed < 80; ++seed) {
    CAPTURE(seed);
    std::vector<Dataset> before;
    for (std::uint64_t k = 0; k < 2 + seed % 2; ++k)
      before.push_back(random_dataset(seed * 3 + k, {.style = static_cast<RandomOptions::Style>((seed + k) % 4)}));
    std::vector<UnitePart> parts;
    UniteTables tables;
    for (std::size_t k = 0; k < before.size(); ++k) {
      UnitePart part{.dataset = before[k], .files = std::to_string(k) + "/"};
      for (const Image& image : before[k].images) {
        part.image_paths.emplace_back(before[k].text(image.path));
        part.media_paths.emplace_back(before[k].text(image.media));
      }
      for (const Category& c : before[k].categories) {
        part.categories.push_back(to_index<CategoryIndex>(tables.categories.size()));
        tables.categories.push_back(c);
      }
      for (const Split& s : before[k].splits) {
        part.splits.push_back(to_index<SplitIndex>(tables.splits.size()));
        tables.splits.push_back({.name = s.name, .role = s.role, .info = s.info, .residue = s.residue});
      }
      for (const Licence& l : before[k].licences) {
        part.licences.push_back(to_index<LicenceIndex>(tables.licences.size()));
        tables.licences.push_back(l);
        tables.licences.back().split = none<SplitIndex>;
      }
      parts.push_back(std::move(part));
    }
    const std::vector<UnitePart> places = parts;
    const United all = united(std::move(parts), tables);
    REQUIRE(all.dataset.inconsistency().value_or("") == "");
    for (std::size_t k = 0; k < before.size(); ++k) {
      CAPTURE(k);
      const Join join = join_of(before[k], all.dataset, places[k], all.parts[k]);
      for (const Difference& line : compare(before[k], all.dataset, join, {})) {
        // Ids are given anew, spelling is the source's own, and what other parts have is added.
        const bool own = line.field == Field::image_id || line.field == Field::annotation_id ||
                         line.field == Field::licence_id || line.field == Field::category_id ||
                         line.field == Field::annotation_authored || line.field == Field::annotation_lexemes ||
                         line.field == Field::number_style || line.field == Field::dataset_residue ||
                         line.field == Field::split_categories || line.field == Field::unread ||
                         line.field == Field::relation || line.field == Field::track ||
                         line.field == Field::track_states;
        if (own || line.outcome == Outcome::kept || line.outcome == Outcome::added) continue;
        FAIL_CHECK(std::string(name(line.field))
                   << " " << name(line.outcome) << " " << line.where << ": " << line.before << " -> " << line.after);
      }
    }
  }
}

TEST_CASE("law: combining any datasets gives a consistent one with all their records") {
  for (std::uint64_t seed = 0; seed < 80; ++seed) {
    CAPTURE(seed);
    std::vector<Dataset> before;
    std::size_t images = 0, annotations = 0;
    for (std::uint64_t k = 0; k < 3; ++k) {
      before.push_back(random_dataset(seed * 3 + k, {.style = static_cast<RandomOptions::Style>((seed + k) % 4)}));
      images += before.back().images.size();
      annotations += before.back().annotations.size();
    }
    const Combined all = made(std::move(before), {.split_from_source = seed % 2 == 0});
    CHECK(all.united.dataset.images.size() == images);
    CHECK(all.united.dataset.annotations.size() == annotations);
    std::set<std::int64_t> ids;
    std::size_t numbered = 0;
    for (const std::int64_t id : all.united.dataset.category_ids.numbers) ids.insert(id), ++numbered;
    CHECK(ids.size() == numbered);
  }
}

TEST_CASE("classes of one name are one, whatever their normal form; names that only look alike are told") {
  const Combined all =
      made({small({"car", "caf\u00e9"}, "1.jpg", "train"), small({"cafe\u0301", "Car"}, "2.jpg", "train")});
  CHECK(classes(all.united.dataset) == "car,caf\u00e9,Car");
  REQUIRE(all.report.alike.size() == 1);
  CHECK(all.report.alike[0] == std::pair<std::string, std::string>("car", "Car"));
  CHECK(all.report.classes[1].objects == 2);
  CHECK(all.united.dataset.splits.size() == 1);
  CHECK(all.united.dataset.members(SplitIndex{0}).size() == 2);
}

TEST_CASE("a class map renames, for all datasets or for one, and knows no class that nobody has") {
  const auto map = parse_class_map("# comment\nCar=car\n\n[b]\nvan = x\nvan=lorry\r\n", "map.txt");
  REQUIRE(map);
  CombineRules rules{.map = {(*map)[0], (*map)[2]}};
  const Combined all = made({small({"car", "van"}, "1.jpg", "train"), small({"Car", "van"}, "2.jpg", "val")}, rules);
  CHECK(classes(all.united.dataset) == "car,van,lorry");
  rules.map = {{"", "cra", "x", "map.txt:1"}};
  const auto wrong = combined(inputs_of({small({"car"}, "1.jpg", "train"), small({}, "2.jpg", "val")}), rules);
  REQUIRE_FALSE(wrong);
  CHECK(to_string(wrong.error()) == "map.txt:1: no class is called 'cra' (did you mean 'car'?)");
  rules.map = {{"c", "car", "x", "map.txt:2"}};
  CHECK(combined(inputs_of({small({"car"}, "1.jpg", "a"), small({}, "2.jpg", "b")}), rules).error().message ==
        "no dataset is called 'c'");
  const auto line = parse_class_map("a=b\nnothing\n", "m");
  REQUIRE_FALSE(line);
  CHECK(to_string(line.error()) == "m:2:1: expected old=new, found 'nothing'");
}

TEST_CASE("names that two datasets share put all images below the name of their dataset") {
  const Combined apart = made({small({"car"}, "images/train/1.jpg", "train"), small({"car"}, "2.jpg", "train")});
  CHECK(apart.united.dataset.path(ImageIndex{0}) == "images/train/1.jpg");
  const Combined shared =
      made({small({"car"}, "images/train/1.jpg", "train"), small({"car"}, "Images/train/1.JPG", "train")});
  CHECK(shared.report.shared_paths == 1);
  CHECK(shared.united.dataset.path(ImageIndex{0}) == "a/1.jpg");  // the folder of the split is said by the split
  CHECK(shared.united.dataset.path(ImageIndex{1}) == "b/Images/train/1.JPG");
  CHECK(shared.united.dataset.text(shared.united.dataset.images[0].media) == "a/images/train/1.jpg");
}

TEST_CASE("ids do not meet, and the plan says how they came about") {
  const Combined all = made({small({"car", "van"}, "1.jpg", "train"), small({"car", "van"}, "2.jpg", "val")});
  const Dataset& d = all.united.dataset;
  CHECK(d.annotation_ids[0] == 1);
  CHECK(d.annotation_ids[2] == 3);
  CHECK(all.report.sources[1].annotation_ids.by == 2);
  CHECK_FALSE(all.report.sources[1].annotation_ids.counted);
  CHECK(d.image_ids[1] == 2);
  Dataset odd = small({"car"}, "3.jpg", "val");
  odd.annotation_ids.numbers[0] = Ids::odd;
  odd.annotation_ids.tokens.push_back({0, odd.add_text("\"x\"")});
  const Combined counted = made({small({"car"}, "1.jpg", "train"), odd});
  CHECK(counted.report.sources[1].annotation_ids.counted);
  CHECK(counted.united.dataset.annotation_ids[1] == 2);
}

TEST_CASE("what documents say of themselves is joined key by key, and what does not fit is told") {
  Dataset a = small({"car"}, "1.jpg", "train"), b = small({"car"}, "2.jpg", "train");
  a.splits[0].info = R"({"year":2020,"by":"x"})";
  b.splits[0].info = R"({"by":"y","year":2020.0,"url":"u"})";
  b.residue = "license: CC0\n";
  b.format = "yolo";
  const Combined all = made({a, b});
  CHECK(all.united.dataset.splits[0].info == R"({"year":2020,"by":"x","url":"u"})");
  REQUIRE(all.report.lost.size() == 2);
  CHECK(all.report.lost[0] == R"(info.by of b: "y"; kept is "x")");
  CHECK(all.report.lost[1] == "what yolo keeps of its own beside the labels of b (13 bytes)");
}

TEST_CASE("every dataset can become a split of its own") {
  const Combined all =
      made({small({"car"}, "1.jpg", "train"), small({"car"}, "2.jpg", "train")}, {.split_from_source = true});
  const Dataset& d = all.united.dataset;
  REQUIRE(d.splits.size() == 2);
  CHECK(d.splits[1].name == "b");
  CHECK(d.members(SplitIndex{1}).front().image == ImageIndex{1});
}

TEST_CASE("copies are told with whether their labels are equal") {
  const Combined all = made({small({"car", "van"}, "1.jpg", "train"), small({"car", "van"}, "2.jpg", "train"),
                             small({"van", "car"}, "3.jpg", "train")});
  const Digest same = sha256("x");
  const auto copies = equal_images(all.united.dataset, {same, same, same});
  REQUIRE(copies.size() == 2);
  CHECK(copies[0].equal);
  CHECK(copies[0].first == ImageIndex{0});
  CHECK_FALSE(copies[1].equal);  // the boxes of car and van are the other way round
  CHECK(equal_images(all.united.dataset, {same, std::nullopt, sha256("y")}).empty());
}
