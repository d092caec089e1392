#include "vetset/formats/voc/places.h"

#include <algorithm>

#include "vetset/image/probe.h"

namespace vetset::voc_parts {
namespace {

bool is_annotations(std::string_view folder) {
  constexpr std::string_view word = "annotations";
  return folder.size() == word.size() && std::equal(word.begin(), word.end(), folder.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b);
         });
}

std::string_view without_extension(std::string_view path) {
  const std::string_view extension = extension_of(path);
  path.remove_suffix(extension.empty() ? 0 : extension.size() + 1);
  return path;
}

std::optional<std::string_view> held(const Tree& tree, const std::string& path) {
  const auto all = tree.list();
  const auto at = std::lower_bound(all.begin(), all.end(), std::string_view(path));
  return at != all.end() && *at == path ? std::optional(*at) : std::nullopt;
}

}  // namespace

XmlPlace place_of(std::string_view xml_path) {
  XmlPlace place;
  const std::string_view path = without_extension(xml_path);
  std::size_t below = 0;  // behind the last folder "Annotations"
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = path.find('/', at);
    if (slash == std::string_view::npos) break;
    if (is_annotations(path.substr(at, slash - at))) {
      place.root = path.substr(0, at);
      below = slash + 1;
      place.devkit = true;
    }
    at = slash + 1;
  }
  if (!place.devkit) {
    const std::string_view folder = folder_of(path);
    place.root = path.substr(0, folder.empty() ? 0 : folder.size() + 1);
    below = place.root.size();
  }
  place.id = path.substr(below);
  return place;
}

ImageFinder::ImageFinder(const Tree& tree, const ReadOptions& options) : tree_(tree), options_(options) {
  for (const Tree* one : {&tree, options.images})
    if (one != nullptr && !any_image_)
      any_image_ = std::any_of(one->list().begin(), one->list().end(), has_image_extension);
}

std::vector<std::string_view> ImageFinder::with_stem(std::string_view path) const {
  std::vector<std::string_view> found;
  const std::string prefix = std::string(path) + ".";
  const auto all = tree_.list();
  for (auto at = std::lower_bound(all.begin(), all.end(), std::string_view(prefix));
       at != all.end() && at->starts_with(prefix); ++at)
    if (at->find('/', prefix.size()) == std::string_view::npos && has_image_extension(*at) &&
        without_extension(*at) == path)
      found.push_back(*at);
  return found;
}

FoundImage ImageFinder::find(std::string_view xml_path, const XmlPlace& place, std::string_view filename,
                             std::string_view folder) {
  const std::string_view name = base_name(filename), stem = stem_of(xml_path);
  FoundImage found;
  if (options_.images != nullptr) {
    found.media = unique(*options_.images, false, name, stem, found.ambiguous);
    found.in_images = !found.media.empty();
    if (found.in_images) return found;
  }
  if (!any_image_) return found;
  const std::string_view sub = folder_of(place.id);
  const std::string below = sub.empty() ? "" : std::string(sub) + "/";
  std::vector<std::string> folders;
  const std::string root(place.root);
  if (place.devkit) folders = {root + "JPEGImages/" + below, root + "images/" + below};
  if (place.devkit && !folder.empty() && !path_problem(folder))
    folders.push_back(root + std::string(folder) + "/" + below);
  const std::string own(folder_of(xml_path));
  folders.push_back(own.empty() ? "" : own + "/");
  if (place.devkit) folders.push_back(root);
  for (const std::string& where : folders) {
    const std::vector<std::string_view> same = with_stem(where + std::string(stem));
    if (same.size() == 1) return {.media = same.front()};
    for (const std::string_view path : same)
      if (base_name(path) == name) return {.media = path};
    found.ambiguous = found.ambiguous || same.size() > 1;
  }
  if (found.ambiguous) return found;
  for (const std::string& where : folders)
    if (!name.empty() && has_image_extension(name))
      if (const auto path = held(tree_, where + std::string(name))) return {.media = *path};
  found.media = unique(tree_, true, name, stem, found.ambiguous);
  return found;
}

std::string_view ImageFinder::unique(const Tree& tree, bool own, std::string_view filename, std::string_view stem,
                                     bool& ambiguous) {
  if (!any_image_) return {};
  const std::size_t k = own ? 0 : 1;
  if (!made_[k])
    for (const std::string_view path : tree.list())
      if (has_image_extension(path) && path.find("Segmentation") == std::string_view::npos) {
        by_name_[k][base_name(path)].push_back(path);
        by_stem_[k][stem_of(path)].push_back(path);
      }
  made_[k] = true;
  for (const auto& [names, name] : {std::pair(&by_name_[k], filename), std::pair(&by_stem_[k], stem)}) {
    const auto at = names->find(name);
    if (name.empty() || at == names->end()) continue;
    if (at->second.size() == 1) return at->second.front();
    ambiguous = true;
  }
  return {};
}

std::string ImageFinder::absent_path(std::string_view xml_path, const XmlPlace& place,
                                     std::string_view filename) const {
  const std::string_view named = base_name(filename), stem = stem_of(xml_path);
  std::string path(place.devkit ? place.root : folder_of(xml_path));
  if (place.devkit) path.append("JPEGImages/").append(folder_of(place.id));
  if (!path.empty() && path.back() != '/') path += '/';
  path += stem_of(named) == stem && !path_problem(named) ? named : stem;
  if (!options_.known_size || options_.known_size(path)) return path;
  for (const std::string_view extension :
       {".jpg", ".png", ".jpeg", ".JPG", ".PNG", ".JPEG", ".bmp", ".tif", ".tiff", ".webp"})
    if (std::string with = path + std::string(extension); options_.known_size(with)) return with;
  return path;
}

}  // namespace vetset::voc_parts
