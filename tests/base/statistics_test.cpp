// Golden values are SciPy's 1.17 (stats.norm, chi2, binomtest, false_discovery_control, ks_2samp, chi2_contingency).
#include "vetset/base/statistics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace vetset;

TEST_CASE("quantiles and tails of the normal distribution are SciPy's") {
  CHECK(normal_quantile(1e-12) == doctest::Approx(-7.03448383).epsilon(1e-8));
  CHECK(normal_quantile(0.05) == doctest::Approx(-1.64485363).epsilon(1e-8));
  CHECK(normal_quantile(0.3) == doctest::Approx(-0.52440051).epsilon(1e-7));
  CHECK(normal_quantile(0.975) == doctest::Approx(1.959963984540054).epsilon(1e-15));
  CHECK(normal_quantile(0.5) == 0);
  CHECK(normal_above(1.5) == doctest::Approx(0.0668072013).epsilon(1e-8));
  CHECK(normal_above(6) == doctest::Approx(9.86587645e-10).epsilon(1e-8));
}

TEST_CASE("the incomplete beta function and the tail of chi square are SciPy's") {
  CHECK(incomplete_beta(2, 3, 0.3) == doctest::Approx(0.3483).epsilon(1e-12));
  CHECK(incomplete_beta(0.5, 0.5, 0.9) == doctest::Approx(0.7951672353008665).epsilon(1e-12));
  CHECK(incomplete_beta(200, 30, 0.9) == doctest::Approx(0.9231109018409299).epsilon(1e-11));
  CHECK(chi_square_above(3.84, 1) == doctest::Approx(0.05004352124870519).epsilon(1e-12));
  CHECK(chi_square_above(10, 3) == doctest::Approx(0.01856613546304325).epsilon(1e-12));
  CHECK(chi_square_above(100, 80) == doctest::Approx(0.064570368921133).epsilon(1e-12));
  CHECK(chi_square_above(0.5, 7) == doctest::Approx(0.9994464813904249).epsilon(1e-12));
  CHECK(chi_square_above(0, 4) == 1);
}

TEST_CASE("intervals of a share are SciPy's, and nothing seen says nothing") {
  struct Row {
    std::uint64_t hits, n;
    Interval wilson, exact;
  };
  for (const Row& row :
       {Row{0, 100, {0, 0.03699349820698568}, {0, 0.03621669264519054}},
        Row{5, 50, {0.04347576493189041, 0.21360231437479654}, {0.03327509358902151, 0.2181353664342022}},
        Row{50, 50, {0.9286524008666412, 1}, {0.9288782635357954, 1}},
        Row{79, 10'000, {0.006343878268779697, 0.00983405292764021}, {0.0062593499215403935, 0.009836166281321336}}}) {
    const Interval wilson = wilson_interval(static_cast<double>(row.hits), static_cast<double>(row.n));
    const Interval exact = exact_interval(row.hits, row.n);
    CHECK(wilson.low == doctest::Approx(row.wilson.low).epsilon(1e-12));
    CHECK(wilson.high == doctest::Approx(row.wilson.high).epsilon(1e-12));
    CHECK(exact.low == doctest::Approx(row.exact.low).epsilon(1e-12));
    CHECK(exact.high == doctest::Approx(row.exact.high).epsilon(1e-12));
  }
  CHECK(wilson_interval(0, 0).low == 0);
  CHECK(wilson_interval(0, 0).high == 1);
  CHECK(exact_interval(0, 0).high == 1);
}

TEST_CASE("rates of false discovery are SciPy's, in the order of the tests") {
  const std::vector<double> chances = {0.01, 0.04, 0.03, 0.2, 0.5, 0.001};
  const std::vector<double> rates = false_discovery_rates(chances), dependent = false_discovery_rates(chances, true);
  const double expected[] = {0.03, 0.06, 0.06, 0.24, 0.5, 0.006};
  const double tied[] = {0.0735, 0.147, 0.147, 0.588, 1, 0.0147};
  for (std::size_t k = 0; k < chances.size(); ++k) {
    CHECK(rates[k] == doctest::Approx(expected[k]).epsilon(1e-12));
    CHECK(dependent[k] == doctest::Approx(tied[k]).epsilon(1e-12));
  }
  CHECK(hold_together(chances) == std::vector<bool>{true, false, false, false, false, true});
  CHECK(false_discovery_rates({}).empty());
}

TEST_CASE("the distance of two samples, its chance and the divergence of histograms are SciPy's") {
  const std::vector<double> a = {0.1, 0.4, 0.7, 0.7, 0.9}, b = {0.2, 0.3, 0.35, 0.8};
  CHECK(distribution_distance(a, b) == doctest::Approx(0.55));
  CHECK(distribution_distance(a, a) == 0);
  CHECK(distribution_distance(a, {}) == 0);
  CHECK(chance_of_distance(0.1, 1000, 500) == doctest::Approx(0.002545267597433428).epsilon(1e-12));
  CHECK(chance_of_distance(0, 1000, 500) == 1);
  const std::vector<double> p = {1, 2, 3}, q = {3, 2, 0};
  CHECK(divergence(p, q) == doctest::Approx(0.34596168097656815).epsilon(1e-12));
  CHECK(divergence(p, p) == 0);
  const std::vector<double> here = {1, 0}, there = {0, 4};
  CHECK(divergence(here, there) == 1);
}

TEST_CASE("association has no bias, and empty rows and columns do not count") {
  const std::vector<double> table = {10, 20, 30, 25, 15, 5};
  CHECK(chi_square(table, 3).value == doctest::Approx(23.333333333333336).epsilon(1e-12));
  CHECK(chi_square(table, 3).freedom == 2);
  CHECK(association(table, 3) == doctest::Approx(0.45272756023594946).epsilon(1e-12));
  const std::vector<double> padded = {10, 20, 0, 30, 25, 15, 0, 5, 0, 0, 0, 0};
  CHECK(chi_square(padded, 4).freedom == 2);
  CHECK(association(padded, 4) == doctest::Approx(association(table, 3)));
  const std::vector<double> even = {10, 10, 10, 10};
  CHECK(association(even, 2) == 0);
  CHECK(association({}, 0) == 0);
}

TEST_CASE("a bootstrap draws as many groups as there are, and percentiles are NumPy's") {
  Random random(7);
  const std::vector<std::uint32_t> weights = draw_groups(1000, random);
  CHECK(std::accumulate(weights.begin(), weights.end(), 0U) == 1000);
  const auto left_out = std::count(weights.begin(), weights.end(), 0U);
  CHECK(left_out > 320);  // 1/e of them
  CHECK(left_out < 420);
  std::vector<double> drawn = {3, 1, 4, 1, 5, 9, 2, 6};
  const Interval interval = percentile_interval(drawn);
  CHECK(interval.low == doctest::Approx(1));
  CHECK(interval.high == doctest::Approx(8.475));
}
