#include "vetset/image/fingerprint_grid.h"

#include <algorithm>

namespace vetset {
namespace {

constexpr std::size_t cell_count = grid_side * grid_side;
constexpr std::uint32_t whole_pixel = 256;

/// Where the cells of one axis begin and end, in 256ths of a pixel; a mirrored axis has mirrored cells.
struct Cuts {
  std::array<std::uint64_t, grid_side + 1> at{};

  explicit Cuts(std::uint32_t side) {
    const std::uint64_t length = std::uint64_t{side} * whole_pixel;
    for (std::size_t i = 0; i <= grid_side / 2; ++i) {
      at[i] = i * length / grid_side;
      at[grid_side - i] = length - at[i];
    }
  }
};

/// The pixels of a cell along one axis: the first and the last one count by a share, those between wholly.
struct Span {
  std::size_t first, last;            // the same where the cell lies within one pixel
  std::uint16_t weight, last_weight;  // of `first` and of `last`, 1 to 256

  Span(const Cuts& cuts, std::size_t cell) {
    const std::uint64_t begin = cuts.at[cell], end = cuts.at[cell + 1];
    first = begin / whole_pixel;
    last = (end - 1) / whole_pixel;
    const std::uint64_t first_end = (first + 1) * whole_pixel;
    weight = static_cast<std::uint16_t>(std::min(first_end, end) - begin);
    last_weight = static_cast<std::uint16_t>(last == first ? 0 : end - last * whole_pixel);
  }
};

constexpr std::size_t lane_count = 16;  // columns at once; a constant, so that compilers make vectors of the loops

/// Adds rows of pixels, weighted, for `lane_count` columns from `top` on.
void add_rows(const std::uint8_t* top, std::size_t stride, const Span& rows, std::uint32_t* sums) {
  std::array<std::uint32_t, lane_count> total;
  for (std::size_t k = 0; k < lane_count; ++k) total[k] = static_cast<std::uint16_t>(top[k] * rows.weight);
  const std::uint8_t* row = top + stride;
  for (std::size_t y = rows.first + 1; y < rows.last;) {
    std::array<std::uint16_t, lane_count> inner{};
    const std::size_t stop = std::min(rows.last, y + 256);  // so many bytes fit in 16 bits
    for (; y < stop; ++y, row += stride)
      for (std::size_t k = 0; k < lane_count; ++k) inner[k] = static_cast<std::uint16_t>(inner[k] + row[k]);
    for (std::size_t k = 0; k < lane_count; ++k) total[k] += std::uint32_t{inner[k]} * whole_pixel;
  }
  if (rows.last != rows.first)
    for (std::size_t k = 0; k < lane_count; ++k) total[k] += static_cast<std::uint16_t>(row[k] * rows.last_weight);
  for (std::size_t k = 0; k < lane_count; ++k) sums[k] = total[k];
}

/// The same for one column.
std::uint32_t add_column(const std::uint8_t* top, std::size_t stride, const Span& rows) {
  std::uint32_t total = std::uint32_t{*top} * rows.weight;
  for (std::size_t y = rows.first + 1; y < rows.last; ++y) total += std::uint32_t{*(top += stride)} * whole_pixel;
  return rows.last == rows.first ? total : total + std::uint32_t{top[stride]} * rows.last_weight;
}

}  // namespace

Grid averaged(const Plane& luma, const Region& region) {
  const Cuts columns(region.width), rows(region.height);
  std::vector<Span> across;
  for (std::size_t x = 0; x < grid_side; ++x) across.emplace_back(columns, x);
  std::vector<std::uint32_t> sums(region.width);
  Grid grid;
  for (std::size_t cell_y = 0; cell_y < grid_side; ++cell_y) {
    const Span down(rows, cell_y);
    const std::uint8_t* top = luma.samples.data() + (region.y + down.first) * luma.width + region.x;
    std::size_t x = 0;
    for (; x + lane_count <= region.width; x += lane_count) add_rows(top + x, luma.width, down, sums.data() + x);
    for (; x < region.width; ++x) sums[x] = add_column(top + x, luma.width, down);

    const std::uint64_t height = rows.at[cell_y + 1] - rows.at[cell_y];
    for (std::size_t cell_x = 0; cell_x < grid_side; ++cell_x) {
      const Span& span = across[cell_x];
      std::uint64_t inner = 0;
      for (std::size_t i = span.first + 1; i < span.last; ++i) inner += sums[i];
      const std::uint64_t sum = inner * whole_pixel + std::uint64_t{sums[span.first]} * span.weight +
                                std::uint64_t{sums[span.last]} * span.last_weight;
      const std::uint64_t area = height * (columns.at[cell_x + 1] - columns.at[cell_x]);
      grid.cells[cell_y * grid_side + cell_x] =
          static_cast<std::int16_t>(static_cast<double>(sum) * 16 / static_cast<double>(area) + 0.5);
    }
  }
  return grid;
}

Grid equalised(const Grid& means) {
  constexpr std::uint32_t limit = 3;
  constexpr std::int32_t range = 6400;
  std::array<std::uint32_t, 256> histogram{};
  for (std::size_t i = 0; i < cell_count; ++i) ++histogram[static_cast<std::size_t>(means.cells[i]) / 16];

  std::array<std::int32_t, 257> darker{};
  for (std::size_t level = 0; level < 256; ++level)
    darker[level + 1] =
        darker[level] + static_cast<std::int32_t>(std::min<std::uint32_t>(histogram[level], limit * cell_count / 256));
  const std::int32_t total = darker[256];
  for (std::int32_t& d : darker) d = d * range / total;

  // Straight lines between the levels, so that no step is left where a tone is drawn apart.
  std::array<std::int16_t, 4096> tone;
  for (std::size_t level = 0; level < 256; ++level)
    for (std::int32_t part = 0; part < 16; ++part)
      tone[level * 16 + static_cast<std::size_t>(part)] =
          static_cast<std::int16_t>(darker[level] + (darker[level + 1] - darker[level]) * part / 16);

  Grid grid;
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < cell_count; ++i) {
    grid.cells[i] = tone[static_cast<std::size_t>(means.cells[i])];
    sum += grid.cells[i];
  }
  const std::int32_t mean = (sum + static_cast<std::int32_t>(cell_count / 2)) / static_cast<std::int32_t>(cell_count);
  for (std::size_t i = 0; i < cell_count; ++i) grid.cells[i] = static_cast<std::int16_t>(grid.cells[i] - mean);
  return grid;
}

}  // namespace vetset
