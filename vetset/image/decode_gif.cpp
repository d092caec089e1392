// GIF by giflib: the first picture on its canvas, in colours; what no picture covers is transparent where the picture
// has a transparent index, and of index 0 elsewhere, as in Pillow.
#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "vetset/image/decoders.h"

namespace vetset {
namespace {

struct CloseGif {
  void operator()(GifFileType* gif) const {
    int ignored = 0;
    DGifCloseFile(gif, &ignored);
  }
};

int read_bytes(GifFileType* gif, GifByteType* to, int wanted) {
  auto& left = *static_cast<std::string_view*>(gif->UserData);
  const std::size_t count = std::min(left.size(), static_cast<std::size_t>(std::max(wanted, 0)));
  std::memcpy(to, left.data(), count);
  left.remove_prefix(count);
  return static_cast<int>(count);
}

std::string said(int code) {
  const char* const text = GifErrorString(code);
  return text == nullptr ? "ends before it is whole" : "giflib says: " + std::string(text);
}

Palette palette_of(const ColorMapObject* colours, int transparent) {
  Palette palette;
  palette.size = colours == nullptr ? 0 : static_cast<std::uint32_t>(std::clamp(colours->ColorCount, 0, 256));
  for (std::uint32_t i = 0; i < palette.size; ++i) {
    const GifColorType& c = colours->Colors[i];
    const bool clear = static_cast<int>(i) == transparent;
    const std::uint8_t entry[] = {c.Red, c.Green, c.Blue, clear ? std::uint8_t{0} : std::uint8_t{255}};
    std::copy(std::begin(entry), std::end(entry), palette.entries[i]);
  }
  palette.transparent = transparent >= 0;
  for (; transparent >= static_cast<int>(palette.size);
       ++palette.size)  // an index beyond the colours can be clear, too
    palette.entries[palette.size][3] = static_cast<int>(palette.size) == transparent ? 0 : 255;
  return palette;
}

/// The order in which the rows of a picture are stored.
std::vector<int> rows_of(const GifImageDesc& image) {
  std::vector<int> rows;
  rows.reserve(static_cast<std::size_t>(image.Height));
  struct Pass {
    int first, step;
  };
  constexpr Pass interlaced[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}}, plain[] = {{0, 1}};
  const Pass* const passes = image.Interlace ? interlaced : plain;
  for (int pass = 0; pass < (image.Interlace ? 4 : 1); ++pass)
    for (int y = passes[pass].first; y < image.Height; y += passes[pass].step) rows.push_back(y);
  return rows;
}

/// Records up to the next picture or the end; the transparent index of an extension before it, if any.
GifRecordType next_picture(GifFileType* gif, int& transparent) {
  for (;;) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    if (DGifGetRecordType(gif, &type) == GIF_ERROR) return UNDEFINED_RECORD_TYPE;
    if (type != EXTENSION_RECORD_TYPE) return type;
    int code = 0;
    GifByteType* block = nullptr;
    if (DGifGetExtension(gif, &code, &block) == GIF_ERROR) return UNDEFINED_RECORD_TYPE;
    if (code == GRAPHICS_EXT_FUNC_CODE && block != nullptr && block[0] >= 4)
      transparent = (block[1] & 1) != 0 ? block[4] : -1;
    while (block != nullptr)
      if (DGifGetExtensionNext(gif, &block) == GIF_ERROR) return UNDEFINED_RECORD_TYPE;
  }
}

/// Counts the pictures that follow the first, without decoding them; false where the file ends before its trailer.
bool count_pictures(GifFileType* gif, std::uint32_t& frames) {
  for (;;) {
    int ignored = -1;
    const GifRecordType type = next_picture(gif, ignored);
    if (type == TERMINATE_RECORD_TYPE) return true;
    if (type != IMAGE_DESC_RECORD_TYPE || DGifGetImageHeader(gif) == GIF_ERROR) return false;
    ++frames;
    int code_size = 0;
    GifByteType* block = nullptr;
    if (DGifGetCode(gif, &code_size, &block) == GIF_ERROR) return false;
    while (block != nullptr)
      if (DGifGetCodeNext(gif, &block) == GIF_ERROR) return false;
  }
}

}  // namespace

void decode_gif(std::string_view bytes, const DecodeOptions& options, Decoded& d) {
  std::string_view left = bytes;
  int fault = 0;
  const std::unique_ptr<GifFileType, CloseGif> gif(DGifOpen(&left, read_bytes, &fault));
  if (gif == nullptr) return set_broken(d, said(fault));
  int transparent = -1;
  if (next_picture(gif.get(), transparent) != IMAGE_DESC_RECORD_TYPE) return set_broken(d, "holds no picture");
  if (DGifGetImageHeader(gif.get()) == GIF_ERROR) return set_broken(d, said(gif->Error));
  const GifImageDesc image = gif->Image;
  const ColorMapObject* const colours = image.ColorMap != nullptr ? image.ColorMap : gif->SColorMap;
  if (colours == nullptr) return set_broken(d, "has no palette");
  if (image.Width <= 0 || image.Height <= 0 || image.Left < 0 || image.Top < 0)
    return set_broken(d, "has a first picture of no size");
  const Palette palette = palette_of(colours, transparent);
  const std::uint32_t channels = palette.transparent ? 4 : 3;
  d.palette = true;
  d.stored_bits = static_cast<std::uint8_t>(std::clamp(colours->BitsPerPixel, 1, 8));
  if (!make_room({static_cast<std::uint64_t>(gif->SWidth), static_cast<std::uint64_t>(gif->SHeight), channels}, bytes,
                 options, d))
    return;

  Raster& canvas = d.raster;
  const auto left_edge = static_cast<std::uint32_t>(image.Left), top_edge = static_cast<std::uint32_t>(image.Top);
  const auto picture_width = static_cast<std::uint32_t>(image.Width);
  const std::uint32_t shown = left_edge >= canvas.width ? 0 : std::min(picture_width, canvas.width - left_edge);
  const bool covers = left_edge == 0 && top_edge == 0 && shown == canvas.width &&
                      static_cast<std::uint32_t>(image.Height) >= canvas.height;
  if (!covers) {
    const std::vector<std::uint8_t> nothing(
        canvas.width, palette.transparent ? static_cast<std::uint8_t>(transparent) : std::uint8_t{0});
    for (std::size_t y = 0; y < canvas.height; ++y)
      apply_palette(nothing.data(), nothing.size(), palette, channels, canvas.samples.data() + y * canvas.row_bytes());
  }
  std::vector<std::uint8_t> line(picture_width);
  std::uint64_t beyond = 0, done = 0;
  for (const int row : rows_of(image)) {
    if (DGifGetLine(gif.get(), line.data(), image.Width) == GIF_ERROR) break;
    ++done;
    const std::uint32_t y = top_edge + static_cast<std::uint32_t>(row);
    if (y >= canvas.height || shown == 0) continue;
    beyond += apply_palette(line.data(), shown, palette, channels,
                            canvas.samples.data() + y * canvas.row_bytes() + left_edge * channels);
  }
  if (done < static_cast<std::uint64_t>(image.Height)) {
    if (done == 0) return set_broken(d, said(gif->Error));
    return set_partial(d, said(gif->Error) + ": " + std::to_string(static_cast<std::uint64_t>(image.Height) - done) +
                              " rows are missing");
  }
  if (!count_pictures(gif.get(), d.frames)) return set_partial(d, "ends without its trailer");
  if (beyond > 0) set_partial(d, std::to_string(beyond) + " pixels have an index that the palette does not have");
}

std::string gif_library() {
  return "giflib " + std::to_string(GIFLIB_MAJOR) + "." + std::to_string(GIFLIB_MINOR) + "." +
         std::to_string(GIFLIB_RELEASE);
}

}  // namespace vetset
