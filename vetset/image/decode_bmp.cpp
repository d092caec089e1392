// BMP and DIB of Windows and OS/2: 1 to 32 bits, run-length coded or not, with masks, from either end. A palette that
// is all grey gives grey samples: BMP has no other way to say so. Bytes beside 32-bit colours are alpha only where the
// header has a mask for them.
#include <algorithm>
#include <bit>

#include "vetset/image/decoders.h"
#include "vetset/image/exif.h"

namespace vetset {
namespace {

enum : std::uint32_t { bi_rgb = 0, bi_rle8 = 1, bi_rle4 = 2, bi_bitfields = 3, bi_alpha_bitfields = 6 };

struct BmpHeader {
  std::uint32_t size = 0, width = 0, height = 0, bits = 0, compression = bi_rgb, colours = 0;
  std::uint64_t palette_at = 0, pixels_at = 0;
  std::uint32_t masks[4] = {};  // R, G, B, A
  bool goes_down = false;

  std::uint64_t row_bytes() const { return (std::uint64_t{width} * bits + 31) / 32 * 4; }
  bool run_length() const { return compression == bi_rle8 || compression == bi_rle4; }
  /// Where row `i` of the file stands in the picture.
  std::uint64_t place(std::uint64_t i) const { return goes_down ? i : height - 1 - i; }
};

void read_masks(std::string_view b, BmpHeader& h) {
  const bool stated = h.compression == bi_bitfields || h.compression == bi_alpha_bitfields;
  if (!stated) {
    constexpr std::uint32_t of_16[] = {0x7c00, 0x03e0, 0x001f, 0}, of_32[] = {0xff0000, 0xff00, 0xff, 0};
    std::copy_n(h.bits == 16 ? of_16 : of_32, 4, h.masks);
    return;
  }
  const bool with_alpha = h.size >= 56 || h.compression == bi_alpha_bitfields;
  const std::size_t count = with_alpha ? 4 : 3;
  for (std::size_t i = 0; i < count && 58 + 4 * i <= b.size(); ++i) h.masks[i] = little32(b, 54 + 4 * i);
  if (h.size == 40) h.palette_at += 4 * count;
}

/// False where the header makes no sense; `d` says why.
bool read_header(std::string_view b, BmpHeader& h, Decoded& d) {
  h.size = b.size() < 30 ? 0 : little32(b, 14);
  h.pixels_at = b.size() < 14 ? 0 : little32(b, 10);
  h.palette_at = std::uint64_t{14} + h.size;
  if (h.size == 12) {
    h.width = little16(b, 18);
    h.height = little16(b, 20);
    h.bits = little16(b, 24);
    return true;
  }
  if (h.size < 16 || b.size() < h.palette_at) return set_broken(d, "ends before its pixels"), false;
  h.width = little32(b, 18);
  h.goes_down = (little32(b, 22) & 0x80000000U) != 0;
  h.height = h.goes_down ? 0U - little32(b, 22) : little32(b, 22);
  h.bits = little16(b, 28);
  if (h.size >= 36) h.compression = little32(b, 30);
  if (h.size >= 40) h.colours = little32(b, 46);
  const bool other = h.compression > bi_bitfields && h.compression != bi_alpha_bitfields;
  if (other || (h.size == 64 && h.compression == bi_bitfields))
    return set_unsupported(d,
                           "has BMP compression " + std::to_string(h.compression) + ", expected none, runs or masks"),
           false;
  read_masks(b, h);
  return true;
}

Palette read_palette(std::string_view b, const BmpHeader& h) {
  Palette palette;
  const std::uint64_t entry = h.size == 12 ? 3 : 4;
  const std::uint64_t end = std::min<std::uint64_t>(b.size(), std::max(h.pixels_at, h.palette_at));
  const std::uint64_t room = end > h.palette_at ? (end - h.palette_at) / entry : 0;
  const std::uint64_t stated = h.colours > 0 ? h.colours : 1U << h.bits;
  palette.size = static_cast<std::uint32_t>(std::min({stated, room, std::uint64_t{1} << h.bits}));
  for (std::size_t i = 0; i < palette.size; ++i) {
    const auto at = static_cast<std::size_t>(h.palette_at + i * entry);
    for (std::size_t c = 0; c < 3; ++c) palette.entries[i][c] = static_cast<std::uint8_t>(byte_at(b, at + 2 - c));
    palette.entries[i][3] = 255;
  }
  return palette;
}

/// Runs to indices, row by row in the file's order; gives the rows that were reached.
std::uint64_t read_runs(std::string_view b, const BmpHeader& h, std::vector<std::uint8_t>& indices, bool& whole) {
  const bool small = h.compression == bi_rle4;
  std::uint64_t x = 0, y = 0;
  const auto put = [&](std::uint32_t value) {
    if (x < h.width && y < h.height)
      indices[static_cast<std::size_t>(y * h.width + x)] = static_cast<std::uint8_t>(value);
    ++x;
  };
  auto at = static_cast<std::size_t>(h.pixels_at);
  whole = false;
  while (at + 2 <= b.size() && y < h.height) {
    const std::uint32_t count = byte_at(b, at), value = byte_at(b, at + 1);
    at += 2;
    if (count > 0) {
      for (std::uint32_t i = 0; i < count; ++i) put(!small ? value : i % 2 == 0 ? value >> 4 : value & 15U);
    } else if (value == 0) {  // end of the row
      x = 0;
      ++y;
    } else if (value == 1) {  // end of the picture
      whole = true;
      return h.height;
    } else if (value == 2) {  // a step aside
      if (at + 2 > b.size()) break;
      x += byte_at(b, at);
      y += byte_at(b, at + 1);
      at += 2;
    } else {  // samples as they are
      const std::size_t bytes = small ? (value + 1) / 2 : value;
      for (std::size_t i = 0; i < value; ++i) {
        const std::size_t place = at + (small ? i / 2 : i);
        if (place >= b.size()) return y;
        put(!small ? byte_at(b, place) : i % 2 == 0 ? byte_at(b, place) >> 4 : byte_at(b, place) & 15U);
      }
      at += bytes + bytes % 2;
    }
  }
  whole = y >= h.height;
  return std::min<std::uint64_t>(y, h.height);
}

/// One masked channel of a pixel, to 0–255.
struct Channel {
  explicit Channel(std::uint32_t m) : mask(m), shift(m == 0 ? 0 : static_cast<std::uint32_t>(std::countr_zero(m))) {}
  std::uint8_t of(std::uint32_t pixel) const {
    const std::uint32_t largest = mask >> shift;
    return largest == 0 ? std::uint8_t{0}
                        : static_cast<std::uint8_t>(std::uint64_t{(pixel & mask) >> shift} * 255 / largest);
  }
  std::uint32_t mask, shift;
};

void read_masked_row(std::string_view row, const BmpHeader& h, std::uint32_t channels, std::uint8_t* out) {
  const Channel of[] = {Channel(h.masks[0]), Channel(h.masks[1]), Channel(h.masks[2]), Channel(h.masks[3])};
  for (std::size_t x = 0; x < h.width; ++x) {
    const std::uint32_t pixel = h.bits == 16 ? little16(row, 2 * x) : little32(row, 4 * x);
    for (std::size_t c = 0; c < channels; ++c) *out++ = of[c].of(pixel);
  }
}

void swap_row(std::string_view row, std::size_t width, std::uint8_t* out) {
  for (std::size_t x = 0; x < width; ++x)
    for (std::size_t c = 0; c < 3; ++c) *out++ = static_cast<std::uint8_t>(row[3 * x + 2 - c]);
}

void say_missing(const BmpHeader& h, std::uint64_t rows, Decoded& d) {
  if (rows == 0) return set_broken(d, "ends before its pixels");
  set_partial(d, "ends in the middle of its pixels: " + std::to_string(h.height - rows) + " of " +
                     std::to_string(h.height) + " rows are missing");
}

}  // namespace

void decode_bmp(std::string_view bytes, const DecodeOptions& options, Decoded& d) {
  BmpHeader h;
  if (!read_header(bytes, h, d)) return;
  const bool known = h.bits == 1 || h.bits == 4 || h.bits == 8 || h.bits == 16 || h.bits == 24 || h.bits == 32;
  const std::uint32_t run_bits = h.compression == bi_rle4 ? 4 : 8;
  if (!known || (h.run_length() && (h.bits != run_bits || h.goes_down)))
    return set_broken(
        d, "has " + std::to_string(h.bits) + " bits a pixel with BMP compression " + std::to_string(h.compression));
  if (h.pixels_at >= bytes.size()) return set_broken(d, "ends before its pixels");
  d.palette = h.bits <= 8;
  d.stored_bits = static_cast<std::uint8_t>(std::min(h.bits, 8U));
  const Palette palette = d.palette ? read_palette(bytes, h) : Palette{};
  const std::uint32_t channels = d.palette ? palette.grey() ? 1 : 3 : h.bits != 24 && h.masks[3] != 0 ? 4 : 3;
  if (!make_room({h.width, h.height, channels}, bytes, options, d)) return;

  const std::uint64_t row_bytes = h.row_bytes();
  std::uint64_t rows = std::min<std::uint64_t>((bytes.size() - h.pixels_at) / row_bytes, h.height), beyond = 0;
  std::vector<std::uint8_t> indices;
  bool whole = rows == h.height;
  if (h.run_length()) {
    indices.resize(std::size_t{h.width} * h.height);
    rows = read_runs(bytes, h, indices, whole);
  } else if (d.palette) {
    indices.resize(h.width);
  }
  for (std::uint64_t i = 0; i < rows; ++i) {
    std::uint8_t* const out = d.raster.samples.data() + h.place(i) * d.raster.row_bytes();
    if (h.run_length()) {
      beyond += apply_palette(indices.data() + i * h.width, h.width, palette, channels, out);
      continue;
    }
    const std::string_view row =
        bytes.substr(static_cast<std::size_t>(h.pixels_at + i * row_bytes), static_cast<std::size_t>(row_bytes));
    if (d.palette) {
      unpack_samples(reinterpret_cast<const std::uint8_t*>(row.data()), h.bits, h.width, indices.data());
      beyond += apply_palette(indices.data(), h.width, palette, channels, out);
    } else if (h.bits == 24) {
      swap_row(row, h.width, out);
    } else {
      read_masked_row(row, h, channels, out);
    }
  }
  if (!whole) return say_missing(h, rows, d);
  if (beyond > 0) set_partial(d, std::to_string(beyond) + " pixels have an index that the palette does not have");
}

}  // namespace vetset
