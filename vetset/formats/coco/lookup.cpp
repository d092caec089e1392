// Where the images of a document lie: a COCO file does not say. The places are tried in a fixed order, the one used is
// told, and a name that fits several files is a finding, never a guess.
#include <algorithm>
#include <array>

#include "vetset/formats/coco/coco.h"
#include "vetset/image/probe.h"

namespace vetset {
namespace {

/// "images/./a/../b.jpg" → "images/b.jpg"; nothing where it leaves the tree.
std::optional<std::string> inside(std::string_view folder, std::string_view path) {
  std::vector<std::string_view> parts;
  const auto take = [&parts](std::string_view text) {
    while (!text.empty()) {
      const std::size_t slash = std::min(text.find('/'), text.size());
      const std::string_view part = text.substr(0, slash);
      text.remove_prefix(std::min(slash + 1, text.size()));
      if (part.empty() || part == ".") continue;
      if (part == "..") {
        if (parts.empty()) return false;
        parts.pop_back();
      } else {
        parts.push_back(part);
      }
    }
    return true;
  };
  if (!take(folder) || !take(path) || parts.empty()) return {};
  std::string joined;
  for (const std::string_view part : parts) {
    if (!joined.empty()) joined += '/';
    joined += part;
  }
  return joined;
}

/// Base names of the image files of a tree, for those that are found nowhere else.
class BaseNames {
 public:
  explicit BaseNames(const Tree& tree) {
    for (const std::string_view path : tree.list())
      if (has_image_extension(path) && !is_coco_litter(path)) names_.push_back({base_name(path), path});
    std::sort(names_.begin(), names_.end());
  }
  std::span<const std::pair<std::string_view, std::string_view>> of(std::string_view name) const {
    const auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
    const auto [begin, end] = std::equal_range(names_.begin(), names_.end(), std::pair{name, std::string_view()}, less);
    return {begin, end};
  }
  bool empty() const { return names_.empty(); }

 private:
  std::vector<std::pair<std::string_view, std::string_view>> names_;
};

/// A folder in which file names are looked up, and what people call it.
struct Rule {
  std::string folder;
  std::string name;
  std::uint64_t found = 0;
};

std::vector<Rule> rules_of(const Tree& tree, std::string_view document, const CocoSplitName& split) {
  std::vector<Rule> rules;
  const auto add = [&](std::string folder, std::string name) {
    const bool there = folder.empty() || tree.has_folder(folder);
    const bool known = std::any_of(rules.begin(), rules.end(), [&](const Rule& r) { return r.folder == folder; });
    if (there && !known) rules.push_back({std::move(folder), std::move(name)});
  };
  const std::string here(folder_of(document));
  const std::string above(folder_of(here));
  add(here, "beside the document");
  add("", "from the root");
  for (const std::string& base : {above, std::string(), here}) {
    add(base, "from the folder above the document");
    add(join_path(base, "images"), "images/");
    std::vector<std::string> words{split.name};
    if (split.role == SplitRole::train) words.insert(words.end(), {"train", "train2017", "train2014"});
    if (split.role == SplitRole::val) words.insert(words.end(), {"val", "valid", "val2017", "val2014"});
    if (split.role == SplitRole::test) words.insert(words.end(), {"test", "test2017"});
    for (const std::string& word : words) {
      if (word.empty() || path_problem(word)) continue;
      add(join_path(base, "images/" + word), "images/" + word + "/");
      add(join_path(base, word), word + "/");
      add(join_path(base, word + "/images"), word + "/images/");
    }
  }
  return rules;
}

class ImageSearch {
 public:
  ImageSearch(const Tree& tree, std::vector<Rule> rules, Reading& reading)
      : tree_(tree), rules_(std::move(rules)), reading_(reading) {}

  void find(std::span<const ImageIndex> images) {
    for (const ImageIndex i : images) find_one(i);
    for (const ImageIndex i : left_) find_by_base_name(i);
    std::sort(missing_.begin(), missing_.end());
  }

  std::uint64_t found() const {
    std::uint64_t sum = by_name_;
    for (const Rule& rule : rules_) sum += rule.found;
    return sum;
  }
  std::span<const ImageIndex> missing() const { return missing_; }

  std::string told() const {
    std::string text;
    const auto tell = [&text](std::uint64_t count, const std::string& how) {
      if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + how;
    };
    for (const Rule& rule : rules_) tell(rule.found, rule.name);
    tell(by_name_, "by base name");
    return text;
  }

 private:
  void find_one(ImageIndex i) {
    Dataset& d = reading_.dataset;
    std::string path(d.path(i));
    if (path.empty()) return;
    if (const auto problem = unportable(path)) {
      reading_.findings.add({.code = "FMT417",
                             .severity = Severity::warning,
                             .where = i,
                             .message = "file name '" + path + "' " + *problem,
                             .fix = "use a relative path with '/'"});
      std::replace(path.begin(), path.end(), '\\', '/');
    }
    const bool absolute = path.starts_with('/') || has_drive(path);
    if (!absolute) {
      for (Rule& rule : rules_) {
        const auto there = inside(rule.folder, path);
        if (!there || !tree_.contains(*there)) continue;
        ++rule.found;
        d.images[to_size(i)].media = d.add_text(*there);
        return;
      }
    }
    left_.push_back(i);
  }

  void find_by_base_name(ImageIndex i) {
    Dataset& d = reading_.dataset;
    if (!names_) names_.emplace(tree_);
    std::string path(d.path(i));
    std::replace(path.begin(), path.end(), '\\', '/');
    const auto files = names_->of(base_name(path));
    if (files.size() == 1) {
      ++by_name_;
      d.images[to_size(i)].media = d.add_text(files[0].second);
    } else if (files.size() > 1) {
      reading_.findings.add({.code = "FMT404",
                             .severity = Severity::warning,
                             .where = i,
                             .message = "'" + path + "' could be " + std::string(files[0].second) + " or " +
                                        std::string(files[1].second) + (files.size() > 2 ? " or others" : "") +
                                        "; none is taken"});
    } else {
      missing_.push_back(i);
    }
  }

  static std::optional<std::string> unportable(const std::string& path) {
    if (path.find('\\') != std::string::npos) return "has backslashes";
    if (path.starts_with("./")) return {};
    return path_problem(path);
  }

  const Tree& tree_;
  std::vector<Rule> rules_;
  Reading& reading_;
  std::vector<ImageIndex> left_, missing_;
  std::uint64_t by_name_ = 0;
  std::optional<BaseNames> names_;
};

}  // namespace

void find_coco_images(const Tree& tree, const ReadOptions& options, std::string_view document,
                      const CocoSplitName& split, std::span<const ImageIndex> images, Reading& reading) {
  if (images.empty()) return;
  const bool apart = options.images != nullptr;
  std::vector<Rule> rules;
  if (apart) {
    rules.push_back({"", "in the images folder"});
  } else {
    rules = rules_of(tree, document, split);
  }
  ImageSearch search(apart ? *options.images : tree, std::move(rules), reading);
  search.find(images);
  const std::string name(document);
  if (search.found() == 0) {
    reading.notes.push_back(name + ": none of its " + std::to_string(images.size()) + " images is in the tree");
    if (search.missing().size() == images.size()) return;
  } else {
    reading.notes.push_back(name + ": images found: " + search.told());
  }
  for (const ImageIndex i : search.missing())
    reading.findings.add({.code = "FMT404",
                          .severity = Severity::warning,
                          .where = i,
                          .message = "image '" + std::string(reading.dataset.path(i)) + "' is not in the tree"});
}

}  // namespace vetset
