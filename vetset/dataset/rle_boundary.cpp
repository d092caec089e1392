// The boundary of a mask for boundary IoU. Erosion by a full square, as often as the boundary is wide, is one window of
// 2 × distance + 1 pixels each way. Columns are held as bits, cropped to the mask's box, beyond which there is nothing;
// a window is the AND of shifted copies, each shift twice the one before.
#include <algorithm>
#include <bit>
#include <cmath>

#include "vetset/dataset/rle.h"

namespace vetset {
namespace {

using Word = std::uint64_t;
constexpr std::size_t word_bits = 64;

/// Columns of bits, each of `words` words.
struct Bits {
  std::size_t columns = 0, words = 0;
  std::vector<Word> data;
  Word* column(std::size_t x) { return data.data() + x * words; }
  const Word* column(std::size_t x) const { return data.data() + x * words; }
};

void set_bits(Word* words, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin; at < end;) {
    const std::size_t bit = at % word_bits, count = std::min(word_bits - bit, end - at);
    words[at / word_bits] |= (~Word{0} >> (word_bits - count)) << bit;
    at += count;
  }
}

/// The mask within its box.
Bits bits_of(MaskCountsView counts, std::uint32_t height, const Box& box) {
  const auto left = static_cast<std::uint64_t>(box.x), top = static_cast<std::uint64_t>(box.y);
  const auto rows = static_cast<std::size_t>(box.height);
  Bits bits{.columns = static_cast<std::size_t>(box.width), .words = (rows + word_bits - 1) / word_bits, .data = {}};
  bits.data.resize(bits.columns * bits.words);
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < counts.size(); at += counts[i++]) {
    if (i % 2 == 0) continue;
    const std::uint64_t end = at + counts[i];
    for (std::uint64_t begin = at; begin < end;) {
      const std::uint64_t column = begin / height, column_begin = column * height;
      const std::uint64_t stop = std::min(end, column_begin + height);
      set_bits(bits.column(column - left), begin - column_begin - top, stop - column_begin - top);
      begin = stop;
    }
  }
  return bits;
}

/// Calls `step(shift)` so that a value and'ed with itself `shift` further on, step by step, covers a window of
/// `length`.
template <class Step>
void double_up(std::size_t length, const Step& step) {
  for (std::size_t have = 1; have < length;) {
    const std::size_t shift = std::min(have, length - have);
    step(shift);
    have += shift;
  }
}

/// Bit y becomes bit y AND bit y + shift.
void and_later(Word* words, std::size_t count, std::size_t shift) {
  const std::size_t skip = shift / word_bits, bits = shift % word_bits;
  for (std::size_t i = 0; i < count; ++i) {
    const Word low = i + skip < count ? words[i + skip] : 0, high = i + skip + 1 < count ? words[i + skip + 1] : 0;
    words[i] &= bits == 0 ? low : low >> bits | high << (word_bits - bits);
  }
}

/// Bit y becomes bit y − shift.
void move_later(Word* words, std::size_t count, std::size_t shift) {
  const std::size_t skip = shift / word_bits, bits = shift % word_bits;
  for (std::size_t i = count; i-- > 0;) {
    const Word high = i >= skip ? words[i - skip] : 0, low = i >= skip + 1 ? words[i - skip - 1] : 0;
    words[i] = bits == 0 ? high : high << bits | low >> (word_bits - bits);
  }
}

/// What is left of the mask where a square of that many pixels each way fits into it. Columns come moved: column x of
/// the result stands at x − distance.
Bits eroded(Bits bits, std::size_t distance) {
  const std::size_t window = 2 * distance + 1;
  double_up(window, [&](std::size_t shift) {
    for (std::size_t x = 0; x < bits.columns; ++x)
      for (std::size_t i = 0; i < bits.words; ++i)
        bits.column(x)[i] &= x + shift < bits.columns ? bits.column(x + shift)[i] : 0;
  });
  for (std::size_t x = 0; x < bits.columns; ++x) {
    double_up(window, [&](std::size_t shift) { and_later(bits.column(x), bits.words, shift); });
    move_later(bits.column(x), bits.words, distance);
  }
  return bits;
}

/// Appends runs of ones that come in order.
class RunWriter {
 public:
  explicit RunWriter(MaskCounts& out) : out_(out) { out_.clear(); }
  void add(std::uint64_t begin, std::uint64_t end) {
    if (begin == at_ && !out_.empty()) {
      out_.back() += static_cast<std::uint32_t>(end - begin);
    } else {
      out_.push_back(static_cast<std::uint32_t>(begin - at_));
      out_.push_back(static_cast<std::uint32_t>(end - begin));
    }
    at_ = end;
  }
  void finish(std::uint64_t pixels) {
    if (at_ < pixels || out_.empty()) out_.push_back(static_cast<std::uint32_t>(pixels - at_));
  }

 private:
  MaskCounts& out_;
  std::uint64_t at_ = 0;
};

/// Adds the runs of ones of a column whose first bit is pixel `begin`.
void add_runs(const Word* words, std::size_t count, std::uint64_t begin, RunWriter& out) {
  for (std::size_t i = 0; i < count; ++i) {
    Word rest = words[i];
    while (rest != 0) {
      const auto first = static_cast<std::size_t>(std::countr_zero(rest));
      const auto length = static_cast<std::size_t>(std::countr_one(rest >> first));
      const std::uint64_t at = begin + i * word_bits + first;
      out.add(at, at + length);
      if (first + length == word_bits) break;
      rest &= ~Word{0} << (first + length);
    }
  }
}

}  // namespace

void boundary_of_counts(MaskCountsView counts, std::uint32_t height, std::uint32_t width, std::uint32_t distance,
                        MaskCounts& out) {
  const std::uint64_t pixels = std::uint64_t{height} * width;
  const Box box = box_of_mask(counts, height);
  RunWriter writer(out);
  if (std::min(box.width, box.height) <= 2 * static_cast<double>(distance)) {
    // The square fits nowhere, so all of the mask is boundary.
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < counts.size(); at += counts[i++])
      if (i % 2 == 1 && counts[i] > 0) writer.add(at, at + counts[i]);
    return writer.finish(pixels);
  }
  Bits bits = bits_of(counts, height, box);
  const Bits inner = eroded(bits, distance);
  const std::uint64_t first = static_cast<std::uint64_t>(box.x) * height + static_cast<std::uint64_t>(box.y);
  for (std::size_t x = 0; x < bits.columns; ++x) {
    Word* const column = bits.column(x);
    if (x >= distance)
      for (std::size_t i = 0; i < bits.words; ++i) column[i] &= ~inner.column(x - distance)[i];
    add_runs(column, bits.words, first + std::uint64_t{height} * x, writer);
  }
  writer.finish(pixels);
}

std::uint32_t boundary_distance(std::uint32_t height, std::uint32_t width, double ratio) {
  const double diagonal = std::sqrt(static_cast<double>(height) * height + static_cast<double>(width) * width);
  const double distance = std::nearbyint(ratio * diagonal);
  constexpr double most = 0x7fffffff;
  return distance >= 1 ? static_cast<std::uint32_t>(std::min(distance, most)) : 1;
}

}  // namespace vetset
