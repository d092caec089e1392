// Overlaps of the predictions and objects of one image and class, by the kind of evaluation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/dataset/rle.h"
#include "vetset/evaluate/coco.h"

namespace vetset {

/// Keeps its memory from tile to tile; each thread has its own.
class CocoOverlaps {
 public:
  CocoOverlaps(const CocoInput& input, const CocoSettings& settings) : input_(input), settings_(settings) {}

  /// One row a prediction; valid until the next call. Masks that cannot be read are errors with side and row.
  Result<std::span<const double>> of(std::span<const std::uint32_t> predictions,
                                     std::span<const std::uint32_t> objects);
  /// Of the objects of the last call.
  std::span<const std::uint8_t> crowd() const { return crowd_; }

 private:
  void of_boxes(std::span<const std::uint32_t> predictions, std::span<const std::uint32_t> objects);
  void of_keypoints(std::span<const std::uint32_t> predictions, std::span<const std::uint32_t> objects);
  Result<void> of_masks(std::span<const std::uint32_t> predictions, std::span<const std::uint32_t> objects);

  const CocoInput& input_;
  const CocoSettings& settings_;
  std::vector<std::uint8_t> crowd_;
  std::vector<double> overlaps_;
  std::vector<Box> detection_boxes_, object_boxes_;
  std::vector<double> detection_points_, object_points_, object_areas_;
  std::vector<MaskSpans> detections_, objects_, detection_edges_, object_edges_;
};

}  // namespace vetset
