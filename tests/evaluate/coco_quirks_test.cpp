// What the reference does with faulty input, and what corrected mode does instead. Two images with two objects each
// and a perfect detection of every one; each case changes one thing. The figures of strict mode are
// pycocotools 2.0.11's.
#include <doctest/doctest.h>

#include <limits>

#include "tests/evaluate/scene.h"

using namespace vetset;

namespace {

Scene perfect() {
  Scene scene{.images = 2};
  const double scores[] = {.9, .8, .7, .6};
  for (std::uint32_t n = 0; n < 4; ++n) {
    const Box box{n % 2 == 0 ? 10.0 : 100.0, 10, 50, 50};
    scene.truth.push_back({.image = n / 2, .box = box});
    scene.predictions.push_back({.image = n / 2, .box = box, .score = scores[n]});
  }
  return scene;
}

void number(std::vector<Thing>& things, std::vector<std::int64_t> ids) {
  for (std::size_t n = 0; n < ids.size(); ++n) {
    things[n].has_id = true;
    things[n].id = ids[n];
  }
}

Result<CocoResult> evaluated(Scene& scene, CocoMode mode) {
  return evaluate_coco(scene.input(), settings_of(mode), Pool());
}
double ap(Scene& scene, CocoMode mode) {
  const auto result = evaluated(scene, mode);
  REQUIRE_MESSAGE(result, to_string(result.error()));
  return result->lines[0].value;
}
std::string refusal(Scene& scene, CocoMode mode) {
  const auto result = evaluated(scene, mode);
  REQUIRE(!result);
  CHECK(result.error().code == Code::refused);
  return to_string(result.error());
}

/// The only quirk that fired, in both modes alike.
QuirkFired fired(Scene& scene, CocoMode mode) {
  const auto result = evaluated(scene, mode);
  REQUIRE(result);
  REQUIRE(result->quirks.size() == 1);
  return result->quirks[0];
}

}  // namespace

TEST_CASE("perfect detections are perfect in both modes, and no quirk fires") {
  Scene scene = perfect();
  for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected}) {
    CHECK(ap(scene, mode) == 1);
    CHECK(evaluated(scene, mode)->quirks.empty());
  }
}

TEST_CASE("an object with the id 0 reads as missed; corrected, it is found") {
  Scene scene = perfect();
  number(scene.truth, {0, 1, 2, 3});
  CHECK(ap(scene, CocoMode::strict) == doctest::Approx(.564356).epsilon(1e-6));
  CHECK(ap(scene, CocoMode::corrected) == 1);
  for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected}) {
    const QuirkFired quirk = fired(scene, mode);
    CHECK(quirk.quirk == CocoQuirk::zero_id);
    CHECK(quirk.count == 1);
    CHECK(quirk.first == 0);
    CHECK(!quirk.prediction);
  }
}

TEST_CASE("a prediction with the id 0 leaves its object free; corrected, it takes it") {
  Scene scene = perfect();
  scene.predictions.push_back(scene.predictions[0]);
  number(scene.predictions, {0, 1, 2, 3, 4});
  CHECK(recall_at(*evaluated(scene, CocoMode::strict), 0) == 1.25);  // found twice
  CHECK(recall_at(*evaluated(scene, CocoMode::corrected), 0) == 1);
  CHECK(fired(scene, CocoMode::strict).prediction);
}

TEST_CASE("of two objects with one id the last is evaluated twice; corrected, each once") {
  Scene scene = perfect();
  number(scene.truth, {5, 5, 6, 7});
  CHECK(ap(scene, CocoMode::strict) == doctest::Approx(.564356).epsilon(1e-6));
  CHECK(ap(scene, CocoMode::corrected) == 1);
  const QuirkFired quirk = fired(scene, CocoMode::strict);
  CHECK(quirk.quirk == CocoQuirk::duplicate_id);
  CHECK(quirk.count == 1);
  CHECK(quirk.first == 0);
}

TEST_CASE("a record that repeats an id may lie in another image, or in none") {
  Scene scene = perfect();
  number(scene.truth, {1, 2, 3, 1});  // the first of image 0 becomes the second of image 1
  CHECK(ap(scene, CocoMode::strict) < 1);
  CHECK(ap(scene, CocoMode::corrected) == 1);
  CHECK(evaluated(scene, CocoMode::strict)->objects == 4);
  scene.truth[3].image = no_number;
  CHECK(evaluated(scene, CocoMode::strict)->objects == 2);
  CHECK(evaluated(scene, CocoMode::corrected)->objects == 3);
}

TEST_CASE("ids beyond 2^53 are told, and change no figure") {
  Scene scene = perfect();
  const std::int64_t edge = std::int64_t{1} << 53;
  number(scene.truth, {edge, edge + 1, edge + 2, 4});
  CHECK(ap(scene, CocoMode::strict) == 1);
  CHECK(ap(scene, CocoMode::corrected) == 1);
  const QuirkFired quirk = fired(scene, CocoMode::strict);
  CHECK(quirk.quirk == CocoQuirk::big_id);
  CHECK(quirk.count == 2);
  CHECK(quirk.first == 1);
}

TEST_CASE("with 300 as the largest limit the first line measures nothing; corrected, it takes 300") {
  Scene scene = perfect();
  for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected}) {
    CocoSettings s = settings_of(mode);
    s.max_detections = {1, 10, 300};
    const auto result = evaluate_coco(scene.input(), s, Pool());
    REQUIRE(result);
    REQUIRE(result->lines.size() == 12);
    CHECK(result->lines[0].value == (mode == CocoMode::strict ? -1 : 1));
    CHECK(result->lines[0].detections == (mode == CocoMode::strict ? 100 : 300));
    CHECK(result->lines[1].detections == 300);
    CHECK(result->lines[1].value == 1);
    REQUIRE(result->quirks.size() == 1);
    CHECK(result->quirks[0].quirk == CocoQuirk::detections_limit);
  }
}

TEST_CASE("with less than three limits the reference fails after the arrays; corrected, each limit has a line") {
  Scene scene = perfect();
  for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected}) {
    CocoSettings s = settings_of(mode);
    s.max_detections = {100};
    const auto result = evaluate_coco(scene.input(), s, Pool());
    REQUIRE(result);
    CHECK(result->lines.size() == (mode == CocoMode::strict ? 0 : 10));
    CHECK(recall_at(*result, 0, 0, 0, 0) == 1);
  }
}

TEST_CASE("a score that is not a number is sorted last; corrected, it is refused") {
  Scene scene = perfect();
  scene.predictions[0].score = std::numeric_limits<double>::quiet_NaN();
  CHECK(ap(scene, CocoMode::strict) == 1);
  scene.predictions.push_back({.image = 1, .box = {150, 150, 9, 9}, .score = scene.predictions[0].score});
  CHECK(ap(scene, CocoMode::strict) == 1);  // an error behind all hits
  CHECK(fired(scene, CocoMode::strict).quirk == CocoQuirk::nan_score);
  CHECK(refusal(scene, CocoMode::corrected) == "predictions:1: the score of a prediction is not a number (and 1 more)");
}

TEST_CASE("an infinite score is evaluated, and told") {
  Scene scene = perfect();
  scene.predictions[3].score = std::numeric_limits<double>::infinity();
  for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected}) {
    CHECK(ap(scene, mode) == 1);
    CHECK(fired(scene, mode).quirk == CocoQuirk::infinite_score);
    CHECK(evaluated(scene, mode)->scores[0] == std::numeric_limits<double>::infinity());
  }
}

TEST_CASE("a missing iscrowd is refused; corrected, it means no crowd") {
  Scene scene = perfect();
  scene.truth[2].says_crowd = false;
  CHECK(refusal(scene, CocoMode::strict) ==
        "truth:3: an object has no 'iscrowd', where pycocotools stops with KeyError");
  CHECK(ap(scene, CocoMode::corrected) == 1);
  CHECK(fired(scene, CocoMode::corrected).quirk == CocoQuirk::missing_crowd);
  scene.truth[1].says_crowd = scene.truth[3].says_crowd = false;
  CHECK(refusal(scene, CocoMode::strict) ==
        "truth:2: an object has no 'iscrowd', where pycocotools stops with KeyError (and 2 more)");
}

TEST_CASE("a missing area is refused, but not of a crowd; corrected, the box has one") {
  Scene scene = perfect();
  scene.truth[1].says_area = false;
  CHECK(refusal(scene, CocoMode::strict) == "truth:2: an object has no 'area', where pycocotools stops with KeyError");
  CHECK(ap(scene, CocoMode::corrected) == 1);
  CHECK(fired(scene, CocoMode::corrected).quirk == CocoQuirk::missing_area);
  scene.truth[1].crowd = true;
  CHECK(ap(scene, CocoMode::strict) == 1);
}

TEST_CASE("no predictions are refused; corrected, every figure is 0") {
  Scene scene = perfect();
  scene.predictions.clear();
  CHECK(refusal(scene, CocoMode::strict) ==
        "predictions: there are no predictions, where pycocotools stops with IndexError");
  CHECK(ap(scene, CocoMode::corrected) == 0);
  CHECK(fired(scene, CocoMode::corrected).quirk == CocoQuirk::no_predictions);
}

TEST_CASE("a record without a score is refused by both") {
  Scene scene = perfect();
  scene.predictions[1].says_score = false;
  for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected})
    CHECK(refusal(scene, mode) == "predictions:2: a prediction has no score");
}

TEST_CASE("`ignore` is overwritten; corrected, such objects neither count nor are errors to find") {
  Scene scene = perfect();
  for (Thing& object : scene.truth) object.ignore = true;
  CHECK(ap(scene, CocoMode::strict) == 1);
  CHECK(ap(scene, CocoMode::corrected) == -1);
  CHECK(fired(scene, CocoMode::strict).count == 4);
  scene.truth[0].ignore = false;
  CHECK(ap(scene, CocoMode::corrected) == 0.9999999999999998);
}

TEST_CASE("order of ids, areas at the ends of ranges and boxes without area are as in the reference") {
  Scene scene = perfect();
  number(scene.truth, {9, 3, 7, 1});
  scene.truth[0].area = 1024;
  scene.truth.push_back({.image = 0, .box = {5, 5, 0, 0}, .has_id = false});
  scene.truth.back().has_id = true;
  scene.truth.back().id = 20;
  for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected}) {
    const auto result = evaluated(scene, mode);
    REQUIRE(result);
    CHECK(recall_at(*result, 0) == 4.0 / 5);
    CHECK(recall_at(*result, 0, 0, 1) == 1.0 / 2);  // 1024 and 0
    CHECK(recall_at(*result, 0, 0, 2) == 1);
  }
}

TEST_CASE("several quirks are told in the order of their table") {
  Scene scene = perfect();
  number(scene.truth, {0, 5, 5, 7});
  scene.truth[3].ignore = true;
  scene.predictions[2].score = std::numeric_limits<double>::infinity();
  const auto result = evaluated(scene, CocoMode::strict);
  REQUIRE(result);
  std::vector<CocoQuirk> quirks;
  for (const QuirkFired& fired : result->quirks) quirks.push_back(fired.quirk);
  CHECK(quirks == std::vector<CocoQuirk>{CocoQuirk::zero_id, CocoQuirk::duplicate_id, CocoQuirk::ignore_overwritten,
                                         CocoQuirk::infinite_score});
}
