// The inner loops of quality, on every kind of processor that this one can play, beside what they are defined to be.
#include "vetset/image/quality_kernels.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

#include "drawn.h"

using namespace vetset;

namespace {

/// Noise, extremes, steps of one grey level or slopes: what might overflow a lane, and what hardly differs.
Plane samples_of(std::uint64_t seed, std::uint32_t width, std::uint32_t height) {
  Random random(seed);
  Plane plane = flat(width, height, 128);
  std::uint32_t level = 0;
  for (std::uint8_t& sample : plane.samples) {
    const std::uint32_t draw = random.below(256);
    level = draw < 40 ? random.below(256) : level;
    sample = static_cast<std::uint8_t>(seed % 4 == 0   ? draw
                                       : seed % 4 == 1 ? draw / 128 * 255
                                       : seed % 4 == 2 ? level
                                                       : 100 + draw % 2);
  }
  return plane;
}

int at(const Plane& p, std::size_t x, std::size_t y) { return p.samples[y * p.width + x]; }
std::uint64_t step(int a, int b) { return static_cast<std::uint64_t>(std::min(24, std::abs(a - b))); }

}  // namespace

TEST_CASE("sums over neighbours are what they are defined to be, on every processor") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const Plane p = samples_of(seed, 17 + random.below(seed < 40 ? 120 : 900), 17 + random.below(60));
    std::uint64_t noise = 0;
    LaplacianSums laplacian;
    StepSums steps;
    for (std::size_t y = 0; y < p.height; ++y)
      for (std::size_t x = 0; x < p.width; ++x) {
        if (x > 0) steps.columns[x % 8] += step(at(p, x, y), at(p, x - 1, y));
        if (y > 0) steps.rows[y % 8] += step(at(p, x, y), at(p, x, y - 1));
        if (x == 0 || y == 0 || x + 1 == p.width || y + 1 == p.height) continue;
        const auto second = [&](std::size_t column) {
          return at(p, column, y - 1) - 2 * at(p, column, y) + at(p, column, y + 1);
        };
        noise += static_cast<std::uint64_t>(std::abs(second(x - 1) - 2 * second(x) + second(x + 1)));
        const int value = second(x) + at(p, x - 1, y) + at(p, x + 1, y) - 2 * at(p, x, y);
        laplacian.sum += value;
        laplacian.squares += value * value;
      }
    for (const QualityKernels& kernels : quality_kernels()) {
      CAPTURE(kernels.name);
      CAPTURE(seed);
      CHECK(kernels.noise(p) == noise);
      const LaplacianSums sums = kernels.laplacian(p);
      CHECK(sums.sum == laplacian.sum);
      CHECK(sums.squares == laplacian.squares);
      StepSums found;
      kernels.steps(p, found);
      CHECK(found.columns == steps.columns);
      CHECK(found.rows == steps.rows);
    }
  }
}

TEST_CASE("squares of the Laplacian do not overflow along a row of any length") {
  Plane p = flat(70'003, 3, 0);
  for (std::size_t i = 0; i < p.samples.size(); ++i) p.samples[i] = (i / p.width + i % p.width) % 2 == 0 ? 255 : 0;
  const std::int64_t inner = p.width - 2;  // 1020 each, up and down by turns
  for (const QualityKernels& kernels : quality_kernels()) {
    CAPTURE(kernels.name);
    const LaplacianSums sums = kernels.laplacian(p);
    CHECK(sums.squares == inner * 1020 * 1020);
    CHECK(std::abs(sums.sum) == 1020);
  }
}

TEST_CASE("edges along lines are told apart and measured, on every processor") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    const std::size_t length = 1 + random.below(300);
    const Plane lines = samples_of(seed, line_lanes, static_cast<std::uint32_t>(length));
    EdgeWidths widths{};
    for (std::size_t k = 0; k < line_lanes; ++k)
      for (std::size_t begin = 0; begin + 1 < length;) {
        const auto change = [&](std::size_t i) { return at(lines, k, i + 1) - at(lines, k, i); };
        std::size_t end = begin;
        int steepest = 0;
        for (; end + 1 < length && change(end) != 0 && (change(end) > 0) == (change(begin) > 0); ++end)
          steepest = std::max(steepest, std::abs(change(end)));
        if (end == begin) ++end;
        const int rise = std::abs(at(lines, k, end) - at(lines, k, begin));
        if (rise >= 40) {
          const float width = static_cast<float>(rise) / static_cast<float>(steepest) * 16;
          ++widths[std::min(static_cast<std::size_t>(width + 0.5f), widths.size() - 1)];
        }
        begin = end;
      }
    for (const QualityKernels& kernels : quality_kernels()) {
      CAPTURE(kernels.name);
      CAPTURE(seed);
      EdgeWidths found{};
      kernels.edges({lines.samples.data(), length}, found);
      CHECK(found == widths);
    }
  }
}

TEST_CASE("the energy that a filter lets through is the same number on every processor") {
  const std::array<float, 8> taps = {-0.31f, 0.1f, -0.05f, 0.03f, -0.02f, 0.01f, -0.004f, 0.001f};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::size_t length = 31 + seed * 7;
    const Plane lines = samples_of(seed, line_lanes, static_cast<std::uint32_t>(length));
    UpperEnergy energy{};
    for (std::size_t k = 0; k < line_lanes; ++k)
      for (std::size_t i = upper_reach; i + upper_reach < length; ++i) {
        float sum = static_cast<float>(at(lines, k, i)) * 0.5f;
        for (std::size_t t = 0; t < taps.size(); ++t)
          sum += taps[t] * static_cast<float>(at(lines, k, i - 2 * t - 1) + at(lines, k, i + 2 * t + 1));
        energy[k] += static_cast<double>(sum) * static_cast<double>(sum);
      }
    for (const QualityKernels& kernels : quality_kernels()) {
      CAPTURE(kernels.name);
      CAPTURE(seed);
      UpperEnergy found{};
      kernels.upper({lines.samples.data(), length}, taps, found);
      CHECK(found == energy);
    }
  }
}
