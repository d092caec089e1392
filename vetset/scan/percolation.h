// Keeps weak links from joining unlike images through many steps. The rule: docs/decisions/0011-weak-chains-are-cut.md.
#pragma once

#include <cstddef>
#include <span>

#include "vetset/dataset/links.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

/// Links that may be cut: near-duplicates of every kind. All others say themselves that images belong together.
inline constexpr LinkKinds weak_kinds = LinkKind::near | LinkKind::flipped | LinkKind::cropped;

struct PercolationSettings {
  std::size_t bound = 0;  // a group of so many units or fewer is never cut; 0: max(50, images / 1000)
  unsigned radius = 47;   // of the search; images within half as much again count as alike
};
/// Cuts links of placeholders that would glue groups together, then bridges in chains. `links.links` is sorted; each
/// link that is cut is marked and gets its entry in `links.cuts`, in the order of `links.links`.
void cut_chains(Links& links, std::span<const PixelFacts> pixels, const PercolationSettings& settings);

}  // namespace vetset
