// The inner loops of OpenCV's linear resize, as each kind of processor runs them best. All give the same numbers to the
// bit. For files of this room only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace vetset {

struct LinearKernels {
  /// A row in its new width, in sixteenths of 11-bit fixed point. `weights`: two for each pixel. Reads up to 16 bytes
  /// beyond the row and writes up to 16 samples beyond it.
  using Across = void (*)(const std::uint8_t* from, const std::int32_t* firsts, const std::int16_t* weights,
                          std::size_t width, std::int16_t* to);
  std::string_view name;
  Across across_grey, across_rgb;
  /// Two such rows to one of bytes. Reads and writes up to 32 samples beyond `count`.
  void (*down)(const std::int16_t* above, const std::int16_t* below, std::int16_t first, std::int16_t second,
               std::size_t count, std::uint8_t* to);
};
/// What this processor can run, the fastest first; never empty.
const std::vector<LinearKernels>& linear_kernels();

}  // namespace vetset
