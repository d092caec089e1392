#include "vetset/formats/yolo/lists.h"

#include <algorithm>

#include "vetset/formats/yolo/yolo.h"

namespace vetset::yolo_parts {

std::optional<std::string_view> ListedFiles::held(std::string_view path) {
  const auto all = tree_.list();
  if (next_ >= all.size() || all[next_] != path)
    next_ = static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), path) - all.begin());
  if (next_ == all.size() || all[next_] != path) return std::nullopt;
  return all[next_++];
}

std::optional<std::string_view> ListedFiles::find(std::string_view list_folder, std::string_view line,
                                                  std::size_t& drop) {
  for (const std::string_view base : {list_folder, homes_[0], homes_[1], std::string_view()})
    if (const auto path = resolve(base, line))
      if (const auto there = held(*path)) return there;
  std::string slashed(line);
  std::replace(slashed.begin(), slashed.end(), '\\', '/');
  const auto without = [&](std::size_t parts) -> std::optional<std::string_view> {
    std::string_view rest = slashed;
    for (; parts > 0 && rest.find('/') != std::string_view::npos; --parts) rest.remove_prefix(rest.find('/') + 1);
    if (parts > 0 || rest.find('/') == std::string_view::npos) return std::nullopt;
    const auto path = resolve({}, rest);
    return path ? held(*path) : std::nullopt;
  };
  if (drop > 0)
    if (const auto path = without(drop)) return path;
  const auto parts = static_cast<std::size_t>(std::count(slashed.begin(), slashed.end(), '/'));
  for (std::size_t n = 1; n <= std::min<std::size_t>(parts, 64); ++n)
    if (const auto path = without(n)) {
      drop = n;
      return path;
    }
  return std::nullopt;
}

std::vector<std::string> names_of_lines(std::string_view text) {
  std::vector<std::string> names;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() && text.empty()) break;
    names.emplace_back(line);
  }
  return names;
}

}  // namespace vetset::yolo_parts
