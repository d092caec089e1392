// The ways in which the runs of a mask can have been meant, and the one that fills the box stated beside it: what the
// rule tells and its repair mends.
#pragma once

#include <cstdint>
#include <optional>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/rle.h"

namespace vetset {

struct MaskReading {
  std::uint32_t height = 0, width = 0;
  bool along_rows = false;
  double fits = 0;   // IoU of the mask's tight box and the stated one, read so
  double as_is = 0;  // and as the format says
};

/// The one mask of an annotation that has a box and no other shape; null where there is none.
const Mask* only_mask(const Dataset& d, const Annotation& a);

/// How a mask was meant that adds up: read so, its box is the stated one (IoU 0.9 at least), and it is not when read as
/// the format says (a half at most). A mask whose height and width are those of its image the other way round is read
/// at its image's size: down the columns or along the rows, where exactly one of both fits.
std::optional<MaskReading> reading_that_fits(const Dataset& d, const Annotation& a, const Mask& mask);

/// The runs down the columns of a mask whose runs go along the rows.
MaskCounts counts_of_rows(MaskCountsView rows, std::uint32_t height, std::uint32_t width);

}  // namespace vetset
