#include "vetset/scan/confirm_align.h"

#include <algorithm>
#include <cmath>

namespace vetset {
namespace {

constexpr std::size_t block = 8;  // samples a side

Pyramid::Level halved(const Pyramid::Level& from) {
  Pyramid::Level to{.width = (from.width + 1) / 2, .height = (from.height + 1) / 2};
  to.samples.resize(to.width * to.height);
  for (std::size_t y = 0; y < to.height; ++y) {
    const float* upper = from.samples.data() + 2 * y * from.width;
    const float* lower = 2 * y + 1 < from.height ? upper + from.width : upper;
    for (std::size_t x = 0; x < to.width; ++x) {
      const std::size_t left = 2 * x, right = std::min(left + 1, from.width - 1);
      to.samples[y * to.width + x] = (upper[left] + upper[right] + lower[left] + lower[right]) / 4;
    }
  }
  return to;
}

using Six = std::array<double, 6>;

/// Solves a symmetric positive system of six unknowns by Cholesky's decomposition; false where it is singular.
bool solve(std::array<Six, 6>& m, Six& rhs) {
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = m[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= m[i][k] * m[j][k];
      if (i == j) {
        if (sum <= 1e-12) return false;
        m[i][i] = std::sqrt(sum);
      } else {
        m[i][j] = sum / m[j][j];
      }
    }
  }
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t k = 0; k < i; ++k) rhs[i] -= m[i][k] * rhs[k];
    rhs[i] /= m[i][i];
  }
  for (std::size_t i = 6; i-- > 0;) {
    for (std::size_t k = i + 1; k < 6; ++k) rhs[i] -= m[k][i] * rhs[k];
    rhs[i] /= m[i][i];
  }
  return true;
}

struct Sums {
  std::array<Six, 6> normal = {};
  Six rhs = {};
};

/// Adds what one block says of the map: where its normalised samples differ, along the gradient of the second. A block
/// that does not agree at all has no say.
void add_block(const std::vector<float>& a, const std::vector<float>& b, std::size_t side, std::size_t left,
               std::size_t top, Sums& sums) {
  double sum_a = 0, sum_b = 0, square_a = 0, square_b = 0, product = 0;
  constexpr double count = block * block;
  for (std::size_t y = top; y < top + block; ++y)
    for (std::size_t x = left; x < left + block; ++x) {
      const double va = a[y * side + x], vb = b[y * side + x];
      if (va < 0 || vb < 0) return;
      sum_a += va, sum_b += vb, square_a += va * va, square_b += vb * vb, product += va * vb;
    }
  const double mean_a = sum_a / count, mean_b = sum_b / count;
  const double var_a = square_a / count - mean_a * mean_a, var_b = square_b / count - mean_b * mean_b;
  if (var_a < 1 || var_b < 1) return;
  const double r = (product / count - mean_a * mean_b) / std::sqrt(var_a * var_b);
  if (r <= 0.1) return;
  const double texture = std::min(var_a, var_b);
  const double weight = r * r * texture / (texture + 25);
  const double gain_a = 1 / std::sqrt(var_a), gain_b = 1 / std::sqrt(var_b);
  const double half = static_cast<double>(side) / 2;
  for (std::size_t y = top; y < top + block; ++y)
    for (std::size_t x = left; x < left + block; ++x) {
      if (x == 0 || y == 0 || x + 1 == side || y + 1 == side) continue;
      const std::size_t at = y * side + x;
      if (b[at - 1] < 0 || b[at + 1] < 0 || b[at - side] < 0 || b[at + side] < 0) continue;
      const double gx = (b[at + 1] - b[at - 1]) / 2 * half * gain_b;
      const double gy = (b[at + side] - b[at - side]) / 2 * half * gain_b;
      const double error = (a[at] - mean_a) * gain_a - (b[at] - mean_b) * gain_b;
      const double u = (static_cast<double>(x) + 0.5) / half - 1, v = (static_cast<double>(y) + 0.5) / half - 1;
      const Six slope = {gx, gx * u, gx * v, gy, gy * u, gy * v};
      for (std::size_t i = 0; i < 6; ++i) {
        for (std::size_t j = 0; j <= i; ++j) sums.normal[i][j] += weight * slope[i] * slope[j];
        sums.rhs[i] += weight * slope[i] * error;
      }
    }
}

/// One step towards the first's samples; how far it went, in samples, or nothing to go by: 0.
double step(const std::vector<float>& a, const Pyramid& pyramid, AffineMap& map, std::size_t side,
            std::vector<float>& b) {
  sample(pyramid, map, side, b);
  Sums sums;
  for (std::size_t y = 0; y < side; y += block)
    for (std::size_t x = 0; x < side; x += block) add_block(a, b, side, x, y, sums);
  double trace = 0;
  for (std::size_t i = 0; i < 6; ++i) trace += sums.normal[i][i];
  if (trace <= 0) return 0;
  // Damped: what few blocks say of slant and stretch is taken with care, of the shift as it is.
  for (std::size_t i = 0; i < 6; ++i) sums.normal[i][i] += trace * (i % 3 == 0 ? 1e-4 : 5e-3);
  Six delta = sums.rhs;
  if (!solve(sums.normal, delta)) return 0;
  double largest = 0;
  for (const double d : delta) largest = std::max(largest, std::abs(d));
  const double limit = 4.0 / static_cast<double>(side);  // two samples
  const double shrink = largest > limit ? limit / largest : 1;
  const AffineMap move = {.x = delta[0] * shrink,
                          .xu = 1 + delta[1] * shrink,
                          .xv = delta[2] * shrink,
                          .y = delta[3] * shrink,
                          .yu = delta[4] * shrink,
                          .yv = 1 + delta[5] * shrink};
  map = after(map, move);
  return largest * shrink * static_cast<double>(side) / 2;
}

}  // namespace

Pyramid::Pyramid(const Plane& plane) : width_(plane.width), height_(plane.height) {
  Level finest{.width = plane.width, .height = plane.height};
  finest.samples.assign(plane.samples.begin(), plane.samples.end());
  levels_.push_back(std::move(finest));
  while (levels_.back().width > 8 && levels_.back().height > 8) levels_.push_back(halved(levels_.back()));
}

std::size_t Pyramid::level_for(double step) const {
  std::size_t index = 0;
  for (double pixel = 1; index + 1 < levels_.size() && step > pixel * 1.5; pixel *= 2) ++index;
  return index;
}

AffineMap map_of(double x, double y, double width, double height) {
  return {.x = x + width / 2, .xu = width / 2, .xv = 0, .y = y + height / 2, .yu = 0, .yv = height / 2};
}

AffineMap after(const AffineMap& outer, const AffineMap& inner) {
  return {.x = outer.at_x(inner.x, inner.y),
          .xu = outer.xu * inner.xu + outer.xv * inner.yu,
          .xv = outer.xu * inner.xv + outer.xv * inner.yv,
          .y = outer.at_y(inner.x, inner.y),
          .yu = outer.yu * inner.xu + outer.yv * inner.yu,
          .yv = outer.yu * inner.xv + outer.yv * inner.yv};
}

AffineMap inverse(const AffineMap& m) {
  const double determinant = m.xu * m.yv - m.xv * m.yu;
  const double d = determinant == 0 ? 1e-12 : determinant;
  AffineMap back = {.x = 0, .xu = m.yv / d, .xv = -m.xv / d, .y = 0, .yu = -m.yu / d, .yv = m.xu / d};
  back.x = -(back.xu * m.x + back.xv * m.y);
  back.y = -(back.yu * m.x + back.yv * m.y);
  return back;
}

void sample(const Pyramid& pyramid, const AffineMap& map, std::size_t side, std::vector<float>& samples) {
  samples.resize(side * side);
  const double cell = 2.0 / static_cast<double>(side);
  const double area = std::abs(map.xu * map.yv - map.xv * map.yu) * cell * cell;
  const std::size_t index = pyramid.level_for(std::sqrt(area));
  const Pyramid::Level& level = pyramid.level(index);
  const double pixel = static_cast<double>(std::size_t{1} << index);
  const auto last_x = static_cast<double>(level.width - 1), last_y = static_cast<double>(level.height - 1);
  const double margin = 0.01 * std::max(pyramid.width(), pyramid.height());
  for (std::size_t row = 0; row < side; ++row) {
    const double v = (static_cast<double>(row) + 0.5) * cell - 1;
    for (std::size_t column = 0; column < side; ++column) {
      const double u = (static_cast<double>(column) + 0.5) * cell - 1;
      const double px = map.at_x(u, v), py = map.at_y(u, v);
      float& out = samples[row * side + column];
      if (px < -margin || py < -margin || px > pyramid.width() + margin || py > pyramid.height() + margin) {
        out = outside;
        continue;
      }
      const double x = std::clamp(px / pixel - 0.5, 0.0, last_x), y = std::clamp(py / pixel - 0.5, 0.0, last_y);
      const auto x0 = static_cast<std::size_t>(x), y0 = static_cast<std::size_t>(y);
      const std::size_t x1 = std::min(x0 + 1, level.width - 1), y1 = std::min(y0 + 1, level.height - 1);
      const auto fx = static_cast<float>(x - static_cast<double>(x0)),
                 fy = static_cast<float>(y - static_cast<double>(y0));
      const float* upper = level.samples.data() + y0 * level.width;
      const float* lower = level.samples.data() + y1 * level.width;
      const float top = upper[x0] + (upper[x1] - upper[x0]) * fx;
      const float bottom = lower[x0] + (lower[x1] - lower[x0]) * fx;
      out = top + (bottom - top) * fy;
    }
  }
}

AffineMap aligned(const Pyramid& a, const AffineMap& first, const Pyramid& b, AffineMap second, std::size_t side) {
  std::vector<float> of_a, of_b;
  sample(a, first, side, of_a);
  for (int round = 0; round < 8; ++round)
    if (step(of_a, b, second, side, of_b) < 0.03) break;
  return second;
}

}  // namespace vetset
