// The transforms of fingerprints, on every kind of processor that this one can play.
#include "vetset/image/fingerprint_kernels.h"

#include <doctest/doctest.h>

#include "drawn.h"

using namespace vetset;

TEST_CASE("transforms give the same whole numbers on every processor") {
  const FingerprintKernels& plain = fingerprint_kernels().back();
  REQUIRE(plain.name == "plain");
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    Random random(seed);
    Grid grid;
    for (std::size_t i = 0; i < grid_side * grid_side; ++i)
      grid.cells[i] = static_cast<std::int16_t>(seed % 3 == 0   ? static_cast<int>(random.below(12801)) - 6400
                                                : seed % 3 == 1 ? (i % grid_side < grid_side / 2 ? -6400 : 6400)
                                                                : static_cast<int>(i % 7) - 3);
    for (const std::size_t side : {68u, 72u, 76u, 80u})
      for (const std::size_t at : {std::size_t{0}, std::size_t{3}, grid_side - side}) {
        if (at + side > grid_side) continue;
        const Cosines cosines(side);
        RowSpectrum expected;
        expected.x = at;
        expected.side = side;
        plain.take(grid, cosines, expected);
        for (const FingerprintKernels& kernels : fingerprint_kernels()) {
          CAPTURE(kernels.name);
          CAPTURE(seed);
          CAPTURE(side);
          RowSpectrum found;
          found.x = at;
          found.side = side;
          kernels.take(grid, cosines, found);
          CHECK(found.of == expected.of);
          CHECK(kernels.signs(found, at, cosines) == plain.signs(expected, at, cosines));
        }
      }
  }
}

TEST_CASE("means over cells count each pixel by the share that lies in the cell, on every processor") {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const std::uint32_t width = seed < 3 ? 1 + random.below(100) : 60 + random.below(seed < 9 ? 500 : 2000);
    const std::uint32_t height = seed == 11 ? 80 * 300 : 1 + random.below(600);
    Plane plane{width, height, std::vector<std::uint8_t>(std::size_t{width} * height)};
    for (std::uint8_t& sample : plane.samples)
      sample = static_cast<std::uint8_t>(seed % 4 == 3 ? 255 : random.below(256));
    const Region region{width / 9, height / 7, width - width / 9 - width / 8, height - height / 7};

    // The same in plain words: where a cell's columns and rows begin and end, in 256ths of a pixel.
    const auto cuts_of = [](std::uint32_t side) {
      std::vector<std::uint64_t> cuts(grid_side + 1);
      for (std::size_t i = 0; i <= grid_side / 2; ++i) {
        cuts[i] = i * side * std::uint64_t{256} / grid_side;
        cuts[grid_side - i] = side * std::uint64_t{256} - cuts[i];
      }
      return cuts;
    };
    const auto columns = cuts_of(region.width), rows = cuts_of(region.height);
    const auto each = [](std::uint64_t begin, std::uint64_t end, const auto& use) {
      for (std::uint64_t at = begin; at < end; at = std::min(end, (at / 256 + 1) * 256))
        use(static_cast<std::uint32_t>(at / 256), std::min(end, (at / 256 + 1) * 256) - at);
    };
    Grid expected;
    for (std::size_t y = 0; y < grid_side; ++y)
      for (std::size_t x = 0; x < grid_side; ++x) {
        std::uint64_t sum = 0;
        each(rows[y], rows[y + 1], [&](std::uint32_t row, std::uint64_t down) {
          const auto line = plane.row(region.y + row);
          each(columns[x], columns[x + 1], [&](std::uint32_t column, std::uint64_t across) {
            sum += std::uint64_t{line[region.x + column]} * across * down;
          });
        });
        const std::uint64_t area = (columns[x + 1] - columns[x]) * (rows[y + 1] - rows[y]);
        expected.cells[y * grid_side + x] =
            static_cast<std::int16_t>(static_cast<double>(sum) * 16 / static_cast<double>(area) + 0.5);
      }
    for (const GridKernel& kernel : grid_kernels()) {
      CAPTURE(kernel.name);
      CHECK(kernel.averaged(plane, region).cells == expected.cells);
    }
  }
}
