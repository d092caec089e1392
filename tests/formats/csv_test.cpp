// Tables of boxes: columns in any order, files that repeat each other, and what comes back byte for byte.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "vetset/base/tree.h"
#include "vetset/convert/convert.h"
#include "vetset/dataset/edit.h"
#include "vetset/formats/format.h"

using namespace vetset;

namespace {

constexpr std::string_view header = "filename,width,height,class,xmin,ymin,xmax,ymax\n";

Reading read(const Tree& tree, const ReadOptions& options = {}) {
  auto reading = find_format("csv")->read(tree, options);
  if (!reading) FAIL(to_string(reading.error()));
  const auto fault = reading->dataset.inconsistency();
  INFO(fault.value_or(""));
  CHECK_FALSE(fault);
  return *std::move(reading);
}
Reading read_rows(std::string_view rows) {
  return read(MemoryTree{{"labels.csv", std::string(header) + std::string(rows)}});
}
std::uint64_t count(const Reading& r, std::string_view code) {
  for (const auto& [known, n] : r.findings.counts())
    if (known == code) return n;
  return 0;
}
bool notes(const Reading& r, std::string_view words) {
  return std::any_of(r.notes.begin(), r.notes.end(),
                     [&](const std::string& n) { return n.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("columns are found by their names, in any order, and the one that is left is the class") {
  const Reading r =
      read(MemoryTree{{"test.csv", "filename,cell_type,xmin,xmax,ymin,ymax\r\na.jpg,RBC,10,30,5,25\r\n"}});
  REQUIRE(r.dataset.annotations.size() == 1);
  CHECK(r.dataset.annotations[0].box == Box{10, 5, 20, 20});
  CHECK(r.dataset.categories[0].name == "RBC");
  REQUIRE(r.dataset.splits.size() == 1);
  CHECK(r.dataset.splits[0].name == "test");
}

TEST_CASE("fields in quotes hold separators, quotes and line ends; columns beyond the boxes are attributes") {
  const Reading r = read(MemoryTree{
      {"labels.csv",
       "image;label;x1;y1;x2;y2;weather\na.jpg;\"a;\"\"b\"\"\";1;2;3;4;rain\nb.jpg;\"two\nlines\";1;2;3;4;5\n"}});
  REQUIRE(r.dataset.annotations.size() == 2);
  CHECK(r.dataset.categories[0].name == "a;\"b\"");
  CHECK(r.dataset.categories[1].name == "two\nlines");
  CHECK(r.dataset.text(r.dataset.attributes_of(Owner::annotation, 0)[0].value) == "\"rain\"");
  CHECK(r.dataset.text(r.dataset.attributes_of(Owner::annotation, 1)[0].value) == "5");
}

TEST_CASE("a bad field is a finding with its line, and the row stays") {
  const Reading r =
      read_rows("a.jpg,10,10,cat,1,2,x,4\na.jpg,10,10,,1,2,3,4\n,10,10,cat,1,2,3,4\na.jpg,20,10,cat,1,2,3,4\n");
  CHECK(count(r, "FMT401") == 2);
  CHECK(count(r, "FMT402") == 1);
  CHECK(count(r, "FMT405") == 1);
  REQUIRE(r.dataset.annotations.size() == 3);
  CHECK(r.dataset.annotations[0].box_origin == Origin::none);
  const auto* place = std::get_if<Place>(&r.findings.all()[0].where);
  REQUIRE(place != nullptr);
  CHECK(place->line == 4);
}

TEST_CASE("a table that repeats the others is no split, and doubles nothing") {
  const std::string a = "a.jpg,10,10,cat,1,2,3,4\n", b = "b.jpg,10,10,cat,1,2,3,4\nb.jpg,10,10,cat,1,2,3,4\n";
  const Reading r = read(MemoryTree{{"all_labels.csv", std::string(header) + b + a},
                                    {"test_labels.csv", std::string(header) + a},
                                    {"train_labels.csv", std::string(header) + b}});
  CHECK(r.dataset.annotations.size() == 3);
  REQUIRE(r.dataset.splits.size() == 2);
  CHECK(r.dataset.splits[0].name == "test");
  CHECK(notes(r, "all_labels.csv names what other files name together"));
  CHECK(notes(r, "all_labels.csv says 3 objects again"));
  CHECK(r.findings.all().empty());
  const Reading other = read(MemoryTree{{"test.csv", std::string(header) + a},
                                        {"train.csv", std::string(header) + "a.jpg,10,10,dog,1,2,3,4\n"}});
  CHECK(other.dataset.annotations.size() == 2);
  CHECK(count(other, "FMT418") == 1);
}

TEST_CASE("RetinaNet's rows need no header, and an empty one is an image without objects") {
  const Reading r = read(
      MemoryTree{{"classes.csv", "dog,0\ncat,1\n"}, {"train.csv", "images/a.jpg,1,2,3,4,cat\nimages/b.jpg,,,,,\n"}});
  REQUIRE(r.dataset.images.size() == 2);
  CHECK(r.dataset.images[1].state == ImageState::labelled_empty);
  REQUIRE(r.dataset.categories.size() == 2);
  CHECK(r.dataset.categories[0].name == "dog");
  CHECK(r.dataset[r.dataset.annotations[0].category].name == "cat");
}

TEST_CASE("corners are fractions where all lie within 0 and 1, unless pinned") {
  const MemoryTree tree{{"labels.csv", std::string(header) + "a.jpg,200,100,cat,0.25,0.5,0.5,1\n"}};
  CHECK(read(tree).dataset.annotations[0].box == Box{50, 50, 50, 50});
  CHECK(read(tree, {.dialect = "pixels"}).dataset.annotations[0].box == Box{0.25, 0.5, 0.25, 0.5});
}

TEST_CASE("a table comes back byte for byte, and a class that is renamed changes nothing else") {
  const std::string rows = "a.jpg,10,10,\"cat\",1.50,2,3,4\r\n\r\nb.jpg,10,10,dog,01,2,3,4\r\n";
  const MemoryTree tree{{"data/train.csv", std::string(header) + rows}, {"images/a.jpg", "x"}, {"images/b.jpg", "x"}};
  Dataset d = read(tree).dataset;
  MemoryTree same;
  const auto proof = write_proved(d, tree, *find_format("csv"), same, same, {});
  REQUIRE(proof);
  CHECK(proof->exact());
  CHECK(same.read("data/train.csv")->text() == tree.read("data/train.csv")->text());
  d.categories[1].name = "do,g";
  MemoryTree renamed;
  REQUIRE(write_proved(d, tree, *find_format("csv"), renamed, renamed, {}));
  CHECK(renamed.read("data/train.csv")->text() ==
        std::string(header) + "a.jpg,10,10,\"cat\",1.50,2,3,4\r\n\r\nb.jpg,10,10,\"do,g\",01,2,3,4\r\n");
  Selection selection;
  selection.annotations = {true, false};
  MemoryTree less;
  const auto proof_less =
      write_proved(selected(read(tree).dataset, selection).dataset, tree, *find_format("csv"), less, less, {});
  REQUIRE(proof_less);
  CHECK_FALSE(proof_less->undeclared());
  CHECK(less.read("data/train.csv")->text() == std::string(header) + "images/a.jpg,10,10,cat,1.5,2,3,4\n");
}

TEST_CASE("an image without an object is lost to a header's table and told, and kept by RetinaNet's") {
  Dataset d;
  d.categories.push_back({.name = "cat"});
  for (const char* path : {"a.jpg", "b.jpg"})
    d.images.push_back({.path = d.add_text(path), .width = 10, .height = 10, .size_origin = SizeOrigin::stated});
  d.annotations.push_back({.box = {1, 2, 3, 4},
                           .image = ImageIndex{0},
                           .category = CategoryIndex{0},
                           .kind = Kind::box,
                           .box_origin = Origin::stated});
  MemoryTree tfod, retinanet;
  const auto lost = write_proved(d, tfod, *find_format("csv"), tfod, tfod, {.images = ImagesMode::none});
  REQUIRE(lost);
  CHECK_FALSE(lost->undeclared());
  const auto is_lost_image = [](const Difference& line) {
    return line.field == Field::image && line.outcome == Outcome::lost && line.count == 1;
  };
  CHECK(std::any_of(lost->lines.begin(), lost->lines.end(), is_lost_image));
  CHECK(tfod.read("labels.csv")->text() == std::string(header) + "a.jpg,10,10,cat,1,2,4,6\n");
  const auto kept = write_proved(d, retinanet, *find_format("csv"), retinanet, retinanet,
                                 {.task = "retinanet", .images = ImagesMode::none});
  REQUIRE(kept);
  CHECK(std::none_of(kept->lines.begin(), kept->lines.end(), is_lost_image));
  CHECK(retinanet.read("labels.csv")->text() == "images/a.jpg,1,2,4,6,cat\nimages/b.jpg,,,,,\n");
  CHECK(retinanet.read("classes.csv")->text() == "cat,0\n");
}
