#include "vetset/check/mask_readings.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace vetset {
namespace {

constexpr double same = 0.9, another = 0.5;

/// The tight box of the runs, were they counted along the rows: that of a mask turned over its diagonal, turned back.
Box box_of_rows(MaskCountsView counts, std::uint32_t width) {
  Box box = box_of_mask(counts, width);
  std::swap(box.x, box.y);
  std::swap(box.width, box.height);
  return box;
}

}  // namespace

const Mask* only_mask(const Dataset& d, const Annotation& a) {
  if (a.box_origin != Origin::stated || a.shape == none<ShapeIndex>) return nullptr;
  const Shape& shape = d[a.shape];
  const bool alone = shape.kind == ShapeKind::mask && shape.count == 1 && shape.next == none<ShapeIndex>;
  return alone ? &d.masks[shape.begin] : nullptr;
}

std::optional<MaskReading> reading_that_fits(const Dataset& d, const Annotation& a, const Mask& mask) {
  const MaskCountsView counts = d.counts_of(mask);
  if (std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) != std::uint64_t{mask.height} * mask.width)
    return {};
  const double as_is = iou(box_of_mask(counts, mask.height), a.box);
  const Image* const image = a.image == none<ImageIndex> ? nullptr : &d[a.image];
  const bool swapped =
      image != nullptr && mask.height != mask.width && mask.height == image->width && mask.width == image->height;
  const std::uint32_t height = swapped ? mask.width : mask.height, width = swapped ? mask.height : mask.width;
  const double rows = iou(box_of_rows(counts, width), a.box);
  const double columns = iou(box_of_mask(counts, height), a.box);
  if (rows >= same && columns <= another) return MaskReading{height, width, true, rows, as_is};
  if (swapped && columns >= same && rows <= another) return MaskReading{height, width, false, columns, as_is};
  return {};
}

MaskCounts counts_of_rows(MaskCountsView rows, std::uint32_t height, std::uint32_t width) {
  std::vector<std::uint8_t> columns(std::size_t{height} * width);
  std::uint64_t at = 0;
  std::uint8_t value = 0;
  for (const std::uint32_t count : rows) {
    for (std::uint64_t k = at; value != 0 && k < at + count; ++k) columns[(k % width) * height + k / width] = 1;
    at += count;
    value ^= 1;
  }
  MaskCounts counts;
  counts_of_bitmap(columns, height, width, counts);
  return counts;
}

}  // namespace vetset
