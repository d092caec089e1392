#include "vetset/image/resize.h"

#include <cmath>

#include "vetset/base/result.h"
#include "vetset/image/resize_parts.h"

namespace vetset {
namespace {

using Arithmetic = Resampling::Arithmetic;
using Filter = Resampling::Filter;

void as_it_is(const Raster& from, const ByteRows& rows) {
  for (std::uint32_t y = 0; y < from.height; ++y) rows(y, from.samples.data() + y * from.row_bytes());
}

void rounded(const float* from, std::size_t count, std::uint8_t* to) {
  for (std::size_t i = 0; i < count; ++i)
    to[i] = static_cast<std::uint8_t>(std::nearbyint(std::clamp(from[i], 0.0F, 255.0F)));
}

bool is_of_bytes(const Raster& from) {
  return from.bits == 8 && (from.channels == 1 || from.channels == 3) && from.width > 0 && from.height > 0 &&
         from.samples.size() == from.row_bytes() * from.height;
}

}  // namespace

std::string_view name(Arithmetic arithmetic) {
  constexpr std::string_view names[] = {"pillow", "opencv", "torch"};
  return names[static_cast<std::size_t>(arithmetic)];
}

std::string_view name(Filter filter) {
  constexpr std::string_view names[] = {"nearest", "box", "bilinear", "hamming", "bicubic", "lanczos", "area"};
  return names[static_cast<std::size_t>(filter)];
}

bool exists(const Resampling& r) {
  switch (r.arithmetic) {
    case Arithmetic::pillow: return r.filter != Filter::area && !r.antialias;
    case Arithmetic::opencv: return r.filter != Filter::box && r.filter != Filter::hamming && !r.antialias;
    default:
      return r.filter == Filter::bilinear || r.filter == Filter::bicubic ||
             (r.filter == Filter::nearest && !r.antialias);
  }
}

void resize_rows(const Raster& from, std::uint32_t width, std::uint32_t height, const Resampling& resampling,
                 const ByteRows& rows) {
  VETSET_ASSERT(is_of_bytes(from) && width > 0 && height > 0, "a picture of bytes to a picture that is there");
  VETSET_ASSERT(exists(resampling), "the library has the filter");
  if (from.width == width && from.height == height) return as_it_is(from, rows);
  switch (resampling.arithmetic) {
    case Arithmetic::pillow: return resize_pillow(from, width, height, resampling.filter, rows);
    case Arithmetic::opencv: return resize_opencv(from, width, height, resampling.filter, rows);
    case Arithmetic::torch: break;
  }
  std::vector<std::uint8_t> bytes(std::size_t{width} * from.channels);
  resize_torch(from, width, height, resampling.filter, resampling.antialias, [&](std::uint32_t y, const float* row) {
    rounded(row, bytes.size(), bytes.data());
    rows(y, bytes.data());
  });
}

void resize_float_rows(const Raster& from, std::uint32_t width, std::uint32_t height, const Resampling& resampling,
                       const FloatRows& rows) {
  VETSET_ASSERT(is_of_bytes(from) && width > 0 && height > 0, "a picture of bytes to a picture that is there");
  VETSET_ASSERT(resampling.arithmetic == Arithmetic::torch && exists(resampling), "torch has the filter");
  resize_torch(from, width, height, resampling.filter, resampling.antialias, rows);
}

Raster resized(const Raster& from, std::uint32_t width, std::uint32_t height, const Resampling& resampling) {
  Raster to{width, height, from.channels, 8, {}};
  to.samples.resize(to.row_bytes() * height);
  resize_rows(from, width, height, resampling, [&](std::uint32_t y, const std::uint8_t* row) {
    std::memcpy(to.samples.data() + y * to.row_bytes(), row, to.row_bytes());
  });
  return to;
}

void resize_by_picking(const Raster& from, const std::vector<std::uint32_t>& columns,
                       const std::vector<std::uint32_t>& lines, const ByteRows& rows) {
  std::vector<std::uint8_t> picked(columns.size() * from.channels);
  for (std::uint32_t y = 0; y < lines.size(); ++y) {
    const std::uint8_t* const row = from.samples.data() + lines[y] * from.row_bytes();
    if (from.channels == 1) {
      for (std::size_t x = 0; x < columns.size(); ++x) picked[x] = row[columns[x]];
    } else {
      for (std::size_t x = 0; x < columns.size(); ++x)
        std::memcpy(&picked[3 * x], row + std::size_t{3} * columns[x], 3);
    }
    rows(y, picked.data());
  }
}

}  // namespace vetset
