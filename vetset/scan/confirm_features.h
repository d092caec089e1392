// Which similarity (shift, turn, scale) most local features of two pictures agree on.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "vetset/image/local_features.h"
#include "vetset/scan/confirm_align.h"

namespace vetset {

struct Similarity {
  AffineMap map;              // pixels of the first to pixels of the second
  std::uint32_t inliers = 0;  // features that agree, spread over more than a corner of the picture
};
/// Nothing where fewer than `needed` agree.
std::optional<Similarity> similarity_of(std::span<const LocalFeature> first, std::span<const LocalFeature> second,
                                        std::uint32_t needed);

}  // namespace vetset
