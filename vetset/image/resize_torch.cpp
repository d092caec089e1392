// torch.nn.functional.interpolate of a contiguous float32 tensor, align_corners off: indices and weights in float, sums
// with fused multiply-add where the library's compiled loops have it.
#include <array>
#include <cmath>

#include "vetset/image/resize_parts.h"

namespace vetset {
namespace {

using Filter = Resampling::Filter;

// A body is compiled twice: for any processor, and for one that fuses by itself. Both give the same numbers.
#define VETSET_BODY [[gnu::always_inline]] inline

float convolution_near(float x, float a) { return std::fma(a + 2, x, -(a + 3)) * x * x + 1.F; }
float convolution_far(float x, float a) { return std::fma(std::fma(a, x, -(5 * a)), x, 8 * a) * x - 4 * a; }
float stretched_near(float x, float a) { return std::fma(std::fma(a + 2, x, -(a + 3)) * x, x, 1.F); }
float stretched_far(float x, float a) { return std::fma(std::fma(std::fma(a, x, -(5 * a)), x, 8 * a), x, -(4 * a)); }

/// Samples behind each new one: `count` of them, each a place of its own, so that edges may repeat.
struct Taps {
  std::size_t count = 2;
  std::vector<std::uint32_t> places;
  std::vector<float> weights;
};

Taps taps_of(std::uint32_t from, std::uint32_t to, Filter filter) {
  Taps taps;
  taps.count = filter == Filter::bicubic ? 4 : 2;
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  const auto last = static_cast<std::int64_t>(from) - 1;
  for (std::uint32_t i = 0; i < to; ++i) {
    if (from == to && taps.count == 2) {
      taps.places.insert(taps.places.end(), {i, i});
      taps.weights.insert(taps.weights.end(), {1.F, 0.F});
      continue;
    }
    float at = std::fma(scale, static_cast<float>(i) + 0.5F, -0.5F);
    if (taps.count == 2 && at < 0) at = 0;
    const std::int64_t first = std::min(static_cast<std::int64_t>(std::floor(at)), last);
    const float part = std::clamp(at - static_cast<float>(first), 0.F, 1.F);
    const auto add = [&](std::int64_t place, float weight) {
      taps.places.push_back(static_cast<std::uint32_t>(std::clamp(place, std::int64_t{0}, last)));
      taps.weights.push_back(weight);
    };
    if (taps.count == 2) {
      add(first, 1.F - part), add(first + 1, part);
      continue;
    }
    constexpr float a = -0.75F;
    const float rest = 1.F - part;
    add(first - 1, convolution_far(part + 1.F, a)), add(first, convolution_near(part, a));
    add(first + 1, convolution_near(rest, a)), add(first + 2, convolution_far(rest + 1.F, a));
  }
  return taps;
}

/// With antialias: taps in a row.
struct Spans {
  std::size_t most = 1;
  std::vector<std::uint32_t> firsts, counts;
  std::vector<float> weights;
};

float stretched(Filter filter, float x) {
  x = std::abs(x);
  if (filter == Filter::bilinear) return x < 1.F ? 1.F - x : 0.F;
  constexpr float a = -0.5F;
  if (x < 1.F) return stretched_near(x, a);
  return x < 2.F ? stretched_far(x, a) : 0.F;
}

Spans spans_of(std::uint32_t from, std::uint32_t to, Filter filter) {
  Spans spans;
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  const float reach = filter == Filter::bicubic ? 2.F : 1.F;
  const float support = scale >= 1.F ? reach * scale : reach;
  const float inverse = scale >= 1.F ? static_cast<float>(1.0 / static_cast<double>(scale)) : 1.F;
  spans.most = static_cast<std::size_t>(std::ceil(support)) * 2 + 1;
  spans.weights.resize(spans.most * to);
  for (std::uint32_t i = 0; i < to; ++i) {
    const auto centre = static_cast<float>(static_cast<double>(scale) * (i + 0.5));
    const auto first =
        std::max(static_cast<std::int64_t>(static_cast<double>(centre - support) + 0.5), std::int64_t{0});
    const auto end =
        std::min(static_cast<std::int64_t>(static_cast<double>(centre + support) + 0.5), std::int64_t{from});
    const auto count = std::min(static_cast<std::size_t>(std::max(end - first, std::int64_t{0})), spans.most);
    float* const weights = spans.weights.data() + i * spans.most;
    float total = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const float away = static_cast<float>(static_cast<std::int64_t>(k) + first) - centre;
      weights[k] =
          stretched(filter, static_cast<float>((static_cast<double>(away) + 0.5) * static_cast<double>(inverse)));
      total += weights[k];
    }
    if (total != 0.F)
      for (std::size_t k = 0; k < count; ++k) weights[k] /= total;
    spans.firsts.push_back(static_cast<std::uint32_t>(first)),
        spans.counts.push_back(static_cast<std::uint32_t>(count));
  }
  return spans;
}

/// Four taps of one axis: the first is fused to the second, the others one after another.
VETSET_BODY float of_four(float a, float b, float c, float d, const float* weights) {
  return std::fma(d, weights[3], std::fma(c, weights[2], std::fma(a, weights[0], b * weights[1])));
}

struct Job {
  const Raster& from;
  std::uint32_t width, height;
  const FloatRows& rows;
};

/// Both axes at once: four corners, each by the product of its two weights.
VETSET_BODY void corners_body(const std::array<const std::uint8_t*, 2>& rows, const float* down, std::size_t channels,
                              const Taps& taps, std::size_t width, float* to) {
  for (std::size_t x = 0; x < width; ++x) {
    const float* const across = taps.weights.data() + 2 * x;
    const std::size_t left = channels * taps.places[2 * x], right = channels * taps.places[2 * x + 1];
    const float weights[4] = {down[0] * across[0], down[0] * across[1], down[1] * across[0], down[1] * across[1]};
    for (std::size_t c = 0; c < channels; ++c)
      to[channels * x + c] =
          of_four(rows[0][left + c], rows[0][right + c], rows[1][left + c], rows[1][right + c], weights);
  }
}
VETSET_BODY void across_body(const std::uint8_t* row, std::size_t channels, const Taps& taps, std::size_t width,
                             float* to) {
  for (std::size_t x = 0; x < width; ++x) {
    const std::uint32_t* const places = taps.places.data() + 4 * x;
    for (std::size_t c = 0; c < channels; ++c) {
      const auto at = [&](std::size_t k) { return static_cast<float>(row[channels * places[k] + c]); };
      to[channels * x + c] = of_four(at(0), at(1), at(2), at(3), taps.weights.data() + 4 * x);
    }
  }
}
VETSET_BODY void down_body(const std::array<const float*, 4>& rows, const float* weights, std::size_t count,
                           float* to) {
  for (std::size_t x = 0; x < count; ++x) to[x] = of_four(rows[0][x], rows[1][x], rows[2][x], rows[3][x], weights);
}
/// Taps are taken as the library's compiled loop takes them: the first, then fours that are not fused, then the rest.
constexpr std::size_t fused_from(std::size_t taps) { return 1 + (taps - 1) / 4 * 4; }
VETSET_BODY void span_across_body(const std::uint8_t* row, std::size_t channels, const Spans& spans, std::size_t width,
                                  float* to) {
  for (std::size_t x = 0; x < width; ++x)
    for (std::size_t c = 0; c < channels; ++c) {
      const std::uint8_t* const at = row + channels * spans.firsts[x] + c;
      const float* const weights = spans.weights.data() + spans.most * x;
      const std::size_t fused = fused_from(spans.counts[x]);
      float sum = static_cast<float>(at[0]) * weights[0];
      for (std::size_t k = 1; k < fused; ++k) sum += static_cast<float>(at[k * channels]) * weights[k];
      for (std::size_t k = fused; k < spans.counts[x]; ++k)
        sum = std::fma(static_cast<float>(at[k * channels]), weights[k], sum);
      to[channels * x + c] = sum;
    }
}
VETSET_BODY void span_down_body(const std::vector<const float*>& rows, std::size_t taps, const float* weights,
                                std::size_t count, float* to) {
  const std::size_t fused = fused_from(taps);
  for (std::size_t x = 0; x < count; ++x) to[x] = rows[0][x] * weights[0];
  for (std::size_t k = 1; k < fused; ++k)
    for (std::size_t x = 0; x < count; ++x) to[x] += rows[k][x] * weights[k];
  for (std::size_t k = fused; k < taps; ++k)
    for (std::size_t x = 0; x < count; ++x) to[x] = std::fma(rows[k][x], weights[k], to[x]);
}

struct Loops {
  void (*corners)(const std::array<const std::uint8_t*, 2>&, const float*, std::size_t, const Taps&, std::size_t,
                  float*);
  void (*across)(const std::uint8_t*, std::size_t, const Taps&, std::size_t, float*);
  void (*down)(const std::array<const float*, 4>&, const float*, std::size_t, float*);
  void (*span_across)(const std::uint8_t*, std::size_t, const Spans&, std::size_t, float*);
  void (*span_down)(const std::vector<const float*>&, std::size_t, const float*, std::size_t, float*);
};

#define VETSET_LOOPS(name, attribute)                                                                              \
  attribute void corners_##name(const std::array<const std::uint8_t*, 2>& rows, const float* down,                 \
                                std::size_t channels, const Taps& taps, std::size_t width, float* to) {            \
    corners_body(rows, down, channels, taps, width, to);                                                           \
  }                                                                                                                \
  attribute void across_##name(const std::uint8_t* row, std::size_t channels, const Taps& taps, std::size_t width, \
                               float* to) {                                                                        \
    across_body(row, channels, taps, width, to);                                                                   \
  }                                                                                                                \
  attribute void down_##name(const std::array<const float*, 4>& rows, const float* weights, std::size_t count,     \
                             float* to) {                                                                          \
    down_body(rows, weights, count, to);                                                                           \
  }                                                                                                                \
  attribute void span_across_##name(const std::uint8_t* row, std::size_t channels, const Spans& spans,             \
                                    std::size_t width, float* to) {                                                \
    span_across_body(row, channels, spans, width, to);                                                             \
  }                                                                                                                \
  attribute void span_down_##name(const std::vector<const float*>& rows, std::size_t taps, const float* weights,   \
                                  std::size_t count, float* to) {                                                  \
    span_down_body(rows, taps, weights, count, to);                                                                \
  }                                                                                                                \
  constexpr Loops loops_##name{corners_##name, across_##name, down_##name, span_across_##name, span_down_##name};

VETSET_LOOPS(plain, )
#if defined(__x86_64__)
VETSET_LOOPS(fma, __attribute__((target("avx2,fma"))))
#endif

const Loops& loops() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return loops_fma;
#endif
  return loops_plain;
}

void resize_linear(const Job& job) {
  const Taps columns = taps_of(job.from.width, job.width, Filter::bilinear),
             lines = taps_of(job.from.height, job.height, Filter::bilinear);
  std::vector<float> row(std::size_t{job.width} * job.from.channels);
  for (std::uint32_t y = 0; y < job.height; ++y) {
    const auto old_row = [&](std::size_t k) {
      return job.from.samples.data() + lines.places[2 * y + k] * job.from.row_bytes();
    };
    loops().corners({old_row(0), old_row(1)}, lines.weights.data() + 2 * y, job.from.channels, columns, job.width,
                    row.data());
    job.rows(y, row.data());
  }
}

void resize_cubic(const Job& job) {
  const Taps columns = taps_of(job.from.width, job.width, Filter::bicubic),
             lines = taps_of(job.from.height, job.height, Filter::bicubic);
  const std::size_t count = std::size_t{job.width} * job.from.channels;
  RowRing<float> ring(count, 4);
  std::vector<float> row(count);
  std::array<const float*, 4> behind{};
  const auto make = [&](std::uint32_t y, float* to) {
    loops().across(job.from.samples.data() + y * job.from.row_bytes(), job.from.channels, columns, job.width, to);
  };
  for (std::uint32_t y = 0; y < job.height; ++y) {
    for (std::size_t k = 0; k < 4; ++k) behind[k] = ring.row(lines.places[4 * y + k], make);
    loops().down(behind, lines.weights.data() + 4 * y, count, row.data());
    job.rows(y, row.data());
  }
}

void resize_stretched(const Job& job, Filter filter) {
  const Spans columns = spans_of(job.from.width, job.width, filter),
              lines = spans_of(job.from.height, job.height, filter);
  const std::size_t count = std::size_t{job.width} * job.from.channels;
  RowRing<float> ring(count, lines.most);
  std::vector<float> row(count);
  std::vector<const float*> behind(lines.most);
  const auto make = [&](std::uint32_t y, float* to) {
    loops().span_across(job.from.samples.data() + y * job.from.row_bytes(), job.from.channels, columns, job.width, to);
  };
  for (std::uint32_t y = 0; y < job.height; ++y) {
    for (std::uint32_t k = 0; k < lines.counts[y]; ++k) behind[k] = ring.row(lines.firsts[y] + k, make);
    loops().span_down(behind, lines.counts[y], lines.weights.data() + lines.most * y, count, row.data());
    job.rows(y, row.data());
  }
}

std::vector<std::uint32_t> nearest(std::uint32_t from, std::uint32_t to) {
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  std::vector<std::uint32_t> picked(to);
  for (std::uint32_t i = 0; i < to; ++i)
    picked[i] = std::min(static_cast<std::uint32_t>(std::floor(static_cast<float>(i) * scale)), from - 1);
  return picked;
}

}  // namespace

void resize_torch(const Raster& from, std::uint32_t width, std::uint32_t height, Filter filter, bool antialias,
                  const FloatRows& rows) {
  if (filter == Filter::nearest) {
    std::vector<float> row(std::size_t{width} * from.channels);
    return resize_by_picking(from, nearest(from.width, width), nearest(from.height, height),
                             [&](std::uint32_t y, const std::uint8_t* bytes) {
                               std::copy(bytes, bytes + row.size(), row.begin());
                               rows(y, row.data());
                             });
  }
  const Job job{from, width, height, rows};
  if (antialias) return resize_stretched(job, filter);
  filter == Filter::bicubic ? resize_cubic(job) : resize_linear(job);
}

}  // namespace vetset
