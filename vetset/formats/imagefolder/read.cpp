// Class folders as a dataset: every image with the class of its folder, which is an annotation of the whole image.
#include <algorithm>
#include <map>
#include <set>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/formats/imagefolder/imagefolder.h"
#include "vetset/formats/names.h"
#include "vetset/image/probe.h"

namespace vetset::imagefolder_parts {
namespace {

std::string counted(std::size_t n, std::string_view one, std::string_view many) {
  return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}

class Reader {
 public:
  Reader(const Tree& tree, const ReadOptions& options)
      : tree_(tree), options_(options), findings_(options.limits.findings_per_code) {}

  Result<Reading> read() {
    d_.format = "imagefolder";
    VETSET_DO(list_images());
    if (paths_.empty())
      return Error{Code::not_found, "found no images, expected one folder of images a class",
                   std::string(tree_.name())};
    levels_ = find_levels(paths_);
    look_around();
    name_splits();
    VETSET_DO(name_categories());
    add_images();
    compare_splits();
    say_what_was_read();
    return Reading{std::move(d_), std::move(findings_), std::move(notes_)};
  }

 private:
  void report(std::string_view code, Severity severity, std::string_view file, std::string message, std::string fix) {
    findings_.add({.code = code,
                   .severity = severity,
                   .where = Place{.file = std::string(file)},
                   .message = std::move(message),
                   .fix = std::move(fix)});
  }

  /// Images of the tree, and those that a list says would be here.
  Result<void> list_images() {
    const auto all = tree_.list();
    paths_.reserve(all.size());
    for (const std::string_view path : all)
      if (has_image_extension(path) && !is_hidden(path)) paths_.push_back(path);
    if (!tree_.contains(list_name)) return {};
    VETSET_TRY(const std::uint64_t size, tree_.size(list_name));
    if (size > options_.limits.record_bytes)
      return Error{Code::limit, "is too large for a list", std::string(list_name)};
    VETSET_TRY(list_, tree_.read(list_name));
    std::uint32_t line_number = 0;
    for (std::string_view text = list_; !text.empty();) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      ++line_number;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.empty()) continue;
      if (const auto problem = path_problem(line); problem || is_hidden(line)) {
        findings_.add({.code = "FMT404",
                       .severity = Severity::warning,
                       .where = Place{.file = std::string(list_name), .line = line_number, .column = 1},
                       .message = "lists '" + printable(line.substr(0, 200)) + "', which cannot be an image here"});
        continue;
      }
      paths_.push_back(line);
    }
    std::sort(paths_.begin(), paths_.end());
    paths_.erase(std::unique(paths_.begin(), paths_.end()), paths_.end());
    return {};
  }

  /// Files among the images that are none, and folders that hold no image at all: loaders take those for classes.
  void look_around() {
    std::set<std::string_view> with_images;
    for (const std::string_view path : paths_)
      if (const Spot spot = spot_of(path, levels_); !spot.folder.empty()) with_images.insert(spot.folder);
    std::size_t strays = 0;
    std::string_view first_stray;
    std::set<std::string_view> empty;
    for (const std::string_view path : tree_.list()) {
      const std::string_view name = base_name(path);
      if (name == "metadata.csv" || name == "metadata.jsonl" || name == "metadata.parquet")
        report("FMT416", Severity::warning, path, "holds columns of its own, which are not read",
               "keep the file beside what is made of the dataset");
      if (has_image_extension(path) && !is_hidden(path)) continue;
      const Spot spot = spot_of(path, levels_);
      if (spot.folder.empty()) continue;
      if (!with_images.contains(spot.folder)) {
        empty.insert(spot.folder);
      } else if (!is_hidden(path) && strays++ == 0) {
        first_stray = path;
      }
    }
    if (strays > 0)
      report("FMT404", Severity::note, first_stray,
             strays == 1 ? "is no image, though it lies in the folder of a class"
                         : "is no image, though it lies in the folder of a class; so do " +
                               counted(strays - 1, "other file", "other files"),
             "move it out of the class folders");
    for (const std::string_view folder : empty) {
      report("FMT418", Severity::warning, folder, "holds no image: torchvision takes the folder for a class and stops",
             "move the folder away");
      // Beside classes of a split a folder is a class that lost its images; in a flat tree it may be anything.
      if (levels_.splits && !is_hidden(folder)) classes_.insert(base_name(folder));
    }
  }

  void name_splits() {
    std::set<std::string_view> names;
    for (const std::string_view path : paths_)
      if (const Spot spot = spot_of(path, levels_); !spot.split.empty()) names.insert(spot.split);
    std::vector<std::string_view> ordered(names.begin(), names.end());
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](auto a, auto b) { return role_of_folder(a) < role_of_folder(b); });
    for (const std::string_view name : ordered) {
      splits_.emplace(name, to_index<SplitIndex>(d_.splits.size()));
      d_.splits.push_back({.name = std::string(name),
                           .role = split_role(name),
                           .origin = SplitOrigin::folder,
                           .folder = levels_.home + std::string(name)});
    }
    members_.resize(d_.splits.size());
    classes_of_.resize(d_.splits.size());
  }

  /// Classes are numbered by their folders' names, byte by byte, as torchvision and Ultralytics do.
  Result<void> name_categories() {
    for (const std::string_view path : paths_)
      if (const Spot spot = spot_of(path, levels_); !spot.name.empty()) classes_.insert(spot.name);
    VETSET_TRY(const auto names, class_names());
    for (const std::string_view folder : classes_) {
      categories_.emplace(folder, to_index<CategoryIndex>(d_.categories.size()));
      const auto named = names.find(folder);
      d_.categories.push_back({.name = named == names.end() ? std::string(folder) : named->second});
    }
    return {};
  }

  /// Names of classes that their folders could not bear. A file of that name which says something else is left alone.
  Result<std::map<std::string, std::string, std::less<>>> class_names() {
    std::map<std::string, std::string, std::less<>> names;
    if (!tree_.contains(names_name)) return names;
    VETSET_TRY(const std::uint64_t size, tree_.size(names_name));
    if (size > options_.limits.value_bytes) return names;
    VETSET_TRY(const Bytes bytes, tree_.read(names_name));
    const Result<Json> json = Json::parse(bytes, options_.limits);
    bool ours = json && json->type() == JsonType::object;
    if (ours)
      for (const auto& [folder, name] : json->members()) {
        const std::string wanted = name.type() == JsonType::string ? as_folder(name.text()) : std::string();
        ours = ours && !wanted.empty() && folder.starts_with(wanted);
        names[folder] = name.text();
      }
    if (ours) return names;
    notes_.push_back(std::string(names_name) + " does not name these folders, and is not read");
    names.clear();
    return names;
  }

  void add_images() {
    const auto all = tree_.list();
    auto held = all.begin();  // both are sorted
    std::string_view folder;
    FileIndex file = none<FileIndex>;
    CategoryIndex category = none<CategoryIndex>;
    std::uint32_t order = 0;
    std::map<std::string_view, std::pair<std::size_t, std::string_view>> beside;  // by folder: how many, the first
    d_.images.reserve(paths_.size());
    d_.annotations.reserve(paths_.size());
    for (const std::string_view path : paths_) {
      while (held != all.end() && *held < path) ++held;
      const bool here =
          (held != all.end() && *held == path) || (options_.images != nullptr && options_.images->contains(path));
      const Spot spot = spot_of(path, levels_);
      const auto image = to_index<ImageIndex>(d_.images.size());
      const Text text = d_.add_text(path);
      d_.images.push_back({.path = text, .media = here ? text : Text{}});
      measure(d_.images.back(), path);
      if (!spot.split.empty()) members_[to_size(splits_.find(spot.split)->second)].push_back(image);
      if (spot.folder.empty()) {
        d_.images.back().state = ImageState::unlabelled;
        if (beside[folder_of(path)].first++ == 0) beside[folder_of(path)].second = path;
        continue;
      }
      if (spot.folder != folder) {
        folder = spot.folder;
        order = 0;
        category = categories_.find(spot.name)->second;
        file = to_index<FileIndex>(d_.files.size());
        d_.files.push_back({.path = d_.add_text(folder)});
        if (!spot.split.empty()) classes_of_[to_size(splits_.find(spot.split)->second)].insert(spot.name);
      }
      nested_ += folder_of(path).size() > folder.size() ? 1U : 0U;
      d_.images.back().file = file;
      d_.images.back().state = ImageState::labelled;
      d_.annotations.push_back({.image = image, .category = category, .kind = Kind::tag, .order = order++});
    }
    for (std::size_t s = 0; s < members_.size(); ++s)
      for (std::size_t i = 0; i < members_[s].size(); ++i)
        d_.memberships.push_back(
            {.split = to_index<SplitIndex>(s), .image = members_[s][i], .order = static_cast<std::uint32_t>(i)});
    for (const auto& [where, images] : beside)
      report("FMT418", Severity::warning, images.second,
             images.first == 1 ? "lies beside the class folders: it has no class, and no trainer opens it"
                               : "lies beside the class folders, as " +
                                     counted(images.first - 1, "other image does", "other images do") +
                                     ": they have no class, and no trainer opens them",
             "move each into the folder of its class");
  }

  void measure(Image& image, std::string_view path) const {
    if (!options_.known_size) return;
    if (const auto known = options_.known_size(path)) {
      std::tie(image.width, image.height) = *known;
      image.size_origin = SizeOrigin::header;
    }
  }

  /// Loaders number the classes of each split by the folders that it has. Where a folder is missing, numbers shift.
  void compare_splits() {
    if (d_.splits.size() < 2) return;
    const std::set<std::string_view>& first = classes_of_[0];
    for (std::size_t s = 1; s < d_.splits.size(); ++s) {
      if (classes_of_[s].empty()) continue;
      std::size_t here = 0;
      for (const std::string_view name : classes_of_[s]) {
        const auto there = first.find(name);
        const auto rank = static_cast<std::size_t>(std::distance(first.begin(), there));
        if (there == first.end() || rank != here) {
          const std::string number = there == first.end() ? std::string("none") : std::to_string(rank);
          report("FMT410", Severity::warning, d_.splits[s].folder,
                 "has other class folders than " + d_.splits[0].folder + ": class '" + printable(name) +
                     "' is number " + std::to_string(here) + " here and " + number +
                     " there, as loaders number the folders of each split by themselves",
                 "give every split a folder with an image for each class");
          break;
        }
        ++here;
      }
    }
  }

  void say_what_was_read() {
    if (!levels_.home.empty()) notes_.push_back("class folders lie below " + levels_.home);
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      notes_.push_back(d_.splits[s].name + ": " + counted(members_[s].size(), "image", "images") + " of " +
                       counted(classes_of_[s].size(), "class", "classes"));
    if (nested_ > 0)
      notes_.push_back(counted(nested_, "image lies", "images lie") +
                       " in folders below those of classes; loaders take the upper one for the class");
  }

  const Tree& tree_;
  const ReadOptions& options_;
  Dataset d_;
  Findings findings_;
  std::vector<std::string> notes_;
  Bytes list_;
  std::vector<std::string_view> paths_;  // of images, sorted
  Levels levels_;
  std::set<std::string_view> classes_;  // names of class folders
  std::map<std::string_view, SplitIndex> splits_;
  std::map<std::string_view, CategoryIndex> categories_;
  std::vector<std::vector<ImageIndex>> members_;        // by split
  std::vector<std::set<std::string_view>> classes_of_;  // by split
  std::size_t nested_ = 0;
};

}  // namespace

Result<Reading> read_imagefolder(const Tree& tree, const ReadOptions& options) { return Reader(tree, options).read(); }

}  // namespace vetset::imagefolder_parts
