// The tier `full`: pairs of images that have corners in common, in one arrangement. Finds what fingerprints of frames
// cannot: crops anywhere, and turns by any angle. Its pairs are candidates, for confirm_by_features to judge.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "vetset/base/bits256.h"
#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/image/local_features.h"
#include "vetset/image/raster.h"

namespace vetset {

/// One corner, kept for all images at once: 72 bytes.
struct Landmark {
  Bits256 code, mirrored;
  std::uint16_t x = 0, y = 0;  // of 65535, across the frame's long side
  std::uint16_t scale = 0;     // of the described patch, in the same unit
  std::uint8_t turn = 0;       // of 256 to the full turn
};
/// The landmarks of one image: 96 at most, of a plane of any size.
inline constexpr std::size_t landmarks_an_image = 96;
std::vector<Landmark> landmarks_of(const Plane& luma);

struct FullCandidate {
  std::uint32_t first = 0, second = 0;  // places in the list of images; first < second
  std::uint8_t symmetry = 1;            // 1, or 2: the second is mirrored
  std::uint16_t votes = 0;              // landmarks that agree on one arrangement
  auto operator<=>(const FullCandidate&) const = default;
};
struct FullCandidates {
  std::vector<FullCandidate> pairs;  // by first, second; each once
  std::uint64_t common = 0;          // landmarks that too many images have, and that were left out
};
struct FullSearch {
  unsigned radius = 31;         // bits of 256 in which two landmarks may differ; every such pair is looked at
  std::uint16_t votes = 3;      // that a candidate has at least
  std::uint32_t an_image = 64;  // candidates an image at most: those of most votes
};
/// `images` holds the landmarks of one image each. The same with any number of threads.
Result<FullCandidates> full_candidates(std::span<const std::vector<Landmark>> images, const FullSearch& search,
                                       const Pool& pool, const Progress& progress = {});

}  // namespace vetset
