// Turning a JPEG by its coefficients. For files of this room only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vetset/base/result.h"

namespace vetset {

/// The picture turned as EXIF orientation 2–8 says, and all else as it was, also the orientation that it states.
Result<std::string> turn_jpeg(std::string_view file, std::uint8_t orientation);

}  // namespace vetset
