// The scores of sixteen samples at a time are those of the definition, sample by sample.
#include "vetset/image/corner_score.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "tests/scan/patches.h"

using namespace vetset;

namespace {

/// Nine in a row, of sixteen around the sample, that all differ from it one way by `contrast` or more.
bool is_corner(const Plane& plane, int x, int y, int contrast) {
  constexpr std::array<std::array<int, 2>, 16> ring = {{{0, -3},
                                                        {1, -3},
                                                        {2, -2},
                                                        {3, -1},
                                                        {3, 0},
                                                        {3, 1},
                                                        {2, 2},
                                                        {1, 3},
                                                        {0, 3},
                                                        {-1, 3},
                                                        {-2, 2},
                                                        {-3, 1},
                                                        {-3, 0},
                                                        {-3, -1},
                                                        {-2, -2},
                                                        {-1, -3}}};
  const auto at = [&](int px, int py) {
    return int{plane.samples[static_cast<std::size_t>(py) * plane.width + static_cast<std::size_t>(px)]};
  };
  for (const int side : {1, -1})
    for (std::size_t begin = 0; begin < 16; ++begin) {
      bool all = true;
      for (std::size_t k = begin; k < begin + 9; ++k)
        all = all && side * (at(x + ring[k % 16][0], y + ring[k % 16][1]) - at(x, y)) >= contrast;
      if (all) return true;
    }
  return false;
}

}  // namespace

TEST_CASE("a corner's score is the largest contrast at which it is one") {
  constexpr std::uint8_t least = 5;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    for (const std::uint32_t width : {39U, 64U, 77U}) {
      CAPTURE(seed);
      CAPTURE(width);
      Plane plane = noisy(shapes(seed, width, 40), 12);
      const std::size_t size = plane.samples.size();
      plane.samples.resize(size + 2 * corner_block);
      std::vector<std::uint8_t> scores(width + corner_block);
      std::size_t corners = 0;
      for (int y = 3; y < 37; ++y) {
        corner_scores(plane.samples.data() + static_cast<std::size_t>(y) * width, width, 3, width - 3, least,
                      scores.data());
        for (int x = 3; x < static_cast<int>(width) - 3; ++x) {
          const int score = scores[static_cast<std::size_t>(x)];
          REQUIRE(is_corner(plane, x, y, score == 0 ? least : score) == (score != 0));
          if (score != 0 && score < 255) REQUIRE_FALSE(is_corner(plane, x, y, score + 1));
          corners += score != 0 ? 1U : 0U;
        }
      }
      CHECK(corners > 20);
    }
}

TEST_CASE("of equal neighbours the first in reading order is the peak") {
  constexpr std::size_t stride = 48;
  std::vector<std::uint8_t> scores(3 * stride, 0), peaks(stride, 1);
  scores[stride + 5] = scores[stride + 6] = 9;           // side by side
  scores[stride + 20] = 7, scores[20] = 7;               // the other one above
  scores[stride + 30] = 7, scores[2 * stride + 29] = 7;  // the other one below
  scores[stride + 24] = 255, scores[2 * stride + 25] = 254;
  corner_peaks(scores.data() + stride, stride, 1, 33, peaks.data());
  for (std::size_t x = 1; x < 33; ++x) {
    CAPTURE(x);
    CHECK(peaks[x] == (x == 5 ? 9 : x == 30 ? 7 : x == 24 ? 255 : 0));
  }
}
