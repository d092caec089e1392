// Numbers read eight digits at a time are those that are read one by one.
#include "vetset/base/number_scan.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "tests/support/random.h"
#include "vetset/base/tree.h"

using namespace vetset;

namespace {

/// Digits and what stands among them, mostly as numbers are spelled.
std::string random_number(Random& random) {
  std::string text = random.once_in(4) ? "-" : "";
  const auto digits = [&](std::uint32_t most) {
    for (std::uint32_t i = 0, n = random.below(most + 1); i < n; ++i) text += static_cast<char>('0' + random.below(10));
  };
  digits(random.once_in(3) ? 24 : 6);
  if (!random.once_in(3)) {
    text += '.';
    digits(random.once_in(3) ? 24 : 6);
  }
  if (random.once_in(6)) {
    text += random.once_in(2) ? "e" : "E-";
    digits(3);
  }
  return text;
}

}  // namespace

TEST_CASE("law: a scanned number is the number, to the bit, and ends where it ends") {
  Random random(1);
  for (int i = 0; i < 200'000; ++i) {
    static constexpr const char* rests[] = {"", ",", "]", " ", "}", "a"};
    const std::string rest = rests[random.below(std::size(rests))];
    const std::string text = random_number(random) + rest;
    CAPTURE(text);
    const Bytes padded = Bytes::from(std::string(text));
    const char* const end = padded.data() + padded.size();
    const NumberText expected = read_number(padded);
    double value = 0;
    const char* const past = scan_number(padded.data(), end, value);
    if (expected.length == 0) {
      REQUIRE(past == nullptr);
      continue;
    }
    REQUIRE(past == padded.data() + expected.length);
    REQUIRE(value == expected.value);
    REQUIRE(std::signbit(value) == std::signbit(expected.value));

    std::int64_t whole = 0;
    const char* const whole_past = scan_whole(padded.data(), whole);
    if (whole_past == nullptr) continue;
    REQUIRE(expected.integer);
    REQUIRE(whole_past == past);
    REQUIRE(whole == expected.whole);
  }
}

TEST_CASE("a whole number is one that is spelled so, of at most 18 digits") {
  const auto scanned = [](std::string text) {
    const Bytes padded = Bytes::from(std::move(text));
    std::int64_t value = -7;
    return scan_whole(padded.data(), value) == nullptr ? std::int64_t{-7} : value;
  };
  CHECK(scanned("0") == 0);
  CHECK(scanned("-12") == -12);
  CHECK(scanned("999999999999999999") == 999999999999999999);
  for (const char* other : {"9999999999999999999", "1.0", "1e3", "01", "-0", "-", "", "a"}) {
    CAPTURE(other);
    CHECK(scanned(other) == -7);
  }
}
