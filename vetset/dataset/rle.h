// Run-length masks: made from polygons, boxes and bitmaps, united, cut, compared. Equal bit for bit to maskApi of the
// pycocotools 2.0.11 wheel, whose names stand in brackets. Runs go down the columns, zeros and ones in turn, zeros
// first. Masks have fewer than 2^32 pixels; of a larger size nothing is drawn, and `out` stays empty.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/dataset/geometry.h"

namespace vetset {

using MaskCounts = std::vector<std::uint32_t>;
using MaskCountsView = std::span<const std::uint32_t>;

inline constexpr std::uint64_t most_mask_pixels = 0xffffffffU;

/// The counts of a compressed string (rleFrString), and how many pixels they make, whatever the size of the mask is.
/// `runs_of_coco_string` asks for all pixels of a size; this one takes a buffer again.
Result<std::uint64_t> counts_of_coco_string(std::string_view text, MaskCounts& out);
/// The same where they must fill a mask of that size.
Result<void> counts_of_coco_string(std::string_view text, std::uint32_t height, std::uint32_t width, MaskCounts& out);

/// The pixels of a polygon x0 y0 x1 y1 … by upsampling five times (rleFrPoly). Replaces what `out` held. A last number
/// without a partner is left out; a ring with a coordinate that is not finite has no pixels.
void counts_of_polygon(std::span<const double> ring, std::uint32_t height, std::uint32_t width, MaskCounts& out);
/// The pixels of a box, as those of its four corners (rleFrBbox).
void counts_of_box(const Box& box, std::uint32_t height, std::uint32_t width, MaskCounts& out);
/// A bitmap of height × width bytes in columns; any other value than that before it begins a run (rleEncode).
void counts_of_bitmap(std::span<const std::uint8_t> columns, std::uint32_t height, std::uint32_t width,
                      MaskCounts& out);
/// The other way (rleDecode); `columns` has height × width bytes. An error where the counts do not fill it exactly.
Result<void> bitmap_of_counts(MaskCountsView counts, std::span<std::uint8_t> columns);
/// The union of masks of one size, or what all of them share (rleMerge). `out` is none of them.
void merged_counts(std::span<const MaskCountsView> masks, bool intersect, MaskCounts& out);
/// The pixels of the first mask that the second, of the same size, does not have.
void cut_counts(MaskCountsView mask, MaskCountsView hole, MaskCounts& out);

/// A mask made ready for many comparisons: its runs of ones as intervals of pixels, its box and its area.
class MaskSpans {
 public:
  struct Span {
    std::uint32_t begin, end;  // half open, pixels counted down the columns
  };
  /// `counts` make at most `most_mask_pixels`.
  void assign(MaskCountsView counts, std::uint32_t height, std::uint32_t width);
  std::uint32_t height() const { return height_; }
  std::uint32_t width() const { return width_; }
  std::uint64_t area() const { return area_; }
  const Box& box() const { return box_; }  // rleToBbox
  std::span<const Span> spans() const { return spans_; }
  /// The counts where one after the first is 0, which rleIou stumbles over; else empty.
  MaskCountsView odd_counts() const { return odd_; }

 private:
  std::vector<Span> spans_;
  MaskCounts odd_;
  std::uint64_t area_ = 0;
  Box box_;
  std::uint32_t height_ = 0, width_ = 0;
};
/// Intersection over union (rleIou): 0 where the boxes do not meet, over the detection's area alone where the object is
/// a crowd, −1 where the sizes differ.
double mask_iou(const MaskSpans& detection, const MaskSpans& object, bool crowd);

/// The boundary of a mask: its pixels nearer to the outside, or to the image's edge, than `distance` pixels by
/// chessboard distance (mask_to_boundary of boundary-iou-api: erosion by a full 3×3 kernel, `distance` times).
void boundary_of_counts(MaskCountsView counts, std::uint32_t height, std::uint32_t width, std::uint32_t distance,
                        MaskCounts& out);
/// max(1, round half to even(ratio × diagonal)); boundary-iou-api's ratio is 0.02.
std::uint32_t boundary_distance(std::uint32_t height, std::uint32_t width, double ratio);

}  // namespace vetset
