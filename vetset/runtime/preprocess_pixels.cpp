// Encoded bytes to the 8-bit pixels that training saw.
#include "vetset/image/decode.h"
#include "vetset/image/probe.h"
#include "vetset/runtime/preprocess.h"

namespace vetset {
namespace {

Result<void> check_decoded(const Decoded& d, const PixelSpec& spec) {
  switch (d.status) {
    case DecodeStatus::ok: return {};
    case DecodeStatus::partial:
      if (spec.truncated) return {};
      return Error{Code::malformed, "the image " + d.reason + "; the contract takes whole files alone"};
    case DecodeStatus::refused: return Error{Code::limit, "the image " + d.reason};
    case DecodeStatus::unsupported: return Error{Code::unsupported, "the image cannot be decoded: " + d.reason};
    default: return Error{Code::malformed, "no image: " + (d.reason.empty() ? "nothing was decoded" : d.reason)};
  }
}

std::uint8_t byte_of(const std::uint8_t* sample, std::uint8_t bits, PixelSpec::Deep deep) {
  if (bits == 8) return *sample;
  const std::uint32_t value = sample[0] | std::uint32_t{sample[1]} << 8;
  return static_cast<std::uint8_t>(deep == PixelSpec::Deep::scaled ? (value * 255 + 32767) / 65535 : value >> 8);
}

std::uint8_t laid_on(std::uint32_t value, std::uint32_t opacity, PixelSpec::Alpha alpha) {
  const std::uint32_t ground = alpha == PixelSpec::Alpha::white ? 255 : 0;
  return static_cast<std::uint8_t>((value * opacity + ground * (255 - opacity) + 127) / 255);
}

/// Grey or RGB of 8 bits.
Raster in_bytes(Raster raster, const PixelSpec& spec) {
  const bool has_alpha = raster.channels == 2 || raster.channels == 4;
  if (raster.bits == 8 && !has_alpha) return raster;
  const auto colours = static_cast<std::uint8_t>(raster.channels - (has_alpha ? 1 : 0));
  Raster out{raster.width, raster.height, colours, 8, {}};
  const std::size_t count = std::size_t{raster.width} * raster.height, step = raster.bits / 8U;
  out.samples.resize(count * colours);
  const std::uint8_t* from = raster.samples.data();
  std::uint8_t* to = out.samples.data();
  for (std::size_t i = 0; i < count; ++i, from += raster.channels * step) {
    const std::uint8_t opacity = has_alpha ? byte_of(from + colours * step, raster.bits, spec.deep) : 255;
    for (std::uint8_t c = 0; c < colours; ++c, ++to) {
      *to = byte_of(from + c * step, raster.bits, spec.deep);
      if (has_alpha && spec.alpha != PixelSpec::Alpha::drop) *to = laid_on(*to, opacity, spec.alpha);
    }
  }
  return out;
}

}  // namespace

Result<Raster> decoded_pixels(std::string_view bytes, const PixelSpec& spec) {
  Decoded decoded = decode_image(bytes, {.pixels = spec.max_pixels, .inks = true});
  VETSET_DO(check_decoded(decoded, spec));
  Raster pixels = in_bytes(std::move(decoded.raster), spec);
  if (!spec.exif_orientation) return pixels;
  return oriented(std::move(pixels), probe_header(bytes).orientation);
}

}  // namespace vetset
