// Small pictures of a dataset's images, whole or the part around something, and the way from the pixels that labels
// are in to those of the small picture. For contact sheets and reports.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"
#include "vetset/image/draw.h"

namespace vetset {

struct ThumbWish {
  std::uint32_t width = 240, height = 180;  // at most
  std::optional<Box> around = {};  // in the labels' pixels: where this is small, only what surrounds it is shown
};
/// What is drawn of an image; `left` and `top` are what its corner shows, in the labels' pixels.
struct SmallPicture {
  Raster rgb;
  double left = 0, top = 0;
  double across = 0, down = 0;  // pixels of the small picture a pixel of the labels; 0: the image has no size
  bool decoded = false;         // false: a grey field
  bool part = false;            // not all of the image
};
SmallPicture small_picture(const Dataset& d, const Tree& media, ImageIndex image, const ThumbWish& wish = {});

/// The colour that a class is drawn in.
Colour colour_of(std::size_t category);

}  // namespace vetset
