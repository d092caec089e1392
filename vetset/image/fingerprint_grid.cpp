#include "vetset/image/fingerprint_grid.h"

#include <algorithm>
#include <vector>

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

// A body is inlined into a function a kind of processor; compilers make vectors of its loops.
#define VETSET_BODY [[gnu::always_inline]] inline

/// Sums of the pixels of each column that lie in a row of cells, from `top` on. `near` has room for `width` sums.
VETSET_BODY void add_rows(const std::uint8_t* __restrict top, std::size_t stride, std::size_t width, const Span& rows,
                          std::uint16_t* __restrict near, std::uint32_t* __restrict sums) {
  const std::uint8_t* __restrict bottom = top + (rows.last - rows.first) * stride;
  const std::uint32_t weight = rows.weight, last_weight = rows.last_weight;
  for (std::size_t x = 0; x < width; ++x)
    sums[x] = std::uint32_t{static_cast<std::uint16_t>(top[x] * weight)} +
              static_cast<std::uint16_t>(bottom[x] * last_weight);
  for (std::size_t y = rows.first + 1; y < rows.last;) {
    const std::size_t stop = std::min(rows.last, y + 256);  // so many bytes fit in 16 bits
    for (std::size_t x = 0; x < width; ++x) near[x] = 0;
    for (; y < stop; ++y) {
      const std::uint8_t* __restrict row = top + (y - rows.first) * stride;
      for (std::size_t x = 0; x < width; ++x) near[x] = static_cast<std::uint16_t>(near[x] + row[x]);
    }
    for (std::size_t x = 0; x < width; ++x) sums[x] += std::uint32_t{near[x]} * whole_pixel;
  }
}

/// Sums over the cells of one row, and the areas that they are sums over, to their means.
VETSET_BODY void divide(const std::array<double, grid_side>& sums, const std::array<double, grid_side>& areas,
                        std::int16_t* means) {
  for (std::size_t x = 0; x < grid_side; ++x)
    means[x] = static_cast<std::int16_t>(static_cast<std::int32_t>(sums[x] * 16 / areas[x] + 0.5));
}

VETSET_BODY Grid averaged_body(const Plane& luma, const Region& region) {
  const Cuts columns(region.width), rows(region.height);
  std::vector<Span> across;
  for (std::size_t x = 0; x < grid_side; ++x) across.emplace_back(columns, x);
  std::vector<std::uint16_t> near(region.width);
  std::vector<std::uint32_t> sums(region.width);
  std::vector<std::uint64_t> before(std::size_t{region.width} + 1);  // sums of all columns to the left
  Grid grid;
  for (std::size_t cell_y = 0; cell_y < grid_side; ++cell_y) {
    const Span down(rows, cell_y);
    const std::uint8_t* top = luma.samples.data() + (region.y + down.first) * luma.width + region.x;
    add_rows(top, luma.width, region.width, down, near.data(), sums.data());
    for (std::size_t x = 0; x < region.width; ++x) before[x + 1] = before[x] + sums[x];

    const auto height = static_cast<double>(rows.at[cell_y + 1] - rows.at[cell_y]);
    std::array<double, grid_side> cell_sums, areas;  // whole numbers below 2^53
    for (std::size_t cell_x = 0; cell_x < grid_side; ++cell_x) {
      const Span& span = across[cell_x];
      const std::uint64_t inner = before[std::max(span.last, span.first + 1)] - before[span.first + 1];
      const std::uint64_t sum = inner * whole_pixel + std::uint64_t{sums[span.first]} * span.weight +
                                std::uint64_t{sums[span.last]} * span.last_weight;
      cell_sums[cell_x] = static_cast<double>(static_cast<std::int64_t>(sum));
      areas[cell_x] = height * static_cast<double>(columns.at[cell_x + 1] - columns.at[cell_x]);
    }
    divide(cell_sums, areas, grid.cells.data() + cell_y * grid_side);
  }
  return grid;
}

Grid averaged_plain(const Plane& luma, const Region& region) { return averaged_body(luma, region); }
#if defined(__x86_64__)
__attribute__((target("avx2"))) Grid averaged_avx2(const Plane& luma, const Region& region) {
  return averaged_body(luma, region);
}
#endif

}  // namespace

const std::vector<GridKernel>& grid_kernels() {
  static const std::vector<GridKernel> kernels = [] {
    std::vector<GridKernel> here;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) here.push_back({"avx2", averaged_avx2});
#endif
    here.push_back({"plain", averaged_plain});
    return here;
  }();
  return kernels;
}

Grid averaged(const Plane& luma, const Region& region) { return grid_kernels().front().averaged(luma, region); }

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
