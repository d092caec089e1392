// Raw outputs of a model to answers about the image: boxes, masks, keypoints, classes, in the image's own pixels.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/image/raster.h"
#include "vetset/runtime/model_spec.h"
#include "vetset/runtime/preprocess.h"
#include "vetset/runtime/tensor.h"

namespace vetset {

struct DetectedObject {
  std::array<float, 4> box = {};        // corners x1, y1, x2, y2 in the image's pixels
  float score = 0;                      // 0 to 1
  std::uint32_t label = 0;              // position in the contract's classes
  float angle = 0;                      // obb: radians; `box` is then centre x, y, width, height
  std::uint32_t candidate = 0;          // row of the raw output it came from
  std::vector<float> keypoints = {};    // x, y, visibility each
  std::vector<std::uint8_t> mask = {};  // segment: 0 or 1 by pixel of the image's whole frame, row after row
};
struct ClassScore {
  std::uint32_t label = 0;
  float score = 0;
};

/// What a model says of one image.
struct ModelAnswer {
  std::vector<DetectedObject> detections = {};  // by falling score, then candidate
  std::vector<ClassScore> classes = {};         // classify: the best ones, by falling score, then label
  std::vector<float> embedding = {};
};

/// Which of a model's outputs the head needs, in the head's order: by the contract's names, else by the names that
/// exports of its kind have, else as the model has them. An error says what is missing.
Result<std::vector<std::size_t>> head_outputs(const ModelSpec& spec, std::span<const TensorInfo> outputs);

/// `outputs` are those that `head_outputs` names, in its order, of a batch; `index` says which image. Errors name the
/// output whose shape or type the head cannot be, and answers that are no numbers.
Result<ModelAnswer> postprocess(std::span<const Tensor* const> outputs, std::size_t index, const ModelSpec& spec,
                                const Placement& placement);

/// Greedy suppression over boxes of corners in float32, as torchvision.ops.nms: gives what is kept, by falling score.
/// Of equal scores the earlier one first.
std::vector<std::uint32_t> suppressed(std::span<const std::array<float, 4>> boxes, std::span<const float> scores,
                                      double iou_threshold);

}  // namespace vetset
