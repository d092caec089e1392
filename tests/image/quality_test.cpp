// Quality on pictures drawn by code: each number answers to what it is named after, and hardly to anything else.
#include "vetset/image/quality.h"

#include <doctest/doctest.h>

#include <cmath>

#include "drawn.h"

using namespace vetset;

namespace {

Quality quality(const Plane& plane) { return quality_of(grey_raster(plane), plane, 0); }

/// A photo-like picture: soft shapes, the grain of a camera, and hard edges.
Plane scene(std::uint64_t seed, std::uint32_t width, std::uint32_t height) {
  Plane plane = noisy(drawn(seed, width, height), 2, seed);
  Random random(seed);
  for (int i = 0; i < 12; ++i) {
    const std::uint32_t w = width / 8, h = height / 8, x = random.below(width - w), y = random.below(height - h);
    const auto level = static_cast<std::uint8_t>(random.between(20, 235));
    for (std::uint32_t dy = 0; dy < h; ++dy)
      for (std::uint32_t dx = 0; dx < w; ++dx) plane.samples[(y + dy) * width + x + dx] = level;
  }
  return plane;
}

/// Enlarged twice, bilinear.
Plane enlarged(const Plane& plane) {
  Plane result = flat(plane.width * 2, plane.height * 2, 0);
  const auto at = [&](std::uint32_t x, std::uint32_t y) {
    return int{plane.samples[std::size_t{std::min(y, plane.height - 1)} * plane.width + std::min(x, plane.width - 1)]};
  };
  for (std::uint32_t y = 0; y < result.height; ++y)
    for (std::uint32_t x = 0; x < result.width; ++x) {
      const std::uint32_t i = x / 2, j = y / 2, right = i + x % 2, down = j + y % 2;
      result.samples[std::size_t{y} * result.width + x] =
          static_cast<std::uint8_t>((at(i, j) + at(right, j) + at(i, down) + at(right, down) + 2) / 4);
    }
  return result;
}

/// As coarse compression leaves it: three quarters of the way to the mean of each block of 8 × 8.
Plane blocky(const Plane& plane, std::uint32_t phase) {
  Plane result = plane;
  const auto block = [&](std::uint32_t i) { return (i + 8 - phase) / 8; };
  for (std::uint32_t y = 0; y < plane.height; ++y)
    for (std::uint32_t x = 0; x < plane.width; ++x) {
      int sum = 0, count = 0;
      for (std::uint32_t v = y < 8 ? 0 : y - 8; v < std::min(y + 8, plane.height); ++v)
        for (std::uint32_t u = x < 8 ? 0 : x - 8; u < std::min(x + 8, plane.width); ++u)
          if (block(u) == block(x) && block(v) == block(y)) sum += plane.samples[v * plane.width + u], ++count;
      std::uint8_t& sample = result.samples[y * plane.width + x];
      sample = static_cast<std::uint8_t>((sample + 3 * sum / count) / 4);
    }
  return result;
}

}  // namespace

TEST_CASE("a blurred picture is less sharp and has wider edges") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    const Plane sharp = scene(seed, 400, 300);
    const Quality a = quality(sharp), b = quality(blurred(sharp, 1)), c = quality(blurred(sharp, 3));
    CHECK(a.sharpness > 2 * b.sharpness);
    CHECK(b.sharpness > 2 * c.sharpness);
    CHECK(a.edge_width < 2);
    CHECK(a.edge_width < b.edge_width);
    CHECK(b.edge_width < c.edge_width);
    CHECK(c.edge_width > 4);
  }
}

TEST_CASE("a step is one pixel wide, a ramp as wide as it is") {
  Plane step = flat(200, 200, 50), ramp = flat(200, 200, 50);
  for (std::uint32_t y = 0; y < 200; ++y)
    for (std::uint32_t x = 100; x < 200; ++x) {
      step.samples[y * 200 + x] = 210;
      ramp.samples[y * 200 + x] = static_cast<std::uint8_t>(50 + 160 * std::min(x - 99, 8u) / 8);
    }
  CHECK(quality(step).edge_width == 1);
  CHECK(quality(ramp).edge_width == 8);
  CHECK(quality(oriented(ramp, 6)).edge_width == 8);
  CHECK(quality(flat(200, 200, 50)).edge_width == 0);
}

TEST_CASE("sharpness is measured at one scale") {
  // A large picture whose detail is that of the small one is as sharp as the small one.
  const Plane small = scene(4, 512, 384);
  const Quality a = quality(small), b = quality(resampled(small, {0, 0, 512, 384}, 2048, 1536));
  CHECK(b.sharpness == doctest::Approx(a.sharpness).epsilon(0.01));
  CHECK(b.edge_width == doctest::Approx(a.edge_width).epsilon(0.1));
}

TEST_CASE("noise is recovered within a tenth") {
  for (const double sigma : {2.0, 5.0, 10.0, 20.0}) {
    CAPTURE(sigma);
    const Plane soft = blurred(blurred(drawn(3, 400, 300), 3), 3);
    CHECK(quality(soft).noise < 0.5);
    // Rounding to whole levels adds a twelfth of a level squared.
    const double all = std::sqrt(sigma * sigma + 1.0 / 12);
    CHECK(quality(noisy(soft, sigma)).noise == doctest::Approx(all).epsilon(0.1));
  }
}

TEST_CASE("blocks of compression are seen, wherever they begin") {
  const Plane plane = noisy(drawn(5, 320, 240), 3);
  CHECK(quality(plane).blockiness < 1.05);
  CHECK(quality(scene(5, 320, 240)).blockiness < 1.25);  // twelve boxes with sides that are multiples of 8
  CHECK(quality(blocky(plane, 0)).blockiness > 1.5);
  CHECK(quality(blocky(plane, 3)).blockiness > 1.5);
  CHECK(quality(oriented(blocky(cut(plane, {0, 0, 317, 235}), 0), 6)).blockiness > 1.5);
  CHECK(quality(flat(100, 100, 9)).blockiness == 1);
  CHECK(quality(flat(3, 3, 9)).blockiness == 1);
}

TEST_CASE("an enlarged picture has an empty upper band") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    const Plane plane = scene(seed, 320, 240);
    CHECK(quality(plane).upper_band > 0.002);
    CHECK(quality(enlarged(plane)).upper_band < quality(plane).upper_band / 3);
    CHECK(quality(enlarged(blurred(plane, 1))).upper_band < 0.0005);
  }
  // White noise is even: half of it lies in the upper half.
  CHECK(quality(noisy(flat(300, 300, 128), 20)).upper_band == doctest::Approx(0.5).epsilon(0.06));
  CHECK(quality(flat(300, 300, 128)).upper_band == 0);
}

TEST_CASE("tones are those of the histogram") {
  Plane ramp = flat(100, 100, 0);
  for (std::uint32_t i = 0; i < 10000; ++i) ramp.samples[i] = static_cast<std::uint8_t>(i % 100);
  const Quality q = quality(ramp);
  CHECK(q.luma == std::array<std::uint8_t, 7>{0, 4, 24, 49, 74, 94, 98});
  CHECK(q.contrast == doctest::Approx(std::sqrt((100.0 * 100 - 1) / 12)));
  CHECK(q.entropy == doctest::Approx(std::log2(100.0)));
  const Quality plain = quality(flat(1, 1, 255));
  CHECK(plain.luma == std::array<std::uint8_t, 7>{255, 255, 255, 255, 255, 255, 255});
  CHECK(plain.contrast == 0);
  CHECK(plain.entropy == 0);
}

TEST_CASE("colour is what differs between channels") {
  const Plane plane = scene(6, 300, 200);
  const Quality grey = quality(plane);
  CHECK(grey.coloured == 0);
  CHECK(grey.saturation == 0);

  Raster raster = grey_raster(plane);
  for (std::size_t i = 0; i < raster.samples.size(); i += 3) raster.samples[i] ^= 3;  // a tint that nobody sees
  CHECK(quality_of(raster, plane, 0).coloured == 0);
  for (std::size_t i = 0; i < raster.samples.size() / 2; ++i) raster.samples[i] = i % 3 == 0 ? 200 : 100;
  CHECK(quality_of(raster, plane, 0).coloured == doctest::Approx(0.5).epsilon(0.02));
  for (std::size_t i = 0; i < raster.samples.size(); ++i) raster.samples[i] = i % 3 == 0 ? 200 : 100;
  CHECK(quality_of(raster, plane, 0).saturation == doctest::Approx(0.5).epsilon(0.001));

  Raster clear{2, 1, 4, 16, {0, 255, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0, 0, 0, 0}};  // red, and red unseen
  const Quality half = quality_of(clear, flat(2, 1, 76), 0);
  CHECK(half.coloured == 0.5F);
  CHECK(half.saturation == doctest::Approx(0.5));
}

TEST_CASE("borders and the quality of compression are taken over") {
  const Plane boxed = framed(drawn(8, 200, 100), {10, 20, 30, 40}, 0);
  const Quality q = quality_of(grey_raster(boxed), boxed, 83);
  CHECK(q.borders == std::array<std::uint16_t, 4>{10, 20, 30, 40});
  CHECK(q.jpeg_quality == 83);
}

TEST_CASE("pictures of any size have a quality") {
  for (const Size& size :
       {Size{1u, 1u}, {2u, 2u}, {3u, 3u}, {1u, 700u}, {700u, 1u}, {17u, 16u}, {37u, 38u}, {513u, 2u}, {65u, 67u}}) {
    CAPTURE(size.width);
    CAPTURE(size.height);
    const Quality q = quality(noisy(flat(size.width, size.height, 100), 10));
    for (const float value : {q.sharpness, q.edge_width, q.contrast, q.entropy, q.noise, q.blockiness, q.upper_band})
      CHECK((std::isfinite(value) && value >= 0));
  }
  CHECK(quality_of({}, {}, 0).blockiness == 0);
}
