// The mask of an annotation, whatever its shapes are, and where its polygons wait for the size of their image.
#pragma once

#include <optional>
#include <string>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/rle.h"

namespace vetset {

/// How the runs of a mask do not add up to its pixels, in words; nothing where they do.
std::optional<std::string> runs_fault(const Dataset& d, const Mask& mask);
/// How the size of a mask is not that of its image; nothing where it is, or where the image's is not known.
std::optional<std::string> size_fault(const Mask& mask, const Image& image);

/// Draws one annotation after another, in memory that is used again.
class MaskDrawer {
 public:
  explicit MaskDrawer(const Dataset& d) : d_(d) {}

  /// What came of it. No height: there is no mask, and `fault` says why where there might have been one.
  struct Drawn {
    std::uint32_t height = 0, width = 0;
    std::string fault = {};  // also of a mask that is there, but is not its image's size
  };
  /// All that has pixels, united: masks as they are, polygons and turned boxes drawn at the size of their image, with
  /// holes cut out. `counts` hold until the next call.
  Drawn draw(const Annotation& a);
  MaskCountsView counts() const { return counts_; }

 private:
  void draw_rings(const Shape& shape);
  void unite();

  const Dataset& d_;
  std::uint32_t height_ = 0, width_ = 0;
  bool any_ = false;
  MaskCounts counts_, part_, ring_, scratch_;
};

/// Whether an annotation has polygons and no mask, so that it can be drawn in an image of any size.
bool is_outline(const Dataset& d, const Annotation& a);
/// Whether the first polygon has four numbers, which pycocotools takes for a box and refuses.
bool is_of_four(const Dataset& d, const Annotation& a);

}  // namespace vetset
