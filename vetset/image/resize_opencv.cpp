// cv2.resize of uint8, as OpenCV 4 computes it: weights of 11 bits, rows first, then columns. Linear rounds between the
// two, and cuts where the columns are summed; cubic sums columns in float, but for the last few of a row.
#include <array>
#include <cfloat>
#include <cmath>
#include <numbers>

#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

#include "vetset/image/resize_kernels.h"
#include "vetset/image/resize_parts.h"

namespace vetset {
namespace {

using Filter = Resampling::Filter;

constexpr int weight_one = 1 << 11;

/// Rounded half to even, as a processor's own conversion does.
std::int16_t as_weight(float share) { return static_cast<std::int16_t>(std::lrint(share * weight_one)); }

/// Sides in double, as the library is given them: a factor, and its inverse.
struct Scale {
  Scale(std::uint32_t from, std::uint32_t to) : inverse(static_cast<double>(to) / from), step(1.0 / inverse) {}
  double inverse, step;
};

void cubic(float x, float* shares) {
  constexpr float a = -0.75F;
  shares[0] = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
  shares[1] = ((a + 2) * x - (a + 3)) * x * x + 1;
  shares[2] = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1;
  shares[3] = 1.F - shares[0] - shares[1] - shares[2];
}

/// Eight taps at multiples of a quarter turn: the sines of all follow from two.
void lanczos(float x, float* shares) {
  constexpr double s45 = 0.70710678118654752440084436210485;
  constexpr double turns[8][2] = {{1, 0}, {-s45, -s45}, {0, 1}, {s45, -s45}, {-1, 0}, {s45, s45}, {0, -1}, {-s45, s45}};
  if (x < FLT_EPSILON) {
    std::fill(shares, shares + 8, 0.F);
    shares[3] = 1;
    return;
  }
  float sum = 0;
  const double y0 = -(x + 3) * std::numbers::pi * 0.25, s0 = std::sin(y0), c0 = std::cos(y0);
  for (int i = 0; i < 8; ++i) {
    const double y = -(x + 3 - static_cast<float>(i)) * std::numbers::pi * 0.25;
    shares[i] = static_cast<float>((turns[i][0] * s0 + turns[i][1] * c0) / (y * y));
    sum += shares[i];
  }
  sum = 1.F / sum;
  for (int i = 0; i < 8; ++i) shares[i] *= sum;
}

/// What lies behind a new sample: taps from `first`, which may begin before the picture or end beyond it.
struct Taps {
  std::vector<std::int32_t> firsts;
  std::vector<std::int16_t> weights;
  std::size_t count = 2;
};

enum class Edge : std::uint8_t { weight_to_one, as_it_falls };

Taps taps_of(std::uint32_t from, std::uint32_t to, Filter filter, Edge edge) {
  Taps taps;
  taps.count = filter == Filter::bicubic ? 4 : filter == Filter::lanczos ? 8 : 2;
  const Scale scale(from, to);
  const auto before = static_cast<std::int32_t>(taps.count / 2) - 1;
  for (std::uint32_t i = 0; i < to; ++i) {
    float part = 0;
    std::int32_t at = 0;
    if (filter == Filter::area) {  // which enlarges, here: a linear one of another phase
      at = static_cast<std::int32_t>(std::floor(i * scale.step));
      part = static_cast<float>((i + 1) - (at + 1) * scale.inverse);
      part = part <= 0 ? 0.F : part - std::floor(part);
    } else {
      part = static_cast<float>((i + 0.5) * scale.step - 0.5);
      at = static_cast<std::int32_t>(std::floor(part));
      part -= static_cast<float>(at);
    }
    if (taps.count == 2 && edge == Edge::weight_to_one) {
      if (at < 0) part = 0, at = 0;
      if (at >= static_cast<std::int32_t>(from) - 1) part = 0, at = static_cast<std::int32_t>(from) - 1;
    }
    std::array<float, 8> shares{};
    if (taps.count == 4) cubic(part, shares.data());
    if (taps.count == 8) lanczos(part, shares.data());
    if (taps.count == 2) shares[0] = 1.F - part, shares[1] = part;
    taps.firsts.push_back(at - before);
    for (std::size_t k = 0; k < taps.count; ++k) taps.weights.push_back(as_weight(shares[k]));
  }
  return taps;
}

std::uint32_t inside(std::int64_t at, std::uint32_t size) {
  return static_cast<std::uint32_t>(std::clamp(at, std::int64_t{0}, std::int64_t{size} - 1));
}

void resize_linear(const Raster& from, std::uint32_t width, std::uint32_t height, Filter filter, const ByteRows& rows) {
  const Taps columns = taps_of(from.width, width, filter, Edge::weight_to_one);
  const Taps lines = taps_of(from.height, height, filter, Edge::as_it_falls);
  const LinearKernels& kernels = linear_kernels().front();
  const std::size_t count = std::size_t{width} * from.channels;
  RowRing<std::int16_t> ring(count + PaddedRows::beyond, 2);
  PaddedRows padded(from);
  const auto across = from.channels == 1 ? kernels.across_grey : kernels.across_rgb;
  const auto make = [&](std::uint32_t y, std::int16_t* to) {
    // Of the last pixel the weight of the one beyond is 0, whatever lies there.
    across(padded.row(y), columns.firsts.data(), columns.weights.data(), width, to);
  };
  std::vector<std::uint8_t> row(count + PaddedRows::beyond);
  for (std::uint32_t y = 0; y < height; ++y) {
    const std::int64_t first = lines.firsts[y];
    const std::int16_t* const above = ring.row(inside(first, from.height), make);
    const std::int16_t* const below = ring.row(inside(first + 1, from.height), make);
    kernels.down(above, below, lines.weights[2 * y], lines.weights[2 * y + 1], count, row.data());
    rows(y, row.data());
  }
}

std::uint8_t clipped(std::int32_t value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

/// Eight columns at a time in float, the others in fixed point: both as they come.
void cubic_down(const std::array<const std::int32_t*, 8>& from, const std::int16_t* weights, std::size_t count,
                std::uint8_t* to) {
  constexpr float unit = 1.F / (static_cast<float>(weight_one) * static_cast<float>(weight_one));
  std::array<float, 4> shares{};
  for (std::size_t k = 0; k < 4; ++k) shares[k] = static_cast<float>(weights[k]) * unit;
  const std::size_t in_float = count / 8 * 8;
  for (std::size_t x = 0; x < in_float; ++x) {
    const auto part = [&](std::size_t k) { return static_cast<float>(from[k][x]) * shares[k]; };
    to[x] = clipped(static_cast<std::int32_t>(std::lrint(part(0) + (part(1) + (part(2) + part(3))))));
  }
  for (std::size_t x = in_float; x < count; ++x) {
    std::int32_t sum = 1 << 21;
    for (std::size_t k = 0; k < 4; ++k) sum += from[k][x] * weights[k];
    to[x] = clipped(sum >> 22);
  }
}

void lanczos_down(const std::array<const std::int32_t*, 8>& from, const std::int16_t* weights, std::size_t count,
                  std::uint8_t* to) {
  for (std::size_t x = 0; x < count; ++x) {
    std::int32_t sum = 1 << 21;
    for (std::size_t k = 0; k < 8; ++k) sum += from[k][x] * weights[k];
    to[x] = clipped(sum >> 22);
  }
}

void resize_smooth(const Raster& from, std::uint32_t width, std::uint32_t height, Filter filter, const ByteRows& rows) {
  const Taps columns = taps_of(from.width, width, filter, Edge::as_it_falls);
  const Taps lines = taps_of(from.height, height, filter, Edge::as_it_falls);
  const std::size_t taps = columns.count, channels = from.channels, count = std::size_t{width} * channels;
  RowRing<std::int32_t> ring(count, taps);
  const auto make = [&](std::uint32_t y, std::int32_t* to) {
    const std::uint8_t* const row = from.samples.data() + y * from.row_bytes();
    for (std::uint32_t x = 0; x < width; ++x, to += channels) {
      std::fill(to, to + channels, 0);
      for (std::size_t k = 0; k < taps; ++k) {
        const std::uint8_t* const pixel =
            row + channels * inside(std::int64_t{columns.firsts[x]} + static_cast<std::int64_t>(k), from.width);
        for (std::size_t c = 0; c < channels; ++c) to[c] += pixel[c] * columns.weights[taps * x + k];
      }
    }
  };
  std::vector<std::uint8_t> row(count);
  std::array<const std::int32_t*, 8> behind{};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::size_t k = 0; k < taps; ++k)
      behind[k] = ring.row(inside(std::int64_t{lines.firsts[y]} + static_cast<std::int64_t>(k), from.height), make);
    const std::int16_t* const weights = lines.weights.data() + taps * y;
    if (taps == 4) cubic_down(behind, weights, count, row.data());
    if (taps == 8) lanczos_down(behind, weights, count, row.data());
    rows(y, row.data());
  }
}

std::vector<std::uint32_t> nearest(std::uint32_t from, std::uint32_t to) {
  const Scale scale(from, to);
  std::vector<std::uint32_t> picked(to);
  for (std::uint32_t i = 0; i < to; ++i)
    picked[i] = inside(static_cast<std::int64_t>(std::floor(i * scale.step)), from);
  return picked;
}

}  // namespace

void resize_opencv(const Raster& from, std::uint32_t width, std::uint32_t height, Filter filter, const ByteRows& rows) {
  if (filter == Filter::nearest)
    return resize_by_picking(from, nearest(from.width, width), nearest(from.height, height), rows);
  const bool halves = from.width == 2 * std::uint64_t{width} && from.height == 2 * std::uint64_t{height};
  const bool shrinks = from.width >= width && from.height >= height;
  if ((filter == Filter::bilinear && halves) || (filter == Filter::area && shrinks))
    return resize_opencv_area(from, width, height, rows);
  if (filter == Filter::bicubic || filter == Filter::lanczos) return resize_smooth(from, width, height, filter, rows);
  resize_linear(from, width, height, filter, rows);
}

}  // namespace vetset
