// What Ultralytics reads of a folder. The real loader is asked the same in tests/judges.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "vetset/base/tree.h"
#include "vetset/check/consumer.h"

using namespace vetset;

namespace {

const std::string png(
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x20\0\0\0\x10\x08\2\0\0\0\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82", 45);

ConsumerView view_of(const Tree& tree) {
  auto view = consumers().front()->view(tree, Pool(1), {});
  REQUIRE(view);
  return *std::move(view);
}

/// The view of one label file among three classes.
ConsumerView view_of_rows(std::string rows, std::string yaml = "train: images\nval: images\nnames: [a, b, c]\n") {
  const MemoryTree tree{{"data.yaml", std::move(yaml)}, {"images/a.png", png}, {"labels/a.txt", std::move(rows)}};
  return view_of(tree);
}

}  // namespace

TEST_CASE("a row that breaks a rule costs the whole image") {
  for (const char* row :
       {"0 .5 .5 .1", "0 .5 .5 .1 .1 .9", "3 .5 .5 .1 .1", "1.5 .5 .5 .1 .1", "-1 .5 .5 .1 .1", "0 1.02 .5 .1 .1",
        "0 -.02 .5 .1 .1", "0 .5 .5 -.001 .1", "0 nan .5 .1 .1", "0,.5,.5,.1,.1"}) {
    CAPTURE(row);
    const ConsumerView view = view_of_rows("1 .5 .5 .2 .2\n" + std::string(row) + "\n");
    CHECK(view.line() == "Ultralytics 8.4.190 reads 0/1 images, 0/2 objects");
    REQUIRE(view.effects.size() == 1);
    CHECK(view.effects[0].kind == Effect::Kind::image_dropped);
    CHECK(view.effects[0].line == 2);
  }
}

TEST_CASE("a hundredth beyond the image is taken") {
  CHECK(view_of_rows("0 1.01 .5 .1 .1\n0 -.01 .5 .1 .1\n1.0 .5 .5 0 0\n").objects_read == 3);
}

TEST_CASE("boxes among outlines cost the whole image, outlines alone become boxes") {
  CHECK(view_of_rows("0 .1 .1 .2 .1 .2 .2\n0 .5 .5 .1 .1\n").images_read == 0);
  const ConsumerView view = view_of_rows("0 .1 .1 .2 .1 .2 .2\n");
  CHECK(view.objects_read == 1);
  CHECK(view.task == "segment");
}

TEST_CASE("rows that repeat another are dropped, in single precision") {
  const ConsumerView view = view_of_rows("0 .5 .5 .1 .1\n0 0.500000001 .5 .1 .1\n0 .5 .5 .2 .1\n");
  CHECK(view.objects_read == 2);
  CHECK(view.effects.at(0).kind == Effect::Kind::object_dropped);
}

TEST_CASE("outlines of one box are two objects") {
  CHECK(view_of_rows("0 .1 .1 .2 .1 .2 .2\n0 .1 .1 .1 .2 .2 .2\n").objects_read == 2);
}

TEST_CASE("poses have exactly their columns") {
  const std::string yaml = "train: images\nval: images\nnames: [a]\nkpt_shape: [2, 3]\n";
  CHECK(view_of_rows("0 .5 .5 .1 .1 .5 .5 2 .4 .4 1\n", yaml).objects_read == 1);
  CHECK(view_of_rows("0 .5 .5 .1 .1\n", yaml).images_read == 0);
}

TEST_CASE("a data.yaml that the loader refuses is told as such") {
  CHECK(view_of_rows("", "train: images\nnames: [a]\n").refused == "data.yaml has no val");
  CHECK(view_of_rows("", "train: images\nval: images\n").refused == "data.yaml has neither names nor nc");
  CHECK(view_of_rows("", "train: images\nval: images\nnames: [a]\nnc: 2\n").refused ==
        "names has 1 classes and nc is 2");
  CHECK(view_of_rows("", "train: images\nval: images\nnames: {1: a, 2: b}\n").refused ==
        "names has the keys 1 to 2, expected 0 to 1");
  CHECK(view_of_rows("", "train: images\nval: images\nnames: {'0': a}\n").refused == "");
}

TEST_CASE("small pictures and missing ends are faults of the image") {
  std::string small = png;
  small[19] = 9;
  const MemoryTree tree{{"data.yaml", "train: images\nval: images\nnames: [a]\n"},
                        {"images/a.png", small},
                        {"images/b.png", png.substr(0, 33)},
                        {"images/c.png", png}};
  const ConsumerView view = view_of(tree);
  CHECK(view.images == 3);
  CHECK(view.images_read == 1);
  CHECK(view.backgrounds == 1);
}

TEST_CASE("the rice-pest export is read as the real loader reads it") {
  const char* data = std::getenv("VETSET_DATA");
  const auto tree =
      open_folder((data != nullptr ? data : VETSET_SOURCE_DIR "/../shared/data") + std::string("/rice-pest"));
  if (!tree) {
    MESSAGE("skipped 1: VETSET_DATA");
    return;
  }
  const ConsumerView view = view_of(**tree);
  CHECK(view.line() == "Ultralytics 8.4.190 reads 251/253 images, 363/367 objects");
  CHECK(view.effects.front().kind == Effect::Kind::refused);  // its paths are of another folder
}
