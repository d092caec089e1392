// The small pictures of a contact sheet. For files of this room only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "vetset/dataset/split_names.h"
#include "vetset/image/draw.h"
#include "vetset/scan/contact_sheet.h"

namespace vetset {

struct SheetBox {
  double x = 0, y = 0, width = 0, height = 0;  // in pixels of the thumb
  Colour colour;
  std::string_view label;  // the class
};
struct Thumb {
  Raster rgb;
  std::vector<SheetBox> boxes;
  std::string_view path, split;
  bool decoded = false;
};
inline constexpr std::uint32_t thumb_width = 240, thumb_height = 180;

class ThumbMaker {
 public:
  ThumbMaker(const Dataset& d, const Tree& media, const Pool& pool)
      : d_(d), media_(media), pool_(pool), splits_(d), annotations_(d.image_annotations()) {}
  /// The images of a cluster, left then right.
  std::vector<Thumb> of(const SheetCluster& cluster) const;

 private:
  Thumb thumb_of(ImageIndex image) const;
  const Dataset& d_;
  const Tree& media_;
  const Pool& pool_;
  SplitNames splits_;
  Dataset::ImageAnnotations annotations_;
};

}  // namespace vetset
