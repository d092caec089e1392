// What a camera or a tool writes into every image of one source: lines that stand in one place while the scene changes.
// A pixel counts where its gradient has the same direction in most images; scenes cancel each other out.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/compared.h"
#include "vetset/dataset/links.h"
#include "vetset/dataset/pixel_facts.h"
#include "vetset/image/raster.h"

namespace vetset {

/// Reads at most 48 images of each source once more. A source is the images of one folder and one size; of images that
/// links tie together one counts, so that a film from a tripod is no source.
Result<OverlaySearch> find_overlays(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                                    std::span<const PixelFacts> pixels, const Links& links, const Pool& pool,
                                    const Progress& progress);

/// The steps, for tests. Adds up the directions of gradients of planes of one size.
class StaticLines {
 public:
  StaticLines(std::uint32_t width, std::uint32_t height);
  /// All of the planes; uniform borders of each are left out.
  void add(std::span<const Plane> planes, const Pool& pool);

  struct Found {
    std::vector<Region> regions;  // by place, top to bottom
    bool whole_view = false;      // lines stand still all over: a fixed camera
  };
  Found find() const;

 private:
  std::uint32_t width_, height_, planes_ = 0;
  std::vector<std::int16_t> across_, down_;  // sums of unit vectors, 64 long
};

}  // namespace vetset
