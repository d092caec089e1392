// Which colours the pixels of a mask have, and how many pixels each.
#pragma once

#include <string_view>

#include "vetset/dataset/mask_files.h"

namespace vetset {

/// Decodes a mask. Transparency is not looked at.
MaskColours mask_colours(std::string_view file);

}  // namespace vetset
