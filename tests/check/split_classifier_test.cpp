// Splits that can be told apart, and those that cannot: by factors that each say little, and by embeddings.
#include "vetset/check/split_classifier.h"

#include <doctest/doctest.h>

#include <numeric>

#include "vetset/base/random.h"

using namespace vetset;

namespace {

constexpr std::uint32_t count = 12;  // of factors

/// Images of two splits, each in a group of its own; levels move by `shift` of ten in the first split.
struct TwoSplits {
  std::vector<Factor> factors;
  std::vector<const Factor*> pointers;
  SplitRows rows;

  TwoSplits(std::uint64_t seed, std::uint32_t others, std::uint32_t bases, std::uint32_t shift) {
    Random random(seed);
    std::vector<std::uint32_t> first(others), second(bases), groups(others + bases);
    std::iota(first.begin(), first.end(), 0U);
    std::iota(second.begin(), second.end(), others);
    std::iota(groups.begin(), groups.end(), 0U);
    factors.resize(count);
    for (Factor& f : factors) {
      f = {.name = "f", .numeric = false, .numbers = {}, .levels = {}, .names = {"a", "b", "c"}};
      for (std::uint32_t i = 0; i < others + bases; ++i)
        f.levels.push_back(i < others && random.below(10) < shift ? 0 : random.below(3));
      pointers.push_back(&f);
    }
    rows = split_rows(first, second, groups);
  }
};

}  // namespace

TEST_CASE("many factors that each say little tell splits apart together") {
  const TwoSplits two(1, 150, 300, 2);
  const SplitTold all = told_by_factors(two.rows, two.pointers, 0.6);
  const SplitTold one = told_by_factors(two.rows, std::span(two.pointers).first(1), 0.6);
  CHECK(all.area > 0.7);
  CHECK(all.area > one.area + 0.05);
  CHECK(all.chance < 1e-6);
  CHECK(all.interval.low < all.area);
  CHECK(all.interval.low > 0.6);
}

TEST_CASE("splits drawn at random are told apart as often as chance has it, small ones, too") {
  for (const std::uint32_t others : {21U, 60U}) {
    CAPTURE(others);
    unsigned alarms = 0;
    double areas = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      const TwoSplits two(seed, others, 80, 0);
      const SplitTold told = told_by_factors(two.rows, two.pointers, 0.0);
      alarms += told.chance <= 0.05;
      areas += told.area;
    }
    CHECK(alarms <= 20);  // 10 expected
    CHECK(areas / 200 == doctest::Approx(0.5).epsilon(0.04));
  }
}

TEST_CASE("images of one group are judged by others alone") {
  // Fifty clips; a level names the clip, so that who has seen it knows its split.
  std::vector<std::uint32_t> first(100), second(100), groups(200);
  Factor clip{.name = "clip", .numeric = false, .numbers = {}, .levels = {}, .names = std::vector<std::string>(50)};
  for (std::uint32_t i = 0; i < 200; ++i) {
    (i < 100 ? first[i] : second[i - 100]) = i;
    groups[i] = i / 4;
    clip.levels.push_back(i / 4);
  }
  const Factor* const one[] = {&clip};
  CHECK(told_by_factors(split_rows(first, second, groups), one, 0.6).area < 0.6);
  std::iota(groups.begin(), groups.end(), 0U);
  CHECK(told_by_factors(split_rows(first, second, groups), one, 0.6).area > 0.9);
}

TEST_CASE("embeddings tell splits apart by the way from one mean to the other") {
  Embeddings e{.dimension = 8};
  Random random(1);
  std::vector<std::uint32_t> first(60), second(90), groups(150);
  std::iota(first.begin(), first.end(), 0U);
  std::iota(second.begin(), second.end(), 60U);
  std::iota(groups.begin(), groups.end(), 0U);
  for (std::uint32_t i = 0; i < 150; ++i)
    for (std::size_t k = 0; k < 8; ++k)
      e.values.push_back(static_cast<float>(random.unit() + (k == 3 && i < 60 ? 0.5 : 0)));
  e.known.assign(150, true);
  const SplitRows rows = split_rows(first, second, groups);
  CHECK(told_by_embeddings(rows, e, 0.6).area > 0.8);
  CHECK(told_by_embeddings(rows, e, 0.6).chance < 0.001);
  for (std::uint32_t i = 0; i < 60; ++i) e.values[i * 8 + 3] -= 0.5F;
  CHECK(told_by_embeddings(rows, e, 0.0).chance > 0.01);
}
