#include "vetset/scan/calibrate.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>

#include "vetset/base/random.h"

using namespace vetset;

namespace {

/// Distances whose chance to be `d` or nearer is exp(-(128 - d) / scale), for d up to 127.
NullDistances exponential_null(std::uint64_t pairs, double scale, std::uint64_t seed) {
  Random random(seed);
  NullDistances null;
  for (std::uint64_t k = 0; k < pairs; ++k) {
    const double below = -scale * std::log(1 - random.unit());
    null.add(static_cast<unsigned>(std::max(0.0, 128 - std::floor(below))));
  }
  return null;
}
double exponential_chance(unsigned distance, double scale) { return std::exp(-(128.0 - distance) / scale); }

/// Distances of random codes.
NullDistances coin_null(std::uint64_t pairs, std::uint64_t seed) {
  Random random(seed);
  NullDistances null;
  for (std::uint64_t k = 0; k < pairs; ++k) {
    int bits = 0;
    for (int w = 0; w < 4; ++w) bits += std::popcount(random.bits());
    null.add(static_cast<unsigned>(bits));
  }
  return null;
}
double coin_chance(unsigned distance) {
  double sum = 0;
  for (unsigned d = 0; d <= distance; ++d)
    sum += std::exp(std::lgamma(257.0) - std::lgamma(d + 1.0) - std::lgamma(257.0 - d) - 256 * std::log(2.0));
  return sum;
}

}  // namespace

TEST_CASE("a tail that is known is found, and its upper bound covers it") {
  constexpr unsigned seeds = 20;
  for (const double scale : {4.0, 7.0}) {
    for (const double depth : {1e-4, 1e-6, 1e-8}) {
      const auto distance = static_cast<unsigned>(128 + scale * std::log(depth));
      const double truth = exponential_chance(distance, scale);
      unsigned covered = 0;
      double mean = 0;
      for (unsigned seed = 0; seed < seeds; ++seed) {
        const NullTail tail(exponential_null(400'000, scale, seed));
        const Chance chance = tail.within(distance);
        covered += chance.upper >= truth ? 1u : 0u;
        mean += chance.estimate / seeds;
        CHECK(chance.estimate <= chance.upper);
      }
      CAPTURE(scale);
      CAPTURE(depth);
      CAPTURE(truth);
      CAPTURE(mean);
      CHECK(covered >= 17);  // 19 of 20 are to be expected
      CHECK(mean > truth / 8);
      CHECK(mean < truth * 8);
    }
  }
}

TEST_CASE("the tail of random codes is bounded from above and falls with the distance") {
  unsigned covered = 0;
  for (unsigned seed = 0; seed < 10; ++seed) {
    const NullTail tail(coin_null(1'000'000, seed));
    REQUIRE(tail.known());
    CHECK(tail.threshold() > 98);
    CHECK(tail.threshold() < 108);
    covered += tail.within(84).upper >= coin_chance(84) ? 1u : 0u;
    double last = 1;
    for (unsigned d = 120; d-- > 30;) {
      CHECK(tail.within(d).upper <= last);
      last = tail.within(d).upper;
    }
    CHECK(tail.within(47).upper < 1e-7);
  }
  CHECK(covered >= 8);
}

TEST_CASE("the radius is the greatest at which one false pair is expected at most") {
  const NullDistances null = exponential_null(1'000'000, 5, 1);
  const Calibration few = calibrated_radius(null, 300);
  CHECK(few.calibrated);
  CHECK(few.radius == 47);
  CHECK(few.expected_false_upper <= 1);
  const Calibration many = calibrated_radius(null, 1500);
  CHECK(many.calibrated);
  CHECK(many.radius > 31);
  CHECK(many.radius < 47);
  CHECK(many.expected_false <= many.expected_false_upper);
  CHECK(many.expected_false_upper <= 1);
  CHECK(measured_radius(null, 1500, many.radius + 1).expected_false_upper > 1);
  const Calibration all = calibrated_radius(null, 1'000'000);
  CHECK(all.radius == 31);
  CHECK(all.expected_false_upper > 1);  // and is said to be
  CHECK(all.null_pairs == 1'000'000);
}

TEST_CASE("too few pairs leave the fixed radius, and say so") {
  const Calibration none = calibrated_radius({}, 1);
  CHECK(!none.calibrated);
  CHECK(none.radius == 47);
  CHECK(none.expected_false_upper == 0);
  const Calibration few = calibrated_radius(coin_null(NullTail::least_pairs - 1, 3), 142);
  CHECK(!few.calibrated);
  CHECK(few.radius == 47);
  CHECK(few.null_pairs == NullTail::least_pairs - 1);
  CHECK(few.expected_false_upper > 0);
  CHECK(calibrated_radius(coin_null(NullTail::least_pairs, 3), 142).calibrated);
}

TEST_CASE("a dataset of look-alikes gets a bound, not a wrong promise") {
  NullDistances same;
  same.add(0, 50'000);
  const Calibration c = calibrated_radius(same, 400);
  CHECK(c.radius == 31);
  CHECK(c.expected_false_upper >= 400 * 399 / 2);
}
