// The pixels of one image as a viewer shows it, read once more: for what is compared sample by sample.
#pragma once

#include <optional>

#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"
#include "vetset/image/raster.h"

namespace vetset {

/// Turned as EXIF says. Nothing where the file is missing or no pixels come out of it.
std::optional<Raster> shown_raster(const Dataset& d, const Tree& media, const Facts& facts, ImageIndex image);
/// Its luma, computed without colours where the decoder can.
std::optional<Plane> shown_luma(const Dataset& d, const Tree& media, const Facts& facts, ImageIndex image);

}  // namespace vetset
