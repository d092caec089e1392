// Image.resize of Pillow, modes L and RGB: each filter stretched over the samples that a new one stands for, its
// weights rounded to 22 bits, rows first, then columns, each rounded to a byte.
#include <cmath>
#include <numbers>

#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

#include "vetset/base/result.h"
#include "vetset/image/resize_parts.h"

namespace vetset {
namespace {

using Filter = Resampling::Filter;

constexpr int precision = 22;
constexpr int low_bits = 11;  // weights in two halves, so that products of 16 bits make up the sum of 32

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double support_of(Filter filter) {
  switch (filter) {
    case Filter::box: return 0.5;
    case Filter::bicubic: return 2.0;
    case Filter::lanczos: return 3.0;
    default: return 1.0;
  }
}

double response(Filter filter, double x) {
  switch (filter) {
    case Filter::box: return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
    case Filter::hamming:
      x = std::abs(x);
      if (x == 0.0) return 1.0;
      if (x >= 1.0) return 0.0;
      x *= std::numbers::pi;
      return std::sin(x) / x * (static_cast<double>(0.54F) + static_cast<double>(0.46F) * std::cos(x));
    case Filter::bicubic: {
      constexpr double a = -0.5;
      x = std::abs(x);
      if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
      if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
      return 0.0;
    }
    case Filter::lanczos: return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0;
    default: x = std::abs(x); return x < 1.0 ? 1.0 - x : 0.0;
  }
}

/// The samples behind each new one, and their weights, `taps` of them for each, 0 beyond `counts`.
struct Weights {
  std::size_t taps = 0;
  std::vector<std::uint32_t> firsts, counts;
  std::vector<std::int16_t> high, low;  // weight = high * 2048 + low

  std::int32_t weight(std::size_t at) const { return (std::int32_t{high[at]} << low_bits) + low[at]; }
};

/// The number of taps is rounded up to a multiple of `group`.
Weights weights_of(std::uint32_t from, std::uint32_t to, Filter filter, std::size_t group) {
  const double scale = static_cast<double>(from) / to;
  const double stretch = std::max(scale, 1.0), inverse = 1.0 / stretch;
  const double support = support_of(filter) * stretch;
  const auto most = static_cast<std::size_t>(std::ceil(support)) * 2 + 1;
  Weights w;
  w.taps = (most + group - 1) / group * group;
  w.firsts.resize(to), w.counts.resize(to);
  w.high.resize(w.taps * to), w.low.resize(w.taps * to);
  std::vector<double> line(most);
  for (std::uint32_t i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale;
    const auto first = std::max(static_cast<std::int64_t>(centre - support + 0.5), std::int64_t{0});
    const auto end = std::min(static_cast<std::int64_t>(centre + support + 0.5), std::int64_t{from});
    const auto count = static_cast<std::size_t>(std::max(end - first, std::int64_t{0}));
    double total = 0;
    for (std::size_t k = 0; k < count; ++k) {
      line[k] = response(filter, (static_cast<double>(static_cast<std::int64_t>(k) + first) - centre + 0.5) * inverse);
      total += line[k];
    }
    w.firsts[i] = static_cast<std::uint32_t>(first), w.counts[i] = static_cast<std::uint32_t>(count);
    for (std::size_t k = 0; k < count; ++k) {
      const double share = total != 0.0 ? line[k] / total : line[k];
      const auto whole = static_cast<std::int32_t>((share < 0 ? -0.5 : 0.5) + share * (1 << precision));
      w.high[i * w.taps + k] = static_cast<std::int16_t>(whole >> low_bits);
      w.low[i * w.taps + k] = static_cast<std::int16_t>(whole & ((1 << low_bits) - 1));
    }
  }
  return w;
}

std::uint8_t clipped(std::int32_t sum) { return static_cast<std::uint8_t>(std::clamp(sum >> precision, 0, 255)); }

constexpr std::int32_t half = 1 << (precision - 1);

/// One row in its new width. It may read `PaddedRows::beyond` past the last sample.
[[maybe_unused]] void across_plain(const std::uint8_t* from, std::uint32_t channels, const Weights& w,
                                   std::uint8_t* to) {
  for (std::size_t x = 0; x < w.firsts.size(); ++x)
    for (std::uint32_t c = 0; c < channels; ++c) {
      std::int32_t sum = half;
      for (std::size_t k = 0; k < w.counts[x]; ++k)
        sum += from[(w.firsts[x] + k) * channels + c] * w.weight(x * w.taps + k);
      to[x * channels + c] = clipped(sum);
    }
}

/// Column by column the weighted sum of rows, from column `begin` on.
void down_plain(const std::vector<const std::uint8_t*>& rows, const Weights& w, std::uint32_t y, std::size_t begin,
                std::size_t end, std::uint8_t* to) {
  for (std::size_t x = begin; x < end; ++x) {
    std::int32_t sum = half;
    for (std::size_t k = 0; k < w.counts[y]; ++k) sum += rows[k][x] * w.weight(y * w.taps + k);
    to[x] = clipped(sum);
  }
}

#if defined(__SSE4_1__)
__m128i joined(__m128i high, __m128i low) {
  const __m128i sum = _mm_add_epi32(_mm_add_epi32(_mm_slli_epi32(high, low_bits), low), _mm_set1_epi32(half));
  return _mm_srai_epi32(sum, precision);
}

/// The 16-bit weights k and k + 1, as often as they fit.
__m128i pair_at(const std::int16_t* weights) {
  std::int32_t pair = 0;
  std::memcpy(&pair, weights, sizeof pair);
  return _mm_set1_epi32(pair);
}

/// Taps in fours: of RGB the first two of them as R R G G B B, then the others.
void across_rgb(const std::uint8_t* from, const Weights& w, std::uint8_t* to) {
  const __m128i front = _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  const __m128i back = _mm_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  for (std::size_t x = 0; x < w.firsts.size(); ++x, to += 3) {
    const std::uint8_t* at = from + std::size_t{3} * w.firsts[x];
    const std::int16_t *high = w.high.data() + x * w.taps, *low = w.low.data() + x * w.taps;
    __m128i highs = _mm_setzero_si128(), lows = highs;
    for (std::size_t k = 0; k < w.counts[x]; k += 4, at += 12) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      const __m128i first = _mm_shuffle_epi8(bytes, front), second = _mm_shuffle_epi8(bytes, back);
      highs = _mm_add_epi32(highs, _mm_add_epi32(_mm_madd_epi16(first, pair_at(high + k)),
                                                 _mm_madd_epi16(second, pair_at(high + k + 2))));
      lows = _mm_add_epi32(
          lows, _mm_add_epi32(_mm_madd_epi16(first, pair_at(low + k)), _mm_madd_epi16(second, pair_at(low + k + 2))));
    }
    const __m128i sums = joined(highs, lows), words = _mm_packs_epi32(sums, sums);
    const auto pixel = static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_packus_epi16(words, words)));
    std::memcpy(to, &pixel, 3);
  }
}

/// Taps in eights.
void across_grey(const std::uint8_t* from, const Weights& w, std::uint8_t* to) {
  for (std::size_t x = 0; x < w.firsts.size(); ++x) {
    const std::uint8_t* const at = from + w.firsts[x];
    const std::size_t weights = x * w.taps;
    __m128i highs = _mm_setzero_si128(), lows = highs;
    for (std::size_t k = 0; k < w.counts[x]; k += 8) {
      const __m128i eight = _mm_cvtepu8_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at + k)));
      const auto part = [&](const std::vector<std::int16_t>& of) {
        return _mm_madd_epi16(eight, _mm_loadu_si128(reinterpret_cast<const __m128i*>(of.data() + weights + k)));
      };
      highs = _mm_add_epi32(highs, part(w.high));
      lows = _mm_add_epi32(lows, part(w.low));
    }
    const __m128i both = _mm_hadd_epi32(highs, lows), sums = _mm_hadd_epi32(both, both);
    to[x] = clipped((_mm_cvtsi128_si32(sums) << low_bits) + _mm_extract_epi32(sums, 1) + half);
  }
}

void across(const std::uint8_t* from, std::uint32_t channels, const Weights& w, std::uint8_t* to) {
  if (channels == 1) return across_grey(from, w, to);
  across_rgb(from, w, to);
}

/// Sixteen columns at a time, two rows at a time.
void down(const std::vector<const std::uint8_t*>& rows, const Weights& w, std::uint32_t y, std::size_t width,
          std::uint8_t* to) {
  const __m128i zero = _mm_setzero_si128();
  const std::int16_t *high = w.high.data() + y * w.taps, *low = w.low.data() + y * w.taps;
  const std::size_t count = w.counts[y];
  std::size_t x = 0;
  for (; x + 16 <= width; x += 16) {
    __m128i highs[4] = {zero, zero, zero, zero}, lows[4] = {zero, zero, zero, zero};
    for (std::size_t k = 0; k < count; k += 2) {
      const __m128i one = _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows[k] + x));
      const __m128i other = k + 1 < count ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows[k + 1] + x)) : zero;
      const __m128i left = _mm_unpacklo_epi8(one, other), right = _mm_unpackhi_epi8(one, other);
      const __m128i pairs[4] = {_mm_unpacklo_epi8(left, zero), _mm_unpackhi_epi8(left, zero),
                                _mm_unpacklo_epi8(right, zero), _mm_unpackhi_epi8(right, zero)};
      const __m128i by_high = pair_at(high + k), by_low = pair_at(low + k);
      for (std::size_t i = 0; i < 4; ++i) {
        highs[i] = _mm_add_epi32(highs[i], _mm_madd_epi16(pairs[i], by_high));
        lows[i] = _mm_add_epi32(lows[i], _mm_madd_epi16(pairs[i], by_low));
      }
    }
    const __m128i words[2] = {_mm_packs_epi32(joined(highs[0], lows[0]), joined(highs[1], lows[1])),
                              _mm_packs_epi32(joined(highs[2], lows[2]), joined(highs[3], lows[3]))};
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + x), _mm_packus_epi16(words[0], words[1]));
  }
  down_plain(rows, w, y, x, width, to);
}
#else
void across(const std::uint8_t* from, std::uint32_t channels, const Weights& w, std::uint8_t* to) {
  across_plain(from, channels, w, to);
}
void down(const std::vector<const std::uint8_t*>& rows, const Weights& w, std::uint32_t y, std::size_t width,
          std::uint8_t* to) {
  down_plain(rows, w, y, 0, width, to);
}
#endif

/// Steps are added up, as Pillow's walk over the picture does.
std::vector<std::uint32_t> nearest(std::uint32_t from, std::uint32_t to) {
  const double step = static_cast<double>(from) / to;
  std::vector<std::uint32_t> picked(to);
  double at = step * 0.5;
  for (std::uint32_t i = 0; i < to; ++i, at += step) picked[i] = std::min(static_cast<std::uint32_t>(at), from - 1);
  return picked;
}

}  // namespace

void resize_pillow(const Raster& from, std::uint32_t width, std::uint32_t height, Filter filter, const ByteRows& rows) {
  if (filter == Filter::nearest)
    return resize_by_picking(from, nearest(from.width, width), nearest(from.height, height), rows);
  const std::size_t new_bytes = std::size_t{width} * from.channels;
  const bool narrows = width != from.width, lowers = height != from.height;
  const Weights columns = narrows ? weights_of(from.width, width, filter, from.channels == 1 ? 8 : 4) : Weights{};
  PaddedRows padded(from);
  const auto make = [&](std::uint32_t y, std::uint8_t* to) {
    if (narrows) return across(padded.row(y), from.channels, columns, to);
    std::memcpy(to, padded.row(y), new_bytes);
  };
  if (!lowers) {
    std::vector<std::uint8_t> row(new_bytes);
    for (std::uint32_t y = 0; y < height; ++y) make(y, row.data()), rows(y, row.data());
    return;
  }
  const Weights lines = weights_of(from.height, height, filter, 2);
  RowRing<std::uint8_t> ring(new_bytes, lines.taps);
  std::vector<std::uint8_t> row(new_bytes);
  std::vector<const std::uint8_t*> behind(lines.taps);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t k = 0; k < lines.counts[y]; ++k) behind[k] = ring.row(lines.firsts[y] + k, make);
    down(behind, lines, y, new_bytes, row.data());
    rows(y, row.data());
  }
}

}  // namespace vetset
