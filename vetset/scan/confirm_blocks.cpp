#include "vetset/scan/confirm_blocks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

namespace vetset {
namespace {

constexpr std::size_t block = 8;
constexpr std::size_t cells = block * block;
constexpr double agreeing = 0.75;       // correlation of a block that shows the same, at least
constexpr double agreeing_noisy = 0.5;  // the same where noise explains that there is not more
constexpr double plainest = 3;          // variance of detail, in grey levels squared, below which a block is plain

/// −7, −5 … 7: what a slope is measured with. Its squares over a block sum to 8 · 168.
constexpr double ramp(std::size_t k) { return 2 * static_cast<double>(k) - 7; }

struct Block {
  double structure = 0;  // the weaker of the two directions in which it varies, over the stronger
  double variance = 0;   // after its mean and its slope are taken away
  std::array<double, cells> detail = {};
};

/// The block at (left, top) without its mean and without the slope of light across it, which any two pictures may
/// share. Nothing where it is not whole.
std::optional<Block> block_at(const std::vector<float>& samples, std::size_t side, std::ptrdiff_t left,
                              std::ptrdiff_t top) {
  const auto size = static_cast<std::ptrdiff_t>(side), reach = static_cast<std::ptrdiff_t>(block);
  if (left < 0 || top < 0 || left + reach > size || top + reach > size) return std::nullopt;
  Block result;
  double sum = 0, along_x = 0, along_y = 0;
  const float* row = samples.data() + top * size + left;
  for (std::size_t y = 0; y < block; ++y, row += side)
    for (std::size_t x = 0; x < block; ++x) {
      if (row[x] < 0) return std::nullopt;
      const double value = row[x];
      result.detail[y * block + x] = value;
      sum += value, along_x += value * ramp(x), along_y += value * ramp(y);
    }
  const double mean = sum / cells, slope_x = along_x / (8 * 168), slope_y = along_y / (8 * 168);
  for (std::size_t y = 0; y < block; ++y)
    for (std::size_t x = 0; x < block; ++x) {
      double& value = result.detail[y * block + x];
      value -= mean + slope_x * ramp(x) + slope_y * ramp(y);
      result.variance += value * value;
    }
  result.variance /= cells;
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t y = 0; y + 1 < block; ++y)
    for (std::size_t x = 0; x + 1 < block; ++x) {
      const double* d = result.detail.data() + y * block + x;
      const double gx = d[1] - d[0] + d[block + 1] - d[block], gy = d[block] - d[0] + d[block + 1] - d[1];
      xx += gx * gx, yy += gy * gy, xy += gx * gy;
    }
  const double spread = std::sqrt((xx - yy) * (xx - yy) + 4 * xy * xy);
  result.structure = xx + yy > 0 ? (xx + yy - spread) / (xx + yy + spread) : 0;
  return result;
}

double correlation(const Block& a, const Block& b) {
  double sum = 0;
  for (std::size_t i = 0; i < cells; ++i) sum += a.detail[i] * b.detail[i];
  const double scale = std::sqrt(a.variance * b.variance) * cells;
  return scale > 0 ? sum / scale : 0;
}

/// Variance of the noise: of what a Laplacian that sees neither slopes nor edges leaves, in the quieter blocks.
double noise_variance(const std::vector<float>& samples, std::size_t side) {
  std::vector<double> quiet;
  for (std::size_t top = 0; top < side; top += block)
    for (std::size_t left = 0; left < side; left += block) {
      double sum = 0;
      std::size_t count = 0;
      for (std::size_t y = std::max<std::size_t>(top, 1); y < std::min(top + block, side - 1); ++y)
        for (std::size_t x = std::max<std::size_t>(left, 1); x < std::min(left + block, side - 1); ++x) {
          const float* s = samples.data() + y * side + x;
          const float* u = s - side;
          const float* d = s + side;
          if (s[0] < 0 || s[-1] < 0 || s[1] < 0 || u[-1] < 0 || u[0] < 0 || u[1] < 0 || d[-1] < 0 || d[0] < 0 ||
              d[1] < 0)
            continue;
          const double l = u[-1] - 2 * u[0] + u[1] - 2 * s[-1] + 4 * s[0] - 2 * s[1] + d[-1] - 2 * d[0] + d[1];
          sum += l * l, ++count;
        }
      if (count > 0) quiet.push_back(sum / static_cast<double>(count) / 36);
    }
  if (quiet.empty()) return 0;
  const auto at = quiet.begin() + static_cast<std::ptrdiff_t>(quiet.size() / 5);
  std::nth_element(quiet.begin(), at, quiet.end());
  return *at;
}

/// Blurs by a binomial of 3 × 3.
void soften(std::vector<float>& samples, std::size_t side) {
  for (const bool down : {false, true}) {
    const std::size_t stride = down ? side : 1, across = down ? 1 : side;
    for (std::size_t line = 0; line < side; ++line) {
      float* s = samples.data() + line * across;
      float before = s[0];
      for (std::size_t i = 0; i < side; ++i) {
        const float here = s[i * stride], next = s[std::min(i + 1, side - 1) * stride];
        if (here >= 0 && before >= 0 && next >= 0) s[i * stride] = (before + 2 * here + next) / 4;
        before = here;
      }
    }
  }
}

/// Energy of the finest detail over that of the whole.
double sharpness(const std::vector<float>& samples, std::size_t side) {
  double n = 0, sum = 0, square = 0, fine = 0;
  for (std::size_t y = 0; y + 1 < side; ++y)
    for (std::size_t x = 0; x + 1 < side; ++x) {
      const float* s = samples.data() + y * side + x;
      if (s[0] < 0 || s[1] < 0 || s[side] < 0) continue;
      const double gx = s[1] - s[0], gy = s[side] - s[0];
      n += 1, sum += s[0], square += static_cast<double>(s[0]) * s[0], fine += gx * gx + gy * gy;
    }
  const double variance = n > 0 ? square / n - sum / n * sum / n : 0;
  return variance > 0 ? fine / n / variance : 0;
}

/// Blurs the sharper of the two until both are about equally sharp: of a blurred copy no more can be asked.
void equally_sharp(std::vector<float>& a, std::vector<float>& b, std::size_t side) {
  for (int round = 0; round < 8; ++round) {
    const double of_a = sharpness(a, side), of_b = sharpness(b, side);
    if (of_a > 1.5 * of_b) {
      soften(a, side);
    } else if (of_b > 1.5 * of_a) {
      soften(b, side);
    } else {
      return;
    }
  }
}

struct Overall {
  double count = 0, variance_a = 0, variance_b = 0, correlation = 0;
};

Overall overall(const std::vector<float>& a, const std::vector<float>& b) {
  Overall result;
  double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] < 0 || b[i] < 0) continue;
    const double va = a[i], vb = b[i];
    result.count += 1, sa += va, sb += vb, saa += va * va, sbb += vb * vb, sab += va * vb;
  }
  if (result.count == 0) return result;
  const double n = result.count;
  result.variance_a = std::max(0.0, saa / n - sa / n * sa / n);
  result.variance_b = std::max(0.0, sbb / n - sb / n * sb / n);
  const double scale = std::sqrt(result.variance_a * result.variance_b);
  if (scale > 0) result.correlation = (sab / n - sa / n * sb / n) / scale;
  return result;
}

/// The variance that a block's detail needs, to be more than noise and more than nothing beside the picture's contrast.
double floor_of(double variance, double noise) {
  return std::max({plainest, 0.002 * variance, std::min(3 * noise, 0.1 * variance)});
}

}  // namespace

double BlockAgreement::evidence() const {
  // Blocks of edited copies agree in 65 of 100 cases at least, those of look-alikes in 30 at most: ln(65 / 30) for each
  // that agrees, ln(35 / 70) for each that does not; half of that for one that a logo or a white-out could explain.
  return 0.773 * static_cast<double>(agreeing) - 0.693 * static_cast<double>(telling - agreeing) -
         0.347 * static_cast<double>(lone);
}

double BlockAgreement::share() const {
  const double all = static_cast<double>(telling) + 0.5 * static_cast<double>(lone);
  return all > 0 ? static_cast<double>(agreeing) / all : 0;
}

BlockAgreement agreement(const Pyramid& a, const AffineMap& first, const Pyramid& b, const AffineMap& second,
                         std::size_t side, std::ptrdiff_t search) {
  std::vector<float> of_a, of_b;
  sample(a, first, side, of_a);
  sample(b, second, side, of_b);
  BlockAgreement result;
  const Overall all = overall(of_a, of_b);
  result.coverage = all.count / static_cast<double>(side * side);
  if (all.count < cells) return result;
  const double noise_a = noise_variance(of_a, side), noise_b = noise_variance(of_b, side);
  equally_sharp(of_a, of_b, side);
  result.correlation = overall(of_a, of_b).correlation;
  const double floor_a = floor_of(all.variance_a, noise_a), floor_b = floor_of(all.variance_b, noise_b);

  for (std::size_t top = 0; top < side; top += block)
    for (std::size_t left = 0; left < side; left += block) {
      const auto x = static_cast<std::ptrdiff_t>(left), y = static_cast<std::ptrdiff_t>(top);
      const std::optional<Block> mine = block_at(of_a, side, x, y);
      const std::optional<Block> theirs = block_at(of_b, side, x, y);
      if (!mine || !theirs) continue;
      const double detail_a = mine->variance / floor_a, detail_b = theirs->variance / floor_b;
      if (detail_a < 1 || detail_b < 1) {
        if (std::max(detail_a, detail_b) > 4) ++result.lone;
        continue;
      }
      if (std::min(mine->structure, theirs->structure) < 0.1) continue;
      ++result.telling;
      const double clean_a = std::max(0.0, 1 - noise_a / mine->variance);
      const double clean_b = std::max(0.0, 1 - noise_b / theirs->variance);
      const double needed = std::max(agreeing_noisy, agreeing * std::sqrt(clean_a * clean_b));
      bool found = correlation(*mine, *theirs) >= needed;
      for (std::ptrdiff_t dy = -search; dy <= search && !found; ++dy)
        for (std::ptrdiff_t dx = -search; dx <= search && !found; ++dx) {
          const std::optional<Block> moved = block_at(of_b, side, x + dx, y + dy);
          found = moved && correlation(*mine, *moved) >= needed;
        }
      if (found) ++result.agreeing;
    }
  return result;
}

}  // namespace vetset
