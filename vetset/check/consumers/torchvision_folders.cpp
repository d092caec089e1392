// ImageFolder(root): one folder a class, numbered by name; one root a split.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "vetset/base/unicode.h"
#include "vetset/check/consumers/torchvision.h"
#include "vetset/image/probe.h"

namespace vetset::torchvision_parts {
namespace {

struct File {
  std::string path;
  std::string fault = {};
};
/// What one root gives: files of each class, in its order.
struct Root {
  std::string folder;
  std::map<std::string, std::vector<File>, std::less<>> classes;
};

std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return lower;
}

bool has_allowed_extension(std::string_view path) {
  constexpr std::array<std::string_view, 9> allowed = {".jpg", ".jpeg", ".png",  ".ppm", ".bmp",
                                                       ".pgm", ".tif",  ".tiff", ".webp"};
  const std::string lower = lowered(path);
  return std::any_of(allowed.begin(), allowed.end(), [&](std::string_view e) { return lower.ends_with(e); });
}

bool is_split_name(std::string_view name) {
  constexpr std::array<std::string_view, 8> names = {"train",      "training", "val",     "valid",
                                                     "validation", "test",     "testing", "dev"};
  const std::string lower = lowered(name);
  return std::find(names.begin(), names.end(), lower) != names.end();
}

std::string_view first_part(std::string_view path) { return path.substr(0, path.find('/')); }

/// The tree itself, or each of its folders where these are splits.
std::vector<Root> roots_of(const Tree& tree) {
  std::set<std::string> tops;
  bool splits = true;
  for (const std::string_view path : tree.list()) {
    if (path.find('/') == std::string_view::npos) continue;
    const std::string_view top = first_part(path);
    if (top.starts_with('.')) continue;
    tops.emplace(top);
    if (has_image_extension(path)) splits = splits && is_split_name(top);
  }
  std::vector<Root> roots;
  if (tops.empty() || !splits) return {Root{.folder = {}, .classes = {}}};
  for (const std::string& top : tops)
    if (is_split_name(top)) roots.push_back({.folder = top, .classes = {}});
  return roots;
}

void list_classes(const Tree& tree, Root& root) {
  const std::string prefix = root.folder.empty() ? "" : root.folder + "/";
  for (const std::string_view path : tree.list(prefix)) {
    const std::string_view rest = path.substr(prefix.size());
    if (rest.find('/') == std::string_view::npos) continue;
    root.classes[std::string(first_part(rest))].push_back({.path = std::string(path)});
  }
}

void view_root(const Tree& tree, const Pool& pool, Root& root, ConsumerView& view) {
  std::vector<File*> files;
  std::string empty;
  for (auto& [name, of_class] : root.classes) {
    bool any = false;
    for (File& file : of_class) {
      if (!has_image_extension(file.path) && !has_allowed_extension(file.path)) continue;  // not meant as an image
      files.push_back(&file);
      any = any || has_allowed_extension(file.path);
    }
    if (!any) empty += (empty.empty() ? "" : ", ") + name;
  }
  view.images += files.size();
  view.objects += files.size();
  if (root.classes.empty() || !empty.empty()) {
    view.effects.push_back({.kind = Effect::Kind::refused,
                            .file = root.folder,
                            .objects = files.size(),
                            .what = root.classes.empty()
                                        ? "has no class folder: FileNotFoundError"
                                        : "no image that it takes in " + empty + ": FileNotFoundError"});
    return;
  }
  pool.for_each(files.size(), [&](std::size_t n) {
    files[n]->fault = has_allowed_extension(files[n]->path)
                          ? image_fault(probe_image(tree, files[n]->path))
                          : "its extension is none that it takes: passed over in silence";
  });
  for (const File* file : files) {
    if (file->fault.empty()) {
      ++view.images_read;
      ++view.objects_read;
      continue;
    }
    view.effects.push_back(
        {.kind = Effect::Kind::image_dropped, .file = file->path, .objects = 1, .what = file->fault});
  }
}

/// The first class that has another number in another root.
void compare_numbers(const std::vector<Root>& roots, ConsumerView& view) {
  for (std::size_t r = 1; r < roots.size(); ++r) {
    const auto &first = roots.front().classes, &here = roots[r].classes;
    std::uint64_t number = 0;
    for (const auto& [name, files] : here) {
      const auto same = first.find(name);
      const auto before = static_cast<std::uint64_t>(std::distance(first.begin(), same));
      if (same == first.end() || before != number) {
        view.effects.push_back({.kind = Effect::Kind::object_changed,
                                .file = roots[r].folder,
                                .objects = files.size(),
                                .what = "class '" + printable(name) + "' is number " + std::to_string(number) +
                                        " here and " + (same == first.end() ? "none" : std::to_string(before)) +
                                        " in " + roots.front().folder + ": each root numbers its own folders"});
        break;
      }
      ++number;
    }
  }
}

}  // namespace

Result<void> view_folders(const Tree& tree, const Pool& pool, const Progress& progress, ConsumerView& view) {
  std::vector<Root> roots = roots_of(tree);
  for (Root& root : roots) {
    if (progress.stopped()) break;
    list_classes(tree, root);
    view_root(tree, pool, root, view);
  }
  compare_numbers(roots, view);
  return {};
}

}  // namespace vetset::torchvision_parts
