// PBM, PGM and PPM, as text and as bytes: samples are stretched to the full range of 8 or 16 bits.
#include <algorithm>

#include "vetset/image/decoders.h"

namespace vetset {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Numbers between white space and comments.
class PnmReader {
 public:
  explicit PnmReader(std::string_view bytes) : bytes_(bytes) {}

  /// The next number; -1 at the end or before something else. `bit`: a single digit, as plain PBM runs them together.
  std::int64_t number(bool bit = false) {
    while (at_ < bytes_.size() && !is_digit(bytes_[at_])) {
      if (bytes_[at_] == '#')
        at_ = std::min(bytes_.find('\n', at_), bytes_.size());
      else if (is_space(bytes_[at_]))
        ++at_;
      else
        return -1;
    }
    if (at_ >= bytes_.size()) return -1;
    std::int64_t value = 0;
    do value = std::min<std::int64_t>(value * 10 + (bytes_[at_++] - '0'), 1 << 30);
    while (!bit && at_ < bytes_.size() && is_digit(bytes_[at_]));
    return value;
  }
  /// What follows the one white space after the header.
  std::string_view samples() const { return bytes_.substr(std::min(at_ + 1, bytes_.size())); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 2;
};

/// Stores sample `i`, given as 0 to `largest`.
void put(Raster& raster, std::size_t i, std::uint32_t value, std::uint32_t largest) {
  value = std::min(value, largest);
  if (raster.bits == 8) {
    raster.samples[i] = static_cast<std::uint8_t>(largest == 255 ? value : (value * 255 + largest / 2) / largest);
    return;
  }
  const std::uint64_t wide = largest == 65535 ? value : (std::uint64_t{value} * 65535 + largest / 2) / largest;
  raster.samples[2 * i] = static_cast<std::uint8_t>(wide & 255U);
  raster.samples[2 * i + 1] = static_cast<std::uint8_t>(wide >> 8);
}

}  // namespace

void decode_pnm(std::string_view bytes, const DecodeOptions& options, Decoded& d) {
  PnmReader reader(bytes);
  const char form = bytes[1];
  const bool plain = form <= '3', bitmap = form == '1' || form == '4';
  const std::int64_t width = reader.number(), height = reader.number(), largest = bitmap ? 1 : reader.number();
  if (width < 0 || height < 0 || largest < 1 || largest > 65535)
    return set_broken(d, "has no size and range of samples in its header");
  const std::uint32_t channels = form == '3' || form == '6' ? 3 : 1, top = static_cast<std::uint32_t>(largest);
  d.stored_bits = bitmap ? 1 : top > 255 ? 16 : 8;
  if (!make_room(
          {static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height), channels, top > 255 ? 16U : 8U},
          bytes, options, d))
    return;

  const std::size_t row = std::size_t{d.raster.width} * channels, total = row * d.raster.height;
  std::size_t done = 0;
  if (plain) {
    for (std::int64_t value = 0; done < total && (value = reader.number(bitmap)) >= 0; ++done)
      put(d.raster, done, bitmap ? value == 0 : static_cast<std::uint32_t>(value), top);
  } else if (bitmap) {
    const std::string_view packed = reader.samples();
    const std::size_t row_bytes = (row + 7) / 8;
    for (; done < total && (done / row) * row_bytes + done % row / 8 < packed.size(); ++done) {
      const auto byte = static_cast<std::uint8_t>(packed[(done / row) * row_bytes + done % row / 8]);
      put(d.raster, done, (byte >> (7 - done % row % 8) & 1) == 0, 1);  // 1 is black
    }
  } else {
    const std::string_view samples = reader.samples();
    const std::size_t step = top > 255 ? 2 : 1;
    for (; done < total && (done + 1) * step <= samples.size(); ++done) {
      const auto first = static_cast<std::uint8_t>(samples[done * step]);
      put(d.raster, done, step == 1 ? first : first * 256U + static_cast<std::uint8_t>(samples[done * step + 1]), top);
    }
  }
  if (done < total) set_cut(d, done / row, "ends in the middle of its pixels");
}

}  // namespace vetset
