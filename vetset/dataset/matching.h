// Which detection is which object: overlaps of all pairs, and COCO's greedy matching. Exact to the bit, so that
// metrics, label checks, differences and merges agree.
#pragma once

#include <cstdint>
#include <span>

#include "vetset/dataset/geometry.h"

namespace vetset {

/// Intersection over union of every pair, one row a detection (maskApi.c, bbIou): no +1, 0 where they only touch, over
/// the detection's area alone where the object is a crowd. `crowd` is empty or has a value an object; `out` has
/// detections × objects numbers.
void box_ious(std::span<const Box> detections, std::span<const Box> objects, std::span<const std::uint8_t> crowd,
              std::span<double> out);

/// COCO's object keypoint similarity of every pair (cocoeval.py, computeOks), one row a detection. Points are x y v;
/// the areas and boxes are the objects'. `sigmas` has one value a point, in units of the object's scale.
void keypoint_similarities(std::span<const double> detections, std::span<const double> objects,
                           std::span<const double> areas, std::span<const Box> boxes, std::span<const double> sigmas,
                           std::span<double> out);

}  // namespace vetset
