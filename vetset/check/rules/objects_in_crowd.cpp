#include <algorithm>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"
#include "vetset/dataset/rle.h"

namespace vetset {
namespace {

bool is_region(const Annotation& a) { return a.flags.is(Flag::crowd) || a.flags.is(Flag::group_of); }

/// The pixels of a region that has any, drawn or as a box.
class Region {
 public:
  Region(const Dataset& d, const Annotation& a, const Box& box) : box_(box) {
    const Shape* shape = d.find_shape(a, ShapeKind::mask);
    if (shape == nullptr || shape->count == 0) return;
    const Mask& mask = d.masks[shape->begin];
    std::uint64_t pixels = 0;
    for (const std::uint32_t count : d.counts_of(mask)) pixels += count;
    if (pixels != std::uint64_t{mask.height} * mask.width || pixels > most_mask_pixels) return;
    spans_.assign(d.counts_of(mask), mask.height, mask.width);
    drawn_ = true;
  }

  /// The share of a box that lies in it.
  double share_of(const Box& box) const {
    if (box_.x + box_.width <= box.x || box.x + box.width <= box_.x || box_.y + box_.height <= box.y ||
        box.y + box.height <= box_.y)
      return 0;
    if (drawn_) {
      MaskCounts counts;
      counts_of_box(box, spans_.height(), spans_.width(), counts);
      MaskSpans other;
      other.assign(counts, spans_.height(), spans_.width());
      return mask_iou(other, spans_, true);
    }
    const double width = std::min(box.x + box.width, box_.x + box_.width) - std::max(box.x, box_.x);
    const double height = std::min(box.y + box.height, box_.y + box_.height) - std::max(box.y, box_.y);
    return width * height / (box.width * box.height);
  }

 private:
  Box box_;
  MaskSpans spans_;
  bool drawn_ = false;
};

std::uint64_t objects_in(const Dataset& d, AnnotationIndex region, std::span<const AnnotationIndex> annotations,
                         std::vector<AnnotationIndex>& found) {
  constexpr double inside = 0.9;
  const std::optional<Box> around = box_of(d, d[region]);
  if (!around) return 0;
  const Region pixels(d, d[region], *around);
  found.clear();
  for (const AnnotationIndex i : annotations) {
    if (is_region(d[i]) || d[i].category != d[region].category || d[i].layer != d[region].layer) continue;
    const std::optional<Box> box = box_of(d, d[i]);
    if (box && box->width > 0 && box->height > 0 && pixels.share_of(*box) >= inside) found.push_back(i);
  }
  return found.size();
}

void check_objects_in_crowd(const Evidence& evidence, const Report& report) {
  constexpr std::uint64_t least = 3;
  const Dataset& d = evidence.dataset;
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  std::vector<AnnotationIndex> found;
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    const auto of_image = annotations.of(to_index<ImageIndex>(n));
    if (of_image.size() <= least) continue;
    for (const AnnotationIndex i : of_image) {
      if (!is_region(d[i]) || d[i].category == none<CategoryIndex>) continue;
      if (const std::uint64_t objects = objects_in(d, i, of_image, found); objects >= least)
        report.scored(static_cast<double>(objects), i,
                      "a crowd of " + quoted(d[d[i].category].name) + " has " + grouped(objects) +
                          " single objects of that class inside",
                      "draw them one by one or as a crowd, not both");
    }
  }
}

}  // namespace

extern const Rule objects_in_crowd{.code = "LBL108",
                                   .name = "objects-in-crowd",
                                   .title = "a crowd has single objects of its class inside",
                                   .severity = Severity::warning,
                                   .evidence = EvidenceClass::hint,
                                   .check = check_objects_in_crowd};

}  // namespace vetset
