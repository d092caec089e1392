#include "vetset/base/unicode.h"

#include <simdjson.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include "vetset/base/fold_case.h"

namespace vetset {
namespace {

/// Bytes of the code point that begins at `at`; 0 where it is not UTF-8.
std::size_t sequence_length(const char* at, const char* end) {
  const auto byte = [&](std::ptrdiff_t i) { return static_cast<unsigned char>(at[i]); };
  const auto follows = [&](std::ptrdiff_t i, unsigned least, unsigned most) {
    return end - at > i && byte(i) >= least && byte(i) <= most;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return follows(1, 0x80, 0xbf) ? 2 : 0;
  if (lead < 0xf0) {
    const unsigned least = lead == 0xe0 ? 0xa0 : 0x80;
    const unsigned most = lead == 0xed ? 0x9f : 0xbf;
    return follows(1, least, most) && follows(2, 0x80, 0xbf) ? 3 : 0;
  }
  const unsigned least = lead == 0xf0 ? 0x90 : 0x80;
  const unsigned most = lead == 0xf4 ? 0x8f : 0xbf;
  return follows(1, least, most) && follows(2, 0x80, 0xbf) && follows(3, 0x80, 0xbf) ? 4 : 0;
}

/// Calls `visit(code, bytes)` for each code point; a byte that is not UTF-8 comes as code −1.
template <class Visit>
void for_each_code_point(std::string_view text, const Visit& visit) {
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const std::size_t length = sequence_length(at, end);
    utf8proc_int32_t code = -1;
    if (length > 0) {
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(at), static_cast<utf8proc_ssize_t>(length), &code);
    }
    const std::size_t taken = std::max<std::size_t>(length, 1);
    visit(code, std::string_view(at, taken));
    at += taken;
  }
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string mapped(std::string_view text, int options) {
  utf8proc_uint8_t* made = nullptr;
  const auto length =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &made, static_cast<utf8proc_option_t>(options));
  if (length < 0) return std::string(text);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(made, &std::free);
  return {reinterpret_cast<const char*>(made), static_cast<std::size_t>(length)};
}

bool is_white_space(utf8proc_int32_t code) {
  if (code >= '\t' && code <= '\r') return true;
  if (code == ' ' || code == 0x85) return true;
  if (code < 0x80) return false;
  const utf8proc_category_t category = utf8proc_category(code);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

/// Controls, line separators, and the marks that turn the direction of what follows.
bool is_unsafe_to_print(utf8proc_int32_t code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  return code == 0x61c || code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

std::vector<utf8proc_int32_t> code_points(std::string_view text) {
  std::vector<utf8proc_int32_t> codes;
  codes.reserve(text.size());
  for_each_code_point(text, [&](utf8proc_int32_t code, std::string_view bytes) {
    // A byte that is not UTF-8 is a letter of its own.
    codes.push_back(code >= 0 ? code : -1 - static_cast<unsigned char>(bytes[0]));
  });
  return codes;
}

}  // namespace

std::optional<std::size_t> invalid_utf8(std::string_view text) {
  constexpr std::size_t worth_a_call = 32;
  if (text.size() < worth_a_call ? is_ascii(text) : simdjson::validate_utf8(text.data(), text.size())) return {};
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const std::size_t length = sequence_length(at, end);
    if (length == 0) return static_cast<std::size_t>(at - text.data());
    at += length;
  }
  return {};
}

std::string nfc(std::string_view text) {
  if (is_ascii(text) || invalid_utf8(text)) return std::string(text);
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::string fold_case(std::string_view text) {
  if (!is_ascii(text) && !invalid_utf8(text)) {
    // Folding can bring forth what composes anew, so the form is taken twice.
    constexpr int options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD;
    return mapped(mapped(text, options), options);
  }
  std::string folded(text);
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return folded;
}

std::string fold(std::string_view text) {
  std::string folded;
  if (is_ascii(text) || invalid_utf8(text)) {
    folded = fold_case(text);
  } else {
    // Folding can bring forth what decomposes again, so the form is taken twice: it is stable from then on.
    constexpr int options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD;
    folded = mapped(mapped(text, options), options);
  }
  std::string out;
  bool gap = false;
  for_each_code_point(folded, [&](utf8proc_int32_t code, std::string_view bytes) {
    if (is_white_space(code)) {
      gap = true;
      return;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    out += bytes;
  });
  return out;
}

unsigned edit_distance(std::string_view a, std::string_view b, unsigned limit) {
  std::vector<utf8proc_int32_t> shorter = code_points(a);
  std::vector<utf8proc_int32_t> longer = code_points(b);
  if (shorter.size() > longer.size()) std::swap(shorter, longer);
  if (longer.size() - shorter.size() > limit) return limit + 1;
  std::vector<unsigned> row(shorter.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = static_cast<unsigned>(j);
  for (const utf8proc_int32_t letter : longer) {
    unsigned diagonal = row[0]++;
    unsigned least = row[0];
    for (std::size_t j = 1; j < row.size(); ++j) {
      const unsigned replaced = diagonal + (shorter[j - 1] == letter ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
      least = std::min(least, row[j]);
    }
    if (least > limit) return limit + 1;
  }
  return std::min(row.back(), limit + 1);
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_code_point(text, [&](utf8proc_int32_t code, std::string_view bytes) {
    if (!is_unsafe_to_print(code)) {
      out += bytes;
      return;
    }
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      out += "\\x";
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15];
    }
  });
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for_each_code_point(text, [&](utf8proc_int32_t code, std::string_view) {
    width += code < 0 ? 1 : static_cast<std::size_t>(std::max(utf8proc_charwidth(code), 0));
  });
  return width;
}

}  // namespace vetset
