#include "vetset/check/report/columns.h"

#include "vetset/base/unicode.h"

namespace vetset {
namespace {

/// The beginning of a UTF-8 text that fits into so many columns.
std::string_view head(std::string_view text, std::size_t columns) {
  while (display_width(text) > columns) {
    text.remove_suffix(1);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0U) text.remove_suffix(1);
  }
  return text;
}

std::string_view tail(std::string_view text, std::size_t columns) {
  while (display_width(text) > columns) {
    text.remove_prefix(1);
    while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0U) == 0x80U) text.remove_prefix(1);
  }
  return text;
}

}  // namespace

std::string to_left(std::string_view text, std::size_t width) {
  const std::size_t shown = display_width(text);
  return std::string(text) + std::string(shown < width ? width - shown : 0, ' ');
}

std::string to_right(std::string_view text, std::size_t width) {
  const std::size_t shown = display_width(text);
  return std::string(shown < width ? width - shown : 0, ' ') + std::string(text);
}

std::string cut(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  return std::string(head(text, columns > 0 ? columns - 1 : 0)) + "…";
}

std::string cut_middle(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  const std::size_t left = (columns - 1) / 3;
  return std::string(head(text, left)) + "…" + std::string(tail(text, columns - 1 - left));
}

}  // namespace vetset
