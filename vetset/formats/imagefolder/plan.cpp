// Where every image goes: the source's own places where they still say what the dataset says, else
// <split>/<class>/<name>, or <class>/<name> where there are no splits.
#include <algorithm>
#include <unordered_set>

#include "vetset/formats/imagefolder/imagefolder.h"
#include "vetset/formats/names.h"

namespace vetset::imagefolder_parts {
namespace {

/// Folders of other layouts, which say nothing here.
constexpr std::string_view foreign_folders[] = {"images", "labels"};

/// The classes of each image, each once, in the order of its annotations; flat, by image.
struct Classes {
  std::vector<std::vector<CategoryIndex>> of;
};

Classes classes_of(const Dataset& d, const Policies& policies) {
  Classes classes{std::vector<std::vector<CategoryIndex>>(d.images.size())};
  for (const Annotation& a : d.annotations) {
    if (!gives_class(a, policies)) continue;
    std::vector<CategoryIndex>& of = classes.of[to_size(a.image)];
    if (std::find(of.begin(), of.end(), a.category) == of.end()) of.push_back(a.category);
  }
  if (policies[Decision::classes] == Policy::drop)
    for (std::vector<CategoryIndex>& of : classes.of)
      if (of.size() > 1) of.clear();
  return classes;
}

class Planner {
 public:
  Planner(const Dataset& d, const WriteOptions& options)
      : d_(d), classes_(classes_of(d, options.policies)), in_splits_(d.image_splits()) {}

  std::optional<Plan> plan() {
    name_folders();
    if (d_.format == "imagefolder" && plan_as_read()) return std::move(plan_);
    name_splits();
    for (const bool flat : {false, true}) {
      plan_new(flat);
      if (reads_as_meant()) return std::move(plan_);
    }
    return std::nullopt;
  }

 private:
  /// A folder for each class that an image has. By name, so that the same names get the same folders again.
  void name_folders() {
    std::vector<bool> used(d_.categories.size());
    for (const auto& of : classes_.of)
      for (const CategoryIndex c : of) used[to_size(c)] = true;
    std::vector<std::size_t> order;
    for (std::size_t c = 0; c < used.size(); ++c)
      if (used[c]) order.push_back(c);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return d_.categories[a].name < d_.categories[b].name; });
    plan_.folders.resize(used.size());
    TakenNames taken;
    for (const std::size_t c : order) plan_.folders[c] = taken.take(as_folder(d_.categories[c].name));
  }

  bool plan_as_read() {
    plan_.splits.assign(d_.splits.size(), {});
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      if (!d_.members(to_index<SplitIndex>(s)).empty()) plan_.splits[s] = d_.splits[s].name;
    plan_.targets.clear();
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      const Image& image = d_.images[i];
      const auto splits = in_splits_.of(to_index<ImageIndex>(i));
      const auto& of = classes_.of[i];
      if (of.size() > 1 || splits.size() > 1) return false;
      if (!image.media.empty() && d_.text(image.media) != d_.text(image.path)) return false;
      plan_.targets.push_back({.image = to_index<ImageIndex>(i),
                               .split = splits.empty() ? none<SplitIndex> : splits.front(),
                               .category = of.empty() ? none<CategoryIndex> : of.front(),
                               .path = std::string(d_.text(image.path))});
    }
    return reads_as_meant();
  }

  /// Train, val and test by role, other names as words.
  void name_splits() {
    plan_.splits.assign(d_.splits.size(), {});
    TakenNames taken;
    bool has_train = false;
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      has_train = has_train || (d_.splits[s].role == SplitRole::train && !is_empty(s));
    for (std::size_t s = 0; s < d_.splits.size(); ++s) {
      if (is_empty(s)) continue;
      const SplitRole role = d_.splits[s].role;
      std::string name = role == SplitRole::train  ? "train"
                         : role == SplitRole::val  ? "val"
                         : role == SplitRole::test ? "test"
                                                   : as_word(d_.splits[s].name);
      const bool open = role == SplitRole::unspecified || role == SplitRole::other;
      if (open && !has_train) name = "train", has_train = true;  // a trainer needs one
      if (name.empty()) name = "split";
      plan_.splits[s] = taken.take(name);
    }
    any_split_ = std::any_of(plan_.splits.begin(), plan_.splits.end(), [](const auto& name) { return !name.empty(); });
    rest_ = any_split_ ? taken.take("unlisted") : std::string();
  }
  bool is_empty(std::size_t split) const { return d_.members(to_index<SplitIndex>(split)).empty(); }

  void plan_new(bool flat) {
    plan_.targets.clear();
    taken_.clear();
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      const auto image = to_index<ImageIndex>(i);
      const auto splits = in_splits_.of(image);
      for (const SplitIndex split : splits) place(image, split, flat);
      if (splits.empty()) place(image, none<SplitIndex>, flat);
    }
  }
  void place(ImageIndex image, SplitIndex split, bool flat) {
    const auto& of = classes_.of[to_size(image)];
    for (const CategoryIndex c : of) place(image, split, c, flat);
    if (of.empty()) place(image, split, none<CategoryIndex>, flat);
  }
  void place(ImageIndex image, SplitIndex split, CategoryIndex category, bool flat) {
    const bool classed = category != none<CategoryIndex>;
    std::string folder = split != none<SplitIndex> ? plan_.splits[to_size(split)] : classed ? rest_ : std::string();
    if (classed) folder = join_path(folder, plan_.folders[to_size(category)]);
    std::string name = clean_name(own_name(image, split, category), foreign_folders);
    if (flat || !classed) name = base_name(name);  // beside the class folders a folder would look like one
    std::string path = join_path(folder, name);
    for (unsigned n = 1; !taken_.insert(collision_key(path)).second; ++n) path = join_path(folder, numbered(name, n));
    plan_.targets.push_back({.image = image, .split = split, .category = category, .path = std::move(path)});
  }
  /// An image's path without what its new place says already.
  std::string_view own_name(ImageIndex image, SplitIndex split, CategoryIndex category) const {
    std::string_view path = below_folder(d_.path(image), "images");
    if (split != none<SplitIndex>) {
      const std::string_view within = below_folder(d_.path(image), d_[split].folder);
      path = within.size() < path.size() ? within : below_folder(path, d_[split].name);
    }
    return category == none<CategoryIndex> ? path : below_folder(path, plan_.folders[to_size(category)]);
  }

  /// Sorts the targets, and asks the reader's own question about their paths: does each say the split and the class
  /// that it should?
  bool reads_as_meant() {
    std::sort(plan_.targets.begin(), plan_.targets.end(),
              [](const Target& a, const Target& b) { return a.path < b.path; });
    std::vector<std::string_view> paths;
    paths.reserve(plan_.targets.size());
    for (const Target& t : plan_.targets) {
      if (path_problem(t.path) || is_hidden(t.path) || (!paths.empty() && paths.back() == t.path)) return false;
      paths.push_back(t.path);
    }
    const Levels levels = find_levels(paths);
    for (Target& t : plan_.targets) {
      const Spot spot = spot_of(t.path, levels);
      const bool classed = t.category != none<CategoryIndex>;
      if (spot.name != (classed ? std::string_view(plan_.folders[to_size(t.category)]) : std::string_view()))
        return false;
      const std::string_view split = t.split != none<SplitIndex> ? std::string_view(plan_.splits[to_size(t.split)])
                                     : classed                   ? std::string_view(rest_)
                                                                 : std::string_view();
      if (spot.split != split) return false;
      t.folder = spot.folder;
    }
    return true;
  }

  const Dataset& d_;
  Classes classes_;
  Dataset::ImageSplits in_splits_;
  Plan plan_;
  std::string rest_;  // the folder of classed images of no split, where there are splits
  bool any_split_ = false;
  std::unordered_set<std::string> taken_;
};

}  // namespace

bool is_tag(const Annotation& a) {
  return a.kind == Kind::tag ||
         (a.kind == Kind::unspecified && a.box_origin == Origin::none && a.shape == none<ShapeIndex>);
}

bool gives_class(const Annotation& a, const Policies& policies) {
  return a.image != none<ImageIndex> && a.category != none<CategoryIndex> &&
         (is_tag(a) || policies[Decision::objects] != Policy::drop);
}

std::vector<bool> of_several_classes(const Dataset& d, const WriteOptions& options) {
  std::vector<CategoryIndex> first(d.images.size(), none<CategoryIndex>);
  std::vector<bool> several(d.images.size());
  bool any = false;
  for (const Annotation& a : d.annotations) {
    if (!gives_class(a, options.policies)) continue;
    CategoryIndex& known = first[to_size(a.image)];
    if (known == none<CategoryIndex>) known = a.category;
    if (known != a.category) several[to_size(a.image)] = any = true;
  }
  std::vector<bool> marked;
  if (!any) return marked;
  for (const Annotation& a : d.annotations)
    marked.push_back(gives_class(a, options.policies) && several[to_size(a.image)]);
  return marked;
}

std::optional<Plan> plan_folders(const Dataset& d, const WriteOptions& options) { return Planner(d, options).plan(); }

}  // namespace vetset::imagefolder_parts
