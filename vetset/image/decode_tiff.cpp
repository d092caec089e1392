// TIFF by libtiff, where the system has it. Grey, palette and RGB of up to 16 bits are taken as they are stored, with
// or without alpha; what is stored as luma and chroma or plane by plane comes by way of libtiff's own RGBA, in 8 bits.
#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>

#include "vetset/image/decoders.h"
#include "vetset/image/exif.h"
#include "vetset/image/system_library.h"

namespace vetset {
namespace {

// The part of libtiff's interface (tiffio.h) that is used here, as version 6 of the library has it.
struct TiffFile;
struct TiffOptions;
using TiffSays = int (*)(TiffFile*, void*, const char*, const char*, std::va_list);
using TiffMove = std::int64_t (*)(void*, void*, std::int64_t);
using TiffSeek = std::uint64_t (*)(void*, std::uint64_t, int);

struct Tiff {
  Tiff() {
    library.bind(version, "TIFFGetVersion");
    library.bind(new_options, "TIFFOpenOptionsAlloc");
    library.bind(free_options, "TIFFOpenOptionsFree");
    library.bind(limit, "TIFFOpenOptionsSetMaxSingleMemAlloc");
    library.bind(on_error, "TIFFOpenOptionsSetErrorHandlerExtR");
    library.bind(on_warning, "TIFFOpenOptionsSetWarningHandlerExtR");
    library.bind(open, "TIFFClientOpenExt");
    library.bind(close, "TIFFClose");
    library.bind(field, "TIFFGetFieldDefaulted");
    library.bind(pages, "TIFFNumberOfDirectories");
    library.bind(tiled, "TIFFIsTiled");
    library.bind(strip_bytes, "TIFFStripSize64");
    library.bind(tile_bytes, "TIFFTileSize64");
    library.bind(read_strip, "TIFFReadEncodedStrip");
    library.bind(read_tile, "TIFFReadEncodedTile");
    library.bind(read_rgba, "TIFFReadRGBAImageOriented");
  }

  SystemLibrary library{"libtiff.so.6"};
  const char* (*version)() = nullptr;
  TiffOptions* (*new_options)() = nullptr;
  void (*free_options)(TiffOptions*) = nullptr;
  void (*limit)(TiffOptions*, std::int64_t) = nullptr;
  void (*on_error)(TiffOptions*, TiffSays, void*) = nullptr;
  void (*on_warning)(TiffOptions*, TiffSays, void*) = nullptr;
  TiffFile* (*open)(const char*, const char*, void*, TiffMove, TiffMove, TiffSeek, int (*)(void*),
                    std::uint64_t (*)(void*), int (*)(void*, void**, std::uint64_t*),
                    void (*)(void*, void*, std::uint64_t), TiffOptions*) = nullptr;
  void (*close)(TiffFile*) = nullptr;
  int (*field)(TiffFile*, std::uint32_t, ...) = nullptr;
  std::uint32_t (*pages)(TiffFile*) = nullptr;
  int (*tiled)(TiffFile*) = nullptr;
  std::uint64_t (*strip_bytes)(TiffFile*) = nullptr;
  std::uint64_t (*tile_bytes)(TiffFile*) = nullptr;
  std::int64_t (*read_strip)(TiffFile*, std::uint32_t, void*, std::int64_t) = nullptr;
  std::int64_t (*read_tile)(TiffFile*, std::uint32_t, void*, std::int64_t) = nullptr;
  int (*read_rgba)(TiffFile*, std::uint32_t, std::uint32_t, std::uint32_t*, int, int) = nullptr;
};

const Tiff& tiff() {
  static const Tiff tiff;
  return tiff;
}

/// The file as libtiff sees it, and the first thing that it complained of.
struct TiffSource {
  std::string_view bytes;
  std::uint64_t at = 0;
  std::string fault = {};
};

std::int64_t read_source(void* user, void* to, std::int64_t wanted) {
  auto& source = *static_cast<TiffSource*>(user);
  if (source.at >= source.bytes.size() || wanted <= 0) return 0;
  const auto at = static_cast<std::size_t>(source.at);
  const std::size_t count = std::min(static_cast<std::size_t>(wanted), source.bytes.size() - at);
  std::memcpy(to, source.bytes.data() + at, count);
  source.at += count;
  return static_cast<std::int64_t>(count);
}
std::int64_t refuse_writing(void*, void*, std::int64_t) { return -1; }
std::uint64_t seek_source(void* user, std::uint64_t to, int from) {
  auto& source = *static_cast<TiffSource*>(user);
  source.at = from == SEEK_SET ? to : from == SEEK_CUR ? source.at + to : source.bytes.size() + to;
  return source.at;
}
int leave_open(void*) { return 0; }
std::uint64_t source_size(void* user) { return static_cast<TiffSource*>(user)->bytes.size(); }

int keep_fault(TiffFile*, void* user, const char*, const char* format, std::va_list values) {
  auto& source = *static_cast<TiffSource*>(user);
  char text[256] = {};
  if (source.fault.empty() && std::vsnprintf(text, sizeof text, format, values) > 0) source.fault = text;
  return 1;  // said and done: libtiff prints nothing
}
int pass_over(TiffFile*, void*, const char*, const char*, std::va_list) { return 1; }

enum : std::uint32_t {
  photometric_white_is_zero,
  photometric_black_is_zero,
  photometric_rgb,
  photometric_palette,
  photometric_ink = 5
};

struct TiffKind {
  std::uint32_t width = 0, height = 0, rows_per_strip = 0, tile_width = 0, tile_height = 0;
  std::uint16_t bits = 1, samples = 1, photometric = 0, planes = 1, sample_format = 1, orientation = 1;
  std::uint16_t extra = 0;  // what the first sample beyond the colours is: 1 and 2 are alpha
  bool extra_stated = false;

  std::uint32_t colours() const { return photometric == photometric_rgb ? 3 : 1; }
  bool has_alpha() const {
    return samples > colours() && (extra == 1 || extra == 2 || (!extra_stated && samples == 4 && colours() == 3));
  }
  bool premultiplied() const { return has_alpha() && extra == 1; }
  bool as_stored() const {
    const bool depth = bits == 8 || bits == 16 || (samples == 1 && (bits == 1 || bits == 2 || bits == 4));
    const bool known =
        photometric <= photometric_rgb || (photometric == photometric_palette && bits <= 8 && samples == 1);
    return depth && known && samples >= colours() && (planes == 1 || samples == 1);
  }
  std::size_t row_bytes(std::uint32_t columns) const { return (std::size_t{columns} * samples * bits + 7) / 8; }
};

TiffKind kind_of(TiffFile* file) {
  const Tiff& t = tiff();
  TiffKind k;
  t.field(file, 256, &k.width);
  t.field(file, 257, &k.height);
  t.field(file, 258, &k.bits);
  t.field(file, 277, &k.samples);
  t.field(file, 262, &k.photometric);
  t.field(file, 284, &k.planes);
  t.field(file, 339, &k.sample_format);
  t.field(file, 274, &k.orientation);
  t.field(file, 278, &k.rows_per_strip);
  t.field(file, 322, &k.tile_width);
  t.field(file, 323, &k.tile_height);
  std::uint16_t count = 0;
  const std::uint16_t* kinds = nullptr;
  if (t.field(file, 338, &count, &kinds) != 0 && count > 0 && kinds != nullptr) {
    k.extra = kinds[0];
    k.extra_stated = true;
  }
  return k;
}

Palette palette_of(TiffFile* file, std::uint16_t bits) {
  Palette palette;
  const std::uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
  if (tiff().field(file, 320, &red, &green, &blue) == 0 || red == nullptr || green == nullptr || blue == nullptr)
    return palette;
  palette.size = 1U << bits;
  for (std::uint32_t i = 0; i < palette.size; ++i) {
    const std::uint8_t entry[] = {static_cast<std::uint8_t>(red[i] >> 8), static_cast<std::uint8_t>(green[i] >> 8),
                                  static_cast<std::uint8_t>(blue[i] >> 8), 255};
    std::copy(std::begin(entry), std::end(entry), palette.entries[i]);
  }
  return palette;
}

/// Stored rows to rows of the raster.
class TiffRows {
 public:
  TiffRows(TiffFile* file, const TiffKind& kind, Raster& raster) : kind_(kind), raster_(raster) {
    if (kind.photometric == photometric_palette) palette_ = palette_of(file, kind.bits);
  }
  bool lacks_palette() const { return kind_.photometric == photometric_palette && palette_.size == 0; }

  /// `count` pixels, from column `x` of row `y` on.
  void put(const std::uint8_t* from, std::uint32_t x, std::uint32_t y, std::uint32_t count) {
    std::uint8_t* const to =
        raster_.samples.data() + y * raster_.row_bytes() + std::size_t{x} * raster_.channels * (raster_.bits / 8u);
    if (kind_.bits < 8 || kind_.photometric == photometric_palette) return put_packed(from, count, to);
    if (kind_.bits == 8) return put_samples<std::uint8_t>(from, count, to);
    put_samples<std::uint16_t>(from, count, to);
  }

 private:
  void put_packed(const std::uint8_t* from, std::uint32_t count, std::uint8_t* to) {
    line_.resize(count);
    unpack_samples(from, kind_.bits, count, line_.data());
    if (kind_.photometric == photometric_palette) {
      apply_palette(line_.data(), count, palette_, raster_.channels, to);
      return;
    }
    const std::uint32_t factor = 255U / ((1U << kind_.bits) - 1);
    const std::uint32_t flip = kind_.photometric == photometric_white_is_zero ? 255 : 0;
    for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<std::uint8_t>((line_[i] * factor) ^ flip);
  }

  template <class Sample>
  void put_samples(const std::uint8_t* from, std::uint32_t count, std::uint8_t* to) {
    constexpr std::uint32_t full = static_cast<Sample>(~Sample{0});
    const std::uint32_t flip = kind_.photometric == photometric_white_is_zero ? full : 0;
    const std::uint32_t colours = kind_.colours(), channels = raster_.channels;
    for (std::uint32_t i = 0; i < count; ++i, from += kind_.samples * sizeof(Sample), to += channels * sizeof(Sample)) {
      Sample pixel[4] = {};
      std::memcpy(pixel, from, channels * sizeof(Sample));
      for (std::uint32_t c = 0; c < colours; ++c) pixel[c] = static_cast<Sample>(pixel[c] ^ flip);
      if (kind_.premultiplied() && pixel[channels - 1] != 0)
        for (std::uint32_t c = 0; c < colours; ++c)
          pixel[c] = static_cast<Sample>(std::min(full, pixel[c] * full / pixel[channels - 1]));
      std::memcpy(to, pixel, channels * sizeof(Sample));
    }
  }

  TiffKind kind_;
  Raster& raster_;
  Palette palette_;
  std::vector<std::uint8_t> line_;
};

/// Gives the rows that came before the first fault.
std::uint64_t read_strips(TiffFile* file, const TiffKind& kind, TiffRows& rows) {
  const std::uint32_t height = std::clamp(kind.rows_per_strip, 1U, kind.height);
  const std::size_t row = kind.row_bytes(kind.width);
  std::vector<std::uint8_t> strip(row * height);
  if (tiff().strip_bytes(file) > strip.size()) return 0;
  for (std::uint32_t top = 0, index = 0; top < kind.height; top += height, ++index) {
    const std::uint32_t here = std::min(height, kind.height - top);
    const std::int64_t got = tiff().read_strip(file, index, strip.data(), static_cast<std::int64_t>(row * here));
    if (got < static_cast<std::int64_t>(row * here)) return top;
    for (std::uint32_t y = 0; y < here; ++y) rows.put(strip.data() + y * row, 0, top + y, kind.width);
  }
  return kind.height;
}

std::uint64_t read_tiles(TiffFile* file, const TiffKind& kind, std::uint64_t largest, TiffRows& rows) {
  const std::uint64_t bytes = tiff().tile_bytes(file);
  const std::size_t row = kind.row_bytes(kind.tile_width);
  if (kind.tile_width == 0 || kind.tile_height == 0 || bytes > largest ||
      bytes != std::uint64_t{row} * kind.tile_height)
    return 0;
  std::vector<std::uint8_t> tile(static_cast<std::size_t>(bytes));
  std::uint32_t index = 0;
  for (std::uint32_t top = 0; top < kind.height; top += kind.tile_height) {
    for (std::uint32_t left = 0; left < kind.width; left += kind.tile_width, ++index) {
      if (tiff().read_tile(file, index, tile.data(), static_cast<std::int64_t>(bytes)) !=
          static_cast<std::int64_t>(bytes))
        return top;
      const std::uint32_t wide = std::min(kind.tile_width, kind.width - left),
                          high = std::min(kind.tile_height, kind.height - top);
      for (std::uint32_t y = 0; y < high; ++y) rows.put(tile.data() + y * row, left, top + y, wide);
    }
  }
  return kind.height;
}

/// By way of libtiff's own conversion to 32 bits a pixel.
bool read_converted(TiffFile* file, const TiffKind& kind, Raster& raster) {
  std::vector<std::uint32_t> pixels(std::size_t{kind.width} * kind.height);
  if (tiff().read_rgba(file, kind.width, kind.height, pixels.data(), kind.orientation, 1) == 0) return false;
  std::uint8_t* to = raster.samples.data();
  for (const std::uint32_t pixel : pixels)
    for (std::uint32_t c = 0; c < raster.channels; ++c) *to++ = static_cast<std::uint8_t>(pixel >> 8 * c);
  return true;
}

}  // namespace

void decode_tiff(std::string_view bytes, const DecodeOptions& options, Decoded& d) {
  const Tiff& t = tiff();
  TiffSource source{bytes};
  const std::unique_ptr<TiffOptions, void (*)(TiffOptions*)> open_options(t.new_options(), t.free_options);
  if (open_options == nullptr) return set_broken(d, "libtiff has no memory");
  // No single table or strip of an honest file is larger than the picture it belongs to.
  const std::uint64_t largest =
      std::clamp<std::uint64_t>(bytes.size() * 1024, std::uint64_t{1} << 27, std::uint64_t{1} << 31);
  t.limit(open_options.get(), static_cast<std::int64_t>(largest));
  t.on_error(open_options.get(), keep_fault, &source);
  t.on_warning(open_options.get(), pass_over, nullptr);
  const std::unique_ptr<TiffFile, void (*)(TiffFile*)> file(
      t.open("", "rm", &source, read_source, refuse_writing, seek_source, leave_open, source_size, nullptr, nullptr,
             open_options.get()),
      t.close);
  const auto said = [&] {
    if (source.fault.empty()) return std::string("ends before its pixels");
    return "libtiff says: " + source.fault.substr(source.fault.rfind(": ", 0) == 0 ? 2 : 0);  // it names no file
  };
  if (file == nullptr) return set_broken(d, said());

  const TiffKind kind = kind_of(file.get());
  d.stored_bits = static_cast<std::uint8_t>(std::min<std::uint16_t>(kind.bits, 255));
  d.palette = kind.photometric == photometric_palette;
  if (!d.palette && TiffDirectory(bytes).value(262) == photometric_palette)  // libtiff then makes it grey
    return set_broken(d, "ends before its palette");
  d.cmyk = kind.photometric == photometric_ink;
  if (d.cmyk) return set_unsupported(d, "holds the four inks of print (CMYK), expected grey or colours of a screen");
  if (kind.sample_format != 1 || kind.bits > 16)
    return set_unsupported(d, "has samples of " + std::to_string(kind.bits) +
                                  (kind.sample_format == 3 ? " bits as fractions" : " bits") +
                                  ", expected whole numbers of 1 to 16 bits");
  const bool stored = kind.as_stored();
  const std::uint32_t channels = stored && !d.palette           ? kind.colours() + (kind.has_alpha() ? 1 : 0)
                                 : !stored && kind.samples == 4 ? 4
                                                                : 3;
  if (!make_room({kind.width, kind.height, channels, stored && kind.bits == 16 ? 16U : 8U}, bytes, options, d)) return;

  if (stored) {
    TiffRows rows(file.get(), kind, d.raster);
    if (rows.lacks_palette()) return set_broken(d, "has no palette");
    const bool tiled = t.tiled(file.get()) != 0;
    const std::uint64_t done =
        tiled ? read_tiles(file.get(), kind, largest, rows) : read_strips(file.get(), kind, rows);
    if (done < kind.height) return set_cut(d, done, said());
  } else if (!read_converted(file.get(), kind, d.raster)) {
    return set_broken(d, said());
  }
  if (!source.fault.empty()) set_partial(d, said());
  d.frames = std::max(t.pages(file.get()), 1U);
}

std::string tiff_library() {
  if (!tiff().library) return {};
  const std::string_view said = tiff().version();  // "LIBTIFF, Version 4.5.0\nCopyright ..."
  const std::size_t begin = std::min(said.find_first_of("0123456789"), said.size());
  return "libtiff " + std::string(said.substr(begin, said.find('\n') - begin));
}

}  // namespace vetset
