// Where images, XML files and lists go: the source's own folders where it was VOC, else Annotations/, JPEGImages/ and
// ImageSets/Main/, all names made unlike without their extension.
#include <algorithm>
#include <unordered_set>

#include "vetset/formats/corner_box.h"
#include "vetset/formats/names.h"
#include "vetset/formats/voc/voc.h"

namespace vetset::voc_parts {
namespace {

std::string_view without_extension(std::string_view path) {
  const std::string_view extension = extension_of(path);
  path.remove_suffix(extension.empty() ? 0 : extension.size() + 1);
  return path;
}

class Planner {
 public:
  Planner(const Dataset& d, const WriteOptions& options) : d_(d), options_(options) {}

  Plan plan() {
    plan_.class_names = distinct_class_names(d_);
    if (is_native(d_) && options_.images != ImagesMode::none && plan_as_read()) return std::move(plan_);
    plan_.as_read = false;
    plan_.targets.clear();
    plan_.lists.clear();
    plan_new();
    return std::move(plan_);
  }

 private:
  // The layout of the source.

  bool plan_as_read() {
    plan_.as_read = true;
    std::unordered_set<std::string_view> images, files;
    const Dataset::ImageSplits splits = d_.image_splits();
    for (const Image& image : d_.images) {
      const std::string_view path = d_.text(image.path);
      const std::string_view xml = image.file == none<FileIndex> ? std::string_view() : d_.path(image.file);
      if (path_problem(path) || !images.insert(path).second) return false;
      if (!image.media.empty() && d_.text(image.media) != path) return false;
      if (!xml.empty() && (path_problem(xml) || !xml.ends_with(".xml") || !files.insert(xml).second)) return false;
      const bool listed = !splits.of(to_index<ImageIndex>(plan_.targets.size())).empty();
      if (xml.empty() && image.media.empty() && !listed) return false;  // nothing would speak of it
      plan_.targets.push_back({std::string(path), std::string(xml), {}});
    }
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      if (!keep_split(to_index<SplitIndex>(s))) return false;
    return true;
  }

  /// A split by the list or the folder it was read from, if that can still say it.
  bool keep_split(SplitIndex s) {
    const Split& split = d_[s];
    if (split.origin == SplitOrigin::folder) {
      std::size_t below = 0;
      for (const Image& image : d_.images) below += d_.text(image.path).starts_with(split.folder + "/") ? 1U : 0U;
      const auto members = d_.members(s);
      return below == members.size() && !members.empty() &&
             std::all_of(members.begin(), members.end(),
                         [&](const Membership& m) { return d_.path(m.image).starts_with(split.folder + "/"); });
    }
    if (split.file == none<FileIndex>) return false;
    const std::string path(d_.path(split.file));
    const std::size_t sets = path.rfind("ImageSets/");
    if (path_problem(path) || sets == std::string::npos || stem_of(path) != split.name) return false;
    const std::string root = path.substr(0, sets);
    for (const Membership& m : d_.members(s)) {
      Plan::Target& target = plan_.targets[to_size(m.image)];
      const auto below = [&](std::string_view whole, std::string_view folder) {
        return whole.starts_with(root) && whole.substr(root.size()).starts_with(folder)
                   ? without_extension(whole.substr(root.size() + folder.size()))
                   : std::string_view();
      };
      const std::string_view id =
          target.xml_path.empty() ? below(target.image_path, "JPEGImages/") : below(target.xml_path, "Annotations/");
      if (id.empty() || (!target.id.empty() && target.id != id)) return false;
      target.id = id;
    }
    plan_.lists.push_back({s, path, split.name});
    return true;
  }

  // A new layout.

  void plan_new() {
    ids_.reserve(d_.images.size());
    plan_.targets.reserve(d_.images.size());
    for (const Image& image : d_.images) {
      const std::string name = flat_name(d_.text(image.path));
      const std::string id(without_extension(name));
      plan_.targets.push_back({"JPEGImages/" + name, "Annotations/" + id + ".xml", id});
    }
    TakenNames taken;
    taken.take(std::string(usual_union));
    for (std::size_t s = 0; s < d_.splits.size(); ++s) {
      const std::string& own = d_.splits[s].name;
      std::string name = taken.take(own.empty() ? "all" : as_word(own));
      plan_.lists.push_back({to_index<SplitIndex>(s), std::string(lists_folder) + name + ".txt", name});
    }
  }

  /// The base name where it is free, else with the folders before it, else with a number.
  std::string flat_name(std::string_view path) {
    const std::string clean = clean_name(path);
    const auto free = [&](std::string_view name) { return ids_.insert(collision_key(without_extension(name))).second; };
    std::string name(base_name(clean));
    if (free(name)) return name;
    name = clean;
    std::replace(name.begin(), name.end(), '/', '_');
    if (name != base_name(clean) && free(name)) return name;
    for (unsigned n = 2;; ++n)
      if (std::string next = numbered(name, n); free(next)) return next;
  }

  const Dataset& d_;
  const WriteOptions& options_;
  Plan plan_;
  std::unordered_set<std::string> ids_;
};

}  // namespace

Plan plan_voc(const Dataset& d, const WriteOptions& options) { return Planner(d, options).plan(); }

}  // namespace vetset::voc_parts
