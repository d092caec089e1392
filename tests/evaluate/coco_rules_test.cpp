// The rules of the reference one by one, each in a scene of a few boxes.
#include <doctest/doctest.h>

#include <limits>

#include "tests/evaluate/scene.h"

using namespace vetset;

namespace {

CocoResult evaluated(Scene& scene, const CocoSettings& settings) {
  auto result = evaluate_coco(scene.input(), settings, Pool());
  REQUIRE_MESSAGE(result, to_string(result.error()));
  return *std::move(result);
}
CocoResult evaluated(Scene& scene, CocoMode mode = CocoMode::strict) { return evaluated(scene, settings_of(mode)); }

CocoImage image_of(Scene& scene, const CocoSettings& settings, std::size_t image = 0, std::size_t area = 0) {
  const auto images = CocoImages::open(scene.input(), settings);
  REQUIRE(images);
  auto found = images->at(image, 0, area);
  REQUIRE(found);
  REQUIRE(*found);
  return **std::move(found);
}

constexpr Box big{10, 10, 50, 50};

}  // namespace

TEST_CASE("thresholds are NumPy's: the ninth is just below 0.9, and recall 35 is 35 times 0.01") {
  const CocoSettings s = settings_of(CocoMode::strict);
  CHECK(s.iou_thresholds.size() == 10);
  CHECK(s.iou_thresholds[0] == .5);
  CHECK(s.iou_thresholds[5] == .75);
  CHECK(s.iou_thresholds[8] == 0.8999999999999999);
  CHECK(s.iou_thresholds[9] == .95);
  CHECK(s.recall_thresholds.size() == 101);
  CHECK(s.recall_thresholds[35] == 35 * .01);
  CHECK(s.recall_thresholds[35] != .35);
  CHECK(s.recall_thresholds[100] == 1);
  const CocoSettings k = CocoSettings::usual(IouType::keypoints, CocoMode::strict);
  CHECK(k.max_detections == std::vector<std::uint32_t>{20});
  CHECK(k.areas.size() == 3);
  CHECK(k.areas[1].name == "medium");
  CHECK(k.sigmas.size() == 17);
  CHECK(k.sigmas[0] == .26 / 10);
}

TEST_CASE("one hit has the precision 1 less the last bit, two have 1") {
  Scene scene{.truth = {{.box = big}}, .predictions = {{.box = big, .score = .9}}};
  CHECK(precision_at(evaluated(scene), 0, 0) == 0.9999999999999998);
  scene.truth.push_back({.box = {100, 10, 50, 50}});
  scene.predictions.push_back({.box = {100, 10, 50, 50}, .score = .8});
  const CocoResult two = evaluated(scene);
  CHECK(precision_at(two, 0, 0) == 1);  // lifted by the second
  CHECK(two.scores[0] == .9);
}

TEST_CASE("with 100 objects and 35 hits, recall 0.35 is below the threshold that is written so") {
  Scene scene;
  for (unsigned n = 0; n < 100; ++n) scene.truth.push_back({.image = n, .box = big});
  for (unsigned n = 0; n < 35; ++n) scene.predictions.push_back({.image = n, .box = big, .score = .9});
  scene.images = 100;
  const CocoResult r = evaluated(scene);
  CHECK(recall_at(r, 0) == .35);
  CHECK(precision_at(r, 0, 34) == 1);
  CHECK(precision_at(r, 0, 35) == 0);
}

TEST_CASE("an object of exactly 1024 is small and medium") {
  Scene scene{.truth = {{.box = {0, 0, 32, 32}}}, .predictions = {{.box = {0, 0, 32, 32}, .score = .5}}};
  const CocoResult r = evaluated(scene);
  CHECK(recall_at(r, 0, 0, 1) == 1);
  CHECK(recall_at(r, 0, 0, 2) == 1);
  CHECK(recall_at(r, 0, 0, 3) == -1);
}

TEST_CASE("an overlap of exactly one half is a match at 0.5 and none at 0.55") {
  Scene scene{.truth = {{.box = {0, 0, 100, 10}}}, .predictions = {{.box = {0, 0, 50, 10}, .score = .5}}};
  const CocoResult r = evaluated(scene);
  CHECK(recall_at(r, 0) == 1);
  CHECK(recall_at(r, 1) == 0);
}

TEST_CASE("a crowd absorbs many, and is no object") {
  Scene scene{.truth = {{.box = {0, 0, 100, 100}, .crowd = true}, {.box = {150, 0, 40, 40}}},
              .predictions = {{.box = {0, 0, 50, 50}, .score = .9},
                              {.box = {50, 50, 50, 50}, .score = .8},
                              {.box = {150, 0, 40, 40}, .score = .7}}};
  const CocoResult r = evaluated(scene);
  CHECK(recall_at(r, 0) == 1);
  CHECK(precision_at(r, 0, 100) == 0.9999999999999998);
  CHECK(r.category_objects == std::vector<std::uint64_t>{1});
  const CocoImage image = image_of(scene, settings_of(CocoMode::strict));
  CHECK(image.truth == std::vector<std::uint64_t>{1, 0});  // the crowd goes last
  CHECK(image.prediction_matches[0] == 1);
  CHECK(image.prediction_matches[1] == 1);
  CHECK(image.prediction_matches[2] == 2);
  CHECK(image.prediction_ignored[0] == 1);
}

TEST_CASE("equal scores are counted in the order of images, then of the file") {
  Scene scene{.truth = {{.image = 1, .box = big}},
              .predictions = {{.image = 1, .box = big, .score = .5},
                              {.image = 0, .box = big, .score = .5},
                              {.image = 1, .box = {200, 200, 9, 9}, .score = .5}},
              .images = 2};
  CHECK(precision_at(evaluated(scene), 0, 0) == .5);  // the error in image 0 stands before the hit
  const CocoImage image = image_of(scene, settings_of(CocoMode::strict), 1);
  CHECK(image.predictions == std::vector<std::uint64_t>{0, 2});
}

TEST_CASE("what is behind an image's largest limit neither hits nor errs") {
  Scene scene{.truth = {{.box = big}},
              .predictions = {{.box = {200, 200, 9, 9}, .score = .9}, {.box = big, .score = .8}}};
  CocoSettings s = settings_of(CocoMode::strict);
  s.max_detections = {1, 2};
  const CocoResult r = evaluated(scene, s);
  CHECK(recall_at(r, 0, 0, 0, 0) == 0);
  CHECK(recall_at(r, 0, 0, 0, 1) == 1);
  CHECK(precision_at(r, 0, 0, 0, 0, 1) == .5);
  s.max_detections = {1};
  CHECK(recall_at(evaluated(scene, s), 0, 0, 0, 0) == 0);
}

TEST_CASE("a class without objects is not measured; one without predictions has 0") {
  Scene scene{.truth = {{.category = 1, .box = big}},
              .predictions = {{.category = 0, .box = big, .score = .5}},
              .categories = 3};
  const CocoResult r = evaluated(scene);
  CHECK(recall_at(r, 0, 0) == -1);
  CHECK(precision_at(r, 0, 0, 0) == -1);
  CHECK(recall_at(r, 0, 1) == 0);
  CHECK(precision_at(r, 0, 0, 1) == 0);
  CHECK(precision_at(r, 0, 0, 2) == -1);
  CHECK(r.lines[0].value == 0);
  CHECK(category_precision(r, 1) == 0);
  CHECK(category_precision(r, 2) == -1);
  CHECK(category_recall(r, 0) == -1);
}

TEST_CASE("without classes everything is one class, in the order of the classes") {
  Scene scene{.truth = {{.category = 1, .box = big}},
              .predictions = {{.category = 1, .box = big, .score = .5}, {.category = 0, .box = big, .score = .5}},
              .categories = 2};
  CocoSettings s = settings_of(CocoMode::strict);
  s.use_categories = false;
  const CocoResult r = evaluated(scene, s);
  CHECK(r.categories == 1);
  CHECK(recall_at(r, 0) == 1);
  CHECK(image_of(scene, s).predictions == std::vector<std::uint64_t>{1, 0});
}

TEST_CASE("rows of no image or class are left out; predictions of no class are told") {
  Scene scene{.truth = {{.box = big}, {.image = no_number, .box = big}, {.category = no_number, .box = big}},
              .predictions = {{.box = big, .score = .5}, {.category = no_number, .box = big, .score = .9}}};
  const CocoResult r = evaluated(scene);
  CHECK(r.objects == 1);
  CHECK(r.detections == 1);
  CHECK(recall_at(r, 0) == 1);
  REQUIRE(r.quirks.size() == 1);
  CHECK(r.quirks[0].quirk == CocoQuirk::unknown_category);
  CHECK(r.quirks[0].prediction);
  CHECK(r.quirks[0].first == 1);
}

TEST_CASE("more thresholds than fit one sweep are all measured") {
  Scene scene{.truth = {{.box = {0, 0, 100, 10}}}, .predictions = {{.box = {0, 0, 80, 10}, .score = .5}}};
  CocoSettings s = settings_of(CocoMode::strict);
  s.iou_thresholds.clear();
  for (unsigned t = 0; t < 50; ++t) s.iou_thresholds.push_back(t / 50.0);
  const CocoResult r = evaluated(scene, s);
  for (std::size_t t = 0; t < 50; ++t) CHECK(recall_at(r, t) == (t <= 40 ? 1 : 0));
}

TEST_CASE("columns that do not fit, and settings that make no sense, are errors that name them") {
  Scene scene{.truth = {{.box = big}}, .predictions = {{.box = big, .score = .5}}};
  CocoInput input = scene.input();
  const auto message = [&](const CocoInput& in, const CocoSettings& s) {
    const auto result = evaluate_coco(in, s, Pool());
    return result ? std::string() : to_string(result.error());
  };
  const CocoSettings usual = settings_of(CocoMode::strict);
  CHECK(message(input, usual).empty());
  input.images = 0;
  CHECK(message(input, usual) == "truth:1: image 0 is not one of the 0");
  input = scene.input();
  input.predictions.score = {};
  CHECK(message(input, usual) == "predictions: predictions need scores");
  input = scene.input();
  input.truth.count = 2;
  CHECK(message(input, usual) == "truth: the column image has 1 values, expected 2");
  CocoSettings odd = usual;
  odd.iou_thresholds = {std::numeric_limits<double>::quiet_NaN()};
  CHECK(message(scene.input(), odd) == "a threshold is not a number");
  odd = usual;
  odd.max_detections = {10, 1};
  CHECK(message(scene.input(), odd) == "the limits of detections do not rise");
  CHECK(message(scene.input(), CocoSettings::usual(IouType::segm, CocoMode::strict)) ==
        "truth: masks are compared, and there are none");
  CHECK(message(scene.input(), CocoSettings::usual(IouType::keypoints, CocoMode::strict)) ==
        "truth: keypoints are compared, and there are none");
}

TEST_CASE("ranges of areas that somebody names have lines of their own, in corrected mode") {
  Scene scene{.truth = {{.box = {10, 10, 10, 10}}, {.box = {50, 50, 100, 100}}},
              .predictions = {{.box = {10, 10, 10, 10}, .score = 0.9}}};
  for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected}) {
    CocoSettings settings = settings_of(mode);
    settings.areas = {{"any", 0, 1e10}, {"tiny", 0, 256}};
    const auto result = evaluate_coco(scene.input(), settings, Pool());
    REQUIRE(result);
    std::vector<std::string> areas;
    for (const CocoLine& line : result->lines)
      if (line.precision) areas.push_back(line.area + (line.value > 0.99 ? " found" : ""));
    if (mode == CocoMode::corrected)
      CHECK(areas == std::vector<std::string>{"any", "any", "any", "tiny found"});
    else  // the reference asks for ranges by its own names
      CHECK(areas == std::vector<std::string>{"all", "all", "all", "small", "medium", "large"});
  }
}

TEST_CASE("the summary is printed as people know it") {
  Scene scene{.truth = {{.box = big}}, .predictions = {{.box = big, .score = .9}}};
  const CocoResult r = evaluated(scene);
  REQUIRE(r.lines.size() == 12);
  CHECK(text_of(r.lines[0], r.settings) ==
        "Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 1.000");
  CHECK(text_of(r.lines[1], r.settings) ==
        "Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 1.000");
  CHECK(text_of(r.lines[3], r.settings) ==
        "Average Precision  (AP) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = -1.000");
  CHECK(text_of(r.lines[6], r.settings) ==
        "Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=  1 ] = 1.000");
  CHECK(category_precision(r, 0) == r.lines[0].value);
  CHECK(category_precision(r, 0, .75) == r.lines[2].value);
  CHECK(category_precision(r, 0, .9) == -1);  // no threshold is 0.9
}

TEST_CASE("every quirk has words for both modes, and names of kinds and modes are read back") {
  for (const CocoQuirk quirk : coco_quirks()) {
    CHECK(!about(quirk).id.empty());
    CHECK(!about(quirk).title.empty());
    CHECK(!about(quirk).strict.empty());
    CHECK(!about(quirk).corrected.empty());
  }
  for (const IouType type : {IouType::bbox, IouType::segm, IouType::keypoints, IouType::boundary})
    CHECK(iou_type_of(name(type)) == type);
  CHECK(!iou_type_of("box"));
  CHECK(name(CocoMode::strict) == "strict");
  CHECK(name(CocoMode::corrected) == "corrected");
}
