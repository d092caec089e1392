#include "vetset/dataset/diff_text.h"

#include <algorithm>

#include "vetset/base/number.h"

namespace vetset {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || c == '_' || c == '.' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// 7.67 in place of 7.6700; whole numbers without a point.
std::string rounded(double value, unsigned decimals) {
  std::string text;
  append_fixed(text, value, decimals);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

}  // namespace

std::string rounded_numbers(std::string_view text, unsigned decimals) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const bool starts = is_digit(text[i]) || (text[i] == '-' && i + 1 < text.size() && is_digit(text[i + 1]));
    if (!starts || (i > 0 && is_word(text[i - 1]))) {
      out += text[i++];
      continue;
    }
    const NumberText number = read_number(text.substr(i));
    const std::size_t end = i + number.length;
    const bool whole_word = number.length > 0 && (end == text.size() || !is_word(text[end]));
    if (whole_word && (number.decimals > decimals || !number.integer))
      out += rounded(number.value, decimals);
    else
      out += text.substr(i, std::max<std::size_t>(number.length, 1));
    i += std::max<std::size_t>(number.length, 1);
  }
  return out;
}

std::pair<std::string, std::string> values_for_people(const Diff::FieldChange& change) {
  if (fields()[static_cast<std::size_t>(change.field)].unit.empty()) return {change.before, change.after};
  for (const unsigned decimals : {2U, 4U}) {
    std::pair shown(rounded_numbers(change.before, decimals), rounded_numbers(change.after, decimals));
    if (shown.first != shown.second) return shown;
  }
  return {change.before, change.after};
}

}  // namespace vetset
