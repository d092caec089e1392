// Where an image goes in the model's input: the sides that each library computes for it, with that library's rounding.
#include <algorithm>
#include <cmath>

#include "vetset/runtime/preprocess.h"

namespace vetset {
namespace {

using Fit = ResizeSpec::Fit;
using Sides = ResizeSpec::Sides;

constexpr double most_pixels = 1U << 27;  // of the resized picture, and of the input

struct Size {
  double width = 0, height = 0;
};

double whole(double side, Sides sides, Sides usual) {
  const Sides rule = sides == Sides::usual ? usual : sides;
  if (rule == Sides::up) return std::ceil(side);
  return rule == Sides::half_even ? std::nearbyint(side) : std::floor(side);
}

double rounded_up(double side, std::uint32_t multiple) {
  return multiple == 0 ? side : std::ceil(side / multiple) * multiple;
}

Size stretched(double width, double height, const ResizeSpec& spec) {
  return {spec.width > 0 ? spec.width : rounded_up(width, spec.multiple),
          spec.height > 0 ? spec.height : rounded_up(height, spec.multiple)};
}

/// torchvision.transforms.Resize(n): the short side is n, the other one follows.
Size by_short_side(double width, double height, const ResizeSpec& spec) {
  const double side = spec.short_side, small = std::min(width, height), large = std::max(width, height);
  const double other = whole(side * large / small, spec.sides, Sides::down);
  return width <= height ? Size{side, other} : Size{other, side};
}

/// facebookresearch/detr, datasets/transforms.py: get_size_with_aspect_ratio.
Size by_long_side_detr(double width, double height, const ResizeSpec& spec) {
  const double small = std::min(width, height), large = std::max(width, height);
  double side = spec.short_side;
  if (spec.long_side > 0 && large / small * side > spec.long_side)
    side = std::nearbyint(spec.long_side * small / large);
  if (small == side) return {width, height};
  if (width < height) return {side, std::floor(side * height / width)};
  return {std::floor(side * width / height), side};
}

/// torchvision.models.detection.transform as of 0.15: one factor, then interpolate's own floor. Earlier ones, and
/// graphs exported from it, have the factor in float32, which may take a line away.
Size by_long_side(double width, double height, const ResizeSpec& spec) {
  if (spec.sides == Sides::detr) return by_long_side_detr(width, height, spec);
  double factor = spec.short_side / std::min(width, height);
  if (spec.long_side > 0) factor = std::min(factor, spec.long_side / std::max(width, height));
  const auto side = [&](double old) { return whole(old * factor, spec.sides, Sides::down); };
  return {side(width), side(height)};
}

/// LetterBox of Ultralytics.
double letterbox_factor(double width, double height, const ResizeSpec& spec) {
  const double factor = std::min(spec.height / height, spec.width / width);
  return spec.scale_up ? factor : std::min(factor, 1.0);
}
Size letterboxed(double width, double height, const ResizeSpec& spec) {
  const double factor = letterbox_factor(width, height, spec);
  const auto side = [&](double old, double most) {
    return std::min(whole(old * factor, spec.sides, Sides::half_even), most);
  };
  return {side(width, spec.width), side(height, spec.height)};
}

Size resized_size(double width, double height, const ResizeSpec& spec) {
  switch (spec.fit) {
    case Fit::stretch: return stretched(width, height, spec);
    case Fit::letterbox: return letterboxed(width, height, spec);
    case Fit::short_side: return by_short_side(width, height, spec);
    case Fit::long_side: return by_long_side(width, height, spec);
    default: return {width, height};
  }
}

/// One axis of the input: its length, and where the resized picture begins in it.
struct Axis {
  double length = 0, begin = 0;
};
Axis placed(double resized, double wanted, double crop, const ResizeSpec& spec) {
  if (crop > 0) {
    if (crop <= resized) return {crop, -std::nearbyint((resized - crop) / 2)};
    return {crop, std::floor((crop - resized) / 2)};
  }
  double length = std::max(wanted, resized);
  if (spec.fit == Fit::letterbox && spec.multiple > 0)
    length = resized + std::fmod(wanted - resized, spec.multiple);  // the least rectangle
  else if (spec.fit != Fit::stretch)
    length = rounded_up(length, spec.multiple);
  const bool centred = spec.place == ResizeSpec::Place::centre;
  return {length, centred ? std::floor((length - resized) / 2) : 0};
}

std::string size_text(double width, double height) {
  return std::to_string(static_cast<std::uint64_t>(width)) + "x" + std::to_string(static_cast<std::uint64_t>(height));
}

Result<void> check_fits(const Size& resized, double width, double height, const ResizeSpec& spec) {
  if (resized.width * resized.height > most_pixels)
    return Error{Code::limit, "an image of " + size_text(width, height) + " pixels would be resized to " +
                                  size_text(resized.width, resized.height) + ", beyond the limit of 134217728 pixels"};
  const bool fixed = spec.fit == Fit::none || spec.fit == Fit::long_side;
  const bool wide = fixed && spec.crop_width == 0 && spec.width > 0 && resized.width > spec.width;
  const bool high = fixed && spec.crop_height == 0 && spec.height > 0 && resized.height > spec.height;
  if (wide || high)
    return Error{Code::usage, "an image of " + size_text(resized.width, resized.height) +
                                  " pixels does not fit the input of " + size_text(spec.width, spec.height) +
                                  ", and the contract does not make it smaller"};
  return {};
}

}  // namespace

Result<Placement> placement_of(std::uint32_t width, std::uint32_t height, const ResizeSpec& spec) {
  if (width == 0 || height == 0)
    return Error{Code::malformed, "an image of " + size_text(width, height) + " pixels has none to resize"};
  Size resized = resized_size(width, height, spec);
  resized = {std::max(resized.width, 1.0), std::max(resized.height, 1.0)};
  VETSET_DO(check_fits(resized, width, height, spec));
  const Axis across = placed(resized.width, spec.width, spec.crop_width, spec);
  const Axis down = placed(resized.height, spec.height, spec.crop_height, spec);
  if (across.length * down.length > most_pixels)
    return Error{Code::limit,
                 "an input of " + size_text(across.length, down.length) + " pixels is beyond the limit of 134217728"};
  const auto side = [](double value) { return static_cast<std::uint32_t>(value); };
  Placement p{.image_width = width,
              .image_height = height,
              .resized_width = side(resized.width),
              .resized_height = side(resized.height),
              .input_width = side(across.length),
              .input_height = side(down.length),
              .scale_x = resized.width / width,
              .scale_y = resized.height / height,
              .left = across.begin,
              .top = down.begin};
  return p;
}

}  // namespace vetset
