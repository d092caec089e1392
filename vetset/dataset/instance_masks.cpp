#include "vetset/dataset/instance_masks.h"

#include <numeric>

#include "vetset/base/limits.h"
#include "vetset/dataset/rotated.h"

namespace vetset {
namespace {

std::string size_text(std::uint64_t height, std::uint64_t width) {
  return std::to_string(height) + " by " + std::to_string(width);
}

const Shape* first_polygon(const Dataset& d, const Annotation& a) {
  return a.shape == none<ShapeIndex> ? nullptr : d.find_shape(a, ShapeKind::polygon);
}

bool has_rings(const Dataset& d, const Annotation& a) {
  const Shape* const polygon = first_polygon(d, a);
  return polygon != nullptr && polygon->count > 0;
}

bool has_mask(const Dataset& d, const Annotation& a) {
  return a.shape != none<ShapeIndex> && d.find_shape(a, ShapeKind::mask) != nullptr;
}

}  // namespace

std::optional<std::string> runs_fault(const Dataset& d, const Mask& mask) {
  const MaskCountsView counts = d.counts_of(mask);
  const std::uint64_t covered = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  const std::uint64_t pixels = std::uint64_t{mask.height} * mask.width;
  if (covered == pixels) return {};
  return "runs cover " + std::to_string(covered) + " pixels; expected " + std::to_string(pixels) + " (" +
         size_text(mask.height, mask.width) + ")";
}

std::optional<std::string> size_fault(const Mask& mask, const Image& image) {
  if (image.width == 0 || image.height == 0) return {};
  if (mask.height == image.height && mask.width == image.width) return {};
  const bool swapped = mask.height == image.width && mask.width == image.height;
  return "mask is " + size_text(mask.height, mask.width) + " (height by width), its image is " +
         size_text(image.height, image.width) + (swapped ? ": height and width are swapped" : "");
}

MaskDrawer::Drawn MaskDrawer::draw(const Annotation& a) {
  any_ = false;
  counts_.clear();
  const auto corners = turned_corners(d_, a);
  const bool has_drawn = has_rings(d_, a) || corners;
  if (!has_drawn && !has_mask(d_, a)) return {};
  const bool placed = a.image != none<ImageIndex>;
  height_ = placed ? d_[a.image].height : 0;
  width_ = placed ? d_[a.image].width : 0;
  std::string fault;
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d_[s].next) {
    if (d_[s].kind != ShapeKind::mask) continue;
    for (const Mask& mask : d_.masks.slice(d_[s].begin, d_[s].count)) {
      if (auto wrong = runs_fault(d_, mask)) return {.fault = *std::move(wrong)};
      if (std::uint64_t{mask.height} * mask.width > most_mask_pixels)
        return {.fault = "the mask is " + size_text(mask.height, mask.width) + ", more than 4294967295 pixels"};
      if (placed) fault = size_fault(mask, d_[a.image]).value_or("");
      if (mask.height != height_ || mask.width != width_) {
        if (has_drawn || any_) return {.fault = "a mask and other shapes of one annotation differ in size"};
        height_ = mask.height;
        width_ = mask.width;
      }
      const MaskCountsView counts = d_.counts_of(mask);
      part_.assign(counts.begin(), counts.end());
      unite();
    }
  }
  if (has_drawn && (height_ == 0 || width_ == 0))
    return {.fault = "the size of the image is not known, so no polygon can be drawn in it"};
  if (has_drawn && std::uint64_t{height_} * width_ > Limits{}.mask_pixels)
    return {.fault = "the image has " + size_text(height_, width_) + " pixels, more than polygons are drawn in"};
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d_[s].next)
    if (d_[s].kind == ShapeKind::polygon && d_[s].count > 0) draw_rings(d_[s]);
  if (corners) {
    counts_of_polygon(*corners, height_, width_, part_);
    unite();
  }
  return {.height = height_, .width = width_, .fault = std::move(fault)};
}

/// Outer rings united first, then holes cut out, whatever their order.
void MaskDrawer::draw_rings(const Shape& shape) {
  part_.clear();
  for (const bool holes : {false, true}) {
    for (const Ring& ring : d_.rings_of(shape)) {
      if ((ring.role == RingRole::hole) != holes) continue;
      counts_of_polygon(d_.coordinates_of(ring), height_, width_, ring_);
      if (part_.empty()) {
        if (!holes) part_.swap(ring_);
        continue;
      }
      if (holes) {
        cut_counts(part_, ring_, scratch_);
      } else {
        const MaskCountsView both[] = {part_, ring_};
        merged_counts(both, false, scratch_);
      }
      part_.swap(scratch_);
    }
  }
  if (!part_.empty()) unite();
}

void MaskDrawer::unite() {
  if (any_) {
    const MaskCountsView both[] = {counts_, part_};
    merged_counts(both, false, scratch_);
    counts_.swap(scratch_);
  } else {
    counts_.swap(part_);
  }
  any_ = true;
}

bool is_outline(const Dataset& d, const Annotation& a) { return has_rings(d, a) && !has_mask(d, a); }

bool is_of_four(const Dataset& d, const Annotation& a) {
  return has_rings(d, a) && d.rings_of(*first_polygon(d, a)).front().count == 4;
}

}  // namespace vetset
