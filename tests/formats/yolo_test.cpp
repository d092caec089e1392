// Ultralytics YOLO: dialects of data.yaml, rows, and what comes back byte for byte.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "vetset/base/tree.h"
#include "vetset/convert/convert.h"
#include "vetset/formats/format.h"

using namespace vetset;

namespace {

/// The header of a picture of 200 by 100 pixels.
const std::string png(
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\xc8\0\0\0\x64\x08\2\0\0\0\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82", 45);

Reading read(const Tree& tree) {
  auto reading = find_format("yolo")->read(tree, {});
  REQUIRE(reading);
  const auto fault = reading->dataset.inconsistency();
  INFO(fault.value_or(""));
  CHECK_FALSE(fault);
  return *std::move(reading);
}
Reading read_rows(std::string rows, std::string yaml = "train: images\nval: images\nnames: [a, b, c]\n") {
  return read(MemoryTree{{"data.yaml", std::move(yaml)}, {"images/a.png", png}, {"labels/a.txt", std::move(rows)}});
}
std::uint64_t count(const Reading& r, std::string_view code) {
  for (const auto& [known, n] : r.findings.counts())
    if (known == code) return n;
  return 0;
}
std::string file(const Tree& tree, std::string_view path) {
  const auto bytes = tree.read(path);
  REQUIRE(bytes);
  return std::string(bytes->text());
}
void write(const Dataset& d, const Tree& media, MemoryTree& out, const WriteOptions& options = {}) {
  const auto done = find_format("yolo")->write(d, media, out, options);
  if (!done) FAIL(to_string(done.error()));
}

}  // namespace

TEST_CASE("a row is a box in pixels, and its own text") {
  const Reading r = read_rows("1 .5 .5 .2 .4\n");
  REQUIRE(r.dataset.annotations.size() == 1);
  const Annotation& a = r.dataset.annotations[0];
  CHECK(a.box == Box{80, 30, 40, 40});
  CHECK(a.kind == Kind::box);
  CHECK(r.dataset[a.category].name == "b");
  CHECK(r.dataset.authored_text(AnnotationIndex{}) == "1 .5 .5 .2 .4");
  CHECK(r.findings.all().empty());
}

TEST_CASE("an outline is a polygon, and its box is derived") {
  const Reading r = read_rows("0 0.1 0.1 0.3 0.1 0.3 0.5\n");
  const Annotation& a = r.dataset.annotations[0];
  CHECK(a.kind == Kind::polygon);
  CHECK(a.box_origin == Origin::derived);
  CHECK(a.box.width == doctest::Approx(40));
  CHECK(r.dataset.rings_of(r.dataset[a.shape])[0].count == 6);
}

TEST_CASE("poses have the points that kpt_shape says") {
  const Reading r = read_rows("0 .5 .5 .2 .4 .5 .5 2 .25 .5 1\n",
                              "train: images\nval: images\nnames: [a]\nkpt_shape: [2, 3]\nflip_idx: [1, 0]\n");
  const Dataset& d = r.dataset;
  CHECK(d.annotations[0].kind == Kind::keypoints);
  const auto numbers = d.numbers_of(d[d.annotations[0].shape]);
  CHECK(std::vector<double>(numbers.begin(), numbers.end()) == std::vector<double>{100, 50, 2, 50, 50, 1});
  CHECK(d.categories[0].point_count == 2);
  CHECK(d.categories[0].flip == std::vector<std::uint32_t>{1, 0});
}

TEST_CASE("one bad line is a finding, not a failure") {
  const Reading r = read_rows("0 .5 .5 .2 .4\n0,.5,.5,.2,.4\n0 .5 .5 .1\n0 .1 .2 .3 .4 .5 .6 .7\n");
  CHECK(r.dataset.annotations.size() == 1);
  CHECK(r.dataset.unread.size() == 3);
  REQUIRE(count(r, "FMT401") == 3);
  const Place& place = std::get<Place>(r.findings.all()[0].where);
  CHECK(place.file == "labels/a.txt");
  CHECK(place.line == 2);
  CHECK(place.column == 1);
}

TEST_CASE("classes that nothing names are kept, and said") {
  const Reading r = read_rows("3 .5 .5 .1 .1\n-1 .5 .5 .1 .1\n1.0 .5 .5 .1 .1\n");
  CHECK(r.dataset.annotations.size() == 3);
  CHECK(count(r, "FMT402") == 2);
  CHECK(count(r, "FMT422") == 1);
  CHECK(r.dataset.text(r.dataset.dangling[1].json) == "-1");
  CHECK(to_size(r.dataset.annotations[2].category) == 1);
}

TEST_CASE("a sixth number is a score or a track, and a fault") {
  const Reading r = read_rows("0 .5 .5 .1 .1 .875\n0 .5 .5 .1 .1 17\n");
  CHECK(r.dataset.score(AnnotationIndex{0}) == 0.875);
  CHECK(r.dataset.text(r.dataset.track_ids[1]) == "17");
  CHECK(count(r, "FMT422") == 1);
}

TEST_CASE("boxes and outlines in one file are told") {
  CHECK(count(read_rows("0 .5 .5 .1 .1\n0 .1 .1 .2 .1 .2 .2\n"), "FMT422") == 1);
}

TEST_CASE("missing, empty and written label files are three states") {
  const Reading r = read(MemoryTree{{"data.yaml", "train: images\nval: images\nnames: [a]\n"},
                                    {"images/a.png", png},
                                    {"images/b.png", png},
                                    {"images/c.png", png},
                                    {"labels/b.txt", ""},
                                    {"labels/c.txt", "0 .5 .5 .1 .1"},
                                    {"labels/d.txt", "0 .5 .5 .1 .1"}});
  REQUIRE(r.dataset.images.size() == 4);
  CHECK(r.dataset.images[0].state == ImageState::unlabelled);
  CHECK(r.dataset.images[1].state == ImageState::labelled_empty);
  CHECK(r.dataset.images[2].state == ImageState::labelled);
  CHECK(r.dataset.images[3].media.empty());  // its image is not here
  CHECK(r.dataset.annotations[1].box_origin == Origin::unplaced);
  CHECK(count(r, "FMT404") == 1);
}

TEST_CASE("names come as a list, a mapping, strings, with gaps, or as a number") {
  const auto names = [](const std::string& yaml) {
    std::string all;
    const Reading r = read_rows("2 .5 .5 .1 .1\n", "train: images\nval: images\n" + yaml);
    for (std::size_t i = 0; i < r.dataset.categories.size(); ++i)
      all += r.dataset.id_json(r.dataset.category_ids, i) + "=" + r.dataset.categories[i].name + " ";
    return all + (r.dataset.annotations[0].category == none<CategoryIndex>
                      ? "none"
                      : r.dataset[r.dataset.annotations[0].category].name);
  };
  CHECK(names("names: [a, b, c]\n") == "0=a 1=b 2=c c");
  CHECK(names("names: {0: a, 1: b, 2: c}\n") == "0=a 1=b 2=c c");
  CHECK(names("names: {'0': a, '2': c}\n") == "0=a 2=c c");
  CHECK(names("names:\n  1: a\n  2: b\n") == "1=a 2=b b");
  CHECK(names("nc: 3\n") == "0=class_0 1=class_1 2=class_2 class_2");
  CHECK(names("names: [no, 'b: c', d]\n") == "0=no 1=b: c 2=d d");
}

TEST_CASE("folders of splits are found by what is here") {
  for (const std::string value : {"train/images", "./train/images", "../train/images", "/home/x/set/train/images",
                                  "C:\\x\\train\\images", "./dataset_split/train/images", "train"}) {
    CAPTURE(value);
    const Reading r = read(MemoryTree{{"data.yaml", "train: '" + value + "'\nnames: [a]\n"},
                                      {"train/images/a.png", png},
                                      {"train/labels/a.txt", "0 .5 .5 .1 .1\n"}});
    REQUIRE(r.dataset.splits.size() == 1);
    CHECK(r.dataset.members(SplitIndex{}).size() == 1);
    CHECK(r.dataset.annotations.size() == 1);
  }
}

TEST_CASE("lists of images are splits; images in none are told") {
  const Reading r = read(MemoryTree{{"data.yaml", "train: train.txt\nval: val.txt\nnames: [a]\n"},
                                    {"train.txt", "./images/b.png\r\n/data/old/images/a.png\n"},
                                    {"val.txt", "./images/a.png\n./images/gone.png\n"},
                                    {"images/a.png", png},
                                    {"images/b.png", png},
                                    {"images/c.png", png}});
  const Dataset& d = r.dataset;
  REQUIRE(d.memberships.size() == 4);
  CHECK(d.path(d.members(SplitIndex{0})[0].image) == "images/b.png");
  CHECK(d.path(d.members(SplitIndex{0})[1].image) == "images/a.png");
  CHECK(count(r, "FMT404") == 1);
  CHECK(count(r, "FMT418") == 1);
}

TEST_CASE("label files come back byte for byte") {
  const std::string rows[] = {"",
                              "\n",
                              "0 .5 .5 .1 .1",
                              "\xef\xbb\xbf"
                              "0 0.50 0.5 1e-1 .1  \r\n\r\n 1\t.5 .5 .1 .1\r\n",
                              "0 .5 .5 .1 .1\r\n1 .5 .5 .1 .1\n\n\n",
                              "0 .1 .1 .2 .1 .2 .2\nwords\n-3 .5 .5 .1 .1\n0,1\n2.0 .5 .5 .1 .1 0.5",
                              "0 0.12345678901234567 .5 .1 .1\n0 .5 .5 .1 .1\n0 .5 .5 .1 .1\n"};
  for (const std::string& text : rows) {
    CAPTURE(text);
    const MemoryTree tree{
        {"data.yaml", "train: images\nval: images\nnames: {0: a, 2: b}\nroboflow:\n  version: 2\n\n# end\n"},
        {"images/a.png", png},
        {"labels/a.txt", text}};
    const Reading r = read(tree);
    MemoryTree out;
    write(r.dataset, tree, out);
    CHECK(file(out, "labels/a.txt") == text);
    CHECK(file(out, "images/a.png") == png);
    CHECK(file(out, "data.yaml") ==
          "train: images\nval: images\n\nnames:\n  0: a\n  2: b\n\nroboflow:\n  version: 2\n");
  }
}

TEST_CASE("names that a stem cannot tell apart are made unlike") {
  MemoryTree tree;
  Dataset d;
  d.categories.push_back({.name = "a"});
  for (const char* name : {"x/img.jpg", "x/img.png", "x/IMG.bmp", "y/img.jpg", "../../etc/passwd.png"}) {
    const Text path = d.add_text(name);
    REQUIRE(tree.write(std::string("in/") + std::to_string(d.images.size()), png));
    d.images.push_back(
        {.path = path, .media = d.add_text("in/" + std::to_string(d.images.size())), .width = 200, .height = 100});
  }
  MemoryTree out;
  write(d, tree, out);
  for (const char* path : {"images/train/x/img.jpg", "images/train/x/img-1.png", "images/train/x/IMG-2.bmp",
                           "images/train/y/img.jpg", "images/train/etc/passwd.png", "labels/train/x/img-1.txt"})
    CHECK_MESSAGE(out.contains(path), path);
  CHECK(file(out, "data.yaml") == "train: images/train\nval: images/train\n\nnames:\n  0: a\n");
}

TEST_CASE("a dataset whose sizes are not known is refused by name") {
  Dataset d;
  d.categories.push_back({.name = "a"});
  d.images.push_back({.path = d.add_text("a.jpg")});
  d.annotations.push_back({.box = {1, 2, 3, 4},
                           .image = ImageIndex{},
                           .category = CategoryIndex{},
                           .kind = Kind::box,
                           .box_origin = Origin::stated});
  const auto why = find_format("yolo")->refuses(d, {});
  REQUIRE(why);
  CHECK(why->find("a.jpg is not known") != std::string::npos);
}

TEST_CASE("numbers that overflow as a sum or a fraction have no row, and the proof says so") {
  for (const Box box : {Box{1e308, 1, 1.7e308, 1}, Box{1, 1, 1, 1.7976931348623157e308}}) {
    Dataset d;
    d.format = "elsewhere";
    d.categories.push_back({.name = "car"});
    d.images.push_back({.path = d.add_text("a.png"), .width = 3, .height = 3, .size_origin = SizeOrigin::stated});
    for (const Box& b : {Box{1, 1, 1, 1}, box})
      d.annotations.push_back({.box = b,
                               .image = ImageIndex{},
                               .category = CategoryIndex{},
                               .kind = Kind::box,
                               .box_origin = Origin::stated});
    d.annotations[1].order = 1;
    MemoryTree out;
    const auto proof = write_proved(d, MemoryTree{}, *find_format("yolo"), out, out, {.images = ImagesMode::none});
    REQUIRE(proof);
    CHECK_FALSE(proof->undeclared());
    CHECK(proof->after.annotations == 1);
  }
}

TEST_CASE("a split of a word of its own is kept where no image stands in its folder") {
  const Reading r = read(MemoryTree{{"data.yaml", "train: images\npool: images/pool\nnames: [a]\n"},
                                    {"images/a.png", png},
                                    {"images/pool/b.png", png}});
  REQUIRE(r.dataset.splits.size() == 2);
  Dataset d = r.dataset;
  d.images.resize(1);
  d.memberships.clear();
  d.memberships.push_back({SplitIndex{0}, ImageIndex{0}, 0});
  REQUIRE_FALSE(d.inconsistency());
  MemoryTree out;
  write(d, MemoryTree{{"images/a.png", png}}, out);
  const Reading back = read(out);
  const auto& splits = back.dataset.splits;
  CHECK(std::any_of(splits.begin(), splits.end(), [](const Split& s) { return s.name == "pool"; }));
  CHECK(back.dataset.residue.empty());
}

TEST_CASE("real exports come back byte for byte") {
  const char* data = std::getenv("VETSET_DATA");
  for (const std::string name : {"rice-pest", "cells-yolo"}) {
    const auto tree =
        open_folder((data != nullptr ? data : VETSET_SOURCE_DIR "/../shared/data") + std::string("/") + name);
    if (!tree) {
      MESSAGE("skipped 1: VETSET_DATA");
      continue;
    }
    const Reading r = read(**tree);
    CHECK(r.dataset.images.size() == (name == "rice-pest" ? 253 : 38));
    CHECK(r.dataset.annotations.size() == (name == "rice-pest" ? 367 : 3947));
    CHECK(r.dataset.splits.size() == 3);
    MemoryTree out;
    write(r.dataset, **tree, out);
    for (const std::string_view path : (*tree)->list())
      if (path.find("/labels/") != std::string_view::npos) CHECK(file(out, path) == file(**tree, path));
  }
}

TEST_CASE("each label file is held whole, wherever its run of images ended") {
  MemoryTree tree{{"data.yaml", "train: images\nval: images\nnames: [a]\n"}};
  for (int i = 0; i < 1300; ++i) {
    const std::string name = std::to_string(i);
    REQUIRE(tree.write("images/" + name + ".png", png));
    std::string rows = i % 3 == 0 ? "\xef\xbb\xbf" : "";
    for (int k = 0; k < i % 4; ++k) rows += "0 .5 .5 .2 ." + name + "\n";
    REQUIRE(tree.write("labels/" + name + ".txt", rows));
  }
  for (const unsigned threads : {1U, 4U}) {
    auto reading = find_format("yolo")->read(tree, {.pool = Pool(threads)});
    REQUIRE(reading);
    const Dataset& d = reading->dataset;
    CHECK_FALSE(d.inconsistency());
    std::size_t labels = 0;
    for (const File& f : d.files) {
      if (!d.text(f.path).ends_with(".txt")) continue;
      ++labels;
      REQUIRE(d.text(f.bytes) == file(tree, d.text(f.path)));
    }
    CHECK(labels == 1300);
  }
}

TEST_CASE("a proof against a source without rows keeps no rows, and shares the coordinates that came back") {
  const MemoryTree tree{{"data.yaml", "train: images\nval: images\nnames: [a]\n"},
                        {"images/a.png", png},
                        {"labels/a.txt", "0 0.5 0.5 0.25 0.5 0.25 0.25\n7 .5 .5 .5 .5\n? not a row\n"}};
  const Reading whole = read(tree);
  Dataset source = whole.dataset;
  auto same = find_format("yolo")->read(tree, {.written_from = &source});
  REQUIRE(same);
  CHECK(same->dataset.coordinates.data() == source.coordinates.data());
  CHECK(same->dataset.authored_text(AnnotationIndex{}) == "0 0.5 0.5 0.25 0.5 0.25 0.25");
  source.authored = {};
  auto bare = find_format("yolo")->read(tree, {.written_from = &source});
  REQUIRE(bare);
  const Dataset& d = bare->dataset;
  CHECK_FALSE(d.inconsistency());
  CHECK(d.authored.empty());
  CHECK(d.texts.size() < whole.dataset.texts.size());
  CHECK(d.coordinates == whole.dataset.coordinates);
  REQUIRE(d.dangling.size() == 1);
  CHECK(d.text(d.dangling[0].json) == "7");
  REQUIRE(d.unread.size() == 1);
  CHECK(d.text(d.unread[0].text) == "? not a row");
}

TEST_CASE("the folder of a split is not repeated below itself") {
  const MemoryTree coco{{"annotations/instances_test.json",
                         R"({"images":[{"id":1,"file_name":"test/a.png","width":200,"height":100}],)"
                         R"("annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[80,30,40,40]}],)"
                         R"("categories":[{"id":1,"name":"a"}]})"},
                        {"images/test/a.png", png}};
  const auto r = find_format("coco")->read(coco, {});
  REQUIRE(r);
  MemoryTree out;
  write(r->dataset, coco, out);
  CHECK(file(out, "labels/test/a.txt") == "0 0.5 0.5 0.2 0.4\n");
  CHECK(out.contains("images/test/a.png"));
}

TEST_CASE("labels whose images are elsewhere belong to the split of their folder") {
  const Reading r = read(MemoryTree{{"data.yaml", "train: images/train\nval: images/val\nnames: [a]\n"},
                                    {"labels/train/x.txt", "0 .5 .5 .1 .1\n"}});
  REQUIRE(r.dataset.images.size() == 1);
  REQUIRE(r.dataset.memberships.size() == 1);
  CHECK(r.dataset[r.dataset.memberships[0].split].name == "train");
}
