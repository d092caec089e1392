// Lists of COCO results: predictions that speak by the ids of their ground truth.
#include <doctest/doctest.h>

#include "vetset/convert/convert.h"

using namespace vetset;

namespace {

constexpr const char* truth =
    R"({"images":[{"id":7,"file_name":"a.jpg","width":64,"height":48},{"id":8,"file_name":"b.jpg","width":64,"height":48}],)"
    R"("categories":[{"id":1,"name":"cat"},{"id":3,"name":"dog"}],)"
    R"("annotations":[{"id":1,"image_id":7,"category_id":1,"bbox":[1,2,3,4],"area":12,"iscrowd":0}]})";
constexpr const char* results =
    "[\n{\"image_id\":7,\"category_id\":3,\"bbox\":[1.50,2,3,4],\"score\":0.900},\n"
    "{\"image_id\":7,\"category_id\":1,\"bbox\":[5,6,7,8],\"score\":0.25,\"extra\":1}\n]\n";

Reading read_results(const MemoryTree& tree, ReadOptions options = {}) {
  auto reading = find_format("coco-results")->read(tree, options);
  REQUIRE(reading);
  return *std::move(reading);
}

}  // namespace

TEST_CASE("results alone are known by ids, and come back to the byte") {
  MemoryTree tree;
  REQUIRE(tree.write("val_results.json", results));
  const Dataset d = read_results(tree).dataset;
  REQUIRE(d.annotations.size() == 2);
  CHECK(d.path(ImageIndex{0}) == "7");
  CHECK(d.categories[0].name == "class_1");
  CHECK(d.categories[1].name == "class_3");
  CHECK(d.splits[0].name == "val");
  CHECK(d.score(AnnotationIndex{0}) == 0.9);
  MemoryTree out;
  const auto proof = write_proved(d, tree, *find_format("coco-results"), out, out, {});
  REQUIRE(proof);
  CHECK(proof->exact());
  CHECK(out.read("val_results.json")->text() == results);
}

TEST_CASE("results beside their ground truth have its images and names, and none of its objects") {
  MemoryTree tree;
  REQUIRE(tree.write("instances_val.json", truth));
  REQUIRE(tree.write("val_results.json", results));
  const Dataset d = read_results(tree).dataset;
  CHECK(d.images.size() == 2);
  CHECK(d.annotations.size() == 2);
  CHECK(d.path(d.annotations[0].image) == "a.jpg");
  CHECK(d[d.annotations[0].category].name == "dog");
}

TEST_CASE("results that fit two ground truths are bound to none") {
  MemoryTree tree;
  REQUIRE(tree.write("instances_a.json", truth));
  REQUIRE(tree.write("instances_b.json", truth));
  REQUIRE(tree.write("x_results.json", results));
  const Reading reading = read_results(tree);
  CHECK(reading.dataset.path(ImageIndex{0}) == "7");
  CHECK(reading.notes.front().find("by ids alone") != std::string::npos);
}

TEST_CASE("what has no ids is refused, and what has no scores is asked about") {
  MemoryTree tree;
  REQUIRE(tree.write("instances_val.json", truth));
  auto reading = find_format("coco")->read(tree, {});
  REQUIRE(reading);
  const Format& to = *find_format("coco-results");
  MemoryTree first, second;
  const auto asked = write_proved(reading->dataset, tree, to, first, first, {});
  REQUIRE_FALSE(asked);
  CHECK(asked.error().message.find("score=drop") != std::string::npos);
  WriteOptions options;
  options.policies[Decision::score] = Policy::object;
  REQUIRE(write_proved(reading->dataset, tree, to, second, second, options));
  CHECK(second.read("val_results.json")->text() ==
        "[\n{\"image_id\":7,\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":1}\n]\n");
  reading->dataset.image_ids = {};
  MemoryTree third;
  const auto refused = write_proved(reading->dataset, tree, to, third, third, options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::refused);
}
