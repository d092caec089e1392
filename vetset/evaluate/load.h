// Predictions made ready for one kind of overlap, as pycocotools' loadRes does it: boxes of masks, masks of boxes and
// polygons, boxes of keypoints. What a row lacks is refused in strict mode, and left out in corrected mode.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/result.h"
#include "vetset/dataset/finding.h"
#include "vetset/dataset/predictions.h"
#include "vetset/evaluate/coco.h"

namespace vetset {

struct ImageSize {
  std::uint32_t height = 0, width = 0;  // 0: not known
};
/// `rows` have their final numbers of images, whose sizes are in `sizes`. Rows that are left out lose theirs.
Result<void> load_coco_rows(Predictions& predictions, std::span<const ImageSize> sizes, IouType type, CocoMode mode,
                            const Pool& pool, Findings& findings);

/// Whether any row has a mask with pixels: an empty list of polygons is none.
bool has_mask(const Predictions& predictions);

/// Leaves out the rows whose masks cannot be drawn: what is to be done where drawing them has failed.
void leave_out_bad_masks(Predictions& predictions, Findings& findings);

/// Where a row is: "results.json, record 17".
std::string place_of_row(const Predictions& predictions, std::uint64_t row);

}  // namespace vetset
