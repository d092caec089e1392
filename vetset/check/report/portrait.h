// What a dataset looks like in the numbers that a report draws: sizes of boxes by split, objects by class and size,
// light by split.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

/// How many of each row fall into each column.
struct CountGrid {
  std::string title, rows_are, note = {};          // "Objects by class and size", "class"
  std::vector<std::string> rows, columns;          // names
  std::vector<std::vector<std::uint64_t>> counts;  // [row][column]
  std::size_t more = 0;                            // rows that are not shown
};

/// Boxes by their side (square root of the area) in pixels, between powers of two; the last bin is open.
struct SizesOfSplit {
  static constexpr std::array<std::uint32_t, 9> bounds = {4, 8, 16, 32, 64, 128, 256, 512, 1024};
  std::string split;
  std::array<std::uint64_t, bounds.size() + 1> boxes{};
  std::uint64_t all = 0;
};

struct Portrait {
  std::vector<SizesOfSplit> sizes;  // in the order in which splits first occur; images of no split come last
  std::vector<CountGrid> grids;
};
/// `pixels`: one an image, or empty where they were not looked at.
Portrait portrait_of(const Dataset& d, std::span<const PixelFacts> pixels, std::size_t most_rows = 60);

}  // namespace vetset
