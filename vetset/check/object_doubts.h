// Which boxes of one image a detector's output speaks against: overlooked, of another class, badly placed, spurious.
// After ObjectLab (Tkachenko, Thyagarajan and Mueller 2023, arXiv 2309.00832), but free of scale: distances count in
// sizes of boxes, and no constant is taken from the dataset, so that a score depends on its image alone.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "vetset/dataset/geometry.h"

namespace vetset {

struct GivenBox {
  Box box;
  std::uint32_t category = 0;
  bool region = false;  // a crowd, a group, an area to be ignored: explains what lies in it, and is not judged itself
};
struct DetectedBox {
  Box box;
  std::uint32_t category = 0;
  double confidence = 0;  // 0 to 1
};

/// A score from 0 to 1, and the detection that speaks for it.
struct Doubt {
  static constexpr std::uint32_t nothing = std::numeric_limits<std::uint32_t>::max();
  double score = 0;
  std::uint32_t detection = nothing;
};
struct ObjectDoubts {
  std::vector<double> overlooked;         // by detection: an object that no box is around
  std::vector<Doubt> swapped, misplaced;  // by box
  std::vector<double> spurious;           // by box: nothing is there
};

/// 0.9 × IoU + 0.1 × e^(−distance of the centres / √(area of the first)): 0 to 1.
double similarity(const Box& a, const Box& b);

/// Detections in falling order of confidence. Writes over what `out` holds.
void doubt_objects(std::span<const GivenBox> given, std::span<const DetectedBox> detected, ObjectDoubts& out);

}  // namespace vetset
