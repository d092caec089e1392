#include "vetset/dataset/instances.h"

#include <doctest/doctest.h>

#include "tests/support/random_dataset.h"
#include "vetset/dataset/predictions.h"
#include "vetset/dataset/rle.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

Dataset coco(const std::string& annotations) {
  MemoryTree tree;
  const std::string document = R"({"images": [{"id": 7, "file_name": "a.png", "width": 6, "height": 5},
    {"id": 3, "file_name": "b.png"}], "categories": [{"id": 2, "name": "cat"}, {"id": 1, "name": "dog"}],
    "annotations": [)" + annotations +
                               "]}";
  REQUIRE(tree.write("instances.json", document));
  auto reading = find_format("coco")->read(tree, {});
  REQUIRE(reading);
  return std::move(reading->dataset);
}

Instances taken(const Dataset& d, InstancesWanted wanted, Findings& findings) {
  auto made = instances_of(d, wanted, Pool(1), findings);
  REQUIRE(made);
  return *std::move(made);
}
Instances taken(const Dataset& d, InstancesWanted wanted = {.masks = true, .keypoints = true}) {
  Findings findings;
  return taken(d, wanted, findings);
}

MaskCounts mask_of(const Instances& rows, std::size_t i) {
  MaskCounts counts;
  const InstancesView view = rows.view();
  REQUIRE(counts_of_coco_string(view.text(view.mask[i]), view.mask[i].height, view.mask[i].width, counts));
  return counts;
}

TEST_CASE("a row says what its record says, and no more") {
  const Dataset d = coco(R"(
    {"id": 0, "image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 2], "area": 5.5, "iscrowd": 1},
    {"id": 9, "image_id": 7, "category_id": 2, "bbox": [1, 2, 3, 2], "iscrowd": 0, "ignore": 1, "score": 0.5},
    {"id": 9, "image_id": 7, "category_id": 2, "bbox": [1, 2, 3, 2], "ignore": false},
    {"id": 4, "image_id": 99, "category_id": 2, "bbox": [1, 2, 3, 2], "iscrowd": 2},
    {"id": 5, "image_id": 7, "caption": "a cat"})");
  const Instances rows = taken(d);
  REQUIRE(rows.size() == 5);
  const auto said = [](auto... bits) { return (0U | ... | static_cast<unsigned>(bits)); };
  CHECK(rows.said[0] == said(Said::box, Said::area, Said::crowd));
  CHECK(rows.said[1] == said(Said::box, Said::score, Said::crowd));
  CHECK(rows.said[2] == said(Said::box));
  CHECK(rows.said[3] == said(Said::box, Said::crowd));
  CHECK(rows.marks[0] == said(Mark::crowd, Mark::no_keypoints));
  CHECK(rows.marks[1] == said(Mark::ignore, Mark::no_keypoints));
  CHECK(rows.marks[2] == said(Mark::no_keypoints));
  CHECK(rows.marks[3] == said(Mark::crowd, Mark::no_keypoints));
  CHECK(std::vector<std::int64_t>(rows.id.begin(), rows.id.end()) == std::vector<std::int64_t>{0, 9, 9, 4, 5});
  CHECK(rows.image[0] == 0);
  CHECK(rows.category[0] == 1);
  CHECK(rows.image[3] == no_number);  // names no image
  CHECK(rows.image[4] == no_number);  // has no place
  CHECK(rows.area[0] == 5.5);
  CHECK(rows.area[1] == 6);
  CHECK(rows.score[1] == 0.5);
  CHECK(is_unstated(rows.score[0]));
}

TEST_CASE("masks are drawn at the size of their image, or taken as they are") {
  const Dataset d = coco(R"(
    {"id": 1, "image_id": 7, "category_id": 1, "segmentation": [[1, 1, 3, 1, 3, 3, 1, 3]]},
    {"id": 2, "image_id": 7, "category_id": 1, "segmentation": [[0, 0, 1, 0, 1, 1, 0, 1], [5, 4, 6, 4, 6, 5, 5, 5]]},
    {"id": 3, "image_id": 7, "category_id": 1, "segmentation": {"size": [5, 6], "counts": [6, 2, 22]}},
    {"id": 4, "image_id": 7, "category_id": 1, "segmentation": [[1, 1, 3, 3]]},
    {"id": 5, "image_id": 7, "category_id": 1, "bbox": [1, 1, 2, 2]})");
  const Instances rows = taken(d);
  CHECK(mask_of(rows, 0) == MaskCounts{6, 2, 3, 2, 17});
  CHECK(rows.area[0] == 4);
  CHECK(rows.box[0] == Box{1, 1, 2, 2});
  CHECK_FALSE(has(rows.said[0], Said::box));
  CHECK(mask_of(rows, 1) == MaskCounts{0, 1, 28, 1});
  CHECK(mask_of(rows, 2) == MaskCounts{6, 2, 22});
  CHECK(mask_of(rows, 3) == MaskCounts{30});
  CHECK(has(rows.marks[3], Mark::polygon_of_four));
  CHECK_FALSE(has(rows.marks[0], Mark::polygon_of_four));
  CHECK_FALSE(has(rows.said[4], Said::mask));
  CHECK(rows.mask[4].height == 0);
  CHECK(taken(d, {}).mask.empty());
}

TEST_CASE("a mask that cannot be used is a finding, not a failure") {
  Dataset d = coco(R"(
    {"id": 1, "image_id": 3, "category_id": 1, "segmentation": [[1, 1, 3, 1, 3, 3, 1, 3]]},
    {"id": 2, "image_id": 7, "category_id": 1, "segmentation": {"size": [6, 5], "counts": [6, 2, 22]}},
    {"id": 3, "image_id": 7, "category_id": 1, "segmentation": {"size": [5, 6], "counts": [6, 2, 22]}})");
  d.runs.back() = 21;
  Findings findings;
  const Instances rows = taken(d, {.masks = true}, findings);
  REQUIRE(findings.all().size() == 3);
  CHECK(findings.all()[0].message == "the size of the image is not known, so no polygon can be drawn in it");
  CHECK(std::get<AnnotationIndex>(findings.all()[0].where) == AnnotationIndex{0});
  CHECK(findings.all()[1].message ==
        "mask is 6 by 5 (height by width), its image is 5 by 6: height and width are swapped");
  CHECK(findings.all()[2].message == "runs cover 29 pixels; expected 30 (5 by 6)");
  CHECK(rows.mask[0].height == 0);
  CHECK(rows.mask[1].height == 6);
  CHECK(rows.mask[2].height == 0);
  CHECK_FALSE(has(rows.said[2], Said::mask));
}

TEST_CASE("holes are cut out of what surrounds them") {
  Dataset d = coco(R"({"id": 1, "image_id": 7, "category_id": 1,
    "segmentation": [[1, 1, 3, 1, 3, 3, 1, 3], [0, 0, 5, 0, 5, 5, 0, 5]]})");
  d.rings[0].role = RingRole::hole;
  CHECK(mask_of(taken(d), 0) == MaskCounts{0, 6, 2, 3, 2, 12, 5});
}

TEST_CASE("keypoints are padded, and objects without labelled ones are marked") {
  const Dataset d = coco(R"(
    {"id": 1, "image_id": 7, "category_id": 1, "keypoints": [1, 2, 2], "num_keypoints": 1},
    {"id": 2, "image_id": 7, "category_id": 1, "keypoints": [1, 2, 0, 3, 4, 0]},
    {"id": 3, "image_id": 7, "category_id": 1, "keypoints": [1, 2, 2, 3, 4, 2], "num_keypoints": 0})");
  const Instances rows = taken(d);
  REQUIRE(rows.points == 2);
  CHECK(std::vector<double>(rows.keypoints.begin(), rows.keypoints.end()) ==
        std::vector<double>{1, 2, 2, 0, 0, 0, 1, 2, 0, 3, 4, 0, 1, 2, 2, 3, 4, 2});
  CHECK_FALSE(has(rows.marks[0], Mark::no_keypoints));
  CHECK(has(rows.marks[1], Mark::no_keypoints));
  CHECK(has(rows.marks[2], Mark::no_keypoints));
}

TEST_CASE("rows of other splits have no image") {
  Dataset d = coco(R"({"id": 1, "image_id": 7, "category_id": 1, "bbox": [1, 1, 2, 2]})");
  d.splits.push_back({.name = "other"});
  const SplitIndex own{0}, other{1};
  CHECK(taken(d, {.splits = {&own, 1}}).image[0] == 0);
  CHECK(taken(d, {.splits = {&other, 1}}).image[0] == no_number);
}

TEST_CASE("instances and predictions do not depend on the number of threads") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    CAPTURE(seed);
    const Dataset d = random_dataset(seed, {.annotations = 1500});
    Findings one_findings, many_findings;
    const auto one = instances_of(d, {.masks = true, .keypoints = true}, Pool(1), one_findings);
    const auto many = instances_of(d, {.masks = true, .keypoints = true}, Pool(4), many_findings);
    REQUIRE(one);
    REQUIRE(many);
    CHECK(one->mask_text == many->mask_text);
    CHECK(one_findings.all().size() == many_findings.all().size());
    CHECK(one->size() == d.annotations.size());
  }
}

TEST_CASE("masks and outlines stand where their rows say, however many there are") {
  std::string annotations;
  for (int i = 0; i < 2500; ++i) {
    const std::string x = std::to_string(i % 5), right = std::to_string(i % 5 + 1);
    annotations += (i == 0 ? "" : ",") + std::string(R"({"image_id": 7, "category_id": 1, "segmentation": [[)") + x +
                   ",0," + right + ",0," + right + ",2," + x + ",2]]}";
  }
  const Dataset d = coco(annotations);
  const Instances rows = taken(d);
  const auto predictions = predictions_of(d, Pool(2));
  REQUIRE(predictions);
  REQUIRE(predictions->outlines.size() == 2500);
  for (const std::uint32_t i : {0U, 1023U, 1024U, 2499U}) {
    CAPTURE(i);
    const std::uint32_t x = i % 5;
    CHECK(mask_of(rows, i) == MaskCounts{5 * x, 2, 28 - 5 * x});
    const PredictedOutline& outline = predictions->outlines[i];
    CHECK(std::string_view(predictions->rows.mask_text.data() + outline.begin, outline.size).substr(0, 3) ==
          "[[" + std::to_string(x));
  }
}

TEST_CASE("predictions name images and classes in the order in which they appear") {
  const Dataset d = coco(R"(
    {"image_id": 3, "category_id": 1, "bbox": [1, 1, 2, 2], "score": 0.25},
    {"image_id": 7, "category_id": 2, "segmentation": [[1, 1, 3, 1, 3.5, 3]], "score": 0.5},
    {"image_id": 3, "category_id": 8, "segmentation": {"size": [5, 6], "counts": [6, 2, 22]}},
    {"image_id": "x", "category_id": 8, "bbox": [1, 1, 2, 2], "score": 1})");
  const auto made = predictions_of(d, Pool(1));
  REQUIRE(made);
  const Predictions& p = *made;
  REQUIRE(p.images.size() == 3);
  CHECK(p.images[0].id == 3);
  CHECK(p.images[0].name == "b.png");
  CHECK(p.images[1].id == 7);
  CHECK(p.images[1].first == 1);
  CHECK(p.images[1].where.file == "instances.json");
  CHECK(p.images[2].id == Ids::odd);
  CHECK(p.images[2].token == "\"x\"");
  REQUIRE(p.categories.size() == 3);
  CHECK(p.categories[0].name == "dog");
  CHECK(p.categories[2].id == 8);
  CHECK(p.categories[2].name.empty());
  CHECK(p.rows.image[3] == 2);
  CHECK(p.rows.category[3] == 2);
  REQUIRE(p.outlines.size() == 1);
  CHECK(p.outlines[0].row == 1);
  CHECK(std::string_view(p.rows.mask_text.data() + p.outlines[0].begin, p.outlines[0].size) == "[[1,1,3,1,3.5,3]]");
  CHECK(mask_of(p.rows, 2) == MaskCounts{6, 2, 22});
  CHECK(is_unstated(p.rows.score[2]));
  CHECK(p.first_said == (static_cast<unsigned>(Said::box) | static_cast<unsigned>(Said::score)));
  CHECK(p.records == 4);
}

}  // namespace
}  // namespace vetset
