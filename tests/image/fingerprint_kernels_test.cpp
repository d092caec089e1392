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
