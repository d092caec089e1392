#include "vetset/check/auc.h"

#include <algorithm>
#include <cmath>

namespace vetset {

double area_under_curve(std::span<Scored> items) {
  std::sort(items.begin(), items.end(), [](const Scored& a, const Scored& b) { return a.score < b.score; });
  double below = 0, won = 0, positives = 0;
  for (std::size_t begin = 0, end = 0; begin < items.size(); begin = end) {
    double positive = 0, negative = 0;
    for (end = begin; end < items.size() && items[end].score == items[begin].score; ++end) {
      positive += static_cast<double>(items[end].positive);
      negative += static_cast<double>(items[end].negative);
    }
    won += positive * (below + negative / 2);
    below += negative;
    positives += positive;
  }
  return positives > 0 && below > 0 ? won / (positives * below) : 0.5;
}

double chance_of(double area, std::uint64_t positive, std::uint64_t negative) {
  if (positive == 0 || negative == 0) return 1;
  const auto a = static_cast<double>(positive), b = static_cast<double>(negative);
  const double deviation = std::sqrt((a + b + 1) / (12 * a * b));
  return std::erfc((area - 0.5) / deviation / std::sqrt(2.0)) / 2;
}

}  // namespace vetset
