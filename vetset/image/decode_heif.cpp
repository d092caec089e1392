// AVIF and HEIC by libheif, where the system has it. It turns and mirrors what it decodes; the turn that the header
// states is taken back, so that the raster is the stored frame as for other types.
#include <algorithm>
#include <memory>

#include "vetset/image/decoders.h"
#include "vetset/image/probe.h"
#include "vetset/image/system_library.h"

namespace vetset {
namespace {

// The part of libheif's C interface (heif.h) that is used here; it has kept since 1.0.
struct HeifError {
  int code, detail;
  const char* message;
};
struct HeifContext;
struct HeifHandle;
struct HeifImage;
constexpr int colourspace_rgb = 1, chroma_rgb = 10, chroma_rgba = 11, chroma_rgb16 = 14, chroma_rgba16 = 15;
constexpr int channel_interleaved = 10;

struct Heif {
  Heif() {
    library.bind(version, "heif_get_version");
    library.bind(new_context, "heif_context_alloc");
    library.bind(free_context, "heif_context_free");
    library.bind(read, "heif_context_read_from_memory_without_copy");
    library.bind(primary, "heif_context_get_primary_image_handle");
    library.bind(free_handle, "heif_image_handle_release");
    library.bind(handle_width, "heif_image_handle_get_width");
    library.bind(handle_height, "heif_image_handle_get_height");
    library.bind(has_alpha, "heif_image_handle_has_alpha_channel");
    library.bind(depth, "heif_image_handle_get_luma_bits_per_pixel");
    library.bind(decode, "heif_decode_image");
    library.bind(free_image, "heif_image_release");
    library.bind(width, "heif_image_get_width");
    library.bind(height, "heif_image_get_height");
    library.bind(plane, "heif_image_get_plane_readonly");
    library.bind_optional(threads, "heif_context_set_max_decoding_threads");
    HeifError (*init)(void*) = nullptr;
    library.bind_optional(init, "heif_init");  // loads its own modules, once
    if (library && init != nullptr) init(nullptr);
  }

  SystemLibrary library{"libheif.so.1"};
  const char* (*version)() = nullptr;
  HeifContext* (*new_context)() = nullptr;
  void (*free_context)(HeifContext*) = nullptr;
  HeifError (*read)(HeifContext*, const void*, std::size_t, const void*) = nullptr;
  HeifError (*primary)(HeifContext*, HeifHandle**) = nullptr;
  void (*free_handle)(const HeifHandle*) = nullptr;
  int (*handle_width)(const HeifHandle*) = nullptr;
  int (*handle_height)(const HeifHandle*) = nullptr;
  int (*has_alpha)(const HeifHandle*) = nullptr;
  int (*depth)(const HeifHandle*) = nullptr;
  HeifError (*decode)(const HeifHandle*, HeifImage**, int, int, const void*) = nullptr;
  void (*free_image)(const HeifImage*) = nullptr;
  int (*width)(const HeifImage*, int) = nullptr;
  int (*height)(const HeifImage*, int) = nullptr;
  const std::uint8_t* (*plane)(const HeifImage*, int, int*) = nullptr;
  void (*threads)(HeifContext*, int) = nullptr;
};

const Heif& heif() {
  static const Heif heif;
  return heif;
}

std::string said(const HeifError& error) {
  return "libheif says: " + std::string(error.message == nullptr ? "unknown fault" : error.message);
}
constexpr int unsupported_type = 3, unsupported_feature = 4;

void set_fault(const HeifError& error, Decoded& d) {
  if (error.code == unsupported_type || error.code == unsupported_feature) return set_unsupported(d, said(error));
  set_broken(d, said(error));
}

/// Samples of `depth` bits to the full range of 16.
void stretch_row(const std::uint8_t* from, std::size_t count, int depth, std::uint8_t* to) {
  const std::uint32_t largest = (1U << depth) - 1;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t stored = std::min(from[2 * i] | std::uint32_t{from[2 * i + 1]} << 8, largest);
    const std::uint32_t wide = (stored * 65535U + largest / 2) / largest;
    to[2 * i] = static_cast<std::uint8_t>(wide & 255U);
    to[2 * i + 1] = static_cast<std::uint8_t>(wide >> 8);
  }
}

constexpr std::uint8_t inverse(std::uint8_t orientation) {
  return orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
}

}  // namespace

void decode_heif(std::string_view bytes, const DecodeOptions& options, Decoded& d) {
  const Heif& h = heif();
  const std::unique_ptr<HeifContext, void (*)(HeifContext*)> context(h.new_context(), h.free_context);
  if (context == nullptr) return set_broken(d, "libheif has no memory");
  if (h.threads != nullptr) h.threads(context.get(), 0);
  if (const HeifError e = h.read(context.get(), bytes.data(), bytes.size(), nullptr); e.code != 0)
    return set_fault(e, d);
  HeifHandle* found = nullptr;
  if (const HeifError e = h.primary(context.get(), &found); e.code != 0) return set_fault(e, d);
  const std::unique_ptr<HeifHandle, void (*)(const HeifHandle*)> handle(found, h.free_handle);

  const bool alpha = h.has_alpha(found) != 0;
  const int stored = h.depth(found);
  if (stored < 1 || stored > 16) return set_unsupported(d, "has samples of " + std::to_string(stored) + " bits");
  const bool wide = stored > 8;
  d.stored_bits = static_cast<std::uint8_t>(stored);
  const int width = h.handle_width(found), height = h.handle_height(found);
  const DecodedFrame frame{static_cast<std::uint64_t>(std::max(width, 0)),
                           static_cast<std::uint64_t>(std::max(height, 0)), alpha ? 4U : 3U, wide ? 16U : 8U};
  if (!make_room(frame, bytes, options, d)) return;
  const int chroma = wide ? alpha ? chroma_rgba16 : chroma_rgb16 : alpha ? chroma_rgba : chroma_rgb;
  HeifImage* pixels = nullptr;
  if (const HeifError e = h.decode(found, &pixels, colourspace_rgb, chroma, nullptr); e.code != 0)
    return set_fault(e, d);
  const std::unique_ptr<HeifImage, void (*)(const HeifImage*)> image(pixels, h.free_image);
  int stride = 0;
  const std::uint8_t* const samples = h.plane(pixels, channel_interleaved, &stride);
  if (samples == nullptr || h.width(pixels, channel_interleaved) != width ||
      h.height(pixels, channel_interleaved) != height)
    return set_broken(d, "gives pixels of another size than its header states");
  const std::size_t row = d.raster.row_bytes();
  for (std::size_t y = 0; y < d.raster.height; ++y) {
    const std::uint8_t* const from = samples + y * static_cast<std::size_t>(stride);
    std::uint8_t* const to = d.raster.samples.data() + y * row;
    if (wide)
      stretch_row(from, row / 2, stored, to);
    else
      std::copy(from, from + row, to);
  }
  d.raster = oriented(std::move(d.raster), inverse(probe_header(bytes).orientation));
}

std::string heif_library() { return heif().library ? "libheif " + std::string(heif().version()) : std::string(); }

}  // namespace vetset
