// Pixels to a PNG or JPEG file, for contact sheets and reports. Same bytes on every machine.
#pragma once

#include <string>

#include "vetset/base/result.h"
#include "vetset/image/raster.h"

namespace vetset {

Result<std::string> encode_png(const Raster& raster);
/// Grey or RGB of 8 bits; `quality` 1 to 100.
Result<std::string> encode_jpeg(const Raster& raster, int quality = 85);

}  // namespace vetset
