#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_map>

#include "vetset/base/portable.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::optional<std::string> part_fault(std::string_view part) {
  if (is_device_name(part)) return quoted(part) + " is a device's name on Windows";
  if (part.ends_with('.') || part.ends_with(' ')) return "a part ends in a dot or a space, which Windows drops";
  if (const auto at = part.find_first_of(unportable_characters); at != std::string_view::npos)
    return "Windows does not take " + quoted(part.substr(at, 1)) + " in a name";
  return {};
}

/// What keeps a path from being the same file on another system.
std::optional<std::string> path_fault(std::string_view path) {
  if (path.starts_with('/') || (path.size() > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/')))
    return "is absolute: it holds on one machine only";
  if (path.find('\\') != std::string_view::npos) return "has a backslash, which parts folders on Windows only";
  constexpr std::size_t longest = 240;
  if (path.size() > longest)
    return "is " + std::to_string(path.size()) + " bytes long; Windows and many archives end at " +
           std::to_string(longest);
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (auto fault = part_fault(path.substr(begin, end - begin))) return fault;
    begin = end + 1;
  }
  if (is_ascii(path)) return {};
  if (invalid_utf8(path)) return "is not UTF-8";
  if (nfc(path) != path) return "is not in Unicode's normal form C: it looks the same as another name and is not";
  return {};
}

std::string lowered(std::string_view path) {
  if (!is_ascii(path)) return fold(path);
  std::string text(path);
  std::transform(text.begin(), text.end(), text.begin(), lower);
  return text;
}

void check_files(Listing files, const Report& report) {
  std::unordered_map<std::string, std::string_view> seen;
  seen.reserve(files.size());
  for (const std::string_view path : files) {
    if (auto fault = path_fault(path))
      report(Place{.file = std::string(path)}, std::move(*fault), "rename the file, and every reference to it");
    const auto [first, is_new] = seen.emplace(lowered(path), path);
    if (!is_new)
      report(Place{.file = std::string(path)},
             "differs from " + quoted(first->second) + " in case only: one replaces the other on Windows and macOS",
             "rename one of the two");
  }
}

/// Paths as records spell them, where that is not how the file is called.
void check_image_paths(const Dataset& d, const Report& report) {
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const std::string_view path = d.text(d.images[i].path);
    if (path == d.text(d.images[i].media)) continue;
    if (auto fault = path_fault(path))
      report(to_index<ImageIndex>(i), "path " + quoted(path) + " " + *fault,
             "write it relative to the dataset, with '/'");
  }
}

void check_unportable_path(const Evidence& evidence, const Report& report) {
  check_files(evidence.files, report);
  check_image_paths(evidence.dataset, report);
}

}  // namespace

extern const Rule unportable_path{.code = "FMT417",
                                  .name = "unportable-path",
                                  .title = "a path means another file, or none, on another system",
                                  .severity = Severity::warning,
                                  .evidence = EvidenceClass::proof,
                                  .check = check_unportable_path};

}  // namespace vetset
