// Luma, turns and area averages against their plain definitions.
#include "vetset/image/raster.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>

using namespace vetset;

namespace {

Raster random_raster(std::uint32_t width, std::uint32_t height, std::uint8_t channels, std::uint8_t bits,
                     unsigned seed) {
  std::mt19937 rng(seed);
  Raster raster{width, height, channels, bits, {}};
  raster.samples.resize(raster.row_bytes() * height);
  for (std::uint8_t& sample : raster.samples) sample = static_cast<std::uint8_t>(rng() >> 24);
  return raster;
}

std::uint32_t sample_at(const Raster& r, std::size_t pixel, std::size_t channel) {  // its high byte
  const std::size_t step = r.bits / 8u;
  return r.samples[(pixel * r.channels + channel) * step + step - 1];
}

std::uint32_t plain_luma(const Raster& r, std::size_t pixel) {
  const auto s = [&](std::size_t channel) { return sample_at(r, pixel, channel); };
  const std::uint32_t luma = r.channels < 3 ? s(0) : (19595 * s(0) + 38470 * s(1) + 7471 * s(2) + 32768) >> 16;
  if (r.channels % 2 == 1) return luma;
  const std::uint32_t alpha = s(r.channels - 1u);
  return (luma * alpha + 255 * (255 - alpha) + 127) / 255;
}

/// The definition: every stored sample counts by the area it shares with the scaled one, in whole units.
std::uint8_t plain_average(const Plane& plane, const Region& r, std::uint32_t width, std::uint32_t height,
                           std::uint64_t x, std::uint64_t y) {
  const auto shared = [](std::uint64_t i, std::uint64_t from, std::uint64_t to, std::uint64_t k) {
    if (from <= to) return (2 * i + 1) * from / (2 * to) == k ? std::uint64_t{1} : std::uint64_t{0};
    const std::uint64_t begin = std::max(i * from, k * to), end = std::min((i + 1) * from, (k + 1) * to);
    return end > begin ? end - begin : 0;
  };
  std::uint64_t sum = 0, total = 0;
  for (std::uint32_t v = 0; v < r.height; ++v)
    for (std::uint32_t u = 0; u < r.width; ++u) {
      const std::uint64_t weight = shared(x, r.width, width, u) * shared(y, r.height, height, v);
      sum += weight * plane.row(r.y + v)[r.x + u];
      total += weight;
    }
  return static_cast<std::uint8_t>((sum + total / 2) / total);
}

}  // namespace

TEST_CASE("luma is Pillow's, of every kind of samples and every width") {
  for (const std::uint8_t bits : {std::uint8_t{8}, std::uint8_t{16}})
    for (std::uint8_t channels = 1; channels <= 4; ++channels)
      for (const std::uint32_t width : {1U, 15U, 16U, 17U, 18U, 34U, 101U}) {
        CAPTURE(int{bits});
        CAPTURE(int{channels});
        CAPTURE(width);
        const Raster raster = random_raster(width, 3, channels, bits, width);
        const Plane plane = luma_of(raster);
        REQUIRE(plane.samples.size() == std::size_t{width} * 3);
        for (std::size_t i = 0; i < plane.samples.size(); ++i) REQUIRE(plane.samples[i] == plain_luma(raster, i));
      }
}

TEST_CASE("luma is rounded where it lies between two numbers") {
  for (const std::uint8_t channels : {std::uint8_t{3}, std::uint8_t{4}}) {
    const Raster raster = random_raster(1 << 10, 1 << 9, channels, 8, channels);  // one in 65,536 lies right between
    const Plane plane = luma_of(raster);
    std::size_t other = 0;
    for (std::size_t i = 0; i < plane.samples.size(); ++i) other += plane.samples[i] != plain_luma(raster, i) ? 1U : 0U;
    CHECK(other == 0);
  }
}

TEST_CASE("white is white and black is black") {
  Raster raster{2, 1, 3, 8, {255, 255, 255, 0, 0, 0}};
  CHECK(luma_of(raster).samples == std::vector<std::uint8_t>{255, 0});
  raster = {2, 1, 4, 8, {0, 0, 0, 0, 0, 0, 0, 255}};  // what is transparent lies on white
  CHECK(luma_of(raster).samples == std::vector<std::uint8_t>{255, 0});
}

TEST_CASE("an image is turned as its orientation says") {
  const Plane stored{3, 2, {1, 2, 3, 4, 5, 6}};
  constexpr std::array<std::array<std::uint8_t, 6>, 9> shown = {{{1, 2, 3, 4, 5, 6},
                                                                 {1, 2, 3, 4, 5, 6},
                                                                 {3, 2, 1, 6, 5, 4},
                                                                 {6, 5, 4, 3, 2, 1},
                                                                 {4, 5, 6, 1, 2, 3},
                                                                 {1, 4, 2, 5, 3, 6},
                                                                 {4, 1, 5, 2, 6, 3},
                                                                 {6, 3, 5, 2, 4, 1},
                                                                 {3, 6, 2, 5, 1, 4}}};
  for (std::uint8_t orientation = 0; orientation < shown.size(); ++orientation) {
    CAPTURE(int{orientation});
    const Plane plane = oriented(stored, orientation);
    CHECK(plane.width == (orientation >= 5 ? 2 : 3));
    CHECK(plane.height == (orientation >= 5 ? 3 : 2));
    CHECK(std::equal(plane.samples.begin(), plane.samples.end(), shown[orientation].begin(), shown[orientation].end()));
  }
}

TEST_CASE("a turn and its inverse give the image back, whatever a pixel holds") {
  constexpr std::array<std::uint8_t, 9> inverse = {0, 1, 2, 3, 4, 5, 8, 7, 6};
  for (const std::uint8_t bits : {std::uint8_t{8}, std::uint8_t{16}})
    for (std::uint8_t channels = 1; channels <= 4; ++channels)
      for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
        CAPTURE(int{channels});
        CAPTURE(int{orientation});
        const Raster raster = random_raster(67, 41, channels, bits, orientation);
        const Raster turned = oriented(raster, orientation);
        CHECK((turned.samples != raster.samples) == (orientation != 1));
        const Raster back = oriented(turned, inverse[orientation]);
        CHECK(back.width == raster.width);
        CHECK(back.samples == raster.samples);
      }
}

TEST_CASE("an area average counts every sample by the area it shares") {
  std::mt19937 rng(3);
  const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(rng() % end); };
  for (int round = 0; round < 120; ++round) {
    const std::uint32_t w = 1 + below(70), h = 1 + below(70);
    Plane plane{w, h, std::vector<std::uint8_t>(std::size_t{w} * h)};
    for (std::uint8_t& sample : plane.samples) sample = static_cast<std::uint8_t>(rng() >> 24);
    Region region{below(w), below(h), 0, 0};
    region.width = 1 + below(w - region.x);
    region.height = 1 + below(h - region.y);
    const std::uint32_t width = 1 + below(40), height = 1 + below(40);
    CAPTURE(region.width);
    CAPTURE(region.height);
    CAPTURE(width);
    CAPTURE(height);
    const Plane scaled = resampled(plane, region, width, height);
    REQUIRE(scaled.samples.size() == std::size_t{width} * height);
    for (std::uint32_t y = 0; y < height; ++y)
      for (std::uint32_t x = 0; x < width; ++x)
        REQUIRE(scaled.row(y)[x] == plain_average(plane, region, width, height, x, y));
  }
}

TEST_CASE("tall and bright images do not overflow their sums") {
  const Plane white{3, 70000, std::vector<std::uint8_t>(3 * 70000, 255)};
  CHECK(resampled(white, {0, 0, 3, 70000}, 2, 3).samples == std::vector<std::uint8_t>(6, 255));
  Plane striped = white;
  for (std::size_t i = 0; i < striped.samples.size(); ++i) striped.samples[i] = i / 3 % 2 == 0 ? 255 : 0;
  CHECK(resampled(striped, {0, 0, 3, 70000}, 1, 1).samples == std::vector<std::uint8_t>{128});
}
