// Corners of an image with binary descriptors that survive rotation and scale: what finds free crops and small
// rotations (tier `full`), and what confirms a candidate by geometry. After ORB (Rublee, Rabaud, Konolige, Bradski:
// "ORB: an efficient alternative to SIFT or SURF", 2011), with a sampling pattern of its own. Whole numbers throughout,
// so that every machine finds the same corners and the same bits.
#pragma once

#include <cstdint>
#include <vector>

#include "vetset/base/bits256.h"
#include "vetset/image/raster.h"

namespace vetset {

struct LocalFeature {
  static constexpr int revision = 2;  // another number: descriptors of earlier runs do not compare
  float x = 0, y = 0;                 // in pixels of the plane
  float scale = 1;                    // side of the described patch over that of the finest level
  float angle = 0;                    // radians, clockwise as y points down
  float response = 0;                 // corner strength
  Bits256 descriptor = {};
  Bits256 mirrored = {};  // what the descriptor would be, were the plane mirrored left to right
};
/// The strongest `count` corners, spread over the frame, strongest first. The plane should have a long side of about
/// 512 (`resampled`).
std::vector<LocalFeature> local_features(const Plane& luma, std::size_t count);

}  // namespace vetset
