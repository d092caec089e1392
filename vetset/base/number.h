// Numbers as text: read strictly, written in their shortest form. The locale has no say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vetset {

/// How a number was spelled, beside its value.
struct NumberText {
  double value = 0;
  std::uint32_t length = 0;   // bytes read; 0: no number here
  std::uint8_t decimals = 0;  // digits after the point
  bool integer = false;       // no point and no exponent
  bool shortest = false;      // append_number(value) would give exactly these bytes
  bool fits_int64 = false;    // `integer`, and `whole` holds it exactly
  std::int64_t whole = 0;
};

/// Reads the JSON number (RFC 8259 §6) at the start of `text`. "01", ".5", "1." and "+1" are not numbers.
NumberText read_number(std::string_view text);

/// Reads a number as Python's float() and C's strtod take it in label files: also "1.", ".5", "+1", "1e5", "007".
/// Not "nan", "inf", "0x1p3". Whether that is the shortest spelling is not looked at.
NumberText read_loose_number(std::string_view text);

/// The shortest decimal that reads back as the same double, laid out as ECMAScript does (Number::toString): fixed from
/// 1e-6 up to 1e21, else with an exponent; "-0" for negative zero. Not for NaN and infinities.
void append_number(std::string& out, double value);
void append_number(std::string& out, std::int64_t value);
void append_number(std::string& out, std::uint64_t value);
/// With exactly `decimals` digits after the point, rounded half to even as printf does.
void append_fixed(std::string& out, double value, unsigned decimals);

/// How the numbers of one field are spelled in one file, so that its own format can spell them again.
struct NumberStyle {
  std::uint8_t decimals = 0;  // at least this many digits after the point ("5.0": 1; "%.6f": 6)
  bool fixed = false;         // exactly that many
  bool operator==(const NumberStyle&) const = default;
};
void append_number(std::string& out, double value, NumberStyle style);

/// A NaN of one bit pattern that means "not said" in a column of doubles. No reader produces it from data.
double unstated();
bool is_unstated(double value);

}  // namespace vetset
