// Lines, rectangles, pictures and short labels on an RGB raster: what a contact sheet is drawn with.
#pragma once

#include <cstdint>
#include <string_view>

#include "vetset/image/raster.h"

namespace vetset {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
};

/// Eight bits, three channels, filled.
Raster canvas(std::uint32_t width, std::uint32_t height, Colour colour);
/// Any raster as RGB of 8 bits; transparent pixels lie on white.
Raster as_rgb(const Raster& raster);
/// Area average to the given size; RGB of 8 bits in and out.
Raster scaled(const Raster& rgb, std::uint32_t width, std::uint32_t height);

/// All of these clip at the canvas's edge.
void fill(Raster& on, std::int64_t x, std::int64_t y, std::int64_t width, std::int64_t height, Colour colour);
void outline(Raster& on, std::int64_t x, std::int64_t y, std::int64_t width, std::int64_t height, std::int64_t line,
             Colour colour);
void paste(Raster& on, const Raster& rgb, std::int64_t x, std::int64_t y);

/// Text in a fixed pitch: 6 by 9 pixels a character, times `zoom`. What is not printable ASCII shows as a box.
inline constexpr std::int64_t glyph_width = 6, glyph_height = 9;
void write_text(Raster& on, std::int64_t x, std::int64_t y, std::string_view utf8, Colour colour,
                std::int64_t zoom = 1);

}  // namespace vetset
