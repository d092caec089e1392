// Pairs of boxes that lie almost on each other, found without looking at every pair.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// Calls `found(i, j, iou)` for every pair of boxes with an IoU of at least `least` (in (0, 1]), i before j in the
/// order of their left edges. Boxes without area are passed over. Near-linear for boxes that differ; of boxes made to
/// exhaust the machine only the first ten million neighbours are looked at.
void for_each_overlap(std::span<const Box> boxes, double least,
                      const std::function<void(std::size_t, std::size_t, double)>& found);

/// The box of an annotation in pixels: as stated, else as derived, else around its shape; none where it is not known.
std::optional<Box> box_of(const Dataset& d, const Annotation& a);

}  // namespace vetset
