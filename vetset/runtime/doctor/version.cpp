#include "vetset/runtime/doctor/version.h"

#include <algorithm>

namespace vetset {

Version Version::of(std::string_view text) {
  Version v;
  std::size_t i = 0;
  while (i < text.size() && text[i] >= '0' && text[i] <= '9' && v.parts.size() < 8) {
    std::uint32_t part = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
      part = std::min<std::uint32_t>(part * 10 + static_cast<std::uint32_t>(text[i] - '0'), 99'999'999);
    v.parts.push_back(part);
    if (i >= text.size() || text[i] != '.') break;
    ++i;
  }
  return v;
}

std::weak_ordering Version::operator<=>(const Version& other) const {
  for (std::size_t i = 0; i < std::max(parts.size(), other.parts.size()); ++i) {
    const std::uint32_t a = i < parts.size() ? parts[i] : 0, b = i < other.parts.size() ? other.parts[i] : 0;
    if (a != b) return a < b ? std::weak_ordering::less : std::weak_ordering::greater;
  }
  return std::weak_ordering::equivalent;
}

std::string to_string(const Version& v) {
  std::string text;
  for (const std::uint32_t part : v.parts) text += (text.empty() ? "" : ".") + std::to_string(part);
  return text;
}

Version highest(const std::vector<std::string>& names, std::string_view prefix) {
  Version best;
  for (const std::string& name : names)
    if (std::string_view(name).starts_with(prefix))
      if (const Version v = Version::of(std::string_view(name).substr(prefix.size())); v && (!best || v > best))
        best = v;
  return best;
}

}  // namespace vetset
