#include "vetset/check/words.h"

#include <cmath>

#include "vetset/base/number.h"
#include "vetset/base/unicode.h"

namespace vetset {

std::string measure(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::string text;
  if (std::abs(value) >= 1e15 || (value != 0 && std::abs(value) < 0.01)) {
    append_number(text, value);
    return text;
  }
  append_fixed(text, value, 2);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string grouped(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string in_percent(double share) { return measure(std::round(share * 1000) / 10) + " %"; }

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return grouped(count) + " " + std::string(count == 1 ? one : many);
}

std::string quoted(std::string_view name) { return "`" + printable(name) + "`"; }

}  // namespace vetset
