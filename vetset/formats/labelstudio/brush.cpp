// Brushes. A stream of bits: how many bytes there are (32), the width of a word less one (5), four widths of counts
// less one (4 each); then runs: 1, which width (2), a count less one, a word; or 0, which width, a count less one,
// words.
#include <algorithm>

#include "vetset/formats/labelstudio/labelstudio.h"

namespace vetset::labelstudio_parts {
namespace {

constexpr std::uint64_t channels = 4;

class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint32_t take(unsigned bits) {
    std::uint64_t value = 0;
    for (; bits > 0; --bits, ++at_) {
      const std::size_t byte = at_ / 8;
      if (byte >= bytes_.size()) {
        over_ = true;
        return 0;
      }
      value = value << 1 | (bytes_[byte] >> (7 - at_ % 8) & 1U);
    }
    return static_cast<std::uint32_t>(value);
  }
  bool over() const { return over_; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  bool over_ = false;
};

class BitWriter {
 public:
  void put(std::uint64_t value, unsigned bits) {
    for (; bits > 0; --bits) {
      if (used_ % 8 == 0) bytes_.push_back(0);
      if ((value >> (bits - 1) & 1U) != 0) bytes_.back() |= static_cast<std::uint8_t>(1U << (7 - used_ % 8));
      ++used_;
    }
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t used_ = 0;
};

}  // namespace

Result<std::vector<std::uint8_t>> read_brush(std::span<const std::uint8_t> packed, std::uint32_t width,
                                             std::uint32_t height, const Limits& limits) {
  const std::uint64_t pixels = std::uint64_t{width} * height;
  if (pixels > limits.mask_pixels) return Error{Code::limit, "a brush larger than masks may be"};
  if (pixels * channels >> 16 > packed.size()) return Error{Code::malformed, "a brush that ends too soon"};
  BitReader in(packed);
  const std::uint64_t count = in.take(32);
  if (count != pixels * channels)
    return Error{Code::malformed, "a brush of " + std::to_string(count / channels) + " pixels, expected " +
                                      std::to_string(width) + "×" + std::to_string(height)};
  const unsigned word = in.take(5) + 1;
  unsigned sizes[4];
  for (unsigned& size : sizes) size = in.take(4) + 1;
  std::vector<std::uint8_t> ones(pixels, 0);
  for (std::uint64_t at = 0; at < count;) {
    const bool run = in.take(1) != 0;
    const std::uint64_t end = at + 1 + in.take(sizes[in.take(2)]);
    if (end > count) return Error{Code::malformed, "a brush whose runs are longer than it is"};
    std::uint32_t value = run ? in.take(word) : 0;
    for (; at < end; ++at) {
      if (!run) value = in.take(word);
      if (in.over()) return Error{Code::malformed, "a brush that ends too soon"};
      if (at % channels == channels - 1 && value != 0) ones[at / channels] = 1;
      // Whole pixels of a run at once.
      if (run && at % channels == channels - 1 && end - at > channels) {
        const std::uint64_t whole = (end - at - 1) / channels;
        if (value != 0)
          std::fill_n(ones.begin() + static_cast<std::ptrdiff_t>(at / channels + 1), whole, std::uint8_t{1});
        at += whole * channels;
      }
    }
  }
  return ones;
}

std::vector<std::uint8_t> pack_brush(std::span<const std::uint8_t> ones) {
  constexpr unsigned sizes[] = {3, 4, 8, 16};
  BitWriter out;
  out.put(ones.size() * channels, 32);
  out.put(7, 5);
  for (const unsigned size : sizes) out.put(size - 1, 4);
  for (std::size_t at = 0; at < ones.size();) {
    std::size_t end = at;
    while (end < ones.size() && ones[end] == ones[at]) ++end;
    for (std::uint64_t left = (end - at) * channels; left > 0;) {
      const std::uint64_t run = std::min<std::uint64_t>(left, 1U << 16);
      unsigned k = 0;
      while (run > std::uint64_t{1} << sizes[k]) ++k;
      out.put(1, 1);
      out.put(k, 2);
      out.put(run - 1, sizes[k]);
      out.put(ones[at] != 0 ? 255 : 0, 8);
      left -= run;
    }
    at = end;
  }
  return out.take();
}

}  // namespace vetset::labelstudio_parts
