// Evaluation of masks, their boundaries, and keypoints.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/evaluate/scene.h"
#include "vetset/dataset/rle.h"

using namespace vetset;

namespace {

constexpr std::uint32_t side = 100;

/// Masks of boxes in images of 100 × 100, added row by row.
struct Masks {
  Instances truth, predictions;

  void add(bool is_truth, const Box& box, double score = 0, bool crowd = false, bool says_box = false) {
    Instances& out = is_truth ? truth : predictions;
    MaskCounts counts;
    counts_of_box(box, side, side, counts);
    const std::string text = coco_string_of(counts);
    out.image.push_back(0);
    out.category.push_back(0);
    out.box.push_back(box);
    out.score.push_back(score);
    out.id.push_back(static_cast<std::int64_t>(out.size()));
    out.marks.push_back(crowd ? 1 : 0);
    out.said.push_back(static_cast<std::uint8_t>(0x3e | (says_box ? 1 : 0)));
    out.mask.push_back({.begin = out.mask_text.size(),
                        .size = static_cast<std::uint32_t>(text.size()),
                        .height = side,
                        .width = side});
    out.mask_text.append(std::span<const char>(text));
  }
  Result<CocoResult> evaluated(IouType type, CocoMode mode) const {
    const CocoInput input{.truth = truth.view(), .predictions = predictions.view(), .images = 1, .categories = 1};
    return evaluate_coco(input, CocoSettings::usual(type, mode), Pool());
  }
};

/// One person a row, of one keypoint.
struct Points {
  Instances truth, predictions;
  CocoSettings settings = CocoSettings::usual(IouType::keypoints, CocoMode::strict);

  Points() {
    settings.sigmas = {.1};
    truth.points = predictions.points = 1;
  }
  void add(bool is_truth, double x, double v, double score = 0, bool no_points = false) {
    Instances& out = is_truth ? truth : predictions;
    out.image.push_back(0);
    out.category.push_back(0);
    out.box.push_back({0, 0, 50, 50});
    out.area.push_back(2500);
    out.score.push_back(score);
    out.marks.push_back(no_points ? static_cast<std::uint8_t>(Mark::no_keypoints) : 0);
    for (const double number : {x, 10.0, v}) out.keypoints.push_back(number);
  }
  CocoInput input() const {
    return {.truth = truth.view(), .predictions = predictions.view(), .images = 1, .categories = 1};
  }
};

}  // namespace

TEST_CASE("masks are compared by their pixels, crowds by what lies in them") {
  Masks masks;
  masks.add(true, {0, 0, 20, 20});
  masks.add(true, {50, 0, 50, 100}, 0, true);
  masks.add(false, {0, 0, 20, 12}, .9);    // 0.6 of the first
  masks.add(false, {60, 10, 10, 10}, .8);  // in the crowd
  const auto result = masks.evaluated(IouType::segm, CocoMode::strict);
  REQUIRE_MESSAGE(result, to_string(result.error()));
  CHECK(recall_at(*result, 2) == 1);
  CHECK(recall_at(*result, 3) == 0);
  CHECK(precision_at(*result, 0, 100) == 0.9999999999999998);  // what lies in the crowd is no error
}

TEST_CASE("where the first result has a box, its area decides on small and large; corrected, the mask's") {
  Masks masks;
  masks.add(true, {0, 0, 20, 20});
  masks.add(false, {70, 70, 20, 20}, .9, false, true);  // an error, of 400 pixels
  masks.add(false, {0, 0, 20, 20}, .8, false, true);
  masks.predictions.box[0] = {0, 0, 90, 90};
  const auto strict = masks.evaluated(IouType::segm, CocoMode::strict);
  const auto corrected = masks.evaluated(IouType::segm, CocoMode::corrected);
  REQUIRE(strict);
  REQUIRE(corrected);
  CHECK(precision_at(*strict, 0, 0, 0, 1) == 0.9999999999999998);  // the error is medium by its box, so ignored
  CHECK(precision_at(*corrected, 0, 0, 0, 1) == .5);
  REQUIRE(strict->quirks.size() == 1);
  CHECK(strict->quirks[0].quirk == CocoQuirk::mask_box);
  CHECK(strict->quirks[0].count == 2);
  masks.predictions.said[0] = 0x3e;  // the first says no box: all areas are the masks'
  const auto without = masks.evaluated(IouType::segm, CocoMode::strict);
  REQUIRE(without);
  CHECK(precision_at(*without, 0, 0, 0, 1) == .5);
  CHECK(without->quirks.empty());
}

TEST_CASE("a mask of another size never matches, and one that cannot be read is an error with its row") {
  Masks masks;
  masks.add(true, {0, 0, 20, 20});
  masks.add(false, {0, 0, 20, 20}, .9);
  masks.predictions.mask[0].height = 200;
  masks.predictions.mask[0].width = 50;
  const auto other = masks.evaluated(IouType::segm, CocoMode::strict);
  REQUIRE(other);
  CHECK(recall_at(*other, 0) == 0);
  masks.predictions.mask[0].height = 10;
  const auto result = masks.evaluated(IouType::segm, CocoMode::strict);
  REQUIRE(!result);
  CHECK(result.error().file == "predictions");
  CHECK(result.error().line == 1);
  masks.predictions.mask[0].begin = masks.predictions.mask_text.size() + 1;
  const auto nowhere = masks.evaluated(IouType::segm, CocoMode::strict);
  REQUIRE(!nowhere);
  CHECK(to_string(nowhere.error()) == "predictions:1: a mask is not in the column of masks");
}

TEST_CASE("an object without a mask is refused; corrected, it is missed") {
  Masks masks;
  masks.add(true, {0, 0, 20, 20});
  masks.add(true, {50, 0, 20, 20});
  masks.add(false, {0, 0, 20, 20}, .9);
  masks.truth.mask[1] = {};
  const auto strict = masks.evaluated(IouType::segm, CocoMode::strict);
  REQUIRE(!strict);
  CHECK(to_string(strict.error()) == "truth:2: an object has no 'segmentation', where pycocotools stops with KeyError");
  const auto corrected = masks.evaluated(IouType::segm, CocoMode::corrected);
  REQUIRE(corrected);
  CHECK(recall_at(*corrected, 0) == .5);
}

TEST_CASE("boundaries count where they overlap less than masks, but not of crowds") {
  Masks masks;
  masks.add(true, {0, 0, 40, 40});
  masks.add(false, {4, 4, 40, 40}, .9);  // masks: 1296 of 1904; boundaries share little
  const auto segm = masks.evaluated(IouType::segm, CocoMode::strict);
  const auto boundary = masks.evaluated(IouType::boundary, CocoMode::strict);
  REQUIRE(segm);
  REQUIRE(boundary);
  CHECK(recall_at(*segm, 0) == 1);
  CHECK(recall_at(*boundary, 0) == 0);
  Masks crowds;
  crowds.add(true, {0, 0, 80, 80}, 0, true);
  crowds.add(true, {90, 90, 10, 10});
  crowds.add(false, {20, 20, 20, 20}, .9);
  crowds.add(false, {90, 90, 10, 10}, .8);
  const auto in_crowd = crowds.evaluated(IouType::boundary, CocoMode::strict);
  REQUIRE(in_crowd);
  CHECK(precision_at(*in_crowd, 0, 100) == 0.9999999999999998);
}

TEST_CASE("persons without keypoints are ignored, and 20 detections are the limit") {
  Points points;
  points.add(true, 10, 2);
  points.add(true, 40, 0, 0, true);
  points.add(false, 10, 1, .9);
  const auto result = evaluate_coco(points.input(), points.settings, Pool());
  REQUIRE_MESSAGE(result, to_string(result.error()));
  CHECK(result->lines.size() == 10);
  CHECK(result->lines[0].value == doctest::Approx(1));
  CHECK(result->lines[0].detections == 20);
  CHECK(result->category_objects[0] == 1);
  points.settings.max_detections = {10};
  for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected}) {
    points.settings.mode = mode;
    const auto fewer = evaluate_coco(points.input(), points.settings, Pool());
    REQUIRE(fewer);
    CHECK(fewer->lines[0].value == doctest::Approx(mode == CocoMode::strict ? -1 : 1));
    REQUIRE(fewer->quirks.size() == 1);
    CHECK(fewer->quirks[0].quirk == CocoQuirk::detections_limit);
  }
}

TEST_CASE("as many sigmas as keypoints, or an error") {
  Points points;
  points.add(true, 10, 2);
  points.add(false, 10, 1, .9);
  points.settings.sigmas = {.1, .2};
  const auto result = evaluate_coco(points.input(), points.settings, Pool());
  REQUIRE(!result);
  CHECK(to_string(result.error()) ==
        "truth: instances have 1 keypoint, and there are 2 sigmas: give one a keypoint with --sigmas");
}

TEST_CASE("keypoints without classes are compared with nothing in the reference; corrected, they are compared") {
  Points points;
  points.add(true, 10, 2);
  points.add(false, 10, 1, .9);
  points.settings.use_categories = false;
  const auto strict = evaluate_coco(points.input(), points.settings, Pool());
  points.settings.mode = CocoMode::corrected;
  const auto corrected = evaluate_coco(points.input(), points.settings, Pool());
  REQUIRE(strict);
  REQUIRE(corrected);
  CHECK(strict->lines[0].value == 0);
  CHECK(corrected->lines[0].value == doctest::Approx(1));
  REQUIRE(corrected->quirks.size() == 1);
  CHECK(corrected->quirks[0].quirk == CocoQuirk::keypoints_without_categories);
}
