// Where marks are commoner than elsewhere, and which conditions hardly meet: against plain counting, and on noise.
#include "vetset/dataset/uneven_slices.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "vetset/base/random.h"

using namespace vetset;

namespace {

Factor levels(std::string name, std::vector<std::uint32_t> of, std::vector<std::string> names) {
  return {.name = std::move(name), .numeric = false, .numbers = {}, .levels = std::move(of), .names = std::move(names)};
}

/// Items that factors and marks say nothing about each other of.
struct Noise {
  std::vector<Factor> factors;
  std::vector<ItemMark> marks;
  std::vector<std::uint32_t> judged;

  Noise(std::uint64_t seed, std::uint32_t items) : judged(items) {
    Random random(seed);
    std::iota(judged.begin(), judged.end(), 0U);
    for (const char* name : {"light", "camera", "site"}) {
      std::vector<std::uint32_t> of(items);
      for (std::uint32_t& level : of) level = random.once_in(20) ? Factor::unknown : random.below(4);
      factors.push_back(levels(name, std::move(of), {"a", "b", "c", "d"}));
    }
    for (const char* name : {"car", "bus"}) {
      marks.push_back({name, std::vector<std::uint8_t>(items)});
      for (std::uint8_t& one : marks.back().of) one = random.once_in(3) ? ItemMark::yes : ItemMark::no;
    }
  }
  UnevenQuestion question() const { return {.factors = factors, .marks = marks, .judged = judged}; }
};

}  // namespace

TEST_CASE("a class that is commoner under one condition is told once, with what is counted by hand") {
  Noise n(1, 2000);
  std::uint64_t night = 0, cars = 0, elsewhere = 0;
  for (std::size_t k = 0; k < 2000; ++k) {
    if (n.factors[0].levels[k] == 2 && k % 5 != 0) n.marks[0].of[k] = ItemMark::yes;
    const bool inside = n.factors[0].levels[k] == 2, car = n.marks[0].of[k] == ItemMark::yes;
    night += inside;
    cars += inside && car;
    elsewhere += !inside && car;
  }
  const UnevenSlices found = uneven_slices(n.question());
  REQUIRE(found.best.size() == 1);
  const UnevenSlice& one = found.best[0];
  CHECK(one.levels == std::vector<FactorLevel>{{0, 2}});
  CHECK(one.items == night);
  CHECK(one.marked == cars);
  CHECK(one.others == 2000 - night);
  CHECK(one.elsewhere == elsewhere);
  CHECK(one.q < 1e-6);
  CHECK(found.held > 1);  // with other conditions it holds, too, and says the same
}

TEST_CASE("of noise next to nothing is told") {
  std::size_t told = 0, thin = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Noise n(seed, 400);
    UnevenQuestion q = n.question();
    q.least_effect = 0;  // by chance alone
    told += uneven_slices(q).best.empty() ? 0U : 1U;
    thin += thin_slices(q).best.empty() ? 0U : 1U;
  }
  CHECK(told <= 3);  // one in twenty at most
  CHECK(thin <= 3);
}

TEST_CASE("a group counts once") {
  Noise n(1, 400);
  for (std::size_t k = 0; k < 400; ++k) {
    n.factors[0].levels[k] = k < 200 ? 0 : 1;
    n.marks[0].of[k] = k < 200 ? ItemMark::yes : ItemMark::no;
  }
  CHECK(uneven_slices(n.question()).held > 0);
  n.judged = {0, 199, 399};  // three clips
  CHECK(uneven_slices(n.question()).held == 0);
}

TEST_CASE("who is not asked is counted on neither side") {
  Noise n(1, 300);
  for (std::size_t k = 0; k < 300; ++k) {
    n.factors[0].levels[k] = k % 2;
    n.marks[0].of[k] = k < 100 ? ItemMark::not_asked : k % 2 == 0 ? ItemMark::yes : ItemMark::no;
  }
  const UnevenSlices found = uneven_slices(n.question());
  REQUIRE_FALSE(found.best.empty());
  CHECK(found.best[0].items == 100);
  CHECK(found.best[0].others == 100);
  CHECK(found.best[0].effect == doctest::Approx(1));
}

TEST_CASE("conditions that hardly meet are thin, and those that one settles for the other are not") {
  Noise n(1, 1000);
  for (std::size_t k = 0; k < 1000; ++k)
    if (n.factors[0].levels[k] == 0 && n.factors[1].levels[k] == 1) n.factors[1].levels[k] = k % 50 == 0 ? 1 : 2;
  const ThinSlices found = thin_slices(n.question());
  REQUIRE(found.best.size() == 1);
  CHECK(found.best[0].levels == std::vector<FactorLevel>{{0, 0}, {1, 1}});
  CHECK(found.best[0].items < 5);
  CHECK(found.best[0].expected > 30);
  n.factors[1].levels = n.factors[0].levels;  // a make and its models
  for (const ThinSlice& slice : thin_slices(n.question()).best)
    CHECK_FALSE((slice.levels[0].factor == 0 && slice.levels[1].factor == 1));
}

TEST_CASE("a slice of objects has a condition of objects") {
  Noise n(1, 2000);
  for (std::size_t k = 0; k < 2000; ++k)
    if (n.factors[0].levels[k] == 2) n.marks[0].of[k] = ItemMark::yes;
  UnevenQuestion q = n.question();
  q.own = 1;
  const UnevenSlices found = uneven_slices(q);
  REQUIRE_FALSE(found.best.empty());
  for (const UnevenSlice& slice : found.best) CHECK(slice.levels.back().factor >= 1);
}

TEST_CASE("where nothing varies there is nothing to look at") {
  Noise n(1, 100);
  n.factors.clear();
  CHECK(uneven_slices(n.question()).looked_at == 0);
  CHECK(thin_slices(n.question()).looked_at == 0);
}
