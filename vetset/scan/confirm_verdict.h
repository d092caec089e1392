// The last step of every confirmation: with a first idea of how the second picture lies over the first, refine it,
// weigh the agreement, and say how they lie.
#pragma once

#include <optional>
#include <span>

#include "vetset/scan/confirm.h"
#include "vetset/scan/confirm_align.h"

namespace vetset {

/// A portrait ready to be sampled.
struct Canvas {
  Pyramid pyramid;
  Region inner;
};
Canvas canvas_of(const Portrait& portrait);

/// From the square of a picture turned by an EXIF orientation to the square of it as it is stored.
AffineMap unturned(std::uint8_t symmetry);

/// Tries to lay `second` over `first`, both maps of one square, refined from each of the `starts` (samples a side of
/// the coarsest look). Nothing where the pictures do not agree, over that square or over all that both show.
/// `second` includes the turn that `symmetry` names; `inliers` are left to the caller.
std::optional<Match> verdict(const Canvas& a, const AffineMap& first, const Canvas& b, const AffineMap& second,
                             std::uint8_t symmetry, std::span<const std::size_t> starts);

}  // namespace vetset
