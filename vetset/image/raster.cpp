#include "vetset/image/raster.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "vetset/base/result.h"

namespace vetset {
namespace {

constexpr std::uint8_t u8(std::uint32_t value) { return static_cast<std::uint8_t>(value); }

constexpr std::uint32_t red_share = 19595, green_share = 38470, blue_share = 7471;  // of 65536

std::uint8_t luma(std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
  return u8((red_share * red + green_share * green + blue_share * blue + 32768) >> 16);
}

std::uint8_t on_white(std::uint32_t value, std::uint32_t alpha) {
  return u8((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

#if defined(__x86_64__)
/// Luma of pixels of three bytes, 32 at a time; says how many it took.
__attribute__((target("avx2"))) std::size_t rgb_to_luma_avx2(const std::uint8_t* from, std::uint8_t* to,
                                                             std::size_t count) {
  // As below, in two halves of a register.
  const __m256i red_green = _mm256_setr_epi8(0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1,  //
                                             0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1);
  const __m256i green_blue = _mm256_setr_epi8(1, -1, 2, -1, 4, -1, 5, -1, 7, -1, 8, -1, 10, -1, 11, -1,  //
                                              1, -1, 2, -1, 4, -1, 5, -1, 7, -1, 8, -1, 10, -1, 11, -1);
  const __m256i first = _mm256_set1_epi32(green_share / 2 << 16 | red_share);
  const __m256i second = _mm256_set1_epi32(blue_share << 16 | green_share / 2);
  const __m256i in_order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  const __m256i half = _mm256_set1_epi32(32768);
  std::size_t i = 0;
  for (; i + 34 <= count; i += 32) {  // a load takes 4 bytes beyond its 4 pixels
    __m256i eight[4];
    for (std::size_t k = 0; k < 4; ++k) {
      const std::uint8_t* const at = from + 3 * (i + 8 * k);
      const __m256i pixels =
          _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))),
                                  _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 12)), 1);
      const __m256i sum = _mm256_add_epi32(_mm256_madd_epi16(_mm256_shuffle_epi8(pixels, red_green), first),
                                           _mm256_madd_epi16(_mm256_shuffle_epi8(pixels, green_blue), second));
      eight[k] = _mm256_srli_epi32(_mm256_add_epi32(sum, half), 16);
    }
    const __m256i bytes =
        _mm256_packus_epi16(_mm256_packs_epi32(eight[0], eight[1]), _mm256_packs_epi32(eight[2], eight[3]));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm256_permutevar8x32_epi32(bytes, in_order));
  }
  return i;
}
#endif

/// Luma of `count` pixels of three bytes.
void rgb_to_luma(const std::uint8_t* from, std::uint8_t* to, std::size_t count) {
  std::size_t i = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) i = rgb_to_luma_avx2(from, to, count);
#endif
#ifdef __SSSE3__
  // Products of 16-bit pairs: (R, G) · (19595, 19235) + (G, B) · (19235, 7471), which is the sum above, exactly.
  const __m128i red_green = _mm_setr_epi8(0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1);
  const __m128i green_blue = _mm_setr_epi8(1, -1, 2, -1, 4, -1, 5, -1, 7, -1, 8, -1, 10, -1, 11, -1);
  const __m128i first = _mm_set1_epi32(green_share / 2 << 16 | red_share);
  const __m128i second = _mm_set1_epi32(blue_share << 16 | green_share / 2);
  const __m128i half = _mm_set1_epi32(32768);
  const auto four = [&](const std::uint8_t* at) {
    const __m128i pixels = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i sum = _mm_add_epi32(_mm_madd_epi16(_mm_shuffle_epi8(pixels, red_green), first),
                                      _mm_madd_epi16(_mm_shuffle_epi8(pixels, green_blue), second));
    return _mm_srli_epi32(_mm_add_epi32(sum, half), 16);
  };
  for (; i + 18 <= count; i += 16) {  // a load takes 4 bytes beyond its 4 pixels
    const std::uint8_t* at = from + 3 * i;
    const __m128i low = _mm_packs_epi32(four(at), four(at + 12)), high = _mm_packs_epi32(four(at + 24), four(at + 36));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm_packus_epi16(low, high));
  }
#endif
  for (; i < count; ++i) to[i] = luma(from[3 * i], from[3 * i + 1], from[3 * i + 2]);
}

/// Luma of pixels of any other kind. `step` is the size of a sample, of which the last byte is the high one.
template <int Channels, int Step>
void to_luma(const std::uint8_t* from, std::uint8_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i, from += Channels * Step) {
    const auto sample = [&](int channel) { return std::uint32_t{from[channel * Step + Step - 1]}; };
    if constexpr (Channels == 1) to[i] = u8(sample(0));
    if constexpr (Channels == 2) to[i] = on_white(sample(0), sample(1));
    if constexpr (Channels == 3) to[i] = luma(sample(0), sample(1), sample(2));
    if constexpr (Channels == 4) to[i] = on_white(luma(sample(0), sample(1), sample(2)), sample(3));
  }
}

/// Where the first pixel of the turned image lies in the stored one, and how far it is to the next in a row and in a
/// column, in pixels.
struct Turn {
  std::ptrdiff_t first = 0, right = 1, down = 0;
  bool swaps = false;
};
Turn turn_of(std::uint8_t orientation, std::size_t stored_width, std::size_t stored_height) {
  const auto w = static_cast<std::ptrdiff_t>(stored_width), h = static_cast<std::ptrdiff_t>(stored_height);
  switch (orientation) {
    case 2: return {w - 1, -1, w, false};
    case 3: return {w * h - 1, -1, -w, false};
    case 4: return {w * (h - 1), 1, -w, false};
    case 5: return {0, w, 1, true};
    case 6: return {w * (h - 1), -w, 1, true};
    case 7: return {w * h - 1, -w, -1, true};
    case 8: return {w - 1, w, -1, true};
    default: return {0, 1, w, false};
  }
}

template <std::size_t Bytes>
void copy_turned(const std::uint8_t* from, std::uint8_t* to, const Turn& turn, std::size_t width, std::size_t height) {
  constexpr std::size_t tile = 32;  // rows at once: a column of the stored image stays in the cache
  const auto pixel = static_cast<std::ptrdiff_t>(Bytes);
  for (std::size_t top = 0; top < height; top += tile)
    for (std::size_t left = 0; left < width; left += tile)
      for (std::size_t y = top; y < std::min(top + tile, height); ++y)
        for (std::size_t x = left; x < std::min(left + tile, width); ++x) {
          const std::ptrdiff_t at =
              turn.first + static_cast<std::ptrdiff_t>(x) * turn.right + static_cast<std::ptrdiff_t>(y) * turn.down;
          std::memcpy(to + (y * width + x) * Bytes, from + at * pixel, Bytes);
        }
}

std::vector<std::uint8_t> turned(const std::vector<std::uint8_t>& samples, std::size_t pixel_bytes, const Turn& turn,
                                 std::size_t width, std::size_t height) {
  std::vector<std::uint8_t> out(samples.size());
  switch (pixel_bytes) {
    case 1: copy_turned<1>(samples.data(), out.data(), turn, width, height); break;
    case 2: copy_turned<2>(samples.data(), out.data(), turn, width, height); break;
    case 3: copy_turned<3>(samples.data(), out.data(), turn, width, height); break;
    case 4: copy_turned<4>(samples.data(), out.data(), turn, width, height); break;
    case 6: copy_turned<6>(samples.data(), out.data(), turn, width, height); break;
    case 8: copy_turned<8>(samples.data(), out.data(), turn, width, height); break;
    default: VETSET_ASSERT(false, "a pixel has one to four samples of 8 or 16 bits");
  }
  return out;
}

/// The stored samples that one sample of the scaled axis is the average of: the first and the last count in part.
struct Span {
  std::uint32_t begin = 0, end = 0;   // half open
  std::uint32_t first = 0, last = 0;  // weights of the outer samples; those between weigh `Axis::inner`
};
struct Axis {
  std::vector<Span> spans;
  std::uint32_t inner = 1;
  std::uint64_t total = 1;  // sum of the weights of each span
};

/// `from` samples at `offset` averaged to `to`; repeated where there are fewer than that.
Axis axis_of(std::uint32_t offset, std::uint32_t from, std::uint32_t to) {
  Axis axis;
  axis.spans.resize(to);
  if (from <= to) {
    for (std::uint64_t i = 0; i < to; ++i) {
      const auto nearest = static_cast<std::uint32_t>((2 * i + 1) * from / (2 * std::uint64_t{to}));
      axis.spans[i] = {offset + nearest, offset + nearest + 1, 1, 1};
    }
    return axis;
  }
  axis.inner = to;
  axis.total = from;
  for (std::uint64_t i = 0; i < to; ++i) {  // in units of 1/to of a stored sample
    const std::uint64_t begin = i * from, end = begin + from, first = begin / to, last = (end - 1) / to;
    axis.spans[i] = {offset + static_cast<std::uint32_t>(first), offset + static_cast<std::uint32_t>(last) + 1,
                     static_cast<std::uint32_t>((first + 1) * to - begin), static_cast<std::uint32_t>(end - last * to)};
  }
  return axis;
}

/// Adds whole rows of bytes: 16-bit sums first, as many as fit, then 32-bit ones with their weight.
class RowSums {
 public:
  explicit RowSums(std::size_t width) : near_(width), sums_(width) {}

  void clear() { std::fill(sums_.begin(), sums_.end(), 0U); }
  void add(std::span<const std::uint8_t> row, std::uint32_t weight) {
    if (rows_ == 257 || (rows_ > 0 && weight != weight_)) flush();  // 257 · 255 is 65535
    weight_ = weight;
    ++rows_;
    std::size_t x = 0;
#ifdef __SSSE3__
    const __m128i zero = _mm_setzero_si128();
    for (; x + 16 <= row.size(); x += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row.data() + x));
      auto* const low = reinterpret_cast<__m128i*>(near_.data() + x);
      _mm_storeu_si128(low, _mm_add_epi16(_mm_loadu_si128(low), _mm_unpacklo_epi8(bytes, zero)));
      _mm_storeu_si128(low + 1, _mm_add_epi16(_mm_loadu_si128(low + 1), _mm_unpackhi_epi8(bytes, zero)));
    }
#endif
    for (; x < row.size(); ++x) near_[x] = static_cast<std::uint16_t>(near_[x] + row[x]);
  }
  /// One sum a column. They fit: no image is 2^24 rows high (`resampled` says so).
  const std::vector<std::uint32_t>& finish() {
    flush();
    return sums_;
  }

 private:
  void flush() {
    if (rows_ == 0) return;
    for (std::size_t x = 0; x < near_.size(); ++x) sums_[x] += weight_ * near_[x];
    std::fill(near_.begin(), near_.end(), std::uint16_t{0});
    rows_ = 0;
  }

  std::vector<std::uint16_t> near_;
  std::vector<std::uint32_t> sums_;
  std::uint32_t weight_ = 0, rows_ = 0;
};

}  // namespace

Plane luma_of(const Raster& raster) {
  Plane plane{raster.width, raster.height, {}};
  if (raster.empty()) return plane;
  const std::size_t count = std::size_t{raster.width} * raster.height;
  VETSET_ASSERT(raster.samples.size() == raster.row_bytes() * raster.height, "a raster has no gaps");
  if (raster.channels == 1 && raster.bits == 8) {
    plane.samples = raster.samples;
    return plane;
  }
  plane.samples.resize(count);
  const std::uint8_t* from = raster.samples.data();
  std::uint8_t* to = plane.samples.data();
  if (raster.bits == 8) {
    if (raster.channels == 2) to_luma<2, 1>(from, to, count);
    if (raster.channels == 3) rgb_to_luma(from, to, count);
    if (raster.channels == 4) to_luma<4, 1>(from, to, count);
    return plane;
  }
  if (raster.channels == 1) to_luma<1, 2>(from, to, count);
  if (raster.channels == 2) to_luma<2, 2>(from, to, count);
  if (raster.channels == 3) to_luma<3, 2>(from, to, count);
  if (raster.channels == 4) to_luma<4, 2>(from, to, count);
  return plane;
}

Raster oriented(Raster raster, std::uint8_t orientation) {
  if (orientation < 2 || orientation > 8 || raster.empty()) return raster;
  const Turn turn = turn_of(orientation, raster.width, raster.height);
  if (turn.swaps) std::swap(raster.width, raster.height);
  const std::size_t pixel_bytes = std::size_t{raster.channels} * (raster.bits / 8u);
  raster.samples = turned(raster.samples, pixel_bytes, turn, raster.width, raster.height);
  return raster;
}

Plane oriented(Plane plane, std::uint8_t orientation) {
  if (orientation < 2 || orientation > 8 || plane.empty()) return plane;
  const Turn turn = turn_of(orientation, plane.width, plane.height);
  if (turn.swaps) std::swap(plane.width, plane.height);
  plane.samples = turned(plane.samples, 1, turn, plane.width, plane.height);
  return plane;
}

Plane resampled(const Plane& plane, const Region& region, std::uint32_t width, std::uint32_t height) {
  VETSET_ASSERT(region.width > 0 && region.height > 0 && region.x <= plane.width && region.y <= plane.height &&
                    region.width <= plane.width - region.x && region.height <= plane.height - region.y,
                "the region lies in the plane");
  VETSET_ASSERT(region.height < 1U << 24, "sums of a column fit 32 bits");
  Plane out{width, height, std::vector<std::uint8_t>(std::size_t{width} * height)};
  const Axis across = axis_of(0, region.width, width), down = axis_of(region.y, region.height, height);
  const std::uint64_t total = across.total * down.total;
  RowSums sums(region.width);
  for (std::uint32_t y = 0; y < height; ++y) {
    const Span& rows = down.spans[y];
    sums.clear();
    for (std::uint32_t row = rows.begin; row < rows.end; ++row) {
      const bool begins = row == rows.begin, ends = row + 1 == rows.end;
      // A span within one sample weighs what it covers: all of it, since it is as long as a stored sample at least.
      const std::uint32_t weight = begins ? rows.first : ends ? rows.last : down.inner;
      sums.add(plane.row(row).subspan(region.x, region.width), weight);
    }
    const std::vector<std::uint32_t>& columns = sums.finish();
    for (std::uint32_t x = 0; x < width; ++x) {
      const Span& span = across.spans[x];
      std::uint64_t sum = std::uint64_t{columns[span.begin]} * span.first;
      if (span.end > span.begin + 1) {
        std::uint64_t inside = 0;
        for (std::uint32_t i = span.begin + 1; i + 1 < span.end; ++i) inside += columns[i];
        sum += inside * across.inner + std::uint64_t{columns[span.end - 1]} * span.last;
      }
      out.samples[std::size_t{y} * width + x] = static_cast<std::uint8_t>((sum + total / 2) / total);
    }
  }
  return out;
}

}  // namespace vetset
