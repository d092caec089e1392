#include "vetset/image/decode.h"

#include <algorithm>

#include "vetset/image/decoders.h"
#include "vetset/image/probe.h"

namespace vetset {
namespace {

struct Entry {
  ImageType type;
  void (*decode)(std::string_view, const DecodeOptions&, Decoded&);
  std::string (*library)();  // none: our own lines
  std::string_view needs;    // a library that is looked for at run time
};
constexpr Entry entries[] = {
    {ImageType::jpeg, decode_jpeg, jpeg_library, ""},
    {ImageType::mpo, decode_jpeg, jpeg_library, ""},
    {ImageType::png, decode_png, png_library, ""},
    {ImageType::webp, decode_webp, webp_library, ""},
    {ImageType::gif, decode_gif, gif_library, ""},
    {ImageType::bmp, decode_bmp, nullptr, ""},
    {ImageType::pnm, decode_pnm, nullptr, ""},
    {ImageType::tiff, decode_tiff, tiff_library, "libtiff"},
    {ImageType::avif, decode_heif, heif_library, "libheif"},
    {ImageType::heic, decode_heif, heif_library, "libheif"},
    {ImageType::jp2, decode_jp2, jp2_library, "libopenjp2"},
};

void finish(Decoded& d) {
  if (d.status == DecodeStatus::not_decoded) d.status = DecodeStatus::ok;
  if (d.status == DecodeStatus::ok || d.status == DecodeStatus::partial) return;
  d.raster = {};
  d.has_coefficients = false;
}

}  // namespace

Decoded decode_image(std::string_view bytes, const DecodeOptions& options) {
  Decoded d;
  const Facts facts = probe_header(bytes);
  d.type = facts.type;
  if (d.type == ImageType::unknown) {
    set_broken(d, facts.reason);
    return d;
  }
  const auto* const entry =
      std::find_if(std::begin(entries), std::end(entries), [&](const Entry& e) { return e.type == d.type; });
  if (entry == std::end(entries)) {
    set_unsupported(d, "no decoder reads " + std::string(name(d.type)) + " images");
  } else if (!entry->needs.empty() && entry->library().empty()) {
    set_unsupported(d, std::string(name(d.type)) + " images need " + std::string(entry->needs) +
                           ", which this system does not have");
  } else {
    entry->decode(bytes, options, d);
  }
  finish(d);
  return d;
}

std::vector<Decoder> decoders() {
  std::vector<Decoder> all;
  for (const Entry& entry : entries)
    all.push_back(
        {entry.type, entry.library == nullptr ? "vetset " VETSET_VERSION : entry.library(), std::string(entry.needs)});
  return all;
}

bool make_room(const DecodedFrame& frame, std::string_view bytes, const DecodeOptions& options, Decoded& d) {
  const auto size = [&] { return std::to_string(frame.width) + "x" + std::to_string(frame.height) + " pixels"; };
  if (frame.width == 0 || frame.height == 0) {
    set_broken(d, "states a size of " + std::to_string(frame.width) + "x" + std::to_string(frame.height));
    return false;
  }
  constexpr std::uint64_t longest = 1ULL << 24;  // sums over a row or a column then fit 32 bits
  if (frame.width >= longest || frame.height >= longest || frame.width * frame.height > options.pixels) {
    d.status = DecodeStatus::refused;
    d.reason = "is " + size() + ", more than the " + std::to_string(options.pixels) + " that are granted";
    return false;
  }
  constexpr std::uint64_t granted_to_any = 1ULL << 24;
  const std::uint64_t pixels = frame.width * frame.height;
  if (pixels > granted_to_any && pixels / plausible_pixels_per_byte > bytes.size()) {
    d.status = DecodeStatus::refused;
    d.reason = "states " + size() + " in " + std::to_string(bytes.size()) + " bytes, more than any picture needs";
    return false;
  }
  d.raster.width = static_cast<std::uint32_t>(frame.width);
  d.raster.height = static_cast<std::uint32_t>(frame.height);
  d.raster.channels = static_cast<std::uint8_t>(frame.channels);
  d.raster.bits = static_cast<std::uint8_t>(frame.bits);
  d.raster.samples.assign(d.raster.row_bytes() * d.raster.height, 0x80);
  return true;
}

void set_broken(Decoded& d, std::string reason) {
  d.status = DecodeStatus::broken;
  d.reason = std::move(reason);
}

void set_partial(Decoded& d, std::string reason) {
  d.status = DecodeStatus::partial;
  d.reason = std::move(reason);
}

void set_unsupported(Decoded& d, std::string reason) {
  d.status = DecodeStatus::unsupported;
  d.reason = std::move(reason);
}

void set_cut(Decoded& d, std::uint64_t rows, const std::string& reason) {
  if (rows == 0) return set_broken(d, reason);
  if (rows >= d.raster.height) return set_partial(d, reason);
  set_partial(d, reason + ": row " + std::to_string(rows) + " of " + std::to_string(d.raster.height) +
                     " and those after it are missing");
}

bool Palette::grey() const {
  return !transparent &&
         std::all_of(entries, entries + size, [](const auto& e) { return e[0] == e[1] && e[1] == e[2]; });
}

void unpack_samples(const std::uint8_t* from, std::uint32_t bits, std::size_t count, std::uint8_t* to) {
  if (bits == 8) {
    std::copy(from, from + count, to);
    return;
  }
  const std::uint32_t mask = (1U << bits) - 1;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t bit = i * bits;
    to[i] = static_cast<std::uint8_t>(std::uint32_t{from[bit / 8]} >> (8 - bits - bit % 8) & mask);
  }
}

std::uint64_t apply_palette(const std::uint8_t* indices, std::size_t count, const Palette& palette,
                            std::uint32_t channels, std::uint8_t* to) {
  constexpr std::uint8_t missing[4] = {0, 0, 0, 255};
  std::uint64_t beyond = 0;
  for (std::size_t i = 0; i < count; ++i, to += channels) {
    const bool known = indices[i] < palette.size;
    beyond += known ? 0 : 1;
    const std::uint8_t* const entry = known ? palette.entries[indices[i]] : missing;
    std::copy(entry, entry + channels, to);
  }
  return beyond;
}

}  // namespace vetset
