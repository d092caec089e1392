// Image files without the orientation that they were stored with: carried out on the pixels, or only dropped.
#pragma once

#include <string>
#include <string_view>

#include "vetset/base/result.h"

namespace vetset {

/// A JPEG whose picture stands as its orientation says, which it states no more. Blocks are moved and no coefficient is
/// rounded: turned back it has those that it had, which is tried. An error where that cannot be: a size that is no
/// whole number of blocks, pictures behind the first, another type, damage.
Result<std::string> turned_without_loss(std::string_view file);

/// A JPEG or PNG whose picture was decoded, turned and coded again, at the quality that it had (a JPEG's; 90 at least),
/// without metadata. An error where more than that would be lost: a colour profile, several frames, damage.
Result<std::string> turned_anew(std::string_view file);

/// A JPEG, PNG or WebP that says orientation 1 where it said another; all other bytes are as they were.
Result<std::string> without_orientation(std::string_view file);

}  // namespace vetset
