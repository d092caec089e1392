// What the resizers share. For files of this room only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "vetset/image/raster.h"
#include "vetset/image/resize.h"

namespace vetset {

void resize_pillow(const Raster& from, std::uint32_t width, std::uint32_t height, Resampling::Filter filter,
                   const ByteRows& rows);
void resize_opencv(const Raster& from, std::uint32_t width, std::uint32_t height, Resampling::Filter filter,
                   const ByteRows& rows);
/// Both sides shrink, or stay.
void resize_opencv_area(const Raster& from, std::uint32_t width, std::uint32_t height, const ByteRows& rows);
void resize_torch(const Raster& from, std::uint32_t width, std::uint32_t height, Resampling::Filter filter,
                  bool antialias, const FloatRows& rows);

/// Each row of the new picture is a row of the old one, each pixel one of its pixels.
void resize_by_picking(const Raster& from, const std::vector<std::uint32_t>& columns,
                       const std::vector<std::uint32_t>& lines, const ByteRows& rows);

/// Rows of the old picture with room to read beyond their end: what lies there is of no account.
class PaddedRows {
 public:
  static constexpr std::size_t beyond = 64;
  explicit PaddedRows(const Raster& raster) : raster_(raster), spare_(raster.row_bytes() + beyond) {}

  const std::uint8_t* row(std::uint32_t y) {
    const std::size_t at = y * raster_.row_bytes();
    if (at + spare_.size() <= raster_.samples.size()) return raster_.samples.data() + at;
    std::memcpy(spare_.data(), raster_.samples.data() + at, raster_.row_bytes());
    return spare_.data();
  }

 private:
  const Raster& raster_;
  std::vector<std::uint8_t> spare_;
};

/// The rows made last, each in its place: row r shares it with r - depth.
template <class T>
class RowRing {
 public:
  RowRing(std::size_t width, std::size_t depth) : width_(width), rows_(depth * width), held_(depth, none) {}

  template <class Make>
  const T* row(std::uint32_t y, const Make& make) {
    const std::size_t slot = y % held_.size();
    T* const at = rows_.data() + slot * width_;
    if (held_[slot] != y) make(y, at), held_[slot] = y;
    return at;
  }

 private:
  static constexpr std::uint32_t none = 0xffffffffU;
  std::size_t width_;
  std::vector<T> rows_;
  std::vector<std::uint32_t> held_;
};

}  // namespace vetset
