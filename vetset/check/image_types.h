// What the extension of an image's name promises its bytes to be.
#pragma once

#include <string_view>

#include "vetset/dataset/facts.h"

namespace vetset {

/// The type that an extension promises; unknown for extensions that promise none.
ImageType promised_type(std::string_view path);
/// An MPO is a JPEG with more behind it; cameras write it under either name.
bool same_type(ImageType a, ImageType b);
/// "jpg"; empty where files of the type have no name of their own.
std::string_view usual_extension(ImageType type);

}  // namespace vetset
