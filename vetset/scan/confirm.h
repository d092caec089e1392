// Whether two images that resemble each other by fingerprint show the same picture: aligned correlation of their
// pixels, or local features that agree on one geometry.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vetset/image/local_features.h"
#include "vetset/image/raster.h"

namespace vetset {

/// An image prepared for confirmation: luma of long side 256 at most, upright, with and without borders.
struct Portrait {
  static constexpr int revision = 1;
  Plane luma;
  Region inner;                        // of `luma`: without uniform borders
  std::vector<LocalFeature> features;  // of `luma`
};
Portrait portrait_of(const Plane& luma, bool with_features);

/// How the second image lies in the first.
struct Match {
  float correlation = 0;          // of pixels aligned by the geometry (ZNCC), −1 to 1
  std::uint32_t inliers = 0;      // local features that agree
  double scale = 1, degrees = 0;  // of the second against the first
  double overlap = 1;             // share of the smaller one's frame that both show
  std::uint8_t symmetry = 1;      // EXIF orientation that turns the second into the first
  bool whole = true;              // both show the same frame, up to borders
};
/// What a candidate pair is tried with: how the fingerprints met.
struct Hypothesis {
  std::uint8_t symmetry = 1;
  std::uint8_t first_view = 0, second_view = 0;  // of Fingerprint::views
};
/// Nothing where they are different pictures.
std::optional<Match> confirm(const Portrait& first, const Portrait& second, const Hypothesis& hypothesis);
/// By local features alone, for pairs of the tier `full`.
std::optional<Match> confirm_by_features(const Portrait& first, const Portrait& second, std::uint8_t symmetry = 1);

}  // namespace vetset
