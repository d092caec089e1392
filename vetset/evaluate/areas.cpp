#include "vetset/evaluate/areas.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "vetset/dataset/matching.h"
#include "vetset/dataset/rle.h"

namespace vetset {
namespace {

constexpr std::size_t numbers_a_point = 3;

Result<double> mask_area(const InstancesView& view, std::size_t row, const char* side, MaskCounts& counts) {
  const MaskText& mask = view.mask[row];
  if (mask.height == 0 && mask.width == 0) return 0.0;
  auto read = counts_of_coco_string(view.text(mask), mask.height, mask.width, counts);
  if (!read) return Error{Code::malformed, read.error().message, side, static_cast<std::uint32_t>(row + 1)};
  return static_cast<double>(area(counts));
}

/// Of the box around all points, those at 0, 0 included (loadRes).
double hull_area(const InstancesView& view, std::size_t row) {
  if (view.points == 0) return 0;
  const double* points = view.keypoints.data() + row * view.points * numbers_a_point;
  double left = points[0], right = points[0], top = points[1], bottom = points[1];
  for (std::size_t k = 1; k < view.points; ++k) {
    left = std::min(left, points[numbers_a_point * k]);
    right = std::max(right, points[numbers_a_point * k]);
    top = std::min(top, points[numbers_a_point * k + 1]);
    bottom = std::max(bottom, points[numbers_a_point * k + 1]);
  }
  return (right - left) * (bottom - top);
}

enum class AreaOf : std::uint8_t { box, mask, points };

Result<Areas> areas_of(const InstancesView& view, AreaOf shape, const char* side) {
  Areas areas{.stated = view.area, .computed = {}, .boxes = view.box};
  if (!view.area.empty() || view.count == 0 || shape == AreaOf::box) return areas;
  areas.computed.resize(view.count);
  MaskCounts counts;
  for (std::size_t row = 0; row < view.count; ++row) {
    if (shape == AreaOf::mask) {
      VETSET_TRY(areas.computed[row], mask_area(view, row, side, counts));
    } else {
      areas.computed[row] = hull_area(view, row);
    }
  }
  return areas;
}

Error misfit(const char* side, const std::string& what) { return Error{Code::malformed, what, side}; }

template <class T>
Result<void> check_length(const char* side, std::span<const T> column, std::size_t count, const char* name) {
  if (column.empty() || column.size() == count) return {};
  return misfit(side, std::string("the column ") + name + " has " + std::to_string(column.size()) +
                          " values, expected " + std::to_string(count));
}

Result<void> check_numbers(const char* side, std::span<const std::uint32_t> numbers, std::size_t below,
                           const char* what) {
  for (std::size_t row = 0; row < numbers.size(); ++row)
    if (numbers[row] != no_number && numbers[row] >= below)
      return Error{
          Code::malformed,
          std::string(what) + " " + std::to_string(numbers[row]) + " is not one of the " + std::to_string(below), side,
          static_cast<std::uint32_t>(row + 1)};
  return {};
}

Result<void> check_side(const char* side, const InstancesView& view, const CocoInput& input,
                        const CocoSettings& settings) {
  if (view.count > std::numeric_limits<std::uint32_t>::max() - 1)
    return Error{Code::limit, std::to_string(view.count) + " rows are more than can be evaluated at once", side};
  const std::size_t n = view.count;
  VETSET_DO(check_length(side, view.image, n, "image"));
  VETSET_DO(check_length(side, view.category, n, "category"));
  VETSET_DO(check_length(side, view.box, n, "box"));
  VETSET_DO(check_length(side, view.area, n, "area"));
  VETSET_DO(check_length(side, view.score, n, "score"));
  VETSET_DO(check_length(side, view.id, n, "id"));
  VETSET_DO(check_length(side, view.said, n, "said"));
  VETSET_DO(check_length(side, view.marks, n, "marks"));
  VETSET_DO(check_length(side, view.mask, n, "mask"));
  VETSET_DO(check_length(side, view.keypoints, n * view.points * numbers_a_point, "keypoints"));
  if (n == 0) return {};
  if (view.image.empty() || view.category.empty()) return misfit(side, "rows need an image and a category");
  VETSET_DO(check_numbers(side, view.image, input.images, "image"));
  VETSET_DO(check_numbers(side, view.category, input.categories, "category"));
  for (std::size_t row = 0; row < view.mask.size(); ++row)
    if (view.mask[row].begin > view.mask_text.size() ||
        view.mask[row].size > view.mask_text.size() - view.mask[row].begin)
      return Error{Code::malformed, "a mask is not in the column of masks", side, static_cast<std::uint32_t>(row + 1)};
  const bool is_truth = &view == &input.truth;
  if (!is_truth && view.score.empty()) return misfit(side, "predictions need scores");
  switch (settings.iou_type) {
    case IouType::bbox:
      if (view.box.empty()) return misfit(side, "boxes are compared, and there are none");
      break;
    case IouType::segm:
    case IouType::boundary:
      if (view.mask.empty()) return misfit(side, "masks are compared, and there are none");
      break;
    case IouType::keypoints:
      if (view.keypoints.empty()) return misfit(side, "keypoints are compared, and there are none");
      if (view.points != settings.sigmas.size())
        return misfit(
            side, "instances have " + std::to_string(view.points) + (view.points == 1 ? " keypoint" : " keypoints") +
                      ", and there " +
                      (settings.sigmas.size() == 1 ? "is 1 sigma"
                                                   : "are " + std::to_string(settings.sigmas.size()) + " sigmas") +
                      ": give one a keypoint with --sigmas");
      if (is_truth && view.box.empty()) return misfit(side, "objects with keypoints need boxes");
      break;
  }
  return {};
}

Result<void> check_settings(const CocoSettings& settings) {
  const auto usage = [](const char* what) { return Error{Code::usage, what}; };
  const auto is_nan = [](double value) { return std::isnan(value); };
  if (settings.iou_thresholds.empty()) return usage("there is no threshold of overlap");
  if (settings.recall_thresholds.empty()) return usage("there is no threshold of recall");
  if (settings.max_detections.empty()) return usage("there is no limit of detections");
  if (settings.max_detections.size() > 255) return usage("there are more than 255 limits of detections");
  if (settings.areas.empty()) return usage("there is no range of areas");
  if (settings.areas.size() > GreedyMatcher::most_cases) return usage("there are more than 32 ranges of areas");
  if (std::any_of(settings.iou_thresholds.begin(), settings.iou_thresholds.end(), is_nan) ||
      std::any_of(settings.recall_thresholds.begin(), settings.recall_thresholds.end(), is_nan))
    return usage("a threshold is not a number");
  if (!std::is_sorted(settings.max_detections.begin(), settings.max_detections.end()))
    return usage("the limits of detections do not rise");
  return {};
}

}  // namespace

Result<Areas> truth_areas(const InstancesView& truth, const CocoSettings& settings) {
  const bool of_masks = settings.iou_type == IouType::segm || settings.iou_type == IouType::boundary;
  return areas_of(truth, of_masks ? AreaOf::mask : AreaOf::box, "truth");
}

Result<Areas> predicted_areas(const InstancesView& predictions, const CocoSettings& settings) {
  // loadRes looks at the first record: where it has a box, every area is that of the box.
  const bool first_has_box =
      !predictions.box.empty() && (predictions.said.empty() || has(predictions.said[0], Said::box));
  const bool strict = settings.mode == CocoMode::strict;
  switch (settings.iou_type) {
    case IouType::bbox: return areas_of(predictions, AreaOf::box, "predictions");
    case IouType::segm:
    case IouType::boundary:
      return areas_of(predictions, strict && first_has_box ? AreaOf::box : AreaOf::mask, "predictions");
    case IouType::keypoints: break;
  }
  return areas_of(predictions, first_has_box ? AreaOf::box : AreaOf::points, "predictions");
}

Result<void> check_coco_input(const CocoInput& input, const CocoSettings& settings) {
  VETSET_DO(check_settings(settings));
  VETSET_DO(check_side("truth", input.truth, input, settings));
  return check_side("predictions", input.predictions, input, settings);
}

}  // namespace vetset
