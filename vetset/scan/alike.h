// How alike two images are by their fingerprints alone, and how alike unrelated images of a dataset are: what names
// and chains of links are held against.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "vetset/dataset/pixel_facts.h"

namespace vetset {

/// Differing bits of 256 of the whole frames as they stand, with or without borders.
unsigned upright_distance(const Fingerprint& a, const Fingerprint& b);

/// The nearest of all views of one and the whole frame of the other, in all eight symmetries.
struct Likeness {
  unsigned distance = 256;
  std::uint8_t symmetry = 1;  // turns the second into the first
};
Likeness likeness(const Fingerprint& a, const Fingerprint& b);

/// Whether there is something to compare: decoded, and not nearly flat.
bool has_content(const PixelFacts& p);

/// Distances of pairs of images that nothing relates, drawn by a fixed seed: what is usual between strangers here.
/// Where there are too few pairs, that of fair coins stands in, a little widened as natural images are.
struct Strangers {
  std::vector<std::uint16_t> upright, any;  // sorted; empty: too few pairs

  /// The share of pairs at this distance or less; never 0.
  double share(unsigned upright_distance) const;
  /// The largest distance that at most `share` of the pairs have, never above that of coins.
  unsigned upright_within(double share) const;
  unsigned any_within(double share) const;
};
Strangers strangers(std::span<const PixelFacts> pixels, const std::function<bool(std::size_t, std::size_t)>& related);

}  // namespace vetset
