// Whether two images were taken from one standpoint: what stands still agrees place by place, however much has moved.
#pragma once

#include "vetset/image/raster.h"

namespace vetset {

/// An image made small for this: luma of 128 × 128, of images below 256 pixels 64 × 64.
Plane view_of(const Plane& luma);

struct OneView {
  float agree = 0;  // share of the places with detail that say the same, brightness aside
  float moved = 0;  // share of all places that differ a lot together with their neighbours
};
/// Nothing agrees where the two are of different sizes.
OneView compare_views(const Plane& first, const Plane& second);

/// Measured on photos: strangers agree in 0.44 of the places at most, photos of one tripod in 0.75 and more.
inline constexpr float same_view = 0.75F;
/// So little is never noise of a codec, and so much is still the same scene.
inline constexpr float something_moved = 0.0003F;

}  // namespace vetset
