#include "vetset/base/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace vetset {
namespace {

constexpr double tiny = std::numeric_limits<double>::min();
constexpr double close = 1e-16;

double sum_of(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

/// The continued fraction of the incomplete beta function, by Lentz's method.
double beta_fraction(double a, double b, double x) {
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  if (std::abs(d) < tiny) d = tiny;
  d = 1 / d;
  double result = d;
  for (int m = 1; m <= 10'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double change = 1;
    for (const double term : {even, odd}) {
      d = 1 + term * d;
      if (std::abs(d) < tiny) d = tiny;
      c = 1 + term / c;
      if (std::abs(c) < tiny) c = tiny;
      d = 1 / d;
      change = d * c;
      result *= change;
    }
    if (std::abs(change - 1) < close) break;
  }
  return result;
}

/// The x at which the incomplete beta function is `wanted`: it only rises.
double beta_quantile(double a, double b, double wanted) {
  double low = 0, high = 1;
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (incomplete_beta(a, b, middle) < wanted ? low : high) = middle;
  }
  return (low + high) / 2;
}

/// Σ p log2(p / m), the part of Jensen and Shannon's divergence that one side adds.
double towards(double p, double middle) { return p > 0 ? p * std::log2(p / middle) : 0; }

/// The sums of a table's rows and columns.
struct Margins {
  std::vector<double> rows, columns;
  double total = 0;
};
Margins margins_of(std::span<const double> counts, std::size_t columns) {
  Margins margins;
  if (columns == 0) return margins;
  margins.rows.resize(counts.size() / columns);
  margins.columns.resize(columns);
  for (std::size_t i = 0; i < margins.rows.size(); ++i)
    for (std::size_t j = 0; j < columns; ++j) {
      margins.rows[i] += counts[i * columns + j];
      margins.columns[j] += counts[i * columns + j];
    }
  margins.total = sum_of(margins.rows);
  return margins;
}

double filled(const std::vector<double>& sums) {
  return static_cast<double>(std::count_if(sums.begin(), sums.end(), [](double sum) { return sum > 0; }));
}

}  // namespace

double normal_above(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }

double normal_quantile(double chance) {
  if (chance <= 0) return -std::numeric_limits<double>::infinity();
  if (chance >= 1) return std::numeric_limits<double>::infinity();
  const auto ratio = [](double r, std::span<const double> above, std::span<const double> below) {
    double a = 0, b = 0;
    for (std::size_t k = above.size(); k-- > 0;) a = a * r + above[k];
    for (std::size_t k = below.size(); k-- > 0;) b = b * r + below[k];
    return a / b;
  };
  const double q = chance - 0.5;
  if (std::abs(q) <= 0.425) {
    static constexpr double a[] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                                   1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                   3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static constexpr double b[] = {1,
                                   4.2313330701600911252e+1,
                                   6.8718700749205790830e+2,
                                   5.3941960214247511077e+3,
                                   2.1213794301586595867e+4,
                                   3.9307895800092710610e+4,
                                   2.8729085735721942674e+4,
                                   5.2264952788528545610e+3};
    return q * ratio(0.180625 - q * q, a, b);
  }
  double r = std::sqrt(-std::log(std::min(chance, 1 - chance)));
  double value = 0;
  if (r <= 5) {
    static constexpr double a[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                   3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                   2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static constexpr double b[] = {1,
                                   2.05319162663775882187e0,
                                   1.67638483018380384940e0,
                                   6.89767334985100004550e-1,
                                   1.48103976427480074590e-1,
                                   1.51986665636164571966e-2,
                                   5.47593808499534494600e-4,
                                   1.05075007164441684324e-9};
    value = ratio(r - 1.6, a, b);
  } else {
    static constexpr double a[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                   2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                   2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static constexpr double b[] = {1,
                                   5.99832206555887937690e-1,
                                   1.36929880922735805310e-1,
                                   1.48753612908506148525e-2,
                                   7.86869131145613259100e-4,
                                   1.84631831751005468180e-5,
                                   1.42151175831644588870e-7,
                                   2.04426310338993978564e-15};
    value = ratio(r - 5, a, b);
  }
  return q < 0 ? -value : value;
}

double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double chi_square_above(double x, double freedom) {
  if (x <= 0) return 1;
  if (freedom <= 0) return 0;
  const double a = freedom / 2, half = x / 2;
  const double front = std::exp(a * std::log(half) - half - std::lgamma(a));
  if (half < a + 1) {  // the series of the lower part
    double term = 1 / a, sum = term;
    for (double k = a + 1; term > sum * close; ++k) sum += term *= half / k;
    return std::max(0.0, 1 - sum * front);
  }
  double b = half + 1 - a, c = 1 / tiny, d = 1 / b, result = d;  // the continued fraction of the upper part
  for (int k = 1; k <= 10'000; ++k) {
    const double factor = k * (a - k);
    b += 2;
    d = factor * d + b;
    if (std::abs(d) < tiny) d = tiny;
    c = b + factor / c;
    if (std::abs(c) < tiny) c = tiny;
    d = 1 / d;
    result *= d * c;
    if (std::abs(d * c - 1) < close) break;
  }
  return result * front;
}

Interval wilson_interval(double hits, double n, double confidence) {
  if (!(n > 0)) return {0, 1};
  const double z = normal_quantile((1 + confidence) / 2), share = hits / n;
  const double middle = (share + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(std::max(0.0, share * (1 - share) / n + z * z / (4 * n * n)));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Interval exact_interval(std::uint64_t hits, std::uint64_t n, double confidence) {
  const double tail = (1 - confidence) / 2;
  const auto k = static_cast<double>(hits), all = static_cast<double>(n);
  return {hits == 0 ? 0 : beta_quantile(k, all - k + 1, tail), hits >= n ? 1 : beta_quantile(k + 1, all - k, 1 - tail)};
}

std::vector<double> false_discovery_rates(std::span<const double> chances, bool dependent) {
  std::vector<std::size_t> order(chances.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return chances[a] < chances[b]; });
  double penalty = 1;
  if (dependent) {
    penalty = 0;
    for (std::size_t k = 1; k <= chances.size(); ++k) penalty += 1 / static_cast<double>(k);
  }
  std::vector<double> rates(chances.size());
  double least = 1;
  for (std::size_t k = order.size(); k-- > 0;) {
    least =
        std::min(least, chances[order[k]] * static_cast<double>(chances.size()) * penalty / static_cast<double>(k + 1));
    rates[order[k]] = least;
  }
  return rates;
}

std::vector<bool> hold_together(std::span<const double> chances, double false_share) {
  const std::vector<double> rates = false_discovery_rates(chances);
  std::vector<bool> held(rates.size());
  std::transform(rates.begin(), rates.end(), held.begin(), [&](double rate) { return rate <= false_share; });
  return held;
}

double distribution_distance(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return 0;
  double largest = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const double value = std::min(a[i], b[j]);
    while (i < a.size() && a[i] <= value) ++i;
    while (j < b.size() && b[j] <= value) ++j;
    largest = std::max(largest, std::abs(static_cast<double>(i) / static_cast<double>(a.size()) -
                                         static_cast<double>(j) / static_cast<double>(b.size())));
  }
  return largest;
}

double chance_of_distance(double distance, double n, double m) {
  if (!(n > 0 && m > 0)) return 1;
  const double x = distance * std::sqrt(n * m / (n + m));
  if (x < 0.2) return 1;  // the chance of less is below 1e-12, and the series below needs many terms
  double sum = 0, sign = 1;
  for (int k = 1; k <= 100; ++k, sign = -sign) {
    const double term = std::exp(-2.0 * k * k * x * x);
    sum += sign * term;
    if (term < close) break;
  }
  return std::clamp(2 * sum, 0.0, 1.0);
}

double divergence(std::span<const double> a, std::span<const double> b) {
  const double all_a = sum_of(a), all_b = sum_of(b);
  if (!(all_a > 0 && all_b > 0)) return 0;
  double sum = 0;
  for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k) {
    const double p = a[k] / all_a, q = b[k] / all_b, middle = (p + q) / 2;
    sum += (towards(p, middle) + towards(q, middle)) / 2;
  }
  return std::clamp(sum, 0.0, 1.0);
}

ChiSquare chi_square(std::span<const double> counts, std::size_t columns) {
  const Margins margins = margins_of(counts, columns);
  if (!(margins.total > 0)) return {};
  double value = 0;
  for (std::size_t i = 0; i < margins.rows.size(); ++i)
    for (std::size_t j = 0; j < columns; ++j) {
      const double expected = margins.rows[i] * margins.columns[j] / margins.total;
      const double off = counts[i * columns + j] - expected;
      if (expected > 0) value += off * off / expected;
    }
  return {value, std::max(0.0, filled(margins.rows) - 1) * std::max(0.0, filled(margins.columns) - 1)};
}

double association(std::span<const double> counts, std::size_t columns) {
  const Margins margins = margins_of(counts, columns);
  const double n = margins.total, rows = filled(margins.rows), held = filled(margins.columns);
  if (n <= 1 || rows < 2 || held < 2) return 0;
  const double square = std::max(0.0, chi_square(counts, columns).value / n - (rows - 1) * (held - 1) / (n - 1));
  const double least = std::min(rows - (rows - 1) * (rows - 1) / (n - 1), held - (held - 1) * (held - 1) / (n - 1)) - 1;
  return least > 0 ? std::min(1.0, std::sqrt(square / least)) : 0;
}

std::vector<std::uint32_t> draw_groups(std::size_t groups, Random& random) {
  std::vector<std::uint32_t> weights(groups);
  for (std::size_t k = 0; k < groups; ++k) ++weights[random.below(static_cast<std::uint32_t>(groups))];
  return weights;
}

Interval percentile_interval(std::vector<double>& drawn, double confidence) {
  if (drawn.empty()) return {};
  std::sort(drawn.begin(), drawn.end());
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(drawn.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double above = drawn[std::min(below + 1, drawn.size() - 1)];
    return drawn[below] + (place - static_cast<double>(below)) * (above - drawn[below]);
  };
  return {at((1 - confidence) / 2), at((1 + confidence) / 2)};
}

}  // namespace vetset
