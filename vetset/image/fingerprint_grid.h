// The small picture that fingerprints are made of: 80 × 80 cells, each the mean of its area, with tones spread so that
// brightness, contrast and gamma do not matter. For files of this room only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "vetset/image/raster.h"

namespace vetset {

inline constexpr std::size_t grid_side = 80;

/// Rows of cells without gaps, and as many zeros behind the last one that a view may read past the end of its row.
struct Grid {
  alignas(16) std::array<std::int16_t, grid_side * grid_side + grid_side> cells{};
};

/// Means of luma in sixteenths of a grey level. Borders of cells lie between pixels where they must: a pixel counts for
/// each cell by the share that lies in it.
Grid averaged(const Plane& luma, const Region& region);
struct GridKernel {
  std::string_view name;
  Grid (*averaged)(const Plane&, const Region&);
};
/// What this processor can run, the fastest first, all to the same bits; never empty.
const std::vector<GridKernel>& grid_kernels();

/// Tones by how many cells are darker (histogram equalisation), but never steeper than `limit` times the even spread:
/// noise of a plain wall stays noise. Mean 0, −6400 to 6400.
Grid equalised(const Grid& means);

}  // namespace vetset
