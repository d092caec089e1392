#include "vetset/scan/sheet_thumbs.h"

#include "vetset/scan/thumbs.h"

namespace vetset {
namespace {

constexpr std::size_t most_boxes = 200;

}  // namespace

Thumb ThumbMaker::thumb_of(ImageIndex index) const {
  Thumb thumb{.rgb = {}, .boxes = {}, .path = d_.path(index)};
  const auto splits = splits_.of(index);
  if (!splits.empty()) thumb.split = splits.front();
  SmallPicture small = small_picture(d_, media_, index, {.width = thumb_width, .height = thumb_height});
  thumb.rgb = std::move(small.rgb);
  thumb.decoded = small.decoded;
  if (small.across == 0 || small.down == 0) return thumb;
  for (const AnnotationIndex i : annotations_.of(index)) {
    const Annotation& a = d_[i];
    const bool placed = a.box_origin == Origin::stated || a.box_origin == Origin::derived;
    if (!placed || thumb.boxes.size() >= most_boxes) continue;
    const std::size_t category = to_size(a.category);
    const bool known = category < d_.categories.size();
    thumb.boxes.push_back({.x = a.box.x * small.across,
                           .y = a.box.y * small.down,
                           .width = a.box.width * small.across,
                           .height = a.box.height * small.down,
                           .colour = colour_of(category),
                           .label = known ? std::string_view(d_[a.category].name) : std::string_view()});
  }
  return thumb;
}

std::vector<Thumb> ThumbMaker::of(const SheetCluster& cluster) const {
  std::vector<ImageIndex> images = cluster.left;
  images.insert(images.end(), cluster.right.begin(), cluster.right.end());
  std::vector<Thumb> thumbs(images.size());
  pool_.for_each(images.size(), [&](std::size_t k) { thumbs[k] = thumb_of(images[k]); });
  return thumbs;
}

}  // namespace vetset
