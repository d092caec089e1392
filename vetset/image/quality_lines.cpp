// Edge width and the upper half of the spectrum, along some rows and columns of a picture: two dozen lines say as
// much of it as all.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "vetset/image/quality_parts.h"

namespace vetset {
namespace {

constexpr std::uint32_t wanted_lines = 24;  // in each direction

/// Calls `use` with the samples of evenly spread rows, then of columns.
template <class Use>
void for_lines(const Plane& luma, const Use& use) {
  std::vector<float> line(luma.width);
  const std::uint32_t row_gap = std::max(1u, luma.height / wanted_lines);
  for (std::uint64_t y = row_gap / 2; y < luma.height; y += row_gap) {
    const auto row = luma.row(static_cast<std::uint32_t>(y));
    for (std::size_t x = 0; x < line.size(); ++x) line[x] = row[x];
    use(line);
  }
  line.resize(luma.height);
  const std::uint32_t column_gap = std::max(1u, luma.width / wanted_lines);
  for (std::uint64_t x = column_gap / 2; x < luma.width; x += column_gap) {
    for (std::size_t y = 0; y < line.size(); ++y) line[y] = luma.samples[y * luma.width + x];
    use(line);
  }
}

constexpr int reach = 15;  // of the filter, to either side

/// A half-band high-pass filter: a windowed sine (Blackman), so every second tap but the middle one is 0. It takes
/// what lies beyond half the Nyquist frequency and leaves less than a ten-thousandth of the energy below 0.4 of it.
const std::array<float, 8>& upper_taps() {
  static const std::array<float, 8> taps = [] {
    std::array<float, 8> t{};
    const double pi = std::acos(-1.0);
    for (std::size_t i = 0; i < t.size(); ++i) {
      const double n = static_cast<double>(2 * i + 1);  // 1, 3 … 15
      const double window = 0.42 + 0.5 * std::cos(pi * n / (reach + 1)) + 0.08 * std::cos(2 * pi * n / (reach + 1));
      t[i] = static_cast<float>(-std::sin(pi * n / 2) / (pi * n) * window);
    }
    return t;
  }();
  return taps;
}

/// Energy of the filtered line.
double upper_energy(const std::vector<float>& line) {
  const std::array<float, 8>& taps = upper_taps();
  constexpr std::size_t lanes = 8;
  double energy = 0;
  for (std::size_t x = reach; x + reach < line.size(); x += lanes) {
    std::array<float, lanes> out;
    const std::size_t count = std::min(lanes, line.size() - reach - x);
    // The last block may be short; it begins earlier then, and what was counted is left out.
    const std::size_t begin = line.size() < 2 * reach + lanes ? x : std::min(x, line.size() - reach - lanes);
    if (begin + lanes + reach > line.size()) break;
    const float* at = line.data() + begin;
    for (std::size_t k = 0; k < lanes; ++k) out[k] = at[k] * 0.5f;
    for (std::size_t i = 0; i < taps.size(); ++i) {
      const float* left = at - (2 * i + 1);
      const float* right = at + (2 * i + 1);
      for (std::size_t k = 0; k < lanes; ++k) out[k] += taps[i] * (left[k] + right[k]);
    }
    for (std::size_t k = lanes - count; k < lanes; ++k)
      energy += static_cast<double>(out[k]) * static_cast<double>(out[k]);
  }
  return energy;
}

constexpr float strong_rise = 40;  // grey levels
constexpr std::size_t parts = 16;  // of a pixel, for the median of widths
constexpr std::size_t widest = 64;

}  // namespace

float upper_band_of(const Plane& luma) {
  double upper = 0, all = 0;
  for_lines(luma, [&](const std::vector<float>& line) {
    if (line.size() < 2 * reach + 8) return;
    double sum = 0, squares = 0;
    for (std::size_t x = reach; x + reach < line.size(); ++x) {
      sum += static_cast<double>(line[x]);
      squares += static_cast<double>(line[x]) * static_cast<double>(line[x]);
    }
    all += squares - sum * sum / static_cast<double>(line.size() - 2 * reach);
    upper += upper_energy(line);
  });
  return all > 0 ? static_cast<float>(std::min(1.0, upper / all)) : 0;
}

float edge_width_of(const Plane& luma) {
  std::array<std::uint32_t, parts * widest> widths{};
  std::uint64_t edges = 0;
  for_lines(luma, [&](const std::vector<float>& line) {
    // A rise or fall is what lies between two turning points of the line.
    for (std::size_t begin = 0; begin + 1 < line.size();) {
      const bool rises = line[begin + 1] > line[begin];
      float steepest = 0;
      std::size_t end = begin;
      for (; end + 1 < line.size() && line[end + 1] != line[end] && (line[end + 1] > line[end]) == rises; ++end)
        steepest = std::max(steepest, std::abs(line[end + 1] - line[end]));
      if (end == begin) ++end;  // a level stretch
      const float rise = std::abs(line[end] - line[begin]);
      if (rise >= strong_rise) {
        const auto width = static_cast<std::size_t>(rise / steepest * static_cast<float>(parts) + 0.5f);
        ++widths[std::min(width, widths.size() - 1)];
        ++edges;
      }
      begin = end;
    }
  });
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < widths.size(); ++i)
    if (edges > 0 && 2 * (below += widths[i]) >= edges) return static_cast<float>(i) / static_cast<float>(parts);
  return 0;
}

}  // namespace vetset
