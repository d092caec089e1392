// Masks from prototypes and a detection's weights (YOLACT, Bolya et al. 2019, as Ultralytics' segmenters export them).
#include <algorithm>
#include <cmath>

#include "vetset/runtime/candidates.h"

namespace vetset {
namespace {

/// Bilinear with half-pixel centres, edges repeated: torch.nn.functional.interpolate, align_corners=False.
struct Plane32 {
  std::span<const float> values;
  std::size_t width, height;

  float at(double x, double y) const {
    x = std::clamp(x, 0.0, static_cast<double>(width - 1));
    y = std::clamp(y, 0.0, static_cast<double>(height - 1));
    const auto x0 = static_cast<std::size_t>(x), y0 = static_cast<std::size_t>(y);
    const std::size_t x1 = std::min(x0 + 1, width - 1), y1 = std::min(y0 + 1, height - 1);
    const auto fx = static_cast<float>(x - static_cast<double>(x0)),
               fy = static_cast<float>(y - static_cast<double>(y0));
    const float above = values[y0 * width + x0] * (1 - fx) + values[y0 * width + x1] * fx;
    const float below = values[y1 * width + x0] * (1 - fx) + values[y1 * width + x1] * fx;
    return above * (1 - fy) + below * fy;
  }
};

}  // namespace

std::vector<std::uint8_t> mask_of(const Values& prototypes, std::span<const float> weights,
                                  const std::array<float, 4>& image_box, const MaskFrame& f) {
  const auto height = static_cast<std::size_t>(prototypes.shape[1]);
  const auto width = static_cast<std::size_t>(prototypes.shape[2]);
  std::vector<float> logits(width * height, 0.0F);
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const std::span<const float> plane = prototypes.data.subspan(k * logits.size(), logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i) logits[i] += weights[k] * plane[i];
  }
  const Plane32 plane{logits, width, height};
  // The sigmoid against the threshold is the logit against this.
  const auto least = static_cast<float>(std::log(f.threshold / (1 - f.threshold)));
  const double to_plane_x = static_cast<double>(width) / f.input_width;
  const double to_plane_y = static_cast<double>(height) / f.input_height;
  std::vector<std::uint8_t> mask(std::size_t{f.image_width} * f.image_height, 0);
  const auto first = [](float edge) { return static_cast<std::uint32_t>(std::max(0.0F, std::ceil(edge))); };
  const std::uint32_t x_end = std::min(f.image_width, first(image_box[2]));
  const std::uint32_t y_end = std::min(f.image_height, first(image_box[3]));
  for (std::uint32_t y = first(image_box[1]); y < y_end; ++y) {
    double v = (y + 0.5) * f.scale_y + f.top;
    if (f.at_input) v = std::floor(v) + 0.5;
    for (std::uint32_t x = first(image_box[0]); x < x_end; ++x) {
      double u = (x + 0.5) * f.scale_x + f.left;
      if (f.at_input) u = std::floor(u) + 0.5;
      mask[std::size_t{y} * f.image_width + x] = plane.at(u * to_plane_x - 0.5, v * to_plane_y - 0.5) > least;
    }
  }
  return mask;
}

}  // namespace vetset
