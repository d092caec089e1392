// How sharp, bright, contrasty, noisy, compressed an image is. Every number has its unit and source in
// dataset/pixel_facts.h; thresholds are the rules' business.
#pragma once

#include "vetset/dataset/pixel_facts.h"
#include "vetset/image/raster.h"

namespace vetset {

/// `raster` and `luma` show the same image; `jpeg_quality` is taken over.
Quality quality_of(const Raster& raster, const Plane& luma, std::uint8_t jpeg_quality);

}  // namespace vetset
