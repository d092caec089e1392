// Pictures in another size, to the bit as the libraries give them that models are trained with.
//
// pillow: Image.resize of modes L and RGB, all filters, antialiased, 22-bit fixed point (Pillow 2.7 and later).
// opencv: cv2.resize of uint8 as OpenCV 4 computes it without IPP's inexact routes: 11-bit fixed point for linear,
// cubic
//   and Lanczos; float sums for areas.
// torch: torch.nn.functional.interpolate of a contiguous float32 tensor N × C × H × W, align_corners off, on a
// processor
//   with fused multiply-add.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "vetset/image/raster.h"

namespace vetset {

struct Resampling {
  enum class Arithmetic : std::uint8_t { pillow, opencv, torch } arithmetic = Arithmetic::pillow;
  enum class Filter : std::uint8_t {
    nearest,
    box,
    bilinear,
    hamming,
    bicubic,
    lanczos,
    area
  } filter = Filter::bilinear;
  bool antialias = false;  // torch alone: pillow's filters always do, opencv's never
};
std::string_view name(Resampling::Arithmetic arithmetic);
std::string_view name(Resampling::Filter filter);
/// Whether that library has that filter: torch has nearest, bilinear and bicubic, the latter two with antialias or
/// without.
bool exists(const Resampling& resampling);

/// Takes each row of the new picture once, from the top; it is gone after the call.
using ByteRows = std::function<void(std::uint32_t y, const std::uint8_t* row)>;
using FloatRows = std::function<void(std::uint32_t y, const float* row)>;

/// `from`: grey or RGB of 8 bits, no side 0; `resampling` exists. Values of torch are rounded, half to even, as
/// torchvision does with tensors of uint8.
void resize_rows(const Raster& from, std::uint32_t width, std::uint32_t height, const Resampling& resampling,
                 const ByteRows& rows);
/// Values of torch as they come, from 0 to 255, and a little beyond with bicubic.
void resize_float_rows(const Raster& from, std::uint32_t width, std::uint32_t height, const Resampling& resampling,
                       const FloatRows& rows);
Raster resized(const Raster& from, std::uint32_t width, std::uint32_t height, const Resampling& resampling);

}  // namespace vetset
