// Laying one portrait over another: a grid in the first, an affine map of it into the second, and a refinement of that
// map that looks at each block of the grid on its own, so that neither a change of light nor a pasted logo pulls it
// away.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "vetset/image/raster.h"

namespace vetset {

/// A plane and its halvings, each by averages of 2 × 2; samples as floats.
class Pyramid {
 public:
  explicit Pyramid(const Plane& plane);
  double width() const { return width_; }
  double height() const { return height_; }

  struct Level {
    std::size_t width = 0, height = 0;
    std::vector<float> samples = {};
  };
  /// The level whose pixels are nearest to `step` pixels of the finest one.
  std::size_t level_for(double step) const;
  const Level& level(std::size_t index) const { return levels_[index]; }

 private:
  double width_, height_;
  std::vector<Level> levels_;
};

/// An affine map: (u, v) of [−1, 1]² to pixels of a plane (pixel k spans k to k + 1).
struct AffineMap {
  double x = 0, xu = 1, xv = 0;
  double y = 0, yu = 0, yv = 1;
  double at_x(double u, double v) const { return x + xu * u + xv * v; }
  double at_y(double u, double v) const { return y + yu * u + yv * v; }
};
/// The map whose square fills a rectangle.
AffineMap map_of(double x, double y, double width, double height);
/// `outer` after `inner`: (u, v) goes through `inner` first, whose results are taken as outer's (u, v).
AffineMap after(const AffineMap& outer, const AffineMap& inner);
AffineMap inverse(const AffineMap& map);

/// side × side samples of a plane at the cells of the square, row after row. Outside of the plane: `outside`.
inline constexpr float outside = -1;
void sample(const Pyramid& pyramid, const AffineMap& map, std::size_t side, std::vector<float>& samples);

/// Refines `second` until it shows what `first` shows; both are maps of one square, looked at in side × side samples.
/// Reaches about two samples.
AffineMap aligned(const Pyramid& a, const AffineMap& first, const Pyramid& b, AffineMap second, std::size_t side);

}  // namespace vetset
