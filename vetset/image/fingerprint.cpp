// From luma to 20 × 256 signs. One small grid of area means is made of the frame, and one of the frame without borders;
// a view is a rectangle of whole cells of the latter, and its cosine transform is taken right there, in whole numbers:
// the bits are the same on every machine.
#include "vetset/image/fingerprint.h"

#include <cstdlib>

#include "vetset/image/fingerprint_grid.h"
#include "vetset/image/fingerprint_kernels.h"

namespace vetset {
namespace {

constexpr std::uint32_t longest_side = 1u << 20;

/// A view: cells of the grid, the same number along both axes.
struct CellView {
  std::uint8_t x, y, side;
  std::string_view name;
};
// Closed under the symmetries of the square, so that a crop of a turned image meets a view as well as one of the
// upright image. Positions follow from what random crops of 0.8 to 1 of the side met most often.
constexpr std::array<CellView, Fingerprint::view_count> cell_views = {{
    {0, 0, 80, "whole"},
    {0, 0, 80, "without borders"},
    {2, 2, 76, "centre 0.95"},
    {4, 4, 72, "centre 0.90"},
    {0, 0, 72, "top left 0.90"},
    {8, 0, 72, "top right 0.90"},
    {0, 8, 72, "bottom left 0.90"},
    {8, 8, 72, "bottom right 0.90"},
    {4, 0, 72, "top 0.90"},
    {0, 4, 72, "left 0.90"},
    {8, 4, 72, "right 0.90"},
    {4, 8, 72, "bottom 0.90"},
    {2, 2, 72, "towards top left 0.90"},
    {6, 2, 72, "towards top right 0.90"},
    {2, 6, 72, "towards bottom left 0.90"},
    {6, 6, 72, "towards bottom right 0.90"},
    {3, 3, 68, "towards top left 0.85"},
    {9, 3, 68, "towards top right 0.85"},
    {3, 9, 68, "towards bottom left 0.85"},
    {9, 9, 68, "towards bottom right 0.85"},
}};

const Cosines& cosines(std::size_t side) {
  static const std::array<Cosines, 4> tables = {Cosines(68), Cosines(72), Cosines(76), Cosines(80)};
  return tables[(side - 68) / 4];
}

void take(RowSpectrum& rows, const Grid& grid, std::size_t from, std::size_t cells) {
  rows.x = from;
  rows.side = cells;
  fingerprint_kernels().front().take(grid, cosines(cells), rows);
}

Bits256 signs(const RowSpectrum& rows, std::size_t y) {
  return fingerprint_kernels().front().signs(rows, y, cosines(rows.side));
}

/// The share of the transform's coefficients that stand out of noise, in percent.
std::uint8_t texture_of(const Grid& means) {
  // Two grey levels of an orthonormal transform (which has 2 / 80 times the plain sum) may be compression or noise.
  // Sums are in 4096ths here: 16ths of a grey level, times 4096 twice, by 65536.
  constexpr std::int32_t threshold = 80 * 4096;
  Grid centred = means;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < grid_side * grid_side; ++i) sum += means.cells[i];
  for (std::size_t i = 0; i < grid_side * grid_side; ++i)
    centred.cells[i] =
        static_cast<std::int16_t>(means.cells[i] - sum / static_cast<std::int64_t>(grid_side * grid_side));
  RowSpectrum rows;
  take(rows, centred, 0, grid_side);
  std::uint32_t strong = 0;
  const Cosines& c = cosines(grid_side);
  for (std::size_t v = 0; v < 16; ++v)
    for (std::size_t u = 0; u < 16; ++u)
      if (u + v != 0 && std::abs(product(rows.of[u].data(), c.of[v].data())) > threshold) ++strong;
  return static_cast<std::uint8_t>(strong * 100 / 255);
}

}  // namespace

Fingerprint fingerprint_of(const Plane& luma) {
  Fingerprint fingerprint;
  if (luma.empty() || luma.width > longest_side || luma.height > longest_side) return fingerprint;
  const Grid means = averaged(luma, {0, 0, luma.width, luma.height});
  fingerprint.texture = texture_of(means);
  Grid tones = equalised(means);
  RowSpectrum rows;
  take(rows, tones, 0, grid_side);
  fingerprint.views[0] = signs(rows, 0);

  const auto [left, top, right, bottom] = uniform_borders(luma);
  fingerprint.has_borders = (left | top | right | bottom) != 0;
  if (fingerprint.has_borders) {
    tones = equalised(averaged(luma, {left, top, luma.width - left - right, luma.height - top - bottom}));
    rows.side = 0;
  }
  std::array<bool, Fingerprint::view_count> done{};
  // Views of the same columns share the transform of their rows.
  for (std::size_t v = 1; v < cell_views.size(); ++v) {
    if (done[v]) continue;
    const CellView& view = cell_views[v];
    if (rows.x != view.x || rows.side != view.side) take(rows, tones, view.x, view.side);
    for (std::size_t w = v; w < cell_views.size(); ++w) {
      const CellView& other = cell_views[w];
      if (other.x != view.x || other.side != view.side) continue;
      fingerprint.views[w] = signs(rows, other.y);
      done[w] = true;
    }
  }
  return fingerprint;
}

ViewRegion view_region(std::size_t view) {
  const CellView& v = cell_views[view];
  const auto share = [](std::uint8_t cells) { return cells / static_cast<double>(grid_side); };
  return {share(v.x), share(v.y), share(v.side), share(v.side)};
}

std::string_view view_name(std::size_t view) { return cell_views[view].name; }

}  // namespace vetset
