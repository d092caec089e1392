// Oriented boxes: rows of nine numbers in YOLO, DOTA, and the ways between them.
#include <doctest/doctest.h>

#include <cmath>

#include "vetset/convert/convert.h"
#include "vetset/dataset/rotated.h"

using namespace vetset;

namespace {

MemoryTree tree_of(std::initializer_list<std::pair<const char*, const char*>> files) {
  MemoryTree tree;
  for (const auto& [path, text] : files) REQUIRE(tree.write(path, text));
  return tree;
}

Reading read_as(std::string_view format, const MemoryTree& tree, ReadOptions options = {}) {
  options.known_size = [](std::string_view path) -> std::optional<std::pair<std::uint32_t, std::uint32_t>> {
    return path.ends_with(".png") ? std::optional(std::pair{200U, 100U}) : std::nullopt;
  };
  auto reading = find_format(format)->read(tree, options);
  REQUIRE(reading);
  return *std::move(reading);
}

std::vector<std::string> codes(Reading& reading) {
  std::vector<std::string> all;
  for (const Finding& f : std::move(reading.findings).take()) all.emplace_back(f.code);
  return all;
}

MemoryTree yolo_of(const char* yaml, const char* rows) {
  return tree_of({{"data.yaml", yaml}, {"images/train/a.png", "x"}, {"labels/train/a.txt", rows}});
}

constexpr const char* plain_yaml = "train: images/train\nval: images/train\nnames: [ship]\n";
constexpr const char* turned_row = "0 0.5 0.2 0.65 0.5 0.5 0.8 0.35 0.5\n";

}  // namespace

TEST_CASE("a rotated box turns clockwise about its centre, and right angles are exact") {
  CHECK(corners_of(RotatedBox{10, 20, 6, 4, 0}) == Corners{7, 18, 13, 18, 13, 22, 7, 22});
  CHECK(corners_of(RotatedBox{10, 20, 6, 4, 90}) == Corners{12, 17, 12, 23, 8, 23, 8, 17});
  CHECK(corners_of(RotatedBox{0, 0, 2, 2, -180}) == Corners{1, 1, -1, 1, -1, -1, 1, -1});
}

TEST_CASE("the smallest rectangle around a turned rectangle is that rectangle") {
  const Corners turned = corners_of(RotatedBox{50, 40, 30, 10, 25});
  CHECK(skew(turned) < 1e-9);
  const auto around = smallest_rectangle(turned);
  REQUIRE(around);
  CHECK(std::abs(signed_area(*around) - 300) < 1e-9);
  CHECK(skew({0, 0, 10, 0, 12, 10, 0, 10}) > 1);
  CHECK_FALSE(smallest_rectangle({}));
  const double nan[] = {0, 0, std::nan(""), 1};
  CHECK_FALSE(smallest_rectangle(nan));
}

TEST_CASE("a rectangle in fractions of an oblong image is still seen to be one") {
  Corners corners = corners_of(RotatedBox{100, 50, 60, 20, 30});
  for (std::size_t i = 0; i < 8; ++i) corners[i] /= i % 2 == 0 ? 400 : 100;
  CHECK(corner_form(corners) == CornerForm::turned);
  CHECK(corner_form(corners_of(Box{0.1, 0.1, 0.5, 0.2})) == CornerForm::upright);
  CHECK(corner_form({0, 0, 0.5, 0, 0.5, 0.5, 0.2, 0.2}) == CornerForm::other);
}

TEST_CASE("nine numbers are oriented boxes where data.yaml says so, where all are turned, or where it is asked for") {
  const auto kind_of = [](const MemoryTree& tree, const char* dialect = "") {
    return read_as("yolo", tree, {.dialect = dialect}).dataset.annotations[0].kind;
  };
  const std::string stated = std::string(plain_yaml) + "task: obb\n";
  CHECK(kind_of(yolo_of(stated.c_str(), "0 0.1 0.1 0.5 0.1 0.5 0.4 0.2 0.2\n")) == Kind::quad);
  CHECK(kind_of(yolo_of(plain_yaml, turned_row)) == Kind::quad);
  CHECK(kind_of(yolo_of(plain_yaml, turned_row), "segment") == Kind::polygon);
  const std::string segment = std::string(plain_yaml) + "task: segment\n";
  CHECK(kind_of(yolo_of(segment.c_str(), turned_row)) == Kind::polygon);
  CHECK(kind_of(yolo_of(segment.c_str(), turned_row), "obb") == Kind::quad);
}

TEST_CASE("rows that could be oriented boxes or outlines are told, and read as outlines") {
  Reading reading = read_as("yolo", yolo_of(plain_yaml, "0 0.1 0.1 0.5 0.1 0.5 0.4 0.2 0.2\n"));
  CHECK(reading.dataset.annotations[0].kind == Kind::polygon);
  CHECK(codes(reading) == std::vector<std::string>{"FMT422"});
  Reading upright = read_as("yolo", yolo_of(plain_yaml, "0 0.1 0.1 0.5 0.1 0.5 0.4 0.1 0.4\n"));
  CHECK(upright.dataset.annotations[0].kind == Kind::polygon);
  CHECK(codes(upright) == std::vector<std::string>{"FMT422"});
  Reading mixed =
      read_as("yolo", yolo_of(plain_yaml, "0 0.1 0.1 0.5 0.1 0.5 0.4 0.1 0.4\n0 0.1 0.1 0.3 0.2 0.2 0.3\n"));
  CHECK(codes(mixed).empty());
}

TEST_CASE("a box among oriented boxes is a finding") {
  const std::string stated = std::string(plain_yaml) + "task: obb\n";
  const std::string rows = std::string(turned_row) + "0 0.5 0.5 0.1 0.1\n";
  Reading reading = read_as("yolo", yolo_of(stated.c_str(), rows.c_str()));
  CHECK(reading.dataset.annotations[0].kind == Kind::quad);
  CHECK(reading.dataset.annotations[1].kind == Kind::box);
  CHECK(codes(reading) == std::vector<std::string>{"FMT422"});
}

TEST_CASE("a DOTA file comes back to the byte: headers, spacing, line ends, lines that are no rows") {
  const char* text =
      "imagesource:GoogleEarth\r\ngsd:0.10\r\n398.0  716.0 398 694.0 464.0 698.0 465.0 718.0 plane 0 \r\n\r\n"
      "oops\r\n1 2 3 4 5 6 7 8 small-vehicle 2";
  const MemoryTree tree = tree_of({{"train/images/a.png", "x"}, {"train/labelTxt/a.txt", text}});
  Reading reading = read_as("dota", tree);
  const Dataset& d = reading.dataset;
  REQUIRE(d.annotations.size() == 2);
  CHECK(d.annotations[0].kind == Kind::quad);
  CHECK(d.annotations[0].flags[Flag::difficult] == Tristate::no);
  CHECK(d.annotations[1].flags[Flag::difficult] == Tristate::yes);
  CHECK(d.annotations[0].box == Box{398, 694, 67, 24});
  CHECK(d.splits[0].name == "train");
  CHECK(d.text(d.attributes_of(Owner::image, 0)[1].value) == "0.10");
  CHECK(codes(reading) == std::vector<std::string>{"FMT401", "FMT401"});
  MemoryTree out;
  const auto proof = write_proved(d, tree, *find_format("dota"), out, out, {});
  REQUIRE(proof);
  CHECK(proof->exact());
  CHECK(out.read("train/labelTxt/a.txt")->text() == text);
}

TEST_CASE("classes of DOTA stand in its own order, others by their names, unused ones in classes.txt") {
  const MemoryTree tree = tree_of({{"images/a.png", "x"},
                                   {"labelTxt/a.txt",
                                    "1 2 3 4 5 6 7 8 zebra 0\n1 2 3 4 5 6 7 8 ship 0\n1 2 3 4 5 6 7 8 plane 0\n"
                                    "1 2 3 4 5 6 7 8 apple 0\n"}});
  Dataset d = read_as("dota", tree).dataset;
  std::vector<std::string> names;
  for (const Category& c : d.categories) names.push_back(c.name);
  CHECK(names == std::vector<std::string>{"plane", "ship", "apple", "zebra"});
  d.categories.push_back({.name = "swimming pool"});
  MemoryTree out;
  REQUIRE(write_proved(d, tree, *find_format("dota"), out, out, {}));
  CHECK(out.read("classes.txt")->text() == "plane\nship\napple\nzebra\nswimming-pool\n");
}

TEST_CASE("two label files of one image are an error that names both") {
  const MemoryTree tree = tree_of({{"train/images/a.png", "x"},
                                   {"train/labelTxt-v1.0/a.txt", "1 2 3 4 5 6 7 8 ship 0\n"},
                                   {"train/labelTxt-v1.5/a.txt", "1 2 3 4 5 6 7 8 ship 0\n"}});
  const auto reading = find_format("dota")->read(tree, {});
  REQUIRE_FALSE(reading);
  CHECK(reading.error().message.find("labelTxt-v1.5") != std::string::npos);
}

TEST_CASE("a class that was renamed is written, not the row as it was read") {
  const MemoryTree tree = tree_of({{"images/a.png", "x"}, {"labelTxt/a.txt", "1.0 2 3 4 5 6 7 8 ship 1\n"}});
  Dataset d = read_as("dota", tree).dataset;
  d.categories[0].name = "boat";
  MemoryTree out;
  const auto proof = write_proved(d, tree, *find_format("dota"), out, out, {});
  REQUIRE(proof);
  CHECK_FALSE(proof->undeclared());
  CHECK(out.read("labelTxt/a.txt")->text() == "1 2 3 4 5 6 7 8 boat 1\n");
}

TEST_CASE("turned boxes become an envelope or an outline in COCO, as decided, and stay corners in YOLO") {
  const MemoryTree tree = tree_of({{"images/a.png", "x"}, {"labelTxt/a.txt", "10 10 20 0 30 10 20 20 ship 0\n"}});
  const Dataset d = read_as("dota", tree).dataset;
  WriteOptions options;
  MemoryTree refused;
  CHECK_FALSE(write_proved(d, tree, *find_format("coco"), refused, refused, options));
  options.policies[Decision::rotated] = Policy::envelope;
  MemoryTree boxes;
  REQUIRE(write_proved(d, tree, *find_format("coco"), boxes, boxes, options));
  CHECK(boxes.read("annotations/instances.json")->text().find("\"bbox\":[10,0,20,20],\"area\":400") !=
        std::string::npos);
  options.policies[Decision::rotated] = Policy::polygon;
  MemoryTree outlines;
  REQUIRE(write_proved(d, tree, *find_format("coco"), outlines, outlines, options));
  CHECK(outlines.read("annotations/instances.json")
            ->text()
            .find("\"segmentation\":[[10,10,20,0,30,10,20,20]],\"area\":200") != std::string::npos);
  MemoryTree yolo;
  const auto proof = write_proved(d, tree, *find_format("yolo"), yolo, yolo, {});
  REQUIRE(proof);
  CHECK(proof->task == "obb");
  CHECK(yolo.read("labels/train/a.txt")->text() == "0 0.05 0.1 0.1 0 0.15 0.1 0.1 0.2\n");
  CHECK(yolo.read("data.yaml")->text().find("task: obb") != std::string::npos);
}
