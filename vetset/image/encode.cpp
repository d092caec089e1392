#include "vetset/image/encode.h"

#include <cstddef>
#include <cstdio>
// jpeglib.h takes FILE and size_t for granted.
#include <jpeglib.h>
#include <spng.h>

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <memory>

namespace vetset {
namespace {

bool is_whole(const Raster& raster) {
  return raster.width > 0 && raster.height > 0 && raster.samples.size() == raster.row_bytes() * raster.height;
}

/// libjpeg with its errors as values, as in decode_jpeg.cpp. Nothing that lives here is destroyed on the way out.
struct JpegWriter {
  jpeg_compress_struct z{};
  jpeg_error_mgr errors{};
  std::jmp_buf back{};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  char said[JMSG_LENGTH_MAX] = {};

  ~JpegWriter() {
    jpeg_destroy_compress(&z);
    std::free(bytes);
  }
};

[[gnu::noinline]] bool write_jpeg(JpegWriter& writer, const Raster& raster, int quality) {
  jpeg_compress_struct& z = writer.z;
  z.err = jpeg_std_error(&writer.errors);
  z.client_data = &writer;
  writer.errors.error_exit = [](j_common_ptr c) {
    auto* const self = static_cast<JpegWriter*>(c->client_data);
    c->err->format_message(c, self->said);
    std::longjmp(self->back, 1);
  };
  writer.errors.emit_message = [](j_common_ptr, int) {};
  if (setjmp(writer.back) != 0) {
    if (z.next_scanline > 0) writer.bytes = nullptr;  // libjpeg may have moved it: better lost than freed twice
    return false;
  }
  jpeg_create_compress(&z);
  jpeg_mem_dest(&z, &writer.bytes, &writer.size);
  z.image_width = raster.width;
  z.image_height = raster.height;
  z.input_components = raster.channels;
  z.in_color_space = raster.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&z);
  jpeg_set_quality(&z, std::clamp(quality, 1, 100), TRUE);
  z.dct_method = JDCT_ISLOW;
  jpeg_start_compress(&z, TRUE);
  while (z.next_scanline < z.image_height) {
    // libjpeg takes rows as not const and only reads them.
    JSAMPROW row = const_cast<JSAMPROW>(raster.samples.data() + z.next_scanline * raster.row_bytes());
    jpeg_write_scanlines(&z, &row, 1);
  }
  jpeg_finish_compress(&z);
  return true;
}

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};

}  // namespace

Result<std::string> encode_png(const Raster& raster) {
  if (!is_whole(raster)) return Error{Code::usage, "an image without pixels cannot be a PNG"};
  const std::unique_ptr<spng_ctx, FreeContext> context(spng_ctx_new(SPNG_CTX_ENCODER));
  if (context == nullptr) return Error{Code::io, "libspng has no memory"};
  constexpr std::uint8_t colour_of[] = {SPNG_COLOR_TYPE_GRAYSCALE, SPNG_COLOR_TYPE_GRAYSCALE_ALPHA,
                                        SPNG_COLOR_TYPE_TRUECOLOR, SPNG_COLOR_TYPE_TRUECOLOR_ALPHA};
  spng_ihdr header = {};
  header.width = raster.width;
  header.height = raster.height;
  header.bit_depth = raster.bits;
  header.color_type = colour_of[(raster.channels - 1) & 3];
  spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
  spng_set_option(context.get(), SPNG_IMG_COMPRESSION_LEVEL, 6);
  spng_set_option(context.get(), SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_ALL);
  int fault = spng_set_ihdr(context.get(), &header);
  if (fault == 0)
    fault = spng_encode_image(context.get(), raster.samples.data(), raster.samples.size(), SPNG_FMT_PNG,
                              SPNG_ENCODE_FINALIZE);
  std::size_t size = 0;
  const std::unique_ptr<void, void (*)(void*)> bytes(
      fault == 0 ? spng_get_png_buffer(context.get(), &size, &fault) : nullptr, std::free);
  if (bytes == nullptr) return Error{Code::unsupported, "libspng says: " + std::string(spng_strerror(fault))};
  return std::string(static_cast<const char*>(bytes.get()), size);
}

Result<std::string> encode_jpeg(const Raster& raster, int quality) {
  if (!is_whole(raster)) return Error{Code::usage, "an image without pixels cannot be a JPEG"};
  if (raster.bits != 8 || (raster.channels != 1 && raster.channels != 3))
    return Error{Code::unsupported, "a JPEG holds grey or RGB of 8 bits, found " + std::to_string(raster.channels) +
                                        " channels of " + std::to_string(raster.bits)};
  const auto writer = std::make_unique<JpegWriter>();
  if (!write_jpeg(*writer, raster, quality))
    return Error{Code::unsupported, "libjpeg says: " + std::string(writer->said)};
  return std::string(reinterpret_cast<const char*>(writer->bytes), writer->size);
}

}  // namespace vetset
