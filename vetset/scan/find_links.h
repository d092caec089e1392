// All links between the images of a dataset: by digests, by fingerprints that are searched exactly and confirmed on
// pixels, by names confirmed by content, by what EXIF says, by keys. Reads only candidates' pixels again.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/embeddings.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/groups.h"
#include "vetset/dataset/links.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

struct LinkSettings {
  NearTier near = NearTier::views;
  std::optional<unsigned> radius = {};     // of 256 bits; nothing: calibrated on this dataset's unrelated pairs
  bool sequences = true;                   // look at names: siblings, frames, tiles
  bool capture = true;                     // look at EXIF: bursts, place and time
  const Embeddings* embeddings = nullptr;  // of the images of this dataset, if the user gives any: hints
  std::size_t planted = 0;  // so many images are copied by known transforms, to say what the search finds
};
/// `facts` and `pixels` one an image (`pixels` empty: only what bytes, names and keys say); `groups` may be null.
Result<Links> find_links(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                         std::span<const PixelFacts> pixels, const Groups* groups, const LinkSettings& settings,
                         const Pool& pool, const Progress& progress);

/// The parts, one file each; every one gives links of its kinds with their texts, and whom it leaves aside.
/// Equal bytes, pixels (compared sample by sample, not by hash alone) and JPEG coefficients: stars around the first.
Result<Links> links_by_digest(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                              std::span<const PixelFacts> pixels, const Pool& pool, const Progress& progress);
Result<Links> links_by_fingerprint(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                                   std::span<const PixelFacts> pixels, const LinkSettings& settings, const Pool& pool,
                                   const Progress& progress);
/// Augmented siblings, tiles and sequences: what names suggest and content confirms.
Result<Links> links_by_name(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                            std::span<const PixelFacts> pixels, const Pool& pool, const Progress& progress);
Links links_by_capture(std::span<const PixelFacts> pixels);
Links links_by_key(const Groups& groups);

}  // namespace vetset
