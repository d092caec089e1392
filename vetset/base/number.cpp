#include "vetset/base/number.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace vetset {
namespace {

constexpr double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t whole_powers[] = {1,       10,        100,        1'000,       10'000,
                                          100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
constexpr double fifteen_digits = 1e15;
constexpr std::size_t number_room = 40;  // the longest shortest form has 25 characters

constexpr auto digit_pairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

/// Exactly `count` digits of `value`, with leading zeros.
char* write_digits(char* out, std::uint64_t value, unsigned count) {
  unsigned left = count;
  while (left >= 2) {
    left -= 2;
    std::memcpy(out + left, &digit_pairs[2 * (value % 100)], 2);
    value /= 100;
  }
  if (left == 1) out[0] = static_cast<char>('0' + value % 10);
  return out + count;
}

char* write_whole(char* out, std::uint64_t value) {
  if (value < 10) {
    *out = static_cast<char>('0' + value);
    return out + 1;
  }
  if (value < 100) return write_digits(out, value, 2);
  if (value < 1000) return write_digits(out, value, 3);
  if (value < 10000) return write_digits(out, value, 4);
  return std::to_chars(out, out + 20, value).ptr;
}

/// `scaled` / 10^`decimals`, with its point.
char* write_scaled(char* out, std::uint64_t scaled, unsigned decimals) {
  const std::uint64_t unit = whole_powers[decimals];
  out = write_whole(out, scaled / unit);
  *out++ = '.';
  return write_digits(out, scaled % unit, decimals);
}

/// Lays the digits of `mantissa`e`exponent`, as std::to_chars gives them, out by ECMAScript's rules.
char* write_laid_out(char* out, double value) {
  char shortest[number_room];
  const char* const end = std::to_chars(shortest, shortest + sizeof shortest, value, std::chars_format::scientific).ptr;
  const char* const e = std::find<const char*>(shortest, end, 'e');
  char digits[number_room];
  int count = 0;
  for (const char* c = shortest; c != e; ++c)
    if (*c != '.') digits[count++] = *c;
  int exponent = 0;
  std::from_chars(e + (e[1] == '+' ? 2 : 1), end, exponent);
  const int point = exponent + 1;  // digits before the decimal point
  const auto copy = [&out](const char* from, int n) {
    std::memcpy(out, from, static_cast<std::size_t>(n));
    out += n;
  };
  const auto zeros = [&out](int n) {
    std::memset(out, '0', static_cast<std::size_t>(n));
    out += n;
  };
  if (point > 21 || point < -5) {
    copy(digits, 1);
    if (count > 1) *out++ = '.';
    copy(digits + 1, count - 1);
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    return std::to_chars(out, out + 4, std::abs(exponent)).ptr;
  }
  if (point <= 0) {
    copy("0.", 2);
    zeros(-point);
    copy(digits, count);
    return out;
  }
  copy(digits, std::min(count, point));
  if (count <= point) {
    zeros(point - count);
    return out;
  }
  *out++ = '.';
  copy(digits + point, count - point);
  return out;
}

/// Writes the shortest form into `number_room` characters.
///
/// A decimal of at most 15 significant digits is told apart from every other such decimal by its double. So where one
/// with few places divides back to the value, it is the shortest form, and no search is needed.
char* write_number(char* out, double value) {
  if (std::signbit(value)) *out++ = '-';
  const double size = std::fabs(value);
  if (!(size < fifteen_digits)) return write_laid_out(out, size);
  if (const auto whole = static_cast<std::uint64_t>(size); static_cast<double>(whole) == size) {
    return write_whole(out, whole);
  }
  for (const unsigned decimals : {2U, 6U}) {
    const double unit = exact_powers[decimals];
    const double near = size * unit + 0.5;
    if (near >= fifteen_digits) break;
    auto scaled = static_cast<std::uint64_t>(near);
    if (scaled == 0 || static_cast<double>(scaled) / unit != size) continue;
    unsigned used = decimals;
    for (; scaled % 10 == 0; --used) scaled /= 10;
    return write_scaled(out, scaled, used);
  }
  if (size >= 1e-6) return std::to_chars(out, out + number_room, size, std::chars_format::fixed).ptr;
  return write_laid_out(out, size);
}

/// What the value is where its text leaves the range of doubles, as strtod has it.
double out_of_range(std::int64_t exponent, std::string_view digits) {
  std::int64_t magnitude = exponent;
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first = std::min(digits.find_first_not_of("0."), digits.size());
  magnitude += static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  return magnitude > 0 ? std::numeric_limits<double>::infinity() : 0.0;
}

double read_slowly(const char* begin, const char* end, std::int64_t exponent, const char* digits_end) {
  double value = 0;
  const auto done = std::from_chars(begin, end, value);
  if (done.ec == std::errc()) return value;
  return out_of_range(exponent, {begin, static_cast<std::size_t>(digits_end - begin)});
}

bool spelled_shortest(const char* begin, std::size_t length, double value) {
  char again[number_room];
  if (length > sizeof again) return false;
  return static_cast<std::size_t>(write_number(again, value) - again) == length &&
         std::memcmp(again, begin, length) == 0;
}

/// Reads digits; they wrap around beyond 19, which the caller sees by their count.
inline const char* take_digits(const char* at, const char* end, std::uint64_t& digits) {
  while (at != end && is_digit(*at)) digits = digits * 10 + static_cast<std::uint64_t>(*at++ - '0');
  return at;
}

template <bool loose>
inline NumberText read(const char* const begin, const char* const end) {
  NumberText n;
  const char* at = begin;
  const bool negative = at != end && *at == '-';
  if (negative || (loose && at != end && *at == '+')) ++at;

  std::uint64_t digits = 0;
  const char* const first = at;
  at = take_digits(at, end, digits);
  const auto before = static_cast<std::size_t>(at - first);
  if (!loose && (before == 0 || (before > 1 && *first == '0'))) return n;

  std::size_t after = 0;
  const bool point = at != end && *at == '.';
  if (point) {
    const char* const fraction = ++at;
    at = take_digits(at, end, digits);
    after = static_cast<std::size_t>(at - fraction);
    if (!loose && after == 0) return n;
    if (loose && before + after == 0) return n;
  } else if (loose && before == 0) {
    return n;
  }
  const char* const digits_end = at;

  std::int64_t exponent = 0;
  if (at != end && (*at | 0x20) == 'e') {
    const char* power = at + 1;
    const bool down = power != end && *power == '-';
    if (power != end && (*power == '-' || *power == '+')) ++power;
    const bool there = power != end && is_digit(*power);
    if (!loose && !there) return n;
    if (there) {
      for (; power != end && is_digit(*power); ++power)
        exponent = std::min<std::int64_t>(exponent * 10 + (*power - '0'), 1'000'000'000'000);
      if (down) exponent = -exponent;
      at = power;
    }
  }
  const bool has_exponent = at != digits_end;

  n.length = static_cast<std::uint32_t>(at - begin);
  n.decimals = static_cast<std::uint8_t>(std::min<std::size_t>(after, 255));
  n.integer = !point && !has_exponent;

  const std::int64_t power = exponent - static_cast<std::int64_t>(after);
  constexpr std::uint64_t exact_whole = 1ULL << 53;
  if (before + after <= 19 && digits <= exact_whole && power >= -22 && power <= 22) [[likely]] {
    // Both operands are exact, so the one rounding of the division or product is the right one.
    const auto whole = static_cast<double>(digits);
    n.value = power <= 0 ? whole / exact_powers[-power] : whole * exact_powers[power];
  } else {
    n.value = read_slowly(first, at, exponent, digits_end);
  }
  const double size = n.value;
  if (negative) n.value = -n.value;

  if (n.integer && before <= 19) {
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const bool negative_zero = negative && digits == 0;
    n.fits_int64 = digits <= largest + (negative ? 1 : 0) && !negative_zero;
    if (n.fits_int64) n.whole = static_cast<std::int64_t>(negative ? 0 - digits : digits);
  }

  if (loose) return n;
  if (before + after <= 15 && !has_exponent) [[likely]] {
    n.shortest = !point || (digits_end[-1] != '0' && size >= 1e-6);
  } else {
    n.shortest = std::isfinite(n.value) && spelled_shortest(begin, n.length, n.value);
  }
  return n;
}

}  // namespace

NumberText read_number(std::string_view text) { return read<false>(text.data(), text.data() + text.size()); }

NumberText read_loose_number(std::string_view text) { return read<true>(text.data(), text.data() + text.size()); }

void append_number(std::string& out, double value) {
  char text[number_room];
  out.append(text, static_cast<std::size_t>(write_number(text, value) - text));
}

void append_number(std::string& out, std::int64_t value) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

void append_number(std::string& out, std::uint64_t value) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

void append_fixed(std::string& out, double value, unsigned decimals) {
  char text[number_room];
  const double size = std::fabs(value);
  if (decimals > 0 && decimals < std::size(whole_powers) && size < 1e9) {
    // Rounding the product keeps order, and ties are exact here: what comes out beside a tie was on that side before.
    const double scaled = size * exact_powers[decimals];
    const double below = std::floor(scaled);
    const double part = scaled - below;
    if (scaled < fifteen_digits && part != 0.5) {
      char* at = text;
      if (std::signbit(value)) *at++ = '-';
      at = write_scaled(at, static_cast<std::uint64_t>(below) + (part > 0.5 ? 1 : 0), decimals);
      out.append(text, static_cast<std::size_t>(at - text));
      return;
    }
  }
  constexpr std::size_t longest_whole = 330;
  const std::size_t before = out.size();
  out.resize(before + longest_whole + decimals);
  char* const begin = out.data() + before;
  const auto done =
      std::to_chars(begin, out.data() + out.size(), value, std::chars_format::fixed, static_cast<int>(decimals));
  out.resize(static_cast<std::size_t>(done.ptr - out.data()));
}

void append_number(std::string& out, double value, NumberStyle style) {
  if (style.fixed) return append_fixed(out, value, style.decimals);
  char text[number_room];
  const char* const end = write_number(text, value);
  out.append(text, static_cast<std::size_t>(end - text));
  if (style.decimals == 0 || std::find<const char*>(text, end, 'e') != end) return;
  const char* const point = std::find<const char*>(text, end, '.');
  const auto decimals = point == end ? 0U : static_cast<unsigned>(end - point - 1);
  if (point == end) out += '.';
  if (decimals < style.decimals) out.append(style.decimals - decimals, '0');
}

namespace {
constexpr std::uint64_t unstated_bits = 0x7ff8'756e'7374'6174;  // a quiet NaN that spells "unstat"
}

double unstated() { return std::bit_cast<double>(unstated_bits); }

bool is_unstated(double value) { return std::bit_cast<std::uint64_t>(value) == unstated_bits; }

}  // namespace vetset
