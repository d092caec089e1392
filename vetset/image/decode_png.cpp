// PNG by libspng: every kind and depth. Checksums are verified; what a damaged file still gives is kept.
#include <spng.h>

#include <algorithm>
#include <bit>
#include <memory>

#include "vetset/image/decoders.h"
#include "vetset/image/exif.h"
#include "vetset/image/headers.h"

namespace vetset {
namespace {

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, FreeContext>;

std::string said(int code) {
  if (code == SPNG_IO_EOF) return "ends before its pixels";
  return "libspng says: " + std::string(spng_strerror(code));
}

/// Pictures of an animation, as the acTL chunk before the pixels states; 1 where there is none.
std::uint32_t frames_of(std::string_view b) {
  std::size_t at = 8;
  while (at + 12 <= b.size()) {
    const std::size_t length = big32(b, at);
    const std::string_view type = b.substr(at + 4, 4);
    if (type == "IDAT" || type == "IEND") return 1;
    if (type == "acTL" && length >= 8 && at + 12 <= b.size()) return std::max(big32(b, at + 8), 1U);
    at += 12 + length;
  }
  return 1;
}

struct PngKind {
  std::uint32_t stored_channels = 1, channels = 1, bits = 8, depth = 8;
  bool palette = false, key = false;  // key: one colour stands for transparent
  bool as_stored() const { return !palette && !key && depth >= 8; }
};

PngKind kind_of(const spng_ihdr& header, bool has_transparency) {
  PngKind kind;
  kind.depth = header.bit_depth;
  kind.bits = header.bit_depth == 16 ? 16 : 8;
  kind.palette = header.color_type == SPNG_COLOR_TYPE_INDEXED;
  switch (header.color_type) {
    case SPNG_COLOR_TYPE_TRUECOLOR: kind.stored_channels = 3; break;
    case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA: kind.stored_channels = 2; break;
    case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA: kind.stored_channels = 4; break;
    default: kind.stored_channels = 1;
  }
  kind.channels = kind.palette ? has_transparency ? 4 : 3 : kind.stored_channels;
  kind.key = !kind.palette && has_transparency && kind.stored_channels % 2 == 1;
  if (kind.key) ++kind.channels;
  return kind;
}

Palette palette_of(spng_ctx* context, const spng_trns& transparency) {
  Palette palette;
  auto plte = std::make_unique<spng_plte>();
  if (spng_get_plte(context, plte.get()) == 0) palette.size = std::min(plte->n_entries, 256U);
  for (std::uint32_t i = 0; i < palette.size; ++i) {
    const spng_plte_entry& entry = plte->entries[i];
    const bool stated = i < std::min(transparency.n_type3_entries, 256U);
    const std::uint8_t values[] = {entry.red, entry.green, entry.blue,
                                   stated ? transparency.type3_alpha[i] : std::uint8_t{255}};
    std::copy(std::begin(values), std::end(values), palette.entries[i]);
  }
  return palette;
}

/// Stored samples of less than 8 bits, one a byte, to 0–255.
void widen(std::uint8_t* samples, std::size_t count, std::uint32_t depth) {
  const std::uint32_t factor = 255U / ((1U << depth) - 1);
  for (std::size_t i = 0; i < count; ++i) samples[i] = static_cast<std::uint8_t>(samples[i] * factor);
}

/// Adds the alpha channel of a colour key: 0 where a pixel is the key, full elsewhere. `stored` are samples of one or
/// two bytes, not widened yet.
template <class Sample>
void key_alpha(const std::uint8_t* stored, std::size_t count, std::uint32_t channels, const std::uint16_t (&key)[3],
               std::uint32_t factor, std::uint8_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    bool is_key = true;
    for (std::uint32_t c = 0; c <= channels; ++c) {
      Sample value = 0;
      if (c < channels) {
        std::copy(stored, stored + sizeof value, reinterpret_cast<std::uint8_t*>(&value));
        stored += sizeof value;
        is_key = is_key && value == key[c];
        value = static_cast<Sample>(value * factor);
      } else {
        value = is_key ? Sample{0} : static_cast<Sample>(~Sample{0});
      }
      const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&value);
      out = std::copy(bytes, bytes + sizeof value, out);
    }
  }
}

/// Packed rows, as the file has them, to samples of the raster.
class Expander {
 public:
  Expander(const PngKind& kind, spng_ctx* context, const spng_trns& transparency, std::uint32_t width)
      : kind_(kind), width_(width), line_(std::size_t{width} * kind.stored_channels) {
    if (kind.palette) palette_ = palette_of(context, transparency);
    const bool grey = kind.stored_channels == 1;
    key_[0] = grey ? transparency.gray : transparency.red;
    key_[1] = transparency.green;
    key_[2] = transparency.blue;
  }

  void row(const std::uint8_t* stored, std::uint8_t* out) {
    const std::size_t count = line_.size();
    if (kind_.bits == 16) return key_alpha<std::uint16_t>(stored, width_, kind_.stored_channels, key_, 1, out);
    unpack_samples(stored, kind_.depth, count, line_.data());
    if (kind_.palette) {
      beyond_ += apply_palette(line_.data(), count, palette_, kind_.channels, out);
    } else if (kind_.key) {
      key_alpha<std::uint8_t>(line_.data(), width_, kind_.stored_channels, key_, 255U / ((1U << kind_.depth) - 1), out);
    } else {
      widen(line_.data(), count, kind_.depth);
      std::copy(line_.begin(), line_.end(), out);
    }
  }
  std::uint64_t beyond() const { return beyond_; }  // pixels whose index the palette does not have

 private:
  PngKind kind_;
  std::uint32_t width_;
  std::vector<std::uint8_t> line_;
  Palette palette_;
  std::uint16_t key_[3] = {};
  std::uint64_t beyond_ = 0;
};

/// Reads rows to `out` until the end or a fault; gives how many rows, from the top, have come.
std::uint64_t read_rows(spng_ctx* context, std::uint8_t* out, std::size_t row_bytes, int& fault) {
  std::uint64_t rows = 0;
  for (;;) {
    spng_row_info info = {};
    fault = spng_get_row_info(context, &info);
    if (fault != 0) break;
    fault = spng_decode_row(context, out + info.row_num * row_bytes, row_bytes);
    if (fault != 0 && fault != SPNG_EOI) break;
    rows = std::max<std::uint64_t>(rows, info.row_num + 1);
    if (fault == SPNG_EOI) break;
  }
  return rows;
}

/// The checksum of IHDR, which stands for the size: bit by bit, for 17 bytes.
bool header_is_sound(std::string_view b) {
  if (b.size() < 33) return false;
  std::uint32_t sum = 0xffffffffU;
  for (std::size_t i = 12; i < 29; ++i) {
    sum ^= byte_at(b, i);
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ (0xedb88320U & (0U - (sum & 1U)));
  }
  return ~sum == big32(b, 29);
}

/// The file with its last chunk of pixels, which runs past the end, made as long as it is, so that libspng gives what
/// lies in it; nothing where that is not what is cut.
std::string shortened(std::string_view b) {
  std::size_t at = 8;
  while (at + 8 < b.size()) {
    const std::size_t length = big32(b, at), left = b.size() - at - 8;
    if (left < length + 4) {
      if (b.substr(at + 4, 4) != "IDAT") break;
      const std::size_t here = std::min(left, length);
      std::string file(b.substr(0, at + 8 + here));
      for (std::size_t i = 0; i < 4; ++i) file[at + i] = static_cast<char>(here >> (24 - 8 * i) & 255U);
      return file + std::string(4, '\0');  // a checksum that nobody looks at
    }
    at += 12 + length;
  }
  return {};
}

struct Png {
  Context context;
  spng_ihdr header = {};
  spng_trns transparency = {};
  PngKind kind;

  std::size_t stored_row() const {
    return (std::size_t{header.width} * kind.stored_channels * header.bit_depth + 7) / 8;
  }
};

/// Reads all that stands before the pixels; a fault's code, or 0.
int open_png(std::string_view bytes, bool checksums, Png& png) {
  png.context.reset(spng_ctx_new(0));
  if (png.context == nullptr) return SPNG_EMEM;
  constexpr std::size_t chunk_bytes = 64U << 20;  // of a profile or a text, inflated
  spng_set_chunk_limits(png.context.get(), chunk_bytes, 2 * chunk_bytes);
  if (!checksums) spng_set_crc_action(png.context.get(), SPNG_CRC_USE, SPNG_CRC_DISCARD);
  spng_set_png_buffer(png.context.get(), bytes.data(), bytes.size());
  if (const int fault = spng_get_ihdr(png.context.get(), &png.header); fault != 0) return fault;
  const int opaque = spng_get_trns(png.context.get(), &png.transparency);
  if (opaque != 0 && opaque != SPNG_ECHUNKAVAIL) return opaque;
  png.kind = kind_of(png.header, opaque == 0);
  return 0;
}

/// Fills the raster; gives the rows that came, and why no more did.
std::uint64_t read_pixels(const Png& png, Decoded& d, int& fault) {
  fault = spng_decode_image(png.context.get(), nullptr, 0, SPNG_FMT_PNG, SPNG_DECODE_PROGRESSIVE);
  if (fault != 0) return 0;
  const std::size_t stored_row = png.stored_row();
  if (png.kind.as_stored()) return read_rows(png.context.get(), d.raster.samples.data(), stored_row, fault);
  std::vector<std::uint8_t> stored(stored_row * png.header.height);
  const std::uint64_t rows = read_rows(png.context.get(), stored.data(), stored_row, fault);
  Expander expander(png.kind, png.context.get(), png.transparency, png.header.width);
  for (std::uint64_t y = 0; y < rows; ++y)
    expander.row(stored.data() + y * stored_row, d.raster.samples.data() + y * d.raster.row_bytes());
  if (expander.beyond() > 0)
    set_partial(d, std::to_string(expander.beyond()) + " pixels have an index that the palette does not have");
  return rows;
}

}  // namespace

void decode_png(std::string_view bytes, const DecodeOptions& options, Decoded& d) {
  static_assert(std::endian::native == std::endian::little, "rasters are little-endian");
  Png png;
  int fault = open_png(bytes, true, png);
  d.stored_bits = png.header.bit_depth;
  d.palette = png.header.color_type == SPNG_COLOR_TYPE_INDEXED;
  d.frames = frames_of(bytes);
  const std::string cut = fault == SPNG_IO_EOF || png_end(bytes) == 0 ? shortened(bytes) : std::string();
  if (!cut.empty()) fault = open_png(cut, false, png);
  bool wrong_sum = fault == SPNG_ECHUNK_CRC && header_is_sound(bytes);  // that of its palette
  if (wrong_sum) fault = open_png(bytes, false, png);
  if (fault != 0) return set_broken(d, said(fault));
  const auto room = [&] {
    return make_room({png.header.width, png.header.height, png.kind.channels, png.kind.bits}, bytes, options, d);
  };
  if (!room()) return;
  std::uint64_t rows = read_pixels(png, d, fault);
  if (fault == SPNG_ECHUNK_CRC) {
    wrong_sum = true;
    fault = open_png(bytes, false, png);
    if (fault == 0 && !room()) return;  // for what it says now
    if (fault == 0) rows = read_pixels(png, d, fault);
  }
  const std::string reason = wrong_sum     ? said(SPNG_ECHUNK_CRC)
                             : cut.empty() ? said(fault)
                                           : "ends in the middle of its pixels";
  if (fault != SPNG_EOI && rows > 0 && png.header.interlace_method != SPNG_INTERLACE_NONE)
    return set_partial(d, reason + ": finer rows of its interlaced picture are missing");
  if (fault != SPNG_EOI) return set_cut(d, rows, reason);
  if (d.status != DecodeStatus::not_decoded) return;
  if (wrong_sum) return set_partial(d, reason);
  if (png_end(bytes) == 0) return set_partial(d, "ends without its IEND chunk");
  if (spng_decode_chunks(png.context.get()) == SPNG_ECHUNK_CRC) set_partial(d, said(SPNG_ECHUNK_CRC));
}

std::string png_library() { return "libspng " + std::string(spng_version_string()); }

}  // namespace vetset
