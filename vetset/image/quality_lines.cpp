// Edge width and the upper half of the spectrum, along some rows and columns of a picture: two dozen lines say as
// much of it as all. Lines lie side by side, so that one look takes many of them a pixel further.
#include <algorithm>
#include <cmath>

#include "vetset/image/quality_kernels.h"
#include "vetset/image/quality_parts.h"

namespace vetset {
namespace {

constexpr std::uint32_t wanted_lines = 24;  // in each direction

/// Evenly spread lines along an axis.
struct Spread {
  std::size_t gap, first, count;

  explicit Spread(std::uint32_t side)
      : gap(std::max(1u, side / wanted_lines)), first(gap / 2), count((side - first + gap - 1) / gap) {}
  std::size_t at(std::size_t line) const { return first + line * gap; }
};

/// Calls `use` with groups of rows, then of columns, and how many lines are in it.
template <class Use>
void for_line_groups(const Plane& luma, const Use& use) {
  const std::size_t width = luma.width;
  std::vector<std::uint8_t> samples(line_lanes * std::max(luma.width, luma.height));
  const Spread rows(luma.height);
  for (std::size_t begin = 0; begin < rows.count; begin += line_lanes) {
    const std::size_t count = std::min(line_lanes, rows.count - begin);
    if (count < line_lanes) std::fill(samples.begin(), samples.end(), std::uint8_t{0});
    for (std::size_t k = 0; k < count; ++k) {
      const std::uint8_t* const row = luma.samples.data() + rows.at(begin + k) * width;
      for (std::size_t x = 0; x < width; ++x) samples[line_lanes * x + k] = row[x];
    }
    use(LineGroup{samples.data(), width}, count);
  }
  const Spread columns(luma.width);
  for (std::size_t begin = 0; begin < columns.count; begin += line_lanes) {
    const std::size_t count = std::min(line_lanes, columns.count - begin);
    if (count < line_lanes) std::fill(samples.begin(), samples.end(), std::uint8_t{0});
    const std::uint8_t* at = luma.samples.data() + columns.at(begin);
    for (std::size_t y = 0; y < luma.height; ++y, at += width)
      for (std::size_t k = 0; k < count; ++k) samples[line_lanes * y + k] = at[k * columns.gap];
    use(LineGroup{samples.data(), luma.height}, count);
  }
}

/// A half-band high-pass filter: a windowed sine (Blackman), so every second tap but the middle one is 0. It takes
/// what lies beyond half the Nyquist frequency and leaves less than a ten-thousandth of the energy below 0.4 of it.
const std::array<float, 8>& upper_taps() {
  static const std::array<float, 8> taps = [] {
    std::array<float, 8> t{};
    const double pi = std::acos(-1.0), end = static_cast<double>(upper_reach + 1);
    for (std::size_t i = 0; i < t.size(); ++i) {
      const double n = static_cast<double>(2 * i + 1);  // 1, 3 … 15
      const double window = 0.42 + 0.5 * std::cos(pi * n / end) + 0.08 * std::cos(2 * pi * n / end);
      t[i] = static_cast<float>(-std::sin(pi * n / 2) / (pi * n) * window);
    }
    return t;
  }();
  return taps;
}

/// Sums of what the filter is laid upon, by line.
struct Totals {
  std::array<std::uint32_t, line_lanes> sum{};
  std::array<std::uint64_t, line_lanes> squares{};

  explicit Totals(const LineGroup& lines) {
    for (std::size_t i = upper_reach; i + upper_reach < lines.length; ++i)
      for (std::size_t k = 0; k < line_lanes; ++k) {
        const std::uint32_t sample = lines.samples[line_lanes * i + k];
        sum[k] += sample;
        squares[k] += sample * sample;
      }
  }
  /// Times the count of samples.
  double variance(std::size_t line, std::size_t count) const {
    const auto total = static_cast<double>(sum[line]);
    return static_cast<double>(squares[line]) - total * total / static_cast<double>(count);
  }
};

class UpperBand {
 public:
  void add(const LineGroup& lines, std::size_t count) {
    if (lines.length < 2 * upper_reach + 8) return;
    const Totals totals(lines);
    UpperEnergy energy;
    quality_kernels().front().upper(lines, upper_taps(), energy);
    for (std::size_t k = 0; k < count; ++k) {
      all_ += totals.variance(k, lines.length - 2 * upper_reach);
      upper_ += energy[k];
    }
  }
  float share() const { return all_ > 0 ? static_cast<float>(std::min(1.0, upper_ / all_)) : 0; }

 private:
  double upper_ = 0, all_ = 0;
};

class Edges {
 public:
  void add(const LineGroup& lines) { quality_kernels().front().edges(lines, widths_); }
  float median_width() const {
    std::uint64_t edges = 0, below = 0;
    for (const std::uint32_t count : widths_) edges += count;
    for (std::size_t i = 0; i < widths_.size(); ++i)
      if (edges > 0 && 2 * (below += widths_[i]) >= edges)
        return static_cast<float>(i) / static_cast<float>(width_parts);
    return 0;
  }

 private:
  EdgeWidths widths_{};
};

}  // namespace

void measure_lines(const Plane& luma, const Plane& scaled, Quality& quality) {
  const bool same = &luma == &scaled;  // then its lines are laid side by side once
  UpperBand upper;
  Edges edges;
  for_line_groups(luma, [&](const LineGroup& lines, std::size_t count) {
    upper.add(lines, count);
    if (same) edges.add(lines);
  });
  if (!same) for_line_groups(scaled, [&](const LineGroup& lines, std::size_t) { edges.add(lines); });
  quality.upper_band = upper.share();
  quality.edge_width = edges.median_width();
}

}  // namespace vetset
