// Uniform borders: bars of a letterbox, frames, padding. A line belongs to one while nearly all of its pixels have the
// colour of the outermost line; the first line that differs ends it.
#include <algorithm>
#include <cstdlib>

#include "vetset/image/fingerprint.h"

namespace vetset {
namespace {

constexpr int tolerance = 8;                 // grey levels: what lossy compression does to one colour
constexpr std::size_t strangers_share = 50;  // one pixel in this many may differ: dust, a timestamp's edge

/// `count` pixels, `step` apart.
struct Line {
  const std::uint8_t* first;
  std::size_t count, step;

  int median() const {
    std::array<std::uint32_t, 256> histogram{};
    for (std::size_t i = 0; i < count; ++i) ++histogram[first[i * step]];
    std::size_t below = 0;
    for (std::size_t level = 0; level < 256; ++level)
      if (2 * (below += histogram[level]) >= count) return static_cast<int>(level);
    return 255;
  }
  bool uniform(int level) const {
    std::size_t strangers = 0;
    for (std::size_t i = 0; i < count; ++i)
      if (std::abs(first[i * step] - level) > tolerance && ++strangers > count / strangers_share) return false;
    return true;
  }
};

/// What is left of a plane: half-open ranges of columns and rows.
struct Frame {
  std::uint32_t left, top, right, bottom;
};

Line row(const Plane& p, const Frame& f, std::uint32_t y) {
  return {p.samples.data() + std::size_t{y} * p.width + f.left, f.right - f.left, 1};
}
Line column(const Plane& p, const Frame& f, std::uint32_t x) {
  return {p.samples.data() + std::size_t{f.top} * p.width + x, f.bottom - f.top, p.width};
}

/// Takes uniform lines away from both ends of the range `begin`..`end`; false where all are uniform.
template <class LineAt>
bool trim_ends(std::uint32_t& begin, std::uint32_t& end, const LineAt& line) {
  const int first_level = line(begin).median();
  std::uint32_t at = begin;
  while (at < end && line(at).uniform(first_level)) ++at;
  if (at == end) return false;
  begin = at;
  const int last_level = line(end - 1).median();
  while (end > begin && line(end - 1).uniform(last_level)) --end;
  return end > begin;
}

/// A frame so narrow is no picture with borders but a line on a plain ground.
bool enough_left(std::uint32_t begin, std::uint32_t end, std::uint32_t side) {
  return end - begin >= std::max<std::uint32_t>(8, side / 4);
}

std::uint16_t narrow(std::uint32_t n) { return static_cast<std::uint16_t>(std::min<std::uint32_t>(n, 0xFFFF)); }

}  // namespace

std::array<std::uint16_t, 4> uniform_borders(const Plane& luma) {
  if (luma.empty()) return {};
  Frame f{0, 0, luma.width, luma.height};
  // Twice: bars of two colours around one another show the inner ones only when the outer ones are gone.
  for (int round = 0; round < 2; ++round) {
    if (!trim_ends(f.top, f.bottom, [&](std::uint32_t y) { return row(luma, f, y); })) return {};
    if (!trim_ends(f.left, f.right, [&](std::uint32_t x) { return column(luma, f, x); })) return {};
  }
  if (!enough_left(f.left, f.right, luma.width)) f.left = 0, f.right = luma.width;
  if (!enough_left(f.top, f.bottom, luma.height)) f.top = 0, f.bottom = luma.height;
  return {narrow(f.left), narrow(f.top), narrow(luma.width - f.right), narrow(luma.height - f.bottom)};
}

}  // namespace vetset
