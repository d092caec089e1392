// Ready-made contracts of the families that people export from. Each states where its choices were read; the classes,
// the size and the digests come from the model and the package.
#include <array>
#include <functional>

#include "vetset/base/nearest.h"
#include "vetset/runtime/model_spec.h"

namespace vetset {
namespace {

using Fit = ResizeSpec::Fit;
using Filter = ResizeSpec::Filter;
using Arithmetic = ResizeSpec::Arithmetic;
using Head = HeadSpec::Kind;
using Suppression = PostSpec::Suppression;

constexpr std::array<double, 3> imagenet_mean{0.485, 0.456, 0.406}, imagenet_std{0.229, 0.224, 0.225};

/// ultralytics.engine.predictor and ultralytics.utils.nms of 8.4.
ModelSpec ultralytics(ModelTask task) {
  ModelSpec s;
  s.task = task;
  s.resize = {.fit = Fit::letterbox, .width = 640, .height = 640};
  s.input.divide = true;
  s.head.kind = Head::yolo;
  s.post = {.score_threshold = 0.25, .suppression = Suppression::class_offset, .iou_threshold = 0.7};
  return s;
}
ModelSpec ultralytics_segment() {
  ModelSpec s = ultralytics(ModelTask::segment);
  s.head.mask_coefficients = 32;
  s.post.mask_at_input = true;
  return s;
}
ModelSpec ultralytics_pose() {
  ModelSpec s = ultralytics(ModelTask::pose);
  s.head.keypoints = 17;
  s.classes = {{0, "person"}};
  return s;
}
ModelSpec ultralytics_obb() {
  ModelSpec s = ultralytics(ModelTask::obb);
  s.head.angle = true;
  return s;
}
ModelSpec ultralytics_end_to_end() {
  ModelSpec s = ultralytics(ModelTask::detect);
  s.head.kind = Head::end_to_end;
  s.post.suppression = Suppression::none;
  return s;
}
ModelSpec yolo5() {
  ModelSpec s = ultralytics(ModelTask::detect);
  s.head.kind = Head::yolo5;
  s.post.iou_threshold = 0.45;  // detect.py of ultralytics/yolov5
  return s;
}

/// A short side, a central crop, means and deviations: torchvision.transforms and timm.data on Pillow images.
ModelSpec classifier(std::uint32_t short_side, std::uint32_t crop, Filter filter) {
  ModelSpec s;
  s.task = ModelTask::classify;
  s.resize = {.fit = Fit::short_side,
              .short_side = short_side,
              .crop_width = crop,
              .crop_height = crop,
              .filter = filter,
              .arithmetic = Arithmetic::pillow,
              .pad = {0, 0, 0}};  // around an image that is smaller than the crop
  s.input.divide = true;
  s.input.mean = imagenet_mean;
  s.input.deviation = imagenet_std;
  s.head.kind = Head::logits;
  return s;
}
/// ultralytics.data.augment.classify_transforms: no means; the exported graph ends in a softmax.
ModelSpec ultralytics_classify() {
  ModelSpec s = classifier(224, 224, Filter::bilinear);
  s.input.mean = {0, 0, 0};
  s.input.deviation = {1, 1, 1};
  s.head.kind = Head::probabilities;
  return s;
}

/// torchvision.models.detection: the exported graph resizes, normalizes and suppresses by itself.
ModelSpec torchvision_detection() {
  ModelSpec s;
  s.resize = {.fit = Fit::none};
  s.input.divide = true;
  s.head.kind = Head::torchvision;
  s.post = {.score_threshold = 0.05, .suppression = Suppression::none, .detections = 100};
  return s;
}

/// facebookresearch/detr: datasets/coco.py, models/detr.py.
ModelSpec detr() {
  ModelSpec s;
  s.resize = {.fit = Fit::long_side,
              .short_side = 800,
              .long_side = 1333,
              .sides = ResizeSpec::Sides::detr,
              .filter = Filter::bilinear,
              .arithmetic = Arithmetic::pillow};
  s.input.divide = true;
  s.input.mean = imagenet_mean;
  s.input.deviation = imagenet_std;
  s.head.kind = Head::detr;
  s.post = {.score_threshold = 0.5, .suppression = Suppression::none, .detections = 100};
  return s;
}
/// lyuwenyu/RT-DETR: 640 × 640, no means, a sigmoid for each class.
ModelSpec rtdetr() {
  ModelSpec s;
  s.resize = {.fit = Fit::stretch, .width = 640, .height = 640, .arithmetic = Arithmetic::pillow};
  s.input.divide = true;
  s.head.kind = Head::detr_sigmoid;
  s.post = {.score_threshold = 0.5, .suppression = Suppression::none};
  return s;
}

/// dog-qiuqiu/FastestDet, test.py: OpenCV's colours, the score obj^0.6 · cls^0.4.
ModelSpec fastestdet() {
  ModelSpec s;
  s.resize = {.fit = Fit::stretch, .width = 352, .height = 352};
  s.input.colour = InputSpec::Colour::bgr;
  s.input.divide = true;
  s.head.kind = Head::fastestdet;
  s.post = {.score_threshold = 0.65, .suppression = Suppression::by_class, .iou_threshold = 0.45};
  return s;
}

/// FaceDetectorYN of OpenCV 4.x (modules/objdetect/src/face_detect.cpp): the image as it is, padded to multiples of 32
/// at the right and below with 0; thresholds of its defaults.
ModelSpec yunet() {
  ModelSpec s;
  s.task = ModelTask::pose;
  s.resize = {.fit = Fit::none, .multiple = 32, .place = ResizeSpec::Place::top_left, .pad = {0, 0, 0}};
  s.input.colour = InputSpec::Colour::bgr;
  s.input.scale = 1;
  s.head = {.kind = Head::yunet, .keypoints = 5, .keypoint_values = 2};
  s.post = {.score_threshold = 0.9,
            .at_least = true,
            .candidates = 5000,
            .suppression = Suppression::agnostic,
            .iou_threshold = 0.3,
            .clip = false};
  s.classes = {{0, "face"}};
  return s;
}

/// The TensorFlow Object Detection API's exported graphs (SSD and others): suppression is in the graph.
ModelSpec tensorflow() {
  ModelSpec s;
  s.resize = {.fit = Fit::none};
  s.input.layout = InputSpec::Layout::nhwc;
  s.input.type = ElementType::uint8;
  s.input.scale = 1;
  s.head.kind = Head::tensorflow;
  s.post = {.score_threshold = 0.3, .suppression = Suppression::none, .detections = 100};
  return s;
}

struct Preset {
  std::string_view name;
  ModelSpec (*make)();
};
constexpr std::array<Preset, 15> presets{{
    {"detr", detr},
    {"fastestdet", fastestdet},
    {"rtdetr", rtdetr},
    {"tensorflow/detection", tensorflow},
    {"timm", [] { return classifier(256, 224, Filter::bicubic); }},
    {"torchvision/classify", [] { return classifier(256, 224, Filter::bilinear); }},
    {"torchvision/detection", torchvision_detection},
    {"ultralytics/classify", ultralytics_classify},
    {"ultralytics/detect", [] { return ultralytics(ModelTask::detect); }},
    {"ultralytics/end-to-end", ultralytics_end_to_end},
    {"ultralytics/obb", ultralytics_obb},
    {"ultralytics/pose", ultralytics_pose},
    {"ultralytics/segment", ultralytics_segment},
    {"yolov5", yolo5},
    {"yunet", yunet},
}};

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& p : presets) names.emplace_back(p.name);
  return names;
}

Result<ModelSpec> preset(std::string_view name) {
  for (const Preset& p : presets)
    if (p.name == name) return p.make();
  const std::vector<std::string> names = preset_names();
  std::string all;
  for (const std::string& n : names) all += (all.empty() ? "" : ", ") + n;
  return Error{Code::usage, "no preset '" + std::string(name) + "'" + did_you_mean(name, names) + "; there are " + all};
}

}  // namespace vetset
