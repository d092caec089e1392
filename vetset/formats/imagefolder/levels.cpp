// Which level of folders names classes, and which splits: told from the paths of the images alone, so that the reader
// and the writer have one opinion.
#include <algorithm>

#include "vetset/formats/imagefolder/imagefolder.h"

namespace vetset::imagefolder_parts {
namespace {

/// A folder of the level that is looked at.
struct Top {
  std::string_view name;
  bool direct = false;  // images in it
  bool deep = false;    // images in folders below it
};

struct Level {
  std::vector<Top> folders;
  bool loose = false;  // images beside the folders
};

Level level_below(std::span<const std::string_view> images, std::string_view home) {
  Level level;
  for (std::string_view path : images) {
    if (!path.starts_with(home)) continue;
    path.remove_prefix(home.size());
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos) {
      level.loose = true;
      continue;
    }
    const std::string_view name = path.substr(0, slash);
    if (level.folders.empty() || level.folders.back().name != name) level.folders.push_back({.name = name});
    (path.find('/', slash + 1) == std::string_view::npos ? level.folders.back().direct : level.folders.back().deep) =
        true;
  }
  return level;
}

}  // namespace

SplitRole role_of_folder(std::string_view name) {
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  if (lower == "train" || lower == "training") return SplitRole::train;
  if (lower == "val" || lower == "valid" || lower == "validation") return SplitRole::val;
  if (lower == "test" || lower == "testing") return SplitRole::test;
  return SplitRole::other;
}

Levels find_levels(std::span<const std::string_view> images) {
  Levels levels;
  for (;;) {
    const Level level = level_below(images, levels.home);
    levels.splits = std::any_of(level.folders.begin(), level.folders.end(),
                                [](const Top& t) { return t.deep && role_of_folder(t.name) != SplitRole::other; });
    const bool wrapper = !level.loose && level.folders.size() == 1 && level.folders[0].deep && !level.folders[0].direct;
    if (levels.splits || !wrapper) return levels;
    levels.home.append(level.folders[0].name).append("/");
  }
}

Spot spot_of(std::string_view image, const Levels& levels) {
  Spot spot;
  if (!image.starts_with(levels.home)) return spot;
  std::size_t begin = levels.home.size();
  std::size_t slash = image.find('/', begin);
  if (slash == std::string_view::npos) return spot;
  if (levels.splits) {
    spot.split = image.substr(begin, slash - begin);
    begin = slash + 1;
    slash = image.find('/', begin);
    if (slash == std::string_view::npos) return spot;
  }
  spot.folder = image.substr(0, slash);
  spot.name = image.substr(begin, slash - begin);
  return spot;
}

}  // namespace vetset::imagefolder_parts
