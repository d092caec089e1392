// Columns that Python holds, as the evaluation looks at them.
#pragma once

#include <nanobind/ndarray.h>

#include <string>
#include <vector>

#include "python/src/running.h"
#include "vetset/evaluate/coco.h"

namespace vetset::python {

/// Arrays of one side. A dictionary of columns by name: image, category (uint32; 0xffffffff: left out), box (float64,
/// N × 4), area, score (float64), id (int64), said, marks (uint8), mask (bytes of COCO's compressed strings, or None),
/// mask_size (uint32, N × 2: height, width), keypoints (float64, N × 3k). Only image and category are always needed.
/// Arrays of these types are looked at where they lie and kept alive; others are converted, masks are copied.
class HeldInstances {
 public:
  explicit HeldInstances(const nb::dict& columns);
  const InstancesView& view() const { return view_; }

 private:
  void take_masks(const nb::dict& columns);

  std::vector<nb::object> held_;
  std::vector<MaskText> masks_;
  std::vector<char> mask_text_;  // no string: its short texts move with it
  InstancesView view_;
};

/// Settings by name; what is not named, pycocotools has. `areas` is a list of (name, low, high).
CocoSettings coco_settings_of(const nb::dict& settings);

/// precision, recall and scores as arrays, category_objects, lines, quirks, and counts of images, objects, detections.
nb::dict evaluated(CocoResult result);

}  // namespace vetset::python
