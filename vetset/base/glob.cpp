#include "vetset/base/glob.h"

#include <cstddef>

namespace vetset {
namespace {

/// Whether the set that begins at `pattern[0] == '['` holds the sign; `size` gets the length of the set, 0 where it is
/// not closed and stands for itself.
bool in_set(std::string_view pattern, char sign, std::size_t& size) {
  std::size_t at = 1;
  const bool inverted = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (inverted) ++at;
  bool found = false;
  for (bool first = true; at < pattern.size(); first = false) {
    if (pattern[at] == ']' && !first) {
      size = at + 1;
      return found != inverted;
    }
    const char low = pattern[at++];
    char high = low;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      high = pattern[at + 1];
      at += 2;
    }
    found = found || (low <= sign && sign <= high);
  }
  size = 0;
  return false;
}

/// Whether one sign of the text fits the head of the pattern; `used` gets how much of the pattern that is.
bool fits(std::string_view pattern, char sign, std::size_t& used) {
  used = 1;
  if (pattern[0] == '?') return sign != '/';
  if (pattern[0] == '[') {
    std::size_t size = 0;
    const bool held = in_set(pattern, sign, size);
    if (size != 0) {
      used = size;
      return held && sign != '/';
    }
  }
  if (pattern[0] == '\\' && pattern.size() > 1) {
    used = 2;
    return pattern[1] == sign;
  }
  return pattern[0] == sign;
}

}  // namespace

// Two places to go back to: the last `*`, which may not pass '/', and the last `**`, which may. Each grows only, so the
// work is bounded by the product of the lengths.
bool glob_matches(std::string_view pattern, std::string_view text) {
  constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  std::size_t p = 0, t = 0;
  std::size_t star = nowhere, star_text = 0, stars = nowhere, stars_text = 0;
  bool whole_folders = false;  // of `**/`: what follows stands at the beginning of a name
  while (t < text.size() || p < pattern.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      if (p + 1 < pattern.size() && pattern[p + 1] == '*') {
        p += 2;
        whole_folders = p < pattern.size() && pattern[p] == '/';
        if (whole_folders) ++p;  // "**/a" is also "a"
        stars = p;
        stars_text = t;
        star = nowhere;
      } else {
        star = ++p;
        star_text = t;
      }
      continue;
    }
    std::size_t used = 0;
    if (p < pattern.size() && t < text.size() && fits(pattern.substr(p), text[t], used)) {
      p += used;
      ++t;
      continue;
    }
    if (star != nowhere && star_text < text.size() && text[star_text] != '/') {
      p = star;
      t = ++star_text;
      continue;
    }
    if (stars != nowhere && stars_text < text.size()) {
      const std::size_t slash = whole_folders ? text.find('/', stars_text) : stars_text;
      if (slash == std::string_view::npos) return false;
      p = stars;
      t = stars_text = slash + 1;
      star = nowhere;
      continue;
    }
    return false;
  }
  return true;
}

}  // namespace vetset
