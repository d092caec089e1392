// What heads find before suppression: boxes in the input's pixels, each with a score and a class.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/runtime/model_spec.h"
#include "vetset/runtime/tensor.h"

namespace vetset {

/// One image's values of an output, as float32: a view of the tensor, or converted.
struct Values {
  std::vector<std::int64_t> shape = {};  // without the batch
  std::span<const float> data = {};
  std::vector<float> converted = {};
};

struct Candidates {
  enum class Frame : std::uint8_t { input, image, relative } frame = Frame::input;  // relative: 0 to 1 of the image
  std::vector<std::array<float, 4>> boxes = {};  // corners; with angles: centre, width, height
  std::vector<float> scores = {};
  std::vector<std::uint32_t> labels = {};
  std::vector<std::uint32_t> rows = {};  // of the raw output
  std::vector<float> angles = {};        // by candidate; empty: none
  std::vector<float> extras = {};        // `extra` values a candidate: keypoints, then mask coefficients
  std::size_t extra = 0;

  std::size_t size() const { return scores.size(); }
  std::span<const float> extras_of(std::size_t i) const { return std::span(extras).subspan(i * extra, extra); }
};

/// What is above the contract's threshold, in the order of the raw output. `outputs` are in the head's order and as
/// many as it needs; `input_width` is the tensor's.
Result<Candidates> candidates_of(std::span<const Values> outputs, const ModelSpec& spec, std::uint32_t input_width);

/// Positions of what is kept, by falling score; of equal scores the earlier one first. Changes scores under soft
/// suppression.
std::vector<std::uint32_t> kept_of(Candidates& candidates, const PostSpec& post);

/// Greedy suppression of rotated boxes by the Gaussian overlap of Murrugarra-Llerena et al. 2021 ("Gaussian Bounding
/// Boxes and Probabilistic Intersection-over-Union"), any better box suppressing whether or not it was kept, as fast
/// NMS (Bolya et al. 2019). `order` by falling score.
std::vector<std::uint32_t> suppressed_rotated(std::span<const std::array<float, 4>> boxes,
                                              std::span<const float> angles, std::span<const std::uint32_t> order,
                                              double iou_threshold);
/// Of two rotated boxes: centre, width, height, angle in radians.
float gaussian_overlap(const std::array<float, 4>& a, float angle_a, const std::array<float, 4>& b, float angle_b);

/// `weights` × prototypes (channels × height × width) enlarged to the input, above the threshold and inside the box: by
/// pixel of the image.
struct MaskFrame {
  std::uint32_t image_width = 0, image_height = 0, input_width = 0, input_height = 0;
  double scale_x = 1, scale_y = 1, left = 0, top = 0;
  bool at_input = false;   // the decision is made by pixel of the input
  double threshold = 0.5;  // of the sigmoid
};
std::vector<std::uint8_t> mask_of(const Values& prototypes, std::span<const float> weights,
                                  const std::array<float, 4>& image_box, const MaskFrame& frame);

}  // namespace vetset
