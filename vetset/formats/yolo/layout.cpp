// Where images and labels go: the source's own folders where it was YOLO, else images/<split>/ and labels/<split>/.
#include <algorithm>
#include <unordered_set>

#include "vetset/formats/names.h"
#include "vetset/formats/yolo/yolo.h"
#include "vetset/image/probe.h"

namespace vetset::yolo_parts {
namespace {

constexpr std::string_view reserved_keys[] = {"classes",   "backup",   "path",      "names",    "nc",
                                              "kpt_shape", "flip_idx", "kpt_names", "download", "channels"};

/// Folders that the layout has by itself.
constexpr std::string_view own_folders[] = {"images", "labels"};

class Planner {
 public:
  Planner(const Dataset& d, const WriteOptions& options, const Dialect& dialect)
      : d_(d), options_(options), dialect_(dialect) {}

  Layout plan() {
    if (d_.format == dialect_.format && options_.images != ImagesMode::none && plan_as_read())
      return std::move(layout_);
    layout_ = {};
    layout_.yaml = dialect_.description;
    plan_new();
    return std::move(layout_);
  }

 private:
  // The layout of the source.

  bool plan_as_read() {
    layout_.as_read = true;
    layout_.yaml = dialect_.description;
    const bool has_yaml = !d_.files.empty() && dialect_.describes(d_.path(FileIndex{}));
    if (has_yaml) layout_.yaml = d_.path(FileIndex{});
    std::unordered_set<std::string_view> seen;
    for (const Image& image : d_.images) {
      const std::string_view path = d_.text(image.path);
      if (path_problem(path) || !seen.insert(path).second) return false;
      if (!image.media.empty() && d_.text(image.media) != path) return false;
    }
    const Dataset::ImageSplits splits = d_.image_splits();
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      const auto index = to_index<ImageIndex>(i);
      const auto in = splits.of(index);
      const Image& image = d_[index];
      layout_.targets.push_back({.image = index,
                                 .split = in.empty() ? none<SplitIndex> : in.front(),
                                 .image_path = std::string(d_.path(index)),
                                 .label_path = image.file != none<FileIndex> ? std::string(d_.path(image.file))
                                                                             : label_path(d_.path(index), dialect_)});
    }
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      if (!keep_key(to_index<SplitIndex>(s))) return false;
    if (!has_yaml && !dialect_.beside) demand_keys();
    return true;
  }

  /// A split under its own key, if the folder or list still says what the dataset says.
  bool keep_key(SplitIndex index) {
    const Split& split = d_[index];
    const auto members = d_.members(index);
    Layout::Key key{.key = split.name, .split = index};
    if (split.file != none<FileIndex>)
      key.list = d_.path(split.file);
    else if (split.origin == SplitOrigin::none)
      key.values = {split.folder};  // a path that is not here
    else if (members.empty() && std::find(split_words.begin(), split_words.end(), split.name) == split_words.end())
      return false;  // an empty folder is no file: nobody would know the word for a split
    else if (split.origin == SplitOrigin::list && members.size() == 1)
      key.values = {from_yaml(d_.path(members.front().image))};
    else if (!folder_holds_exactly(split.folder, members))
      return false;
    else
      key.values = {from_yaml(split.folder)};
    if (!key.list.empty()) key.values = {from_yaml(key.list)};
    if (split.origin == SplitOrigin::none && !members.empty()) return false;
    layout_.keys.push_back(std::move(key));
    return true;
  }

  bool folder_holds_exactly(const std::string& folder, std::span<const Membership> members) const {
    if (folder.empty()) return false;
    const std::string prefix = folder == "." ? std::string() : folder + "/";
    std::size_t below = 0;
    for (const Image& image : d_.images) below += d_.text(image.path).starts_with(prefix) ? 1U : 0U;
    return below == members.size() && std::all_of(members.begin(), members.end(), [&](const Membership& m) {
             const Image& image = d_[m.image];
             const bool to_be_found = !image.media.empty() || image.file != none<FileIndex>;  // by picture or by labels
             return to_be_found && d_.path(m.image).starts_with(prefix);
           });
  }

  /// A path as the YAML file writes it: relative to its own folder.
  std::string from_yaml(std::string_view path) const {
    const std::string_view home = folder_of(layout_.yaml);
    if (home.empty()) return std::string(path);
    if (path.starts_with(std::string(home) + "/")) return std::string(path.substr(home.size() + 1));
    std::string up = "../";
    for (const char c : home) up += c == '/' ? "../" : "";
    return up + (path == "." ? "" : std::string(path));
  }

  // A new layout.

  void plan_new() {
    const Dataset::ImageSplits splits = d_.image_splits();
    name_splits();
    const std::string rest = folder_names_.take(d_.splits.empty() ? "train" : "unlisted");
    std::vector<std::vector<std::size_t>> listed(d_.splits.size());
    std::vector<std::size_t> unlisted;
    std::vector<std::size_t> target_of(d_.images.size());
    const auto place = [&](ImageIndex image, SplitIndex split) {
      const bool in_split = split != none<SplitIndex>;
      const std::string folder = image_folder(in_split ? folders_[to_size(split)] : rest);
      target_of[to_size(image)] = layout_.targets.size();
      layout_.targets.push_back(new_target(image, split, folder));
    };
    std::vector<bool> placed(d_.images.size());
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      for (const Membership& m : d_.members(to_index<SplitIndex>(s))) {
        if (!placed[to_size(m.image)]) place(m.image, m.split);
        placed[to_size(m.image)] = true;
        listed[s].push_back(target_of[to_size(m.image)]);
      }
    for (std::size_t i = 0; i < d_.images.size(); ++i)
      if (!placed[i]) place(to_index<ImageIndex>(i), none<SplitIndex>), unlisted.push_back(target_of[i]);
    layout_.lists = dialect_.beside || needs_lists(splits);
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      add_key(folders_[s], dialect_.beside ? folders_[s] : keys_[s], to_index<SplitIndex>(s),
              layout_.lists || listed[s].empty());
    if (!unlisted.empty() && (layout_.lists || d_.splits.empty())) add_key(rest, rest, none<SplitIndex>, layout_.lists);
    if (!dialect_.beside) demand_keys();
  }

  std::string image_folder(const std::string& split) const {
    return dialect_.beside ? "obj_" + split + "_data" : "images/" + split;
  }
  Target new_target(ImageIndex image, SplitIndex split, const std::string& folder) {
    const std::string name = clean_name(within_split(d_.path(image), split), own_folders);
    std::string path = folder + "/" + name;
    for (unsigned n = 1; taken(path); ++n) path = folder + "/" + numbered(name, n);
    std::string labels = label_path(path, dialect_);
    return {.image = image, .split = split, .image_path = std::move(path), .label_path = std::move(labels)};
  }
  /// An image's path without the folders that its place in the new layout says already: those of its split.
  std::string_view within_split(std::string_view path, SplitIndex split) const {
    if (split == none<SplitIndex>) return path;
    if (!d_[split].folder.empty()) return below_folder(path, d_[split].folder);
    return below_folder(below_folder(below_folder(path, "images"), d_[split].name), "obj_" + d_[split].name + "_data");
  }
  /// Whether another image's labels lie there; takes the place where it is free.
  bool taken(const std::string& path) {
    return !labels_taken_.insert(collision_key(label_path(path, dialect_))).second;
  }

  /// Keys: train, val and test by role, other names as they are.
  void name_splits() {
    bool has_train = false;
    for (const Split& s : d_.splits) has_train = has_train || s.role == SplitRole::train;
    for (std::size_t s = 0; s < d_.splits.size(); ++s) {
      const Split& split = d_.splits[s];
      std::string key = split.role == SplitRole::train  ? "train"
                        : split.role == SplitRole::val  ? (dialect_.beside ? "valid" : "val")
                        : split.role == SplitRole::test ? "test"
                                                        : as_word(split.name);
      const bool open = split.role == SplitRole::unspecified || split.role == SplitRole::other;
      if (open && !has_train) key = "train", has_train = true;  // a trainer needs one
      if (open && (key.empty() ||
                   std::find(std::begin(reserved_keys), std::end(reserved_keys), key) != std::end(reserved_keys) ||
                   key.ends_with("_dir")))
        key = "split" + (key.empty() ? "" : "_" + key);
      keys_.push_back(key);
      folders_.push_back(folder_names_.take(key));
    }
  }

  /// Folders speak for themselves; lists are for what they cannot say.
  bool needs_lists(const Dataset::ImageSplits& splits) const {
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      if (options_.images == ImagesMode::none || d_.images[i].media.empty()) return true;
      if (splits.of(to_index<ImageIndex>(i)).size() > 1) return true;
    }
    return std::any_of(layout_.targets.begin(), layout_.targets.end(),
                       [](const Target& t) { return !has_image_extension(t.image_path); });
  }

  void add_key(const std::string& folder, const std::string& key, SplitIndex split, bool list) {
    Layout::Key k{.key = key, .split = split};
    if (list) k.list = folder + ".txt";
    k.values = {list ? k.list : image_folder(folder)};
    layout_.keys.push_back(std::move(k));
  }

  /// The loader does not start without both train and val.
  void demand_keys() {
    const auto find = [&](std::string_view key) {
      return std::find_if(layout_.keys.begin(), layout_.keys.end(), [&](const Layout::Key& k) { return k.key == key; });
    };
    const auto demand = [&](std::string_view missing, std::string_view instead) {
      if (find(missing) != layout_.keys.end()) return;
      const auto found = find(instead);
      std::vector<std::string> values =
          found == layout_.keys.end() ? std::vector<std::string>{"images"} : found->values;
      layout_.keys.push_back({.key = std::string(missing), .values = std::move(values)});
    };
    demand("train", "val");
    if (find("validation") == layout_.keys.end()) demand("val", "train");
  }

  const Dataset& d_;
  const WriteOptions& options_;
  const Dialect& dialect_;
  Layout layout_;
  std::vector<std::string> keys_, folders_;  // by split
  TakenNames folder_names_;
  std::unordered_set<std::string> labels_taken_;
};

}  // namespace

Layout plan_layout(const Dataset& d, const WriteOptions& options, const Dialect& dialect) {
  return Planner(d, options, dialect).plan();
}

}  // namespace vetset::yolo_parts
