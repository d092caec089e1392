// The last step of every confirmation: with a first idea of how the second picture lies over the first, refine it,
// weigh the agreement, and say how they lie.
#pragma once

#include <optional>
#include <span>

#include "vetset/scan/confirm.h"
#include "vetset/scan/confirm_align.h"

namespace vetset {

/// A portrait ready to be sampled: only what lies within its uniform borders, or they would bleed into the picture when
/// it is looked at coarsely. Its pixels are the portrait's, less the border at left and top.
Pyramid canvas_of(const PixelPortrait& portrait);

/// From the square of a picture turned by an EXIF orientation to the square of it as it is stored.
AffineMap unturned(std::uint8_t symmetry);

/// What is known before pixels are compared.
struct Prior {
  std::uint8_t symmetry = 1;  // the turn that the second map includes
  std::uint32_t inliers = 0;  // local features that agree on the maps
};

/// Tries to lay `second` over `first`, both maps of one square, refined from each of the `starts` (samples a side of
/// the coarsest look). Nothing where the pictures do not agree, over that square or over all that both show.
std::optional<Match> verdict(const Pyramid& a, const AffineMap& first, const Pyramid& b, const AffineMap& second,
                             const Prior& prior, std::span<const std::size_t> starts);

}  // namespace vetset
