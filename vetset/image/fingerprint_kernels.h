// The cosine transforms of fingerprints, as each kind of processor runs them best; whole numbers, the same everywhere.
// For files of this room only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "vetset/base/bits256.h"
#include "vetset/image/fingerprint_grid.h"

namespace vetset {

inline constexpr std::size_t frequency_count = 17;  // 0 to 16

/// Cosines of frequencies 0 to 16 over `side` cells in 4096ths, with zeros up to the side of the grid.
struct Cosines {
  alignas(32) std::array<std::array<std::int16_t, grid_side>, frequency_count> of{};
  /// The same for frequencies 0 to 15, by pairs of cells: pairs[i][2 f] and pairs[i][2 f + 1] belong to cells 2 i and
  /// 2 i + 1.
  alignas(32) std::array<std::array<std::int16_t, 32>, grid_side / 2> pairs{};
  std::size_t side = 0;

  explicit Cosines(std::size_t cells);
};

/// A transform along the rows of a range of columns: 17 frequencies of each row of the grid, in steps of 4.
struct RowSpectrum {
  std::size_t x = 0, side = 0;
  alignas(32) std::array<std::array<std::int16_t, 2 * grid_side>, frequency_count> of{};  // zeros behind the last row
};

/// The sum of products of 80 pairs.
std::int32_t product(const std::int16_t* a, const std::int16_t* b);

struct FingerprintKernels {
  std::string_view name;
  /// Fills `rows.of` from the cells at `rows.x` and behind it.
  void (*take)(const Grid&, const Cosines&, RowSpectrum& rows);
  /// Signs of frequencies 0 to 15 along rows and columns, of the rows from `y` on; (16, 16) has the place of the mean,
  /// which says nothing.
  Bits256 (*signs)(const RowSpectrum& rows, std::size_t y, const Cosines&);
};
/// What this processor can run, the fastest first; never empty.
const std::vector<FingerprintKernels>& fingerprint_kernels();

}  // namespace vetset
