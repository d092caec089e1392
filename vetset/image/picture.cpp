#include "vetset/image/picture.h"

#include "vetset/image/draw.h"
#include "vetset/image/probe.h"

namespace vetset {

Raster picture_of(std::string_view file, const Decoded& decoded, std::uint32_t width, std::uint32_t height) {
  const std::uint8_t orientation = probe_header(file).orientation;
  const bool stored =
      orientation >= 5 && width == decoded.raster.width && height == decoded.raster.height && width != height;
  return as_rgb(stored ? decoded.raster : oriented(decoded.raster, orientation));
}

}  // namespace vetset
