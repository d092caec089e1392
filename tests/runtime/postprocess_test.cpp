#include "vetset/runtime/postprocess.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "vetset/runtime/candidates.h"

using namespace vetset;

namespace {

Tensor tensor(std::vector<std::int64_t> shape, std::vector<float> values) {
  Tensor t = Tensor::zeros(ElementType::float32, std::move(shape));
  REQUIRE(t.elements() == values.size());
  std::copy(values.begin(), values.end(), t.values<float>().begin());
  return t;
}

Result<ModelAnswer> answer_of(std::vector<Tensor> outputs, const ModelSpec& spec, const Placement& at,
                              std::size_t index = 0) {
  std::vector<const Tensor*> pointers;
  for (const Tensor& t : outputs) pointers.push_back(&t);
  return postprocess(pointers, index, spec, at);
}

/// An image of 1280 × 720 in a letterbox of 640 × 640: halved, 140 rows of padding above.
Placement halved() {
  return {.image_width = 1280,
          .image_height = 720,
          .resized_width = 640,
          .resized_height = 360,
          .input_width = 640,
          .input_height = 640,
          .scale_x = 0.5,
          .scale_y = 0.5,
          .left = 0,
          .top = 140};
}

ModelSpec yolo_of(std::size_t classes) {
  ModelSpec s = *preset("ultralytics/detect");
  for (std::size_t i = 0; i < classes; ++i)
    s.classes.push_back({static_cast<std::int64_t>(i), "c" + std::to_string(i)});
  return s;
}

/// Candidates as columns: cx, cy, w, h, then a score for each class.
Tensor columns(const std::vector<std::vector<float>>& candidates) {
  const std::size_t rows = candidates[0].size();
  std::vector<float> values(rows * candidates.size());
  for (std::size_t c = 0; c < candidates.size(); ++c)
    for (std::size_t r = 0; r < rows; ++r) values[r * candidates.size() + c] = candidates[c][r];
  return tensor({1, static_cast<std::int64_t>(rows), static_cast<std::int64_t>(candidates.size())}, values);
}

}  // namespace

TEST_CASE("a detection of the letterbox lies in the image's own pixels") {
  const Result<ModelAnswer> a = answer_of({columns({{320, 320, 100, 60, 0.1F, 0.9F}})}, yolo_of(2), halved());
  REQUIRE(a);
  REQUIRE(a->detections.size() == 1);
  CHECK(a->detections[0].label == 1);
  CHECK(a->detections[0].score == doctest::Approx(0.9));
  CHECK(a->detections[0].box == std::array<float, 4>{540, 300, 740, 420});
}

TEST_CASE("boxes are clipped to the image, unless the contract says otherwise") {
  ModelSpec s = yolo_of(1);
  const std::vector<std::vector<float>> at_the_corner{{5, 145, 40, 40, 0.8F}};
  CHECK(answer_of({columns(at_the_corner)}, s, halved())->detections[0].box == std::array<float, 4>{0, 0, 50, 50});
  s.post.clip = false;
  CHECK(answer_of({columns(at_the_corner)}, s, halved())->detections[0].box == std::array<float, 4>{-30, -30, 50, 50});
}

TEST_CASE(
    "a lower score of the same class is suppressed; of another class only where the contract is blind to classes") {
  const std::vector<std::vector<float>> three{
      {100, 300, 80, 80, 0.6F, 0}, {102, 302, 80, 80, 0.9F, 0}, {100, 300, 80, 80, 0, 0.7F}};
  ModelSpec s = yolo_of(2);
  for (const auto kind : {PostSpec::Suppression::class_offset, PostSpec::Suppression::by_class}) {
    s.post.suppression = kind;
    const Result<ModelAnswer> a = answer_of({columns(three)}, s, halved());
    REQUIRE(a->detections.size() == 2);
    CHECK(a->detections[0].candidate == 1);
    CHECK(a->detections[1].candidate == 2);
  }
  s.post.suppression = PostSpec::Suppression::agnostic;
  CHECK(answer_of({columns(three)}, s, halved())->detections.size() == 1);
  s.post.suppression = PostSpec::Suppression::none;
  CHECK(answer_of({columns(three)}, s, halved())->detections.size() == 3);
  s.post.detections = 2;
  CHECK(answer_of({columns(three)}, s, halved())->detections.size() == 2);
}

TEST_CASE("soft suppression lowers a score by the overlap") {
  ModelSpec s = yolo_of(1);
  s.post.score_threshold = 0.01;
  s.post.suppression = PostSpec::Suppression::soft_gaussian;
  // Of 80 × 80 moved by 40: they share 1/3 of what they cover.
  const std::vector<std::vector<float>> two{{100, 300, 80, 80, 0.9F}, {140, 300, 80, 80, 0.6F}};
  const Result<ModelAnswer> a = answer_of({columns(two)}, s, halved());
  REQUIRE(a->detections.size() == 2);
  CHECK(a->detections[1].score == doctest::Approx(0.6 * std::exp(-(1.0 / 9) / 0.5)).epsilon(1e-5));
  s.post.suppression = PostSpec::Suppression::soft_linear;
  s.post.iou_threshold = 0.3;
  CHECK(answer_of({columns(two)}, s, halved())->detections[1].score == doctest::Approx(0.4).epsilon(1e-5));
}

TEST_CASE("a threshold is left out or taken in, as the contract says") {
  ModelSpec s = yolo_of(1);
  s.post.score_threshold = 0.5;
  CHECK(answer_of({columns({{320, 320, 10, 10, 0.5F}})}, s, halved())->detections.empty());
  s.post.at_least = true;
  CHECK(answer_of({columns({{320, 320, 10, 10, 0.5F}})}, s, halved())->detections.size() == 1);
}

TEST_CASE("the second image of a batch is answered from its own part") {
  const Tensor one = columns({{320, 320, 10, 10, 0.9F}}), two = columns({{100, 320, 10, 10, 0.8F}});
  std::vector<float> both(one.values<float>().begin(), one.values<float>().end());
  both.insert(both.end(), two.values<float>().begin(), two.values<float>().end());
  const Result<ModelAnswer> a = answer_of({tensor({2, 5, 1}, both)}, yolo_of(1), halved(), 1);
  REQUIRE(a->detections.size() == 1);
  CHECK(a->detections[0].box[0] == 190);
  CHECK_FALSE(answer_of({tensor({2, 5, 1}, both)}, yolo_of(1), halved(), 2));
}

TEST_CASE("a class of YOLOv5 is scored by objectness times class") {
  ModelSpec s = *preset("yolov5");
  s.classes = {{0, "a"}, {1, "b"}};
  const Result<ModelAnswer> a = answer_of({tensor({1, 2, 7}, {320, 320, 20, 20, 0.8F, 0.5F, 0.9F,  //
                                                              320, 320, 20, 20, 0.2F, 0.5F, 1})},
                                          s, halved());
  REQUIRE(a);
  REQUIRE(a->detections.size() == 1);
  CHECK(a->detections[0].score == 0.8F * 0.9F);
}

TEST_CASE("a rotated box keeps its rectangle while its angle becomes one from 0 to a right angle") {
  ModelSpec s = *preset("ultralytics/obb");
  s.classes = {{0, "ship"}};
  constexpr float quarter = 3.14159265358979F / 2;
  const Result<ModelAnswer> a = answer_of({columns({{320, 320, 100, 20, 0.9F, quarter + 0.25F}})}, s, halved());
  REQUIRE(a->detections.size() == 1);
  const DetectedObject& d = a->detections[0];
  CHECK(d.angle == doctest::Approx(0.25));
  CHECK(d.box[2] == doctest::Approx(40));
  CHECK(d.box[3] == doctest::Approx(200));
  CHECK(gaussian_overlap({0, 0, 10, 4}, 0.3F, {0, 0, 10, 4}, 0.3F) > 0.99F);
  CHECK(gaussian_overlap({0, 0, 10, 4}, 0.3F, {400, 0, 10, 4}, 0.3F) < 0.01F);
}

TEST_CASE("a mask is cut to its box and follows its prototype") {
  ModelSpec s = *preset("ultralytics/segment");
  s.head.mask_coefficients = 1;
  s.classes = {{0, "a"}};
  // One prototype of 16 × 16: its left half says yes.
  std::vector<float> prototype(256);
  for (std::size_t i = 0; i < 256; ++i) prototype[i] = i % 16 < 8 ? 4.0F : -4.0F;
  const Placement same{.image_width = 64,
                       .image_height = 64,
                       .resized_width = 64,
                       .resized_height = 64,
                       .input_width = 64,
                       .input_height = 64};
  for (const bool at_input : {true, false}) {
    s.post.mask_at_input = at_input;
    const Result<ModelAnswer> a =
        answer_of({columns({{32, 32, 40, 20, 0.9F, 1}}), tensor({1, 1, 16, 16}, prototype)}, s, same);
    REQUIRE(a);
    REQUIRE(a->detections.size() == 1);
    const std::vector<std::uint8_t>& mask = a->detections[0].mask;
    REQUIRE(mask.size() == 64 * 64);
    std::size_t set = 0;
    for (std::size_t i = 0; i < mask.size(); ++i) {
      set += mask[i];
      if (mask[i]) CHECK((i % 64 >= 12 && i % 64 < 32 && i / 64 >= 22 && i / 64 < 42));
    }
    CHECK(set == 20 * 20);
  }
}

TEST_CASE("scores of classes come from logits by a softmax, best first") {
  ModelSpec s = *preset("timm");
  s.post.top = 2;
  const Result<ModelAnswer> a = answer_of({tensor({1, 3}, {1, 3, 2})}, s, {});
  REQUIRE(a);
  REQUIRE(a->classes.size() == 2);
  CHECK(a->classes[0].label == 1);
  CHECK(a->classes[0].score == doctest::Approx(std::exp(3.0) / (std::exp(1.0) + std::exp(2.0) + std::exp(3.0))));
  CHECK(a->classes[1].label == 2);
}

TEST_CASE("DETR's last class is none, and its boxes are relative to the image") {
  ModelSpec s = *preset("detr");
  const Result<ModelAnswer> a =
      answer_of({tensor({1, 2, 3}, {0, 4, 0, 0, 0, 9}), tensor({1, 2, 4}, {0.5F, 0.5F, 0.25F, 0.5F,  //
                                                                           0.5F, 0.5F, 1, 1})},
                s, halved());
  REQUIRE(a);
  REQUIRE(a->detections.size() == 1);
  CHECK(a->detections[0].label == 1);
  CHECK(a->detections[0].box == std::array<float, 4>{480, 180, 800, 540});
}

TEST_CASE("labels of torchvision count from 1, and its boxes are in the input") {
  ModelSpec s = *preset("torchvision/detection");
  Tensor labels = Tensor::zeros(ElementType::int64, {2});
  labels.values<std::int64_t>()[0] = 3;
  labels.values<std::int64_t>()[1] = 1;
  const Placement same{.image_width = 100, .image_height = 50, .input_width = 100, .input_height = 50};
  std::vector<Tensor> outputs;
  outputs.push_back(tensor({2, 4}, {1, 2, 30, 40, 5, 5, 9, 9}));
  outputs.push_back(std::move(labels));
  outputs.push_back(tensor({2}, {0.9F, 0.01F}));
  const Result<ModelAnswer> a = answer_of(std::move(outputs), s, same);
  REQUIRE(a);
  REQUIRE(a->detections.size() == 1);
  CHECK(a->detections[0].label == 2);
}

TEST_CASE("an output that is not what the head expects is refused and named") {
  const auto said = [](const Result<ModelAnswer>& a) {
    REQUIRE_FALSE(a);
    return a.error().message;
  };
  CHECK(said(answer_of({columns({{320, 320, 10, 10, 0.9F, 0}})}, yolo_of(3), halved())) ==
        "output 0 has the shape 6x1 an image; the head yolo expects 4 + 3 classes values a candidate");
  CHECK(said(answer_of({}, yolo_of(3), halved())) == "0 outputs given; this head needs 1");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(said(answer_of({columns({{nan, 320, 10, 10, 0.9F}})}, yolo_of(1), halved())) ==
        "candidate 0 has a box that is no number");
  CHECK(answer_of({columns({{320, 320, 10, 10, nan}})}, yolo_of(1), halved())->detections.empty());
}

TEST_CASE("a head's outputs are found by the contract's names, by the usual ones, else by their order") {
  const std::vector<TensorInfo> three{{.name = "scores"}, {.name = "boxes"}, {.name = "labels"}};
  ModelSpec s = *preset("torchvision/detection");
  CHECK(*head_outputs(s, three) == std::vector<std::size_t>{1, 2, 0});
  const std::vector<TensorInfo> numbered{{.name = "a"}, {.name = "b"}, {.name = "c"}};
  CHECK(*head_outputs(s, numbered) == std::vector<std::size_t>{0, 1, 2});
  s.head.outputs = {"c", "a", "b"};
  CHECK(*head_outputs(s, numbered) == std::vector<std::size_t>{2, 0, 1});
  s.head.outputs = {"c", "a", "z"};
  CHECK(head_outputs(s, numbered).error().message == "head.outputs names 'z'; the model has a, b, c");
  CHECK_FALSE(head_outputs(*preset("yunet"), numbered));
}
