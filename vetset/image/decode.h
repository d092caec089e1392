// Bytes of an image file to pixels: JPEG, PNG, WebP, BMP, GIF; TIFF, AVIF/HEIC and JPEG 2000 by libraries that the
// system may have. Under limits, and never trusting what a header says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vetset/base/hash128.h"
#include "vetset/dataset/pixel_facts.h"
#include "vetset/image/raster.h"

namespace vetset {

struct DecodeOptions {
  std::uint64_t pixels = 1ULL << 28;  // width times height at most, of the image and of each frame
  bool luma_only = false;             // grey is enough: a JPEG's colours are then not computed
  bool inks = false;                  // a JPEG in CMYK is given as RGB, by Pillow's formula; else it is unsupported
  bool coefficients = false;          // hash the quantised DCT coefficients of a JPEG, too
};

struct Decoded {
  DecodeStatus status = DecodeStatus::not_decoded;
  std::string reason = {};   // for any status but ok: what was found; for `partial` what is missing
  ImageType type{};          // by the bytes, whatever the name says
  Raster raster = {};        // the stored frame, not turned yet; of `partial` the rows that there are, the rest grey
  std::uint32_t frames = 1;  // of an animation; the raster is its first one, composed on its canvas
  bool palette = false, cmyk = false;
  std::uint8_t stored_bits = 8;   // a sample as stored: 1, 2, 4, 8, 16
  std::uint8_t jpeg_quality = 0;  // by the quantisation tables, as libjpeg's scale has it; 0: not a JPEG
  bool progressive = false;       // JPEG
  bool has_coefficients = false;
  Hash128 coefficients = {};  // of size, sampling, tables and coefficients: equal for lossless rewrites
};
Decoded decode_image(std::string_view bytes, const DecodeOptions& options = {});

/// The decoders of this build and this system, for `vetset formats --images` and messages: "jpeg
/// (libjpeg-turbo 2.1.5)".
struct Decoder {
  ImageType type{};
  std::string library = {};  // with its version; empty: not here
  std::string needs = {};    // what would bring it: "libheif"
};
std::vector<Decoder> decoders();

}  // namespace vetset
