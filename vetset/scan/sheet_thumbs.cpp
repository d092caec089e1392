#include "vetset/scan/sheet_thumbs.h"

#include <algorithm>
#include <array>

#include "vetset/image/decode.h"
#include "vetset/image/picture.h"

namespace vetset {
namespace {

constexpr std::array<Colour, 8> palette = {Colour{230, 57, 70},  Colour{29, 120, 200}, Colour{42, 157, 80},
                                           Colour{244, 140, 6},  Colour{131, 56, 236}, Colour{0, 150, 160},
                                           Colour{214, 51, 132}, Colour{120, 100, 20}};
constexpr std::size_t most_boxes = 200;

/// The picture in the frame that its labels live in; nothing where it cannot be decoded.
Raster decoded_picture(const Image& image, std::string_view bytes) {
  const Decoded decoded = decode_image(bytes);
  if (decoded.status != DecodeStatus::ok && decoded.status != DecodeStatus::partial) return {};
  return picture_of(bytes, decoded, image.width, image.height);
}

}  // namespace

Thumb ThumbMaker::thumb_of(ImageIndex index) const {
  const Image& image = d_[index];
  Thumb thumb{.rgb = canvas(thumb_width, thumb_height, {200, 200, 200}), .path = d_.text(image.path)};
  const auto splits = splits_.of(index);
  if (!splits.empty()) thumb.split = splits.front();
  if (image.media.empty()) return thumb;
  const auto bytes = media_.read(d_.text(image.media));
  if (!bytes) return thumb;
  const Raster picture = decoded_picture(image, *bytes);
  if (picture.empty()) return thumb;
  const double scale = std::min({double{thumb_width} / picture.width, double{thumb_height} / picture.height, 2.0});
  const auto side = [&](std::uint32_t pixels) { return static_cast<std::uint32_t>(std::max(1.0, pixels * scale)); };
  thumb.rgb = scaled(picture, side(picture.width), side(picture.height));
  thumb.decoded = true;
  if (image.width == 0 || image.height == 0) return thumb;
  const double across = static_cast<double>(thumb.rgb.width) / image.width;
  const double down = static_cast<double>(thumb.rgb.height) / image.height;
  for (const AnnotationIndex i : annotations_.of(index)) {
    const Annotation& a = d_[i];
    const bool placed = a.box_origin == Origin::stated || a.box_origin == Origin::derived;
    if (!placed || thumb.boxes.size() >= most_boxes) continue;
    const std::size_t category = to_size(a.category);
    const bool known = category < d_.categories.size();
    thumb.boxes.push_back({.x = a.box.x * across,
                           .y = a.box.y * down,
                           .width = a.box.width * across,
                           .height = a.box.height * down,
                           .colour = palette[category % palette.size()],
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
