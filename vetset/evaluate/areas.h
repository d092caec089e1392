// The areas that decide on small, medium and large, where the columns do not say them; and whether columns and settings
// fit at all.
#pragma once

#include <span>

#include "vetset/base/column.h"
#include "vetset/base/result.h"
#include "vetset/evaluate/coco.h"

namespace vetset {

/// A column of the input, or one that was computed, or else those of boxes.
struct Areas {
  std::span<const double> stated;
  Column<double> computed;
  std::span<const Box> boxes;

  double at(std::size_t row) const {
    if (!stated.empty()) return stated[row];
    return computed.empty() ? boxes[row].width * boxes[row].height : computed[row];
  }
};
Result<Areas> truth_areas(const InstancesView& truth, const CocoSettings& settings);
Result<Areas> predicted_areas(const InstancesView& predictions, const CocoSettings& settings);

/// Every column that is needed is there and as long as it should be; numbers of images and categories are below their
/// counts; settings make sense.
Result<void> check_coco_input(const CocoInput& input, const CocoSettings& settings);

}  // namespace vetset
