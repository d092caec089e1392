// WebP by libwebp: lossy, lossless, with alpha; of an animation its first picture, on its canvas.
#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <memory>

#include "vetset/image/decoders.h"

namespace vetset {
namespace {

struct DeleteDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
struct DeleteDecoder {
  void operator()(WebPIDecoder* decoder) const { WebPIDelete(decoder); }
};

std::string version_text(int packed) {
  return std::to_string(packed >> 16) + "." + std::to_string(packed >> 8 & 255) + "." + std::to_string(packed & 255);
}

/// The pixels of one picture into the canvas; gives how many of its rows came.
std::uint64_t read_frame(const WebPIterator& frame, Raster& canvas) {
  const std::size_t stride = canvas.row_bytes();
  const std::size_t first =
      static_cast<std::size_t>(frame.y_offset) * stride + static_cast<std::size_t>(frame.x_offset) * canvas.channels;
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return 0;
  config.output.colorspace = canvas.channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = canvas.samples.data() + first;
  config.output.u.RGBA.stride = static_cast<int>(stride);
  config.output.u.RGBA.size = canvas.samples.size() - first;
  const std::uint64_t height = static_cast<std::uint64_t>(frame.height);
  if (frame.complete != 0 && WebPDecode(frame.fragment.bytes, frame.fragment.size, &config) == VP8_STATUS_OK)
    return height;
  // What there is of it, row by row.
  const std::unique_ptr<WebPIDecoder, DeleteDecoder> decoder(WebPIDecode(nullptr, 0, &config));
  if (decoder == nullptr) return 0;
  WebPIAppend(decoder.get(), frame.fragment.bytes, frame.fragment.size);
  int last = 0;
  return WebPIDecGetRGB(decoder.get(), &last, nullptr, nullptr, nullptr) == nullptr
             ? 0
             : static_cast<std::uint64_t>(std::max(last, 0));
}

}  // namespace

void decode_webp(std::string_view bytes, const DecodeOptions& options, Decoded& d) {
  const WebPData data{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  const std::unique_ptr<WebPDemuxer, DeleteDemuxer> demuxer(WebPDemuxPartial(&data, &state));
  if (demuxer == nullptr || state < WEBP_DEMUX_PARSED_HEADER) return set_broken(d, "has no sound WebP header");
  const std::uint32_t width = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH);
  const std::uint32_t height = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT);
  const bool alpha = (WebPDemuxGetI(demuxer.get(), WEBP_FF_FORMAT_FLAGS) & ALPHA_FLAG) != 0;
  d.frames = std::max(WebPDemuxGetI(demuxer.get(), WEBP_FF_FRAME_COUNT), 1U);

  WebPIterator frame;
  if (WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) return set_broken(d, "ends before its pixels");
  const std::unique_ptr<WebPIterator, void (*)(WebPIterator*)> release(&frame, WebPDemuxReleaseIterator);
  if (!make_room({width, height, alpha ? 4U : 3U}, bytes, options, d)) return;
  const auto reaches = [](int offset, int size) {
    return static_cast<std::uint64_t>(offset) + static_cast<std::uint64_t>(size);
  };
  if (frame.x_offset < 0 || frame.y_offset < 0 || frame.width <= 0 || frame.height <= 0 ||
      reaches(frame.x_offset, frame.width) > width || reaches(frame.y_offset, frame.height) > height)
    return set_broken(d, "has a first picture that does not lie on its canvas");
  const bool covers = reaches(0, frame.width) == width && reaches(0, frame.height) == height;
  if (!covers) std::fill(d.raster.samples.begin(), d.raster.samples.end(), std::uint8_t{0});  // transparent, or black
  const std::uint64_t rows = read_frame(frame, d.raster);
  if (rows < static_cast<std::uint64_t>(frame.height))
    return set_cut(d, rows, frame.complete != 0 ? "has damaged pixels" : "ends in the middle of its pixels");
  if (state != WEBP_DEMUX_DONE) set_partial(d, "ends before its header says");
}

std::string webp_library() { return "libwebp " + version_text(WebPGetDecoderVersion()); }

}  // namespace vetset
