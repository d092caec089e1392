#include "vetset/base/number.h"

#include <doctest/doctest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>

namespace {

using namespace vetset;

std::string shortest(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

std::string styled(double value, NumberStyle style) {
  std::string out;
  append_number(out, value, style);
  return out;
}

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

/// Digits and exponent of a number, however it is laid out.
std::string digits_of(std::string_view text) {
  std::string digits;
  int exponent = 0;
  bool point = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '-') continue;
    if (c == '.') {
      point = true;
    } else if (c == 'e') {
      int power = 0;
      const std::size_t first = text[i + 1] == '+' ? i + 2 : i + 1;
      std::from_chars(text.data() + first, text.data() + text.size(), power);
      exponent += power;
      break;
    } else {
      digits += c;
      if (point) --exponent;
    }
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  while (!digits.empty() && digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  return digits + 'e' + std::to_string(digits.empty() ? 0 : exponent);
}

/// Doubles of every kind: any bits, few decimals, whole numbers, and the neighbours of few decimals.
double any_double(std::mt19937_64& random) {
  constexpr double units[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e9};
  for (;;) {
    double value = 0;
    const std::uint64_t bits = random();
    const double few = static_cast<double>(random() >> (11 + bits % 50)) / units[bits / 64 % std::size(units)];
    switch (bits % 4) {
      case 0: value = std::bit_cast<double>(random()); break;
      case 1: value = few; break;
      case 2: value = std::nextafter(few, (bits & 64) != 0 ? 1e300 : -1e300); break;
      default: value = static_cast<double>(static_cast<std::int64_t>(random()) >> (bits / 64 % 63));
    }
    if (std::isfinite(value)) return value;
  }
}

TEST_CASE("a double comes back from its shortest text, and no text with other digits is written") {
  std::mt19937_64 random(20260729);
  for (int i = 0; i < 400'000; ++i) {
    const double value = any_double(random);
    const std::string text = shortest(value);
    const NumberText back = read_number(text);
    char expected[64];
    const auto end = std::to_chars(expected, expected + sizeof expected, value, std::chars_format::scientific).ptr;
    const bool right = same_bits(back.value, value) && back.length == text.size() && back.shortest &&
                       digits_of(text) == digits_of({expected, end});
    if (right) continue;
    CAPTURE(text);
    REQUIRE(std::string(expected, end) == text);
  }
}

TEST_CASE("any decimal reads as std::from_chars reads it, and is called shortest exactly when it is") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 400'000; ++i) {
    std::string text = random() % 4 == 0 ? "-" : "";
    text += std::to_string(random() >> (random() % 64));
    if (random() % 4 != 0) {
      const std::string decimals = std::to_string(random() >> (random() % 64));
      text += '.' + std::string(random() % 8, '0') + decimals + std::string(random() % 4 == 0 ? 1 : 0, '0');
    }
    if (random() % 5 == 0) text += "e" + std::to_string(static_cast<int>(random() % 60) - 30);
    double expected = 0;
    std::from_chars(text.data(), text.data() + text.size(), expected);
    const NumberText n = read_number(text);
    const NumberText loose = read_loose_number(text);
    const bool right = same_bits(n.value, expected) && n.length == text.size() &&
                       n.shortest == (shortest(expected) == text) && same_bits(loose.value, n.value) &&
                       loose.length == n.length;
    if (right) continue;
    CAPTURE(text);
    CHECK(n.shortest == (shortest(expected) == text));
    REQUIRE(same_bits(n.value, expected));
  }
}

TEST_CASE("fixed decimals are those of printf") {
  std::mt19937_64 random(4);
  char expected[512];
  for (int i = 0; i < 300'000; ++i) {
    const unsigned decimals = static_cast<unsigned>(random() % 12);
    // Every second value lies on or beside a tie.
    const double tie = (static_cast<double>(random() % 2'000'000) + 0.5) / std::pow(10, decimals);
    const double value = i % 2 == 0 ? any_double(random) : i % 4 == 1 ? tie : std::nextafter(tie, 0);
    std::string text;
    append_fixed(text, value, decimals);
    std::snprintf(expected, sizeof expected, "%.*f", static_cast<int>(decimals), value);
    if (text == expected) continue;
    REQUIRE(text == expected);
  }
}

TEST_CASE("numbers are laid out as ECMAScript lays them out") {
  CHECK(shortest(0) == "0");
  CHECK(shortest(-0.0) == "-0");
  CHECK(shortest(100) == "100");
  CHECK(shortest(-1.5) == "-1.5");
  CHECK(shortest(0.1 + 0.2) == "0.30000000000000004");
  CHECK(shortest(1e-6) == "0.000001");
  CHECK(shortest(1e-7) == "1e-7");
  CHECK(shortest(1.5e-7) == "1.5e-7");
  CHECK(shortest(1e20) == "100000000000000000000");
  CHECK(shortest(1e21) == "1e+21");
  CHECK(shortest(123456789012345680000.0) == "123456789012345680000");
  CHECK(shortest(5e-324) == "5e-324");
  CHECK(shortest(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
}

TEST_CASE("what JSON does not call a number is none") {
  for (const char* text : {"", "-", "+1", ".5", "1.", "01", "-01", "1e", "1e+", "-.5", "e5", "NaN", "Infinity", "x"}) {
    CAPTURE(text);
    CHECK(read_number(text).length == 0);
  }
  CHECK(read_number("1.5,").length == 3);
  CHECK(read_number("0]").length == 1);
  CHECK(read_number("1 2").length == 1);
}

TEST_CASE("label files may spell numbers more freely") {
  const auto reads = [](std::string_view text, double value, std::uint32_t length) {
    const NumberText n = read_loose_number(text);
    return n.value == value && n.length == length;
  };
  CHECK(reads("1.", 1, 2));
  CHECK(reads(".5", 0.5, 2));
  CHECK(reads("+1", 1, 2));
  CHECK(reads("-.5e1", -5, 5));
  CHECK(reads("1e5", 1e5, 3));
  CHECK(reads("007", 7, 3));
  CHECK(reads("0.500000", 0.5, 8));
  CHECK(read_loose_number("1e").length == 1);
  for (const char* text : {"", ".", "-", "+", "nan", "inf", ".e5"}) {
    CAPTURE(text);
    CHECK(read_loose_number(text).length == 0);
  }
}

TEST_CASE("a number remembers how it was spelled") {
  const NumberText n = read_number("12.50");
  CHECK(n.decimals == 2);
  CHECK_FALSE(n.integer);
  CHECK_FALSE(n.shortest);
  CHECK(read_number("5").integer);
  CHECK_FALSE(read_number("5.0").shortest);
  CHECK_FALSE(read_number("5e0").integer);
  CHECK(read_number("1e-7").shortest);
  CHECK_FALSE(read_number("0.0000001").shortest);
  CHECK(read_number("-0").shortest);
  CHECK_FALSE(read_number("-0.0").shortest);
  CHECK(read_number("100000000000000000000").shortest);
}

TEST_CASE("integers are exact up to the ends of int64") {
  const auto exact = [](std::string_view text, std::int64_t whole) {
    const NumberText n = read_number(text);
    return n.fits_int64 && n.whole == whole;
  };
  CHECK(exact("9007199254740993", 9007199254740993));
  CHECK(exact("9223372036854775807", std::numeric_limits<std::int64_t>::max()));
  CHECK(exact("-9223372036854775808", std::numeric_limits<std::int64_t>::min()));
  CHECK_FALSE(read_number("9223372036854775808").fits_int64);
  CHECK_FALSE(read_number("-9223372036854775809").fits_int64);
  CHECK_FALSE(read_number("18446744073709551617").fits_int64);
  CHECK_FALSE(read_number("-0").fits_int64);
  CHECK_FALSE(read_number("1.0").fits_int64);
}

TEST_CASE("beyond the range of doubles stand infinity and zero") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(read_number("1e400").value == infinity);
  CHECK(read_number("-1e400").value == -infinity);
  CHECK(read_number(std::string(400, '9')).value == infinity);
  CHECK(read_number("1e-400").value == 0);
  CHECK(read_number("0." + std::string(400, '0') + "1").value == 0);
  CHECK(read_number("0e999999999999999999999").value == 0);
  CHECK(read_number("1e999999999999999999999").value == infinity);
  CHECK_FALSE(read_number("1e400").shortest);
}

TEST_CASE("a style spells numbers as their file does") {
  CHECK(styled(5, {.decimals = 1}) == "5.0");
  CHECK(styled(5.25, {.decimals = 1}) == "5.25");
  CHECK(styled(1e21, {.decimals = 1}) == "1e+21");
  CHECK(styled(0.5, {.decimals = 6, .fixed = true}) == "0.500000");
  CHECK(styled(0.125, {.decimals = 2, .fixed = true}) == "0.12");
  CHECK(styled(2.5, {.decimals = 0, .fixed = true}) == "2");
  CHECK(styled(-0.0, {.decimals = 3, .fixed = true}) == "-0.000");
  CHECK(styled(7, {}) == "7");
}

TEST_CASE("what is not said is no number that a file can hold") {
  CHECK(is_unstated(unstated()));
  CHECK_FALSE(is_unstated(std::numeric_limits<double>::quiet_NaN()));
  CHECK_FALSE(is_unstated(0));
}

}  // namespace
