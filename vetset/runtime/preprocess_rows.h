// Rows of pixels to rows of the input tensor. For files of this room only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vetset/runtime/preprocess.h"

namespace vetset {

/// The steps of (value * scale - mean) / deviation that change anything, with float32 constants of one channel.
struct ChannelSteps {
  float factor = 1, divisor = 1, mean = 0, deviation = 1;
  float inverse_divisor = 1, inverse_deviation = 1;
  bool multiplies = false, divides = false, centres = false, spreads = false;
  bool quick = false;  // of every byte, both quotients can be had by multiplication and two fused steps, to the bit

  float operator()(float value) const {
    if (multiplies) value *= factor;
    if (divides) value /= divisor;
    if (centres) value -= mean;
    if (spreads) value /= deviation;
    return value;
  }
};
/// By channel of the tensor.
ChannelSteps steps_of(const InputSpec& spec, std::size_t channel);

/// Writes one image's part of the tensor, row by row from the top; each row once. Pixels are RGB, or grey.
class InputRows {
 public:
  /// `pad_zero`: what is padded is 0 in the tensor, not `pad`.
  InputRows(const ModelSpec& spec, const Placement& placement, std::span<std::byte> out);

  /// The row of the resized picture.
  void row(std::uint32_t y, const std::uint8_t* pixels);
  void row(std::uint32_t y, const float* pixels);
  /// All that no row of the picture covers; the sides of rows are padded with them.
  void pad_above_and_below();

 private:
  template <class Value>
  void pad(std::size_t y, std::size_t begin, std::size_t end);
  template <class Value>
  void take(std::size_t y, const std::uint8_t* pixels);
  template <class Value, class Pixel>
  void take_each(std::size_t y, const Pixel* pixels);
  template <class Value>
  Value& at(std::size_t channel, std::size_t y, std::size_t x);
  bool is_inside(std::uint32_t y, std::size_t& line) const;
  template <class Pixel>
  void row_of(std::uint32_t y, const Pixel* pixels);

  ElementType type_;
  bool planar_;
  std::size_t channels_, width_, height_;
  std::size_t skipped_ = 0, begin_ = 0, end_ = 0;  // pixels left out on the left; where the others go
  std::int64_t top_ = 0;
  std::size_t resized_height_ = 0;
  std::array<std::size_t, 3> source_{};  // which channel of the pixels is channel c of the tensor
  std::array<ChannelSteps, 3> steps_{};
  std::array<float, 3> padding_{};
  std::array<std::vector<std::byte>, 3> tables_;  // of each byte its value, as the tensor holds it
  std::span<std::byte> out_;
};

/// Three planes of `count` float32 values from RGB; false where this processor is not known to do it faster.
bool to_planes(const std::uint8_t* rgb, std::size_t count, const std::array<std::size_t, 3>& source,
               const std::array<ChannelSteps, 3>& steps, const std::array<float*, 3>& planes);

}  // namespace vetset
