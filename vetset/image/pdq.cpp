// PDQ (Facebook, 2019: "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm"), for exchange with
// lists of hashes that others keep. Every float is added, divided and rounded in the order of the reference
// implementation, so the bits are its bits; only the work is laid out for vectors.
//
// As the Python package pdqhash does, the picture is hashed at its own size, and its luma is rounded to a float once.
// The reference's command-line tool makes pictures above 512 pixels 512 × 512 first, by the nearest pixel, which costs
// about a bit on average.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "vetset/image/fingerprint.h"

namespace vetset {
namespace {

constexpr std::size_t small_side = 64;   // of the picture that is transformed
constexpr std::size_t frequencies = 16;  // 1 to 16, along both axes
constexpr std::uint32_t least_side = 5;  // below, there is no hash
constexpr std::size_t strip_rows = 8;    // rows that are filtered at once
using Small = std::array<std::array<float, small_side>, small_side>;

/// The mean of a window that slides along `length` values. At both ends, where less of it lies within, it is the mean
/// of that. Calls add(i) and subtract(i) for values that enter and leave, and write(i, values within).
template <class Add, class Subtract, class Write>
void slide(std::size_t length, std::size_t window, const Add& add, const Subtract& subtract, const Write& write) {
  const std::size_t ahead = window / 2;
  std::size_t right = 0, left = 0, out = 0;
  while (right < ahead) add(right++);
  while (right < window) add(right++), write(out++, static_cast<float>(right));
  while (right < length) add(right++), subtract(left++), write(out++, static_cast<float>(window));
  while (out < length) subtract(left++), write(out++, static_cast<float>(length - left));
}

/// Two passes of half a cell each make a window of a whole cell of the small picture.
std::size_t window_of(std::size_t side) { return (side + 2 * small_side - 1) / (2 * small_side); }

/// Which lines the small picture is taken from: the middle of each cell.
std::array<std::size_t, small_side> taken_from(std::size_t side) {
  std::array<std::size_t, small_side> at;
  for (std::size_t i = 0; i < small_side; ++i) at[i] = (2 * i + 1) * side / (2 * small_side);
  return at;
}

/// Luma of up to eight rows, one value of each row beside the other.
class Strip {
 public:
  explicit Strip(std::size_t width) : values_(width) {}
  std::array<float, strip_rows>& operator[](std::size_t x) { return values_[x]; }
  std::size_t width() const { return values_.size(); }

  /// (0.299 R + 0.587 G + 0.114 B), rounded once. The division by 1000 of a whole number gives that same float: a sum
  /// of doubles is off by 10⁻¹³ at most, and no thousandth but a float itself is so near to where rounding changes.
  void read(const Raster& raster, std::size_t first, std::size_t rows) {
    for (std::size_t r = 0; r < strip_rows; ++r) {
      const std::size_t y = std::min(first + r, first + rows - 1);  // a short strip repeats its last row
      const std::uint8_t* at = raster.samples.data() + y * raster.row_bytes();
      const std::size_t bytes = raster.bits / 8u, high = bytes - 1;
      const std::size_t pixel = raster.channels * bytes;
      if (raster.channels < 3) {
        for (std::size_t x = 0; x < width(); ++x, at += pixel) values_[x][r] = static_cast<float>(1000 * at[high]);
        continue;
      }
      for (std::size_t x = 0; x < width(); ++x, at += pixel)
        values_[x][r] = static_cast<float>(299 * at[high] + 587 * at[bytes + high] + 114 * at[2 * bytes + high]);
    }
    for (auto& eight : values_)
      for (float& value : eight) value /= 1000.0F;
  }

  /// The mean along the rows; write(x, eight means).
  template <class Write>
  void filter(const Write& write) const {
    std::array<float, strip_rows> sums{};
    slide(
        values_.size(), window_of(values_.size()),
        [&](std::size_t x) {
          for (std::size_t r = 0; r < strip_rows; ++r) sums[r] += values_[x][r];
        },
        [&](std::size_t x) {
          for (std::size_t r = 0; r < strip_rows; ++r) sums[r] -= values_[x][r];
        },
        [&](std::size_t x, float count) { write(x, sums, count); });
  }

 private:
  std::vector<std::array<float, strip_rows>> values_;
};

constexpr std::size_t lanes = 16;

/// Rows of floats, padded to whole vectors.
struct Rows {
  std::size_t stride, height;
  std::vector<float> values;

  Rows(std::size_t width, std::size_t rows)
      : stride((width + lanes - 1) / lanes * lanes), height(rows), values(stride * rows) {}
  float* operator[](std::size_t y) { return values.data() + y * stride; }
  const float* operator[](std::size_t y) const { return values.data() + y * stride; }
};

/// The mean along the columns; write(y, sums of all columns, by what they are divided).
template <class Write>
void filter_columns(const Rows& rows, const Write& write) {
  std::vector<float> sums(rows.stride);
  const auto change = [&](std::size_t y, const auto& by) {
    const float* row = rows[y];
    for (std::size_t x = 0; x < rows.stride; x += lanes) {
      std::array<float, lanes> next;
      for (std::size_t k = 0; k < lanes; ++k) next[k] = by(sums[x + k], row[x + k]);
      std::ranges::copy(next, sums.data() + x);
    }
  };
  slide(
      rows.height, window_of(rows.height), [&](std::size_t y) { change(y, [](float a, float b) { return a + b; }); },
      [&](std::size_t y) { change(y, [](float a, float b) { return a - b; }); },
      [&](std::size_t y, float count) { write(y, sums, count); });
}

/// The picture filtered twice along rows and columns (Jarosz), at the middle of each of 64 × 64 cells.
Small reduced(const Raster& raster) {
  const std::size_t width = raster.width, height = raster.height;
  Strip strip(width);
  Rows once(width, height);
  for (std::size_t first = 0; first < height; first += strip_rows) {
    const std::size_t rows = std::min(strip_rows, height - first);
    strip.read(raster, first, rows);
    float* out = once[first];
    strip.filter([&](std::size_t x, const std::array<float, strip_rows>& sums, float count) {
      std::array<float, strip_rows> means;
      for (std::size_t r = 0; r < strip_rows; ++r) means[r] = sums[r] / count;
      for (std::size_t r = 0; r < rows; ++r) out[r * once.stride + x] = means[r];
    });
  }

  // Of the second pass along rows only the columns are written that the small picture needs.
  const std::array<std::size_t, small_side> columns = taken_from(width), lines = taken_from(height);
  Rows twice(small_side, height);
  const auto filter_strip = [&](std::size_t first, std::size_t rows) {
    std::size_t next = 0;
    strip.filter([&](std::size_t x, const std::array<float, strip_rows>& sums, float count) {
      for (; next < small_side && columns[next] == x; ++next)
        for (std::size_t r = 0; r < rows; ++r) twice[first + r][next] = sums[r] / count;
    });
  };
  filter_columns(once, [&](std::size_t y, const std::vector<float>& sums, float count) {
    const std::size_t r = y % strip_rows;
    for (std::size_t x = 0; x < width; ++x) strip[x][r] = sums[x] / count;
    if (r + 1 == strip_rows || y + 1 == height) filter_strip(y - r, r + 1);
  });

  Small small{};
  std::size_t next = 0;
  filter_columns(twice, [&](std::size_t y, const std::vector<float>& sums, float count) {
    for (; next < small_side && lines[next] == y; ++next)
      for (std::size_t x = 0; x < small_side; ++x) small[next][x] = sums[x] / count;
  });
  return small;
}

/// A picture of 64 × 64 pixels is not filtered.
Small unfiltered(const Raster& raster) {
  Small small{};
  Strip strip(small_side);
  for (std::size_t first = 0; first < small_side; first += strip_rows) {
    strip.read(raster, first, strip_rows);
    for (std::size_t x = 0; x < small_side; ++x)
      for (std::size_t r = 0; r < strip_rows; ++r) small[first + r][x] = strip[x][r];
  }
  return small;
}

/// How much changes from pixel to pixel, in whole percents of the range each.
std::uint8_t quality_of(const Small& small) {
  const auto percent = [](float a, float b) { return std::abs(static_cast<int>((a - b) * 100 / 255)); };
  int sum = 0;
  for (std::size_t y = 0; y < small_side; ++y)
    for (std::size_t x = 0; x < small_side; ++x) {
      if (y + 1 < small_side) sum += percent(small[y][x], small[y + 1][x]);
      if (x + 1 < small_side) sum += percent(small[y][x], small[y][x + 1]);
    }
  return static_cast<std::uint8_t>(std::min(100, sum / 90));
}

/// Cosines, frequency by position.
const std::array<std::array<float, small_side>, frequencies>& cosines() {
  static const auto table = [] {
    std::array<std::array<float, small_side>, frequencies> t{};
    const auto scale = static_cast<float>(std::sqrt(2.0 / 64.0));
    for (std::size_t i = 0; i < frequencies; ++i)
      for (std::size_t j = 0; j < small_side; ++j) {
        const double angle =
            (3.14159265358979323846 / 2.0 / 64.0) * static_cast<double>(i + 1) * static_cast<double>(2 * j + 1);
        t[i][j] = static_cast<float>(static_cast<double>(scale) * std::cos(angle));
      }
    return t;
  }();
  return table;
}

std::array<float, frequencies * frequencies> transform(const Small& small) {
  const auto& c = cosines();
  std::array<std::array<float, frequencies>, small_side> across;  // cosines, position by frequency
  for (std::size_t i = 0; i < frequencies; ++i)
    for (std::size_t k = 0; k < small_side; ++k) across[k][i] = c[i][k];

  std::array<float, frequencies * frequencies> result{};
  for (std::size_t i = 0; i < frequencies; ++i) {
    std::array<float, small_side> row{};
    for (std::size_t k = 0; k < small_side; ++k)
      for (std::size_t j = 0; j < small_side; ++j) row[j] += c[i][k] * small[k][j];
    std::array<float, frequencies> sums{};
    for (std::size_t k = 0; k < small_side; ++k)
      for (std::size_t j = 0; j < frequencies; ++j) sums[j] += row[k] * across[k][j];
    std::ranges::copy(sums, result.begin() + static_cast<std::ptrdiff_t>(i * frequencies));
  }
  return result;
}

}  // namespace

Pdq pdq_of(const Raster& raster) {
  Pdq pdq;
  if (raster.width < least_side || raster.height < least_side) return pdq;
  const bool ready = raster.width == small_side && raster.height == small_side;
  const Small small = ready ? unfiltered(raster) : reduced(raster);
  pdq.quality = quality_of(small);
  const std::array<float, 256> coefficients = transform(small);
  std::array<float, 256> sorted = coefficients;
  std::ranges::nth_element(sorted, sorted.begin() + 127);  // the lower of the two in the middle
  for (std::size_t i = 0; i < 256; ++i)
    if (coefficients[i] > sorted[127]) pdq.bits.set(i);
  return pdq;
}

std::string pdq_hex(const Bits256& bits) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(64);
  for (std::size_t w = 4; w-- > 0;)
    for (int shift = 60; shift >= 0; shift -= 4) text += digits[bits.words[w] >> shift & 15];
  return text;
}

}  // namespace vetset
