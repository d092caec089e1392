// Whether two images that resemble each other by fingerprint show the same picture: pixels laid over each other and
// compared block by block, or local features that agree on one geometry and then the same.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vetset/image/local_features.h"
#include "vetset/image/raster.h"

namespace vetset {

/// An image prepared for confirmation: luma of long side 256 at most, as a viewer shows it. About 50 kB, and 60 bytes a
/// feature.
struct PixelPortrait {
  static constexpr int revision = 2;
  static constexpr std::uint32_t long_side = 256;
  static constexpr std::size_t feature_count = 256;
  Plane luma;
  Region inner;                        // of `luma`: without uniform borders
  std::vector<LocalFeature> features;  // in pixels of `luma`, found on a plane of twice its size
};
PixelPortrait portrait_of(const Plane& luma, bool with_features);

/// How the second image lies in the first.
struct Match {
  float correlation = 0;          // of pixels aligned by the geometry (ZNCC), −1 to 1
  float evidence = 0;             // ln of how much likelier copies of one picture look like this than look-alikes
  std::uint32_t inliers = 0;      // local features that agree; 0 where none were needed
  double scale = 1, degrees = 0;  // of the second against the first, after `symmetry`; degrees clockwise
  double overlap = 1;             // share of the smaller one's frame that both show
  std::uint8_t symmetry = 1;      // EXIF orientation that turns the second into the first
  bool whole = true;              // both show the same frame, up to borders
};
/// What a candidate pair is tried with: how the fingerprints met.
struct Hypothesis {
  std::uint8_t symmetry = 1;                     // EXIF orientation that turns the second into the first
  std::uint8_t first_view = 0, second_view = 0;  // of Fingerprint::views, each of the image before it is turned
};
/// Nothing where they are different pictures. Tries the hypothesis, and small shifts, stretches and turns of it; and
/// where that fails and both portraits have features, what these say.
std::optional<Match> confirm(const PixelPortrait& first, const PixelPortrait& second, const Hypothesis& hypothesis);
/// By local features, for pairs of the tier `full`: any similarity, then the same comparison of pixels. Both portraits
/// need features. Of `symmetry` only counts whether it mirrors: turns are found by themselves.
std::optional<Match> confirm_by_features(const PixelPortrait& first, const PixelPortrait& second,
                                         std::uint8_t symmetry = 1);

}  // namespace vetset
