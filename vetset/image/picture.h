// A picture in the frame that its labels live in.
#pragma once

#include <cstdint>
#include <string_view>

#include "vetset/image/decode.h"
#include "vetset/image/raster.h"

namespace vetset {

/// Decoded pixels as RGB of 8 bits, turned as the file's EXIF says; but as stored where a side-turning orientation
/// stands against the size that the dataset states, `width` × `height` (0: none), because its labels are of that frame.
Raster picture_of(std::string_view file, const Decoded& decoded, std::uint32_t width, std::uint32_t height);

}  // namespace vetset
