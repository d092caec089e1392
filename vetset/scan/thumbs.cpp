#include "vetset/scan/thumbs.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "vetset/image/decode.h"
#include "vetset/image/picture.h"

namespace vetset {
namespace {

constexpr std::array<Colour, 8> palette = {Colour{230, 57, 70},  Colour{29, 120, 200}, Colour{42, 157, 80},
                                           Colour{244, 140, 6},  Colour{131, 56, 236}, Colour{0, 150, 160},
                                           Colour{214, 51, 132}, Colour{120, 100, 20}};

/// The picture in the frame that its labels live in; nothing where it cannot be decoded.
Raster decoded_picture(const Image& image, std::string_view bytes) {
  const Decoded decoded = decode_image(bytes);
  if (decoded.status != DecodeStatus::ok && decoded.status != DecodeStatus::partial) return {};
  return picture_of(bytes, decoded, image.width, image.height);
}

/// A side of a part: where it begins and how long it is, in pixels of the picture.
struct Side {
  std::uint32_t begin = 0, size = 0;
};

/// About four times as long as what it surrounds, within the picture, and never a keyhole.
Side side_around(double from, double length, std::uint32_t whole) {
  constexpr double surroundings = 4, least = 96;
  const double wanted = std::min(std::max(length * surroundings, least), static_cast<double>(whole));
  const double begin = std::clamp(from + length / 2 - wanted / 2, 0.0, static_cast<double>(whole) - wanted);
  return {static_cast<std::uint32_t>(begin), std::max(1U, static_cast<std::uint32_t>(wanted))};
}

bool is_finite(const Box& box) {
  return std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.width) && std::isfinite(box.height);
}

/// The part of a picture around a small thing; nothing where the whole picture shows it well enough.
std::optional<Region> part_of(const Raster& picture, const Box& around, double across, double down) {
  constexpr double small = 8;  // below this part of a side a thing is hardly seen
  if (!is_finite(around)) return std::nullopt;
  const double width = std::abs(around.width) * across, height = std::abs(around.height) * down;
  if (std::max(width * small / picture.width, height * small / picture.height) >= 1) return std::nullopt;
  const double x = std::min(around.x, around.x + around.width) * across;
  const double y = std::min(around.y, around.y + around.height) * down;
  if (x < 0 || y < 0 || x + width > picture.width || y + height > picture.height) return std::nullopt;
  const double side = std::max(width, height);  // so that the part is not a strip
  const Side columns = side_around(x + (width - side) / 2, side * 4 / 3, picture.width);
  const Side rows = side_around(y + (height - side) / 2, side, picture.height);
  return Region{columns.begin, rows.begin, columns.size, rows.size};
}

Raster cut_out(const Raster& rgb, const Region& region) {
  Raster part{.width = region.width, .height = region.height, .channels = rgb.channels, .bits = rgb.bits};
  const std::size_t pixel = rgb.channels * (rgb.bits / 8U);
  part.samples.reserve(part.row_bytes() * region.height);
  for (std::uint32_t y = 0; y < region.height; ++y) {
    const auto from =
        rgb.samples.begin() + static_cast<std::ptrdiff_t>(rgb.row_bytes() * (region.y + y) + pixel * region.x);
    part.samples.insert(part.samples.end(), from, from + static_cast<std::ptrdiff_t>(part.row_bytes()));
  }
  return part;
}

}  // namespace

Colour colour_of(std::size_t category) { return palette[category % palette.size()]; }

SmallPicture small_picture(const Dataset& d, const Tree& media, ImageIndex index, const ThumbWish& wish) {
  const Image& image = d[index];
  SmallPicture small{.rgb = canvas(wish.width, wish.height, {200, 200, 200})};
  if (image.media.empty()) return small;
  const auto bytes = media.read(d.text(image.media));
  if (!bytes) return small;
  Raster picture = decoded_picture(image, *bytes);
  if (picture.empty()) return small;
  const bool sized = image.width != 0 && image.height != 0;
  const double across = sized ? static_cast<double>(picture.width) / image.width : 0;
  const double down = sized ? static_cast<double>(picture.height) / image.height : 0;
  if (sized && wish.around) {
    if (const auto part = part_of(picture, *wish.around, across, down)) {
      picture = cut_out(picture, *part);
      small.left = part->x / across;
      small.top = part->y / down;
      small.part = true;
    }
  }
  const double scale = std::min({1.0 * wish.width / picture.width, 1.0 * wish.height / picture.height, 2.0});
  const auto side = [&](std::uint32_t pixels) { return static_cast<std::uint32_t>(std::max(1.0, pixels * scale)); };
  small.rgb = scaled(picture, side(picture.width), side(picture.height));
  small.decoded = true;
  small.across = across * small.rgb.width / picture.width;
  small.down = down * small.rgb.height / picture.height;
  return small;
}

}  // namespace vetset
