// Where errors gather, which combinations are missing, how much of a reference is covered: against plain enumeration.
#include "vetset/dataset/slices.h"
#include "tests/support/circle.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "vetset/base/random.h"
#include "vetset/dataset/embedding_distances.h"
#include "vetset/dataset/reference_coverage.h"
#include "vetset/dataset/set_difference.h"

using namespace vetset;

namespace {

Factor levels(std::string name, std::vector<std::uint32_t> of, std::size_t count) {
  Factor f{.name = std::move(name), .numeric = false, .numbers = {}, .levels = std::move(of), .names = {}};
  for (std::size_t k = 0; k < count; ++k) f.names.push_back(std::string(1, static_cast<char>('a' + k)));
  return f;
}

std::vector<Factor> random_factors(Random& random, std::size_t items, std::size_t factors) {
  std::vector<Factor> all;
  for (std::size_t f = 0; f < factors; ++f) {
    std::vector<std::uint32_t> of(items);
    for (std::uint32_t& level : of) level = random.once_in(20) ? Factor::unknown : random.below(3);
    all.push_back(levels("f" + std::to_string(f), std::move(of), 3));
  }
  return all;
}

/// The best scores of all slices of up to three conditions, by looking at each of them.
std::vector<double> all_scores(const SliceQuestion& q, std::size_t most) {
  const std::size_t n = q.errors.size();
  const double mean = std::accumulate(q.errors.begin(), q.errors.end(), 0.0) / static_cast<double>(n);
  std::vector<double> scores;
  const std::function<void(std::size_t, std::vector<FactorLevel>)> from = [&](std::size_t f,
                                                                              std::vector<FactorLevel> of) {
    if (!of.empty()) {
      double size = 0, error = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const bool inside = std::all_of(of.begin(), of.end(),
                                        [&](const FactorLevel& l) { return q.factors[l.factor].levels[i] == l.level; });
        size += inside;
        error += inside ? q.errors[i] : 0;
      }
      const double score = q.alpha * (error / size / mean - 1) - (1 - q.alpha) * (static_cast<double>(n) / size - 1);
      if (size >= static_cast<double>(q.least) && error > 0 && score > 0) scores.push_back(score);
    }
    if (of.size() == q.depth) return;
    for (; f < q.factors.size(); ++f)
      for (std::uint32_t l = 0; l < q.factors[f].names.size(); ++l) {
        std::vector<FactorLevel> longer = of;
        longer.push_back({static_cast<std::uint32_t>(f), l});
        from(f + 1, longer);
      }
  };
  from(0, {});
  std::sort(scores.rbegin(), scores.rend());
  scores.resize(std::min(scores.size(), most));
  return scores;
}

}  // namespace

TEST_CASE("slices that are found are the best of all there are") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const std::size_t items = 60 + random.below(200);
    const std::vector<Factor> factors = random_factors(random, items, 5);
    std::vector<double> errors(items);
    const bool binary = seed % 2 == 0;
    for (double& e : errors) e = random.once_in(3) ? (binary ? 1 : random.unit()) : 0;
    const SliceQuestion q{
        .factors = factors, .errors = errors, .alpha = seed % 3 == 0 ? 0.6 : 0.95, .least = 5 + seed % 7, .best = 6};
    const Slices found = find_slices(q);
    const std::vector<double> expected = all_scores(q, q.best);
    REQUIRE(found.best.size() == expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k) CHECK(found.best[k].score == doctest::Approx(expected[k]));
  }
}

TEST_CASE("a planted slice is the first, and errors without one make none that is unlikely") {
  Random random(7);
  const std::vector<Factor> factors = random_factors(random, 600, 4);
  std::vector<double> planted(600), even(600);
  for (std::size_t i = 0; i < 600; ++i) {
    const bool inside = factors[0].levels[i] == 1 && factors[2].levels[i] == 2;
    planted[i] = random.unit() < (inside ? 0.7 : 0.1);
    even[i] = random.unit() < 0.15;
  }
  const Slices found = find_slices({.factors = factors, .errors = planted, .draws = 99});
  REQUIRE_FALSE(found.best.empty());
  CHECK(found.best[0].levels == std::vector<FactorLevel>{{0, 1}, {2, 2}});
  CHECK(found.best[0].chance == doctest::Approx(0.01));
  CHECK(found.best[0].items == found.best[0].groups);
  const Slices nothing = find_slices({.factors = factors, .errors = even, .draws = 99});
  for (const Slice& slice : nothing.best) CHECK(slice.chance > 0.05);
}

TEST_CASE("a slice whose errors are of one group is no news") {
  // 20 groups of 40; one is wrong throughout, and of one level by chance as all of its kind are.
  std::vector<std::uint32_t> level, group;
  std::vector<double> errors;
  for (std::uint32_t i = 0; i < 800; ++i) {
    group.push_back(i / 40);
    level.push_back(i / 40 % 10);
    errors.push_back(i / 40 == 3);
  }
  const std::vector<Factor> factors = {levels("f", level, 10)};
  const Slices by_item = find_slices({.factors = factors, .errors = errors, .draws = 99});
  const Slices by_group = find_slices({.factors = factors, .errors = errors, .groups = group, .draws = 99});
  REQUIRE_FALSE(by_item.best.empty());
  REQUIRE_FALSE(by_group.best.empty());
  CHECK(by_item.best[0].chance < 0.05);
  CHECK(by_group.best[0].chance > 0.5);
  CHECK(by_group.best[0].groups == 2);
}

TEST_CASE("a combination that one side alone shows is missing on the other") {
  const std::vector<Factor> factors = {levels("light", {0, 0, 1, 1, 0, 1, 1}, 2),
                                       levels("rain", {0, 1, 0, 0, 0, 1, Factor::unknown}, 2)};
  const std::vector<Side> side = {Side::minus, Side::minus, Side::minus, Side::both,
                                  Side::from,  Side::from,  Side::from};
  const SetDifference seen = set_difference({.factors = factors, .side = side});
  CHECK(seen.combinations == 3);  // aa, ba (of both), bb; what is not known makes none
  CHECK(seen.missing == 1);
  REQUIRE(seen.examples.size() == 1);
  CHECK(seen.examples[0].levels == std::vector<FactorLevel>{{0, 1}, {1, 1}});
  const auto allowed = [](std::span<const FactorLevel> levels_of) {
    return levels_of[0].level != 1 || levels_of[1].level != 1;
  };
  CHECK(set_difference({.factors = factors, .side = side, .allowed = allowed}).missing == 0);
  CHECK(set_difference({.factors = factors, .strength = 1, .side = side}).missing == 0);
  CHECK(set_difference({.factors = factors, .strength = 3, .side = side}).combinations == 0);
}

TEST_CASE("chance explains what random divisions leave out, and no more") {
  // Two hundred records of many levels, divided at random: the chance is spread evenly over seeds.
  int low = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Random random(seed);
    const std::vector<Factor> factors = random_factors(random, 200, 3);
    std::vector<Factor> fine;
    for (const Factor& f : factors) fine.push_back(f);
    std::vector<std::uint32_t> many(200);
    for (std::uint32_t& level : many) level = random.below(20);
    fine.push_back(levels("many", many, 20));
    std::vector<Side> side(200);
    for (Side& s : side) s = random.once_in(4) ? Side::from : Side::minus;
    low += set_difference({.factors = fine, .side = side, .draws = 99, .seed = seed}).chance <= 0.05;
  }
  CHECK(low <= 10);
  // What is never in the other part, in one record of four.
  std::vector<std::uint32_t> light(200), rain(200);
  std::vector<Side> side(200);
  for (std::size_t i = 0; i < 200; ++i) {
    side[i] = i % 4 == 0 ? Side::from : Side::minus;
    light[i] = i % 3 == 0;
    rain[i] = i % 4 == 0 ? i % 5 < 2 : light[i] == 0 && i % 5 < 2;
  }
  const std::vector<Factor> planted = {levels("light", light, 2), levels("rain", rain, 2)};
  const SetDifference seen = set_difference({.factors = planted, .side = side, .draws = 199});
  CHECK(seen.missing == 1);
  CHECK(seen.chance == doctest::Approx(0.005));
  CHECK(seen.usual == 0);
}

TEST_CASE("whole groups change places when a split is divided anew") {
  // Two groups of one night each: one in each part, or both in one.
  std::vector<std::uint32_t> of(100), group(100);
  std::vector<Side> side(100);
  for (std::uint32_t i = 0; i < 100; ++i) {
    group[i] = i / 25;
    of[i] = i / 25 == 3;
    side[i] = i / 25 == 3 ? Side::from : Side::minus;
  }
  const std::vector<Factor> factors = {levels("night", of, 2)};
  CHECK(set_difference({.factors = factors, .strength = 1, .side = side, .draws = 99}).chance < 0.05);
  CHECK(set_difference({.factors = factors, .strength = 1, .side = side, .groups = group, .draws = 99}).chance > 0.1);
}

TEST_CASE("eigenvalues of a symmetric matrix are those of its invariants") {
  const std::vector<double> two = symmetric_eigenvalues({2, 1, 1, 2}, 2);
  CHECK(*std::min_element(two.begin(), two.end()) == doctest::Approx(1));
  CHECK(*std::max_element(two.begin(), two.end()) == doctest::Approx(3));
  Random random(3);
  const std::size_t n = 30;
  std::vector<double> matrix(n * n);
  double trace = 0, squares = 0;
  for (std::size_t r = 0; r < n; ++r)
    for (std::size_t c = 0; c <= r; ++c) matrix[r * n + c] = matrix[c * n + r] = random.unit() - 0.5;
  for (std::size_t r = 0; r < n; ++r) trace += matrix[r * n + r];
  for (const double value : matrix) squares += value * value;
  double sum = 0, sum_of_squares = 0;
  for (const double value : symmetric_eigenvalues(matrix, n)) {
    sum += value;
    sum_of_squares += value * value;
  }
  CHECK(sum == doctest::Approx(trace));
  CHECK(sum_of_squares == doctest::Approx(squares));
}

TEST_CASE("images are worth as many as have nothing in common") {
  const double right = std::acos(0.0);
  const std::vector<ImageIndex> images = {ImageIndex{0}, ImageIndex{1}, ImageIndex{2}, ImageIndex{3}};
  CHECK(vendi_score(on_circle({0, 0, 0, 0}), images) == doctest::Approx(1));
  CHECK(vendi_score(on_circle({0, right, 0, right}), images) == doctest::Approx(2));
  CHECK(vendi_score(on_circle({0, right}), std::span(images).first(2)) == doctest::Approx(2));
}

TEST_CASE("coverage is complete where both are alike, and none where they are apart") {
  Random random(5);
  std::vector<double> angles;
  for (int k = 0; k < 400; ++k) angles.push_back(random.unit());
  std::vector<ImageIndex> first, second;
  for (std::size_t k = 0; k < 400; ++k) (k % 2 == 0 ? first : second).push_back(to_index<ImageIndex>(k));
  const ReferenceCoverage alike = reference_coverage(on_circle(angles), first, second, {});
  CHECK(alike.usual == doctest::Approx(1 - std::pow(0.5, 5)).epsilon(0.02));
  CHECK(alike.coverage >= alike.low);
  CHECK(alike.density == doctest::Approx(1).epsilon(0.1));
  for (std::size_t k = 1; k < 400; k += 2) angles[k] += 2;
  const ReferenceCoverage apart = reference_coverage(on_circle(angles), first, second, {});
  CHECK(apart.coverage == 0);
  CHECK(apart.density == 0);
  CHECK(apart.chance == doctest::Approx(0.005));
}
