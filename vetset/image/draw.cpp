#include "vetset/image/draw.h"

#include <algorithm>
#include <array>

namespace vetset {
namespace {

/// A face of 5 by 8 pixels for printable ASCII, drawn for this program: bit 5 y + x is the pixel of row y, column x.
constexpr std::array<std::uint64_t, 95> face = {
    0x0000000000ULL, 0x0100421084ULL, 0x000000014aULL, 0x02bea52beaULL, 0x011f4717c4ULL, 0x0672222273ULL,
    0x0593511526ULL, 0x0000000084ULL, 0x0208210888ULL, 0x0088842082ULL, 0x0009575480ULL, 0x00084f9080ULL,
    0x0088c00000ULL, 0x00000f8000ULL, 0x018c000000ULL, 0x0042222210ULL, 0x03a33ae62eULL, 0x03884210c4ULL,
    0x07c444422eULL, 0x03a306422eULL, 0x0211f4a988ULL, 0x03a3083c3fULL, 0x03a317844cULL, 0x010844221fULL,
    0x03a317462eULL, 0x01910f462eULL, 0x000c6018c0ULL, 0x00886018c0ULL, 0x0208208888ULL, 0x0001f07c00ULL,
    0x0088882082ULL, 0x010046422eULL, 0x0383daf62eULL, 0x0463f8c544ULL, 0x03e317c62fULL, 0x03a210862eULL,
    0x03e318c62fULL, 0x07c217843fULL, 0x004217843fULL, 0x07a31e862eULL, 0x04631fc631ULL, 0x038842108eULL,
    0x019284211cULL, 0x0452519531ULL, 0x07c2108421ULL, 0x04631ad771ULL, 0x04739ace71ULL, 0x03a318c62eULL,
    0x004217c62fULL, 0x059358c62eULL, 0x045257c62fULL, 0x03e107043eULL, 0x010842109fULL, 0x03a318c631ULL,
    0x0114a8c631ULL, 0x04775ac631ULL, 0x0462a22a31ULL, 0x0108422a31ULL, 0x07c222221fULL, 0x038421084eULL,
    0x0420820821ULL, 0x039084210eULL, 0x0000004544ULL, 0x07c0000000ULL, 0x0000000082ULL, 0x07a3e83800ULL,
    0x03e318bc21ULL, 0x038210b800ULL, 0x07a318fa10ULL, 0x0383f8b800ULL, 0x0084213c4cULL, 0x743d18f800ULL,
    0x046318bc21ULL, 0x0388421804ULL, 0x3250843008ULL, 0x024a32a421ULL, 0x0388421086ULL, 0x056b5aac00ULL,
    0x046318bc00ULL, 0x03a318b800ULL, 0x085f18bc00ULL, 0x843d18f800ULL, 0x004219b400ULL, 0x03e0e0f800ULL,
    0x0304213c42ULL, 0x07a318c400ULL, 0x0114a8c400ULL, 0x02ab5ac400ULL, 0x0454454400ULL, 0x743d18c400ULL,
    0x07c4447c00ULL, 0x0208411088ULL, 0x0108421084ULL, 0x0088441082ULL, 0x00009ac800ULL,
};
constexpr std::uint64_t unknown_glyph = 0x7e318c63fULL;  // a box

/// The part of [begin, begin + size) that lies in [0, limit).
struct Span {
  std::int64_t begin, end;
};
Span clipped(std::int64_t begin, std::int64_t size, std::uint32_t limit) {
  return {std::clamp<std::int64_t>(begin, 0, limit), std::clamp<std::int64_t>(begin + size, 0, limit)};
}

std::uint8_t* pixel(Raster& on, std::int64_t x, std::int64_t y) {
  return on.samples.data() + static_cast<std::size_t>(y) * on.row_bytes() + static_cast<std::size_t>(x) * 3;
}

}  // namespace

Raster canvas(std::uint32_t width, std::uint32_t height, Colour colour) {
  Raster on{.width = width, .height = height, .channels = 3};
  on.samples.resize(std::size_t{width} * height * 3);
  fill(on, 0, 0, width, height, colour);
  return on;
}

Raster as_rgb(const Raster& raster) {
  Raster rgb{.width = raster.width, .height = raster.height, .channels = 3};
  const std::size_t count = std::size_t{raster.width} * raster.height;
  const std::size_t step = raster.bits / 8u, high = step - 1;  // the high byte of little-endian samples
  rgb.samples.resize(count * 3);
  const bool alpha = raster.channels == 2 || raster.channels == 4;
  const std::size_t green = raster.channels >= 3 ? step : 0, blue = raster.channels >= 3 ? 2 * step : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* from = raster.samples.data() + i * raster.channels * step + high;
    const unsigned opacity = alpha ? from[(raster.channels - 1u) * step] : 255u;
    const auto on_white = [&](std::uint8_t sample) {
      return static_cast<std::uint8_t>((sample * opacity + 255u * (255u - opacity) + 127u) / 255u);
    };
    rgb.samples[3 * i] = on_white(from[0]);
    rgb.samples[3 * i + 1] = on_white(from[green]);
    rgb.samples[3 * i + 2] = on_white(from[blue]);
  }
  return rgb;
}

Raster scaled(const Raster& rgb, std::uint32_t width, std::uint32_t height) {
  Raster out{.width = width, .height = height, .channels = 3};
  out.samples.resize(std::size_t{width} * height * 3);
  for (std::uint8_t channel = 0; channel < 3; ++channel) {
    Plane plane{.width = rgb.width, .height = rgb.height};
    plane.samples.resize(std::size_t{rgb.width} * rgb.height);
    for (std::size_t i = 0; i < plane.samples.size(); ++i) plane.samples[i] = rgb.samples[3 * i + channel];
    const Plane small = resampled(plane, {0, 0, rgb.width, rgb.height}, width, height);
    for (std::size_t i = 0; i < small.samples.size(); ++i) out.samples[3 * i + channel] = small.samples[i];
  }
  return out;
}

void fill(Raster& on, std::int64_t x, std::int64_t y, std::int64_t width, std::int64_t height, Colour colour) {
  const Span columns = clipped(x, width, on.width), rows = clipped(y, height, on.height);
  for (std::int64_t row = rows.begin; row < rows.end; ++row)
    for (std::int64_t column = columns.begin; column < columns.end; ++column) {
      std::uint8_t* to = pixel(on, column, row);
      to[0] = colour.red, to[1] = colour.green, to[2] = colour.blue;
    }
}

void outline(Raster& on, std::int64_t x, std::int64_t y, std::int64_t width, std::int64_t height, std::int64_t line,
             Colour colour) {
  fill(on, x, y, width, line, colour);
  fill(on, x, y + height - line, width, line, colour);
  fill(on, x, y, line, height, colour);
  fill(on, x + width - line, y, line, height, colour);
}

void paste(Raster& on, const Raster& rgb, std::int64_t x, std::int64_t y) {
  const Span columns = clipped(x, rgb.width, on.width), rows = clipped(y, rgb.height, on.height);
  if (columns.begin == columns.end) return;
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    const std::size_t from =
        (static_cast<std::size_t>(row - y) * rgb.width + static_cast<std::size_t>(columns.begin - x)) * 3;
    std::copy_n(rgb.samples.data() + from, static_cast<std::size_t>(columns.end - columns.begin) * 3,
                pixel(on, columns.begin, row));
  }
}

void write_text(Raster& on, std::int64_t x, std::int64_t y, std::string_view utf8, Colour colour, std::int64_t zoom) {
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0u) == 0x80u) continue;  // what follows the first byte of a character
    const std::uint64_t glyph = byte >= 32 && byte < 127 ? face[byte - 32u] : unknown_glyph;
    for (std::int64_t bit = 0; bit < 40; ++bit)
      if ((glyph >> bit & 1) != 0) fill(on, x + bit % 5 * zoom, y + bit / 5 * zoom, zoom, zoom, colour);
    x += glyph_width * zoom;
  }
}

}  // namespace vetset
