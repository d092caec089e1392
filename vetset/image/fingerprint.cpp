// From luma to 20 × 256 signs. One small grid of area means is made of the frame, and one of the frame without borders;
// a view is a rectangle of whole cells of the latter, and its cosine transform is taken right there, in whole numbers:
// the bits are the same on every machine.
#include "vetset/image/fingerprint.h"

#include <cmath>
#include <cstdlib>

#include "vetset/image/fingerprint_grid.h"

namespace vetset {
namespace {

constexpr std::size_t frequency_count = 17;  // 0 to 16
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

/// Cosines of frequencies 0 to 16 over `side` cells in 4096ths, with zeros up to the side of the grid.
struct Cosines {
  alignas(16) std::array<std::array<std::int16_t, grid_side>, frequency_count> of{};

  explicit Cosines(std::size_t side) {
    for (std::size_t f = 0; f < frequency_count; ++f)
      for (std::size_t i = 0; i < side / 2; ++i) {
        const double angle =
            3.14159265358979323846 * static_cast<double>(f * (2 * i + 1)) / static_cast<double>(2 * side);
        const auto value = static_cast<std::int16_t>(std::lround(4096 * std::cos(angle)));
        of[f][i] = value;
        of[f][side - 1 - i] = static_cast<std::int16_t>(f % 2 == 0 ? value : -value);
      }
  }
};

const Cosines& cosines(std::size_t side) {
  static const std::array<Cosines, 4> tables = {Cosines(68), Cosines(72), Cosines(76), Cosines(80)};
  return tables[(side - 68) / 4];
}

/// The sum of products of 80 pairs.
std::int32_t product(const std::int16_t* a, const std::int16_t* b) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < grid_side; ++i) sum += std::int32_t{a[i]} * b[i];
  return sum;
}

/// A transform along the rows of a range of columns: 17 frequencies of each row of the grid, in 16ths.
struct RowSpectrum {
  std::size_t x = 0, side = 0;
  alignas(16) std::array<std::array<std::int16_t, 2 * grid_side>, frequency_count> of{};  // zeros behind the last row

  void take(const Grid& grid, std::size_t from, std::size_t cells) {
    x = from;
    side = cells;
    const Cosines& c = cosines(side);
    for (std::size_t y = 0; y < grid_side; ++y)
      for (std::size_t f = 0; f < frequency_count; ++f) {
        const std::int32_t sum = product(grid.cells.data() + y * grid_side + x, c.of[f].data());
        // To the nearest, halves away from zero: a mirrored row gives the same numbers with the other sign.
        of[f][y] = static_cast<std::int16_t>((sum + (sum < 0 ? -32768 : 32768)) / 65536);
      }
  }
};

/// Signs of frequencies 0 to 15 along rows and columns; (16, 16) has the place of the mean, which says nothing.
Bits256 signs(const RowSpectrum& rows, std::size_t y, std::size_t side) {
  const Cosines& c = cosines(side);
  Bits256 bits;
  for (std::size_t v = 0; v < 16; ++v)
    for (std::size_t u = 0; u < 16; ++u) {
      const std::size_t skip = u == 0 && v == 0 ? 16 : 0;
      if (product(rows.of[u + skip].data() + y, c.of[v + skip].data()) > 0) bits.set(16 * v + u);
    }
  return bits;
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
  rows.take(centred, 0, grid_side);
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
  rows.take(tones, 0, grid_side);
  fingerprint.views[0] = signs(rows, 0, grid_side);

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
    if (rows.x != view.x || rows.side != view.side) rows.take(tones, view.x, view.side);
    for (std::size_t w = v; w < cell_views.size(); ++w) {
      const CellView& other = cell_views[w];
      if (other.x != view.x || other.side != view.side) continue;
      fingerprint.views[w] = signs(rows, other.y, other.side);
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
