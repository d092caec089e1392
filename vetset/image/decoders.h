// One function per image type: its bytes to pixels. For files of this room only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vetset/image/decode.h"

namespace vetset {

/// Size and kind of the samples that a decoder is about to give.
struct DecodedFrame {
  std::uint64_t width = 0, height = 0;
  std::uint32_t channels = 0, bits = 8;
};

/// Makes room for a frame, all of it middle grey, if the limits grant it; else says why and leaves the raster empty.
/// Besides `DecodeOptions::pixels`, a file has to be of a size that can hold the picture: 2^24 pixels are granted to
/// any file, and beyond them `plausible_pixels_per_byte`.
bool make_room(const DecodedFrame& frame, std::string_view bytes, const DecodeOptions& options, Decoded& d);

/// The densest honest coding known, by a margin: deflate of a 1-bit image holds 8,256 pixels in a byte.
constexpr std::uint64_t plausible_pixels_per_byte = 16384;

void set_broken(Decoded& d, std::string reason);
void set_partial(Decoded& d, std::string reason);
void set_unsupported(Decoded& d, std::string reason);
/// `rows` of the raster came out, then `reason` ended it: partial, or broken where there is not one.
void set_cut(Decoded& d, std::uint64_t rows, const std::string& reason);

/// Palette entries as the files hold them, already in the order R, G, B, A.
struct Palette {
  std::uint8_t entries[256][4] = {};
  std::uint32_t size = 0;
  bool transparent = false;

  bool grey() const;  // every entry is, and none is transparent
};
/// `count` samples of `bits` (1, 2, 4 or 8) each, the high ones first, one a byte.
void unpack_samples(const std::uint8_t* from, std::uint32_t bits, std::size_t count, std::uint8_t* to);
/// Indices to 1, 3 or 4 samples each; an index beyond the palette is black and opaque, and counted.
std::uint64_t apply_palette(const std::uint8_t* indices, std::size_t count, const Palette& palette,
                            std::uint32_t channels, std::uint8_t* to);

void decode_jpeg(std::string_view bytes, const DecodeOptions& options, Decoded& d);
void decode_png(std::string_view bytes, const DecodeOptions& options, Decoded& d);
void decode_bmp(std::string_view bytes, const DecodeOptions& options, Decoded& d);
void decode_pnm(std::string_view bytes, const DecodeOptions& options, Decoded& d);
void decode_gif(std::string_view bytes, const DecodeOptions& options, Decoded& d);
void decode_webp(std::string_view bytes, const DecodeOptions& options, Decoded& d);
void decode_tiff(std::string_view bytes, const DecodeOptions& options, Decoded& d);
void decode_heif(std::string_view bytes, const DecodeOptions& options, Decoded& d);
void decode_jp2(std::string_view bytes, const DecodeOptions& options, Decoded& d);

// Names and versions of the libraries; empty where the system has none.
std::string jpeg_library();
std::string png_library();
std::string gif_library();
std::string webp_library();
std::string tiff_library();
std::string heif_library();
std::string jp2_library();

}  // namespace vetset
