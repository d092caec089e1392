// How sharp, bright, contrasty, noisy, compressed an image is. Every number has its unit and source in
// dataset/pixel_facts.h; thresholds are the rules' business.
#pragma once

#include "vetset/dataset/pixel_facts.h"
#include "vetset/image/raster.h"

namespace vetset {

/// `raster` and `luma` show the same image; `jpeg_quality` is taken over.
///
/// Sharpness and edge width: larger images are reduced to a long side of 512 (area means), smaller ones taken as they
/// are. Tones and colours: of evenly spread whole rows with about 32,768 pixels together. Edge width: how far an edge's
/// whole rise would reach at its steepest slope (1: a step), of rises of 40 levels and more. Blockiness: at the phase
/// of the eight where it is largest, with steps of more than 24 levels counted as 24, mean of both directions. Upper
/// band: the share of the variance along 24 rows and 24 columns that a half-band filter lets through.
Quality quality_of(const Raster& raster, const Plane& luma, std::uint8_t jpeg_quality);

}  // namespace vetset
