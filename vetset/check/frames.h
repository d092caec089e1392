// The two frames of an image that is stored turned: as it is stored, and as its orientation says that it is shown.
#pragma once

#include <cstdint>
#include <span>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"

namespace vetset {

/// In which of its two frames an image's annotations were made, as far as their numbers tell.
enum class Frame : std::uint8_t { undecided, stored, shown, neither };

/// Boxes, points, outlines: what could lie outside. A class of the whole image could not.
bool has_places(const Dataset& d, std::span<const AnnotationIndex> annotations);
/// Fractions of the image, and what lies inside both, decide nothing.
Frame frame_of(const Dataset& d, const Facts& facts, std::span<const AnnotationIndex> annotations);
/// The frame whose size an image's record states; undecided where it states none, or both are one.
Frame stated_frame(const Image& image, const Facts& facts);

}  // namespace vetset
