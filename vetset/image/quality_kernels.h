// The inner loops of `Quality`, as each kind of processor runs them best. All give the same numbers to the bit. For
// files of this room only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "vetset/image/raster.h"

namespace vetset {

struct LaplacianSums {
  std::int64_t sum = 0, squares = 0;
};

/// Steps between neighbours, by where in a grid of eight the second one lies.
struct StepSums {
  std::array<std::uint64_t, 8> columns{}, rows{};
};

inline constexpr std::size_t line_lanes = 16;
/// Lines of one length, side by side: sample i of line k is samples[line_lanes * i + k]. Lines that are not there are
/// 0.
struct LineGroup {
  const std::uint8_t* samples = nullptr;
  std::size_t length = 0;
};

inline constexpr std::size_t width_parts = 16;  // of a pixel, for the median of widths
inline constexpr std::size_t widest = 64;
/// How many strong edges are how wide.
using EdgeWidths = std::array<std::uint32_t, width_parts * widest>;

inline constexpr std::size_t upper_reach = 15;  // of the filter, to either side
/// By line: energy of what the filter lets through.
using UpperEnergy = std::array<double, line_lanes>;

struct QualityKernels {
  std::string_view name;
  std::uint64_t (*noise)(const Plane&);          // sum of Immerkær's operator's sizes; sides of 3 and more
  LaplacianSums (*laplacian)(const Plane&);      // sides of 3 and more
  void (*steps)(const Plane&, StepSums&);        // sides of 17 and more
  void (*edges)(const LineGroup&, EdgeWidths&);  // adds
  void (*upper)(const LineGroup&, const std::array<float, 8>& taps, UpperEnergy&);  // of lines of 31 and more
};
/// What this processor can run, the fastest first; never empty.
const std::vector<QualityKernels>& quality_kernels();

}  // namespace vetset
