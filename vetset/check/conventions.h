// What the four numbers of a box may mean, and what they mean in a dataset whose boxes fit another convention than its
// format's: what FMT409 tells of, and what its repair follows.
#pragma once

#include <cstdint>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

struct Convention {
  enum class Corner : std::uint8_t { left_top_size, two_corners, centre_size };
  Corner corner;
  bool fractions;  // of the image's sides, else pixels
  const char* name;
};

/// Boxes that fit another convention: at most 90 % of them are boxes in their image as declared, at least 99 % as the
/// other.
struct Misread {
  FileIndex file = none<FileIndex>;  // of one document; none: of all label files
  const Convention *declared = nullptr, *fitting = nullptr;
  std::uint64_t boxes = 0;
  double share_declared = 0, share_fitting = 0;
};
std::vector<Misread> misread_boxes(const Dataset& d);
/// The document that decides how the boxes of an image are written; none: all label files do.
FileIndex document_of(const Dataset& d, const Image& image);
/// What a box is, whose numbers were read by one convention and are of another. Pixels.
Box reread(const Box& box, const Convention& declared, const Convention& fitting, const Image& image);

}  // namespace vetset
