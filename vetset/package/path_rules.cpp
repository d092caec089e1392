#include "vetset/package/path_rules.h"

#include <algorithm>
#include <vector>

#include "vetset/base/fold_case.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

constexpr std::size_t most_bytes = 240, most_part_bytes = 200, most_parts = 16;

/// CON, LPT1 and their like, with any extension: Windows opens a device instead of a file.
bool is_device_name(std::string_view part) {
  std::string name(part.substr(0, part.find('.')));
  while (name.ends_with(' ')) name.pop_back();
  name = fold_case(name);
  static constexpr std::string_view devices[] = {"con", "prn", "aux", "nul", "conin$", "conout$"};
  if (std::find(std::begin(devices), std::end(devices), name) != std::end(devices)) return true;
  const bool numbered = name.size() == 4 && name[3] >= '0' && name[3] <= '9';
  return numbered && (name.starts_with("com") || name.starts_with("lpt"));
}

std::optional<std::string> part_problem(std::string_view part) {
  if (part.size() > most_part_bytes) return "has a name of more than 200 bytes";
  if (part.ends_with('.') || part.ends_with(' ')) return "has a name that ends in a dot or a space";
  if (is_device_name(part)) return "has a name that Windows keeps for a device: " + std::string(part);
  return std::nullopt;
}

/// The prefix that a path's folder is to those it leads to: "a/b" → "a/".
std::string_view folder_prefix(std::string_view path) { return path.substr(0, path.rfind('/') + 1); }

}  // namespace

std::optional<std::string> package_path_problem(std::string_view path) {
  if (auto problem = path_problem(path)) return problem;
  if (path.size() > most_bytes) return "is longer than 240 bytes";
  if (path.find(':') != std::string_view::npos) return "holds a ':', which some systems take for a drive or a stream";
  if (nfc(path) != path) return "is not in Unicode's normal form C, so another system may spell it otherwise";
  std::size_t parts = 0;
  for (std::size_t begin = 0; begin <= path.size(); ++parts) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (auto problem = part_problem(path.substr(begin, end - begin))) return problem;
    begin = end + 1;
  }
  if (parts > most_parts) return "has more than 16 parts";
  return std::nullopt;
}

std::optional<PathClash> first_path_clash(std::span<const std::string_view> paths) {
  struct Folded {
    std::string key;
    std::string_view path;
  };
  std::vector<Folded> all;
  all.reserve(paths.size());
  for (const std::string_view path : paths) all.push_back({fold_case(path), path});
  std::sort(all.begin(), all.end(), [](const Folded& a, const Folded& b) {
    const int order = a.key.compare(b.key);
    return order != 0 ? order < 0 : a.path < b.path;
  });
  const auto find = [&](std::string_view key) {
    const auto at =
        std::lower_bound(all.begin(), all.end(), key, [](const Folded& f, std::string_view k) { return f.key < k; });
    return at != all.end() && at->key == key ? &*at : nullptr;
  };
  std::string_view last;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [key, path] = all[i];
    if (i > 0 && all[i - 1].key == key)
      return PathClash{path, "equals " + std::string(all[i - 1].path) + " where case does not count"};
    if (folder_prefix(key) == last) continue;
    last = folder_prefix(key);
    for (std::string_view folder = folder_of(key); !folder.empty(); folder = folder_of(folder))
      if (const Folded* file = find(folder))
        return PathClash{path, "needs a folder where " + std::string(file->path) + " is a file"};
  }
  return std::nullopt;
}

}  // namespace vetset
