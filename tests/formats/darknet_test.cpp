// Darknet: obj.data and its lists, labels beside images, and what comes back byte for byte.
#include <doctest/doctest.h>

#include <string>

#include "vetset/base/tree.h"
#include "vetset/convert/convert.h"
#include "vetset/formats/format.h"

using namespace vetset;

namespace {

/// The header of a picture of 200 by 100 pixels.
const std::string png(
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\xc8\0\0\0\x64\x08\2\0\0\0\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82", 45);

const Format& darknet() { return *find_format("darknet"); }

/// As CVAT writes it: paths begin with a folder that is not there.
MemoryTree cvat() {
  return {{"obj.data",
           "classes = 2\r\ntrain = data/train.txt\r\nvalid = data/valid.txt\r\nnames = data/obj.names\r\nbackup = "
           "backup/\r\n"},
          {"obj.names", "cat\ntraffic light\n"},
          {"train.txt", "data/obj_train_data/b.png\ndata/obj_train_data/a.png\n"},
          {"valid.txt", "data/obj_valid_data/c.png"},
          {"obj_train_data/a.png", png},
          {"obj_train_data/a.txt", "0  0.5 .5 0.20 0.4\n"},
          {"obj_train_data/b.png", png},
          {"obj_train_data/b.txt", ""},
          {"obj_valid_data/c.png", png},
          {"obj_valid_data/c.txt", "1 0.5 0.5 0.2 0.4\n0 0.1 0.1 0.1 0.1"}};
}

Reading read(const Tree& tree, const Format& format = darknet()) {
  auto reading = format.read(tree, {});
  if (!reading) FAIL(to_string(reading.error()));
  const auto fault = reading->dataset.inconsistency();
  INFO(fault.value_or(""));
  CHECK_FALSE(fault);
  return *std::move(reading);
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
Proof prove(const Dataset& d, const Tree& media, const Format& to, MemoryTree& out, const WriteOptions& options = {}) {
  const auto proof = write_proved(d, media, to, out, out, options);
  if (!proof) FAIL(to_string(proof.error()));
  CHECK_FALSE(proof->undeclared());
  return *proof;
}

}  // namespace

TEST_CASE("obj.data names the classes and the lists, whose order is that of the images") {
  const MemoryTree tree = cvat();
  const Reading r = read(tree);
  const Dataset& d = r.dataset;
  CHECK(r.findings.all().empty());
  REQUIRE(d.categories.size() == 2);
  CHECK(d.categories[1].name == "traffic light");
  REQUIRE(d.splits.size() == 2);
  CHECK(d.splits[1].name == "valid");
  CHECK(d.splits[1].role == SplitRole::val);
  REQUIRE(d.images.size() == 3);
  CHECK(d.path(ImageIndex{0}) == "obj_train_data/b.png");
  CHECK(d[ImageIndex{0}].state == ImageState::labelled_empty);
  REQUIRE(d.annotations.size() == 3);
  CHECK(d.annotations[0].box == Box{80, 30, 40, 40});
}

TEST_CASE("Darknet comes back as it was, byte for byte") {
  const MemoryTree tree = cvat();
  MemoryTree out;
  const Proof proof = prove(read(tree).dataset, tree, darknet(), out);
  CHECK(proof.exact());
  for (const std::string_view path : tree.list()) {
    CAPTURE(path);
    CHECK(file(out, path) == file(tree, path));
  }
}

TEST_CASE("rows keep their digits on the way to YOLO and back") {
  const MemoryTree tree = cvat();
  MemoryTree there, back;
  prove(read(tree).dataset, tree, *find_format("yolo"), there);
  CHECK(file(there, "labels/train/a.txt") == "0  0.5 .5 0.20 0.4\n");
  CHECK(file(there, "labels/val/c.txt") == "1 0.5 0.5 0.2 0.4\n0 0.1 0.1 0.1 0.1\n");
  prove(read(there, *find_format("yolo")).dataset, there, darknet(), back);
  CHECK(file(back, "obj_train_data/a.txt") == "0  0.5 .5 0.20 0.4\n");
  CHECK(file(back, "obj.data") ==
        "classes = 2\ntrain = train.txt\nvalid = valid.txt\nnames = obj.names\nbackup = backup/\n");
  CHECK(file(back, "valid.txt") == "obj_valid_data/c.png\n");
}

TEST_CASE("classes with gaps in their numbers are numbered anew") {
  const MemoryTree yolo{{"data.yaml", "train: images\nval: images\nnames: {1: a, 7: b}\n"},
                        {"images/x.png", png},
                        {"labels/x.txt", "7 .5 .5 .5 .5\n"}};
  MemoryTree out;
  prove(read(yolo, *find_format("yolo")).dataset, yolo, darknet(), out);
  CHECK(file(out, "obj_train_data/x.txt") == "1 0.5 0.5 0.5 0.5\n");
  CHECK(file(out, "obj.names") == "a\nb\n");
}

TEST_CASE("labels are found though their images are absent, and below labels") {
  const Reading absent = read(MemoryTree{{"obj.data", "classes=1\ntrain=data/train.txt\nnames=data/obj.names\n"},
                                         {"obj.names", "a\n"},
                                         {"train.txt", "data/obj_train_data/x.jpg\n"},
                                         {"obj_train_data/x.txt", "0 .5 .5 .5 .5\n"}});
  CHECK(absent.dataset.path(ImageIndex{0}) == "obj_train_data/x.jpg");
  CHECK(absent.dataset.annotations.size() == 1);
  CHECK(count(absent, "FMT404") == 1);
  const Reading elsewhere = read(MemoryTree{{"cfg/my.data", "classes=1\ntrain=train.txt\nnames=cfg/my.names\n"},
                                            {"cfg/my.names", "a\n"},
                                            {"train.txt", "set/images/x.png\n"},
                                            {"set/images/x.png", png},
                                            {"set/labels/x.txt", "0 .5 .5 .5 .5\n"}});
  CHECK(elsewhere.dataset.annotations.size() == 1);
}

TEST_CASE("faults of obj.data are findings") {
  const Reading r = read(MemoryTree{{"obj.data", "classes = 3\nwhat is this\ntrain = train.txt\nnames = obj.names\n"},
                                    {"obj.names", "a\nb\n"},
                                    {"train.txt", "x.png\nx.png\ngone.png\n"},
                                    {"x.png", png},
                                    {"x.txt", "0 .5 .5 .5 .5\n5 .5 .5 .5 .5\n"}});
  CHECK(count(r, "FMT401") == 2);  // a line, and a number of classes that is not that of the names
  CHECK(count(r, "FMT402") == 1);  // a class that nothing names
  CHECK(count(r, "FMT404") == 1);  // an image that is not here
  CHECK(count(r, "FMT418") == 1);  // an image that is listed twice
}

TEST_CASE("Darknet and Ultralytics are told apart by the file that describes them") {
  const auto who = [](const MemoryTree& tree) { return std::string(detect_format(tree)->format->id); };
  CHECK(who(cvat()) == "darknet");
  CHECK(who({{"data.yaml", "train: images\nval: images\nnames: [a]\n"}, {"images/a.png", png}, {"labels/a.txt", ""}}) ==
        "yolo");
  CHECK_FALSE(darknet().read(MemoryTree{{"images/a.png", png}, {"labels/a.txt", ""}}, {}));
}
