// Numbers inside larger text, read without a call and without a step a digit: eight digits at a time. For readers of
// millions of rows; `read_number` tells more of a number and is what the rare shapes go to.
//
// The text must be followed by `Bytes::padding` readable bytes that are no digits.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "vetset/base/number.h"

namespace vetset {

/// Digits from `at` on, at most 19 of them, as a number; how many is in `count`. Past them.
inline const char* scan_digits(const char* at, std::uint64_t& value, unsigned& count) {
  static_assert(std::endian::native == std::endian::little, "the first digit is the lowest byte");
  constexpr std::uint64_t shifts[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  count = 0;
  for (;;) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, at, sizeof eight);
    eight ^= 0x3030303030303030ULL;
    // Beyond 9 the highest bit of a byte is set; what a sum carries over reaches only the bytes after such a one.
    const std::uint64_t others = ((eight + 0x7676767676767676ULL) | eight) & 0x8080808080808080ULL;
    const unsigned digits = others == 0 ? 8 : static_cast<unsigned>(std::countr_zero(others)) / 8;
    if (digits == 0) return at;
    eight <<= 64 - 8 * digits;
    eight = eight * 10 + (eight >> 8);
    eight = ((eight & 0x000000ff000000ffULL) * 0x000f424000000064ULL +
             ((eight >> 16) & 0x000000ff000000ffULL) * 0x0000271000000001ULL) >>
            32;
    value = value * shifts[digits] + (eight & 0xffffffffULL);
    at += digits;
    count += digits;
    if (digits < 8 || count >= 19) return at;
  }
}

/// A whole JSON number of at most 18 digits; null where anything else stands there.
inline const char* scan_whole(const char* at, std::int64_t& value) {
  const bool negative = *at == '-';
  if (negative) ++at;
  std::uint64_t digits = 0;
  unsigned count = 0;
  const char* const past = scan_digits(at, digits, count);
  if (count == 0 || count > 18 || (count > 1 && *at == '0') || (negative && digits == 0)) return nullptr;
  if (*past == '.' || (*past | 0x20) == 'e') return nullptr;
  value = negative ? -static_cast<std::int64_t>(digits) : static_cast<std::int64_t>(digits);
  return past;
}

/// Any JSON number, rounded as `read_number` rounds it; null where there is none.
inline const char* scan_number(const char* const begin, const char* end, double& value) {
  constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,
                               1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19};
  const char* at = begin;
  const bool negative = *at == '-';
  if (negative) ++at;
  const char* const first = at;
  std::uint64_t digits = 0;
  unsigned before = 0, after = 0;
  at = scan_digits(at, digits, before);
  const bool point = *at == '.';
  if (point) at = scan_digits(at + 1, digits, after);
  constexpr std::uint64_t exact = 1ULL << 53;
  const bool plain = before > 0 && before + after <= 19 && digits <= exact && !(before > 1 && *first == '0') &&
                     point == (after > 0) && (*at | 0x20) != 'e';
  if (!plain) [[unlikely]] {
    const NumberText n = read_number({begin, end});
    value = n.value;
    return n.length == 0 ? nullptr : begin + n.length;
  }
  // Both operands are exact, so the one rounding of the division is the right one.
  const double size = static_cast<double>(digits) / powers[after];
  value = negative ? -size : size;
  return at;
}

}  // namespace vetset
