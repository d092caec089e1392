// Statistics that findings, queues, contracts and statements share: intervals of shares, tests, and what holds when
// many are made at once. Plain numbers in, plain numbers out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vetset/base/random.h"

namespace vetset {

/// Where a number lies, as far as is known: low ≤ high.
struct Interval {
  double low = 0, high = 0;
};

/// The chance that a standard normal value is above z.
double normal_above(double z);
/// The z that a standard normal value stays below with the given chance, 0 to 1: normal_quantile(0.975) is 1.96.
/// Wichura 1988 (AS 241).
double normal_quantile(double chance);
/// The regularised incomplete beta function, for a, b > 0 and x from 0 to 1.
double incomplete_beta(double a, double b, double x);
/// The chance that a χ² value of `freedom` degrees is above x.
double chi_square_above(double x, double freedom);

/// The share that `hits` of `n` stand for; [0, 1] where n is 0. `n` need not be whole: an effective count will do.
/// Wilson 1927: short, and right on average.
Interval wilson_interval(double hits, double n, double confidence = 0.95);
/// Clopper and Pearson 1934: never too short.
Interval exact_interval(std::uint64_t hits, std::uint64_t n, double confidence = 0.95);

/// Of chances (p-values), the smallest share of false ones at which each would be called true (q-values): Benjamini and
/// Hochberg 1995; `dependent`: Benjamini and Yekutieli 2001, whatever ties the tests.
std::vector<double> false_discovery_rates(std::span<const double> chances, bool dependent = false);
/// Which of the tests hold together when one in twenty of those called true may be false.
std::vector<bool> hold_together(std::span<const double> chances, double false_share = 0.05);

/// Two samples, sorted: the largest distance of their distribution functions (Kolmogorov, Smirnov), 0 to 1.
double distribution_distance(std::span<const double> a, std::span<const double> b);
/// How likely a distance at least as large is where both come from one distribution: the asymptotic limit. `n` and `m`
/// may be effective counts.
double chance_of_distance(double distance, double n, double m);
/// Jensen and Shannon's divergence of two histograms of the same bins, in bits: 0 (equal) to 1 (disjoint). 0 where one
/// is empty.
double divergence(std::span<const double> a, std::span<const double> b);

/// How far rows tell columns of a table of counts (row by row): Cramér's V without its bias (Bergsma 2013), 0 to 1.
double association(std::span<const double> counts, std::size_t columns);
/// Pearson's χ² of such a table and its degrees of freedom; rows and columns that are empty do not count.
struct ChiSquare {
  double value = 0, freedom = 0;
};
ChiSquare chi_square(std::span<const double> counts, std::size_t columns);

/// How often each group is drawn when as many are drawn as there are, with putting back: one draw of a bootstrap by
/// group. The weights add up to `groups`.
std::vector<std::uint32_t> draw_groups(std::size_t groups, Random& random);
/// The middle `confidence` of values that were drawn, by percentiles with linear interpolation. Reorders them.
Interval percentile_interval(std::vector<double>& drawn, double confidence = 0.95);

}  // namespace vetset
