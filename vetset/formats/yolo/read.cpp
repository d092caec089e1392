// A tree of label rows as a dataset: which images each split has, where their labels are, and all rows, file by file.
#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include "vetset/base/text_index.h"
#include "vetset/base/unicode.h"
#include "vetset/formats/yolo/lists.h"
#include "vetset/formats/yolo/yolo.h"
#include "vetset/image/probe.h"

namespace vetset::yolo_parts {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string counted(std::size_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

class Reader {
 public:
  Reader(const Tree& tree, const ReadOptions& options, const Dialect& dialect)
      : tree_(tree), options_(options), dialect_(dialect), findings_(options.limits.findings_per_code) {}

  Result<Reading> read() {
    d_.format = dialect_.format;
    images_.reserve(tree_.list().size());
    VETSET_DO(read_description());
    files_.emplace(tree_, std::array{folder_of(yaml_.file), std::string_view(home_)});
    for (const SplitKey& key : yaml_.splits)
      for (const std::string& value : key.values) VETSET_DO(add_split(key.key, value));
    VETSET_DO(add_other_splits());
    if (yaml_.file.empty() && yaml_.splits.empty()) add_splits_by_folder();
    add_unlisted_images();
    find_labels();
    add_orphan_labels();
    if (d_.images.empty() && yaml_.file.empty())
      return Error{Code::not_found,
                   "found no images and no labels where " + std::string(dialect_.description) +
                       (dialect_.beside ? " points" : " and the folders 'images' and 'labels' point"),
                   std::string(tree_.name())};
    name_categories();
    tell_form_of_rows();
    VETSET_DO(read_labels());
    finish_categories();
    finish_splits();
    return Reading{std::move(d_), std::move(findings_), std::move(notes_)};
  }

 private:
  void report(std::string_view code, Severity severity, std::string_view file, std::string message,
              std::string fix = {}) {
    findings_.add({.code = code,
                   .severity = severity,
                   .where = vetset::Place{.file = std::string(file)},
                   .message = std::move(message),
                   .fix = std::move(fix)});
  }
  std::string_view where_splits_are() const { return yaml_.file.empty() ? tree_.name() : std::string_view(yaml_.file); }

  FileIndex add_file(std::string_view path) {
    d_.files.push_back({.path = d_.add_text(path)});
    return to_index<FileIndex>(d_.files.size() - 1);
  }

  Result<void> read_description() {
    const bool named = dialect_.describes(options_.only);
    if (!options_.only.empty() && !named) {
      if (!options_.only.ends_with(".txt"))
        return Error{Code::usage, "expected a " + std::string(dialect_.description) + ", or a list of images",
                     options_.only};
      yaml_.splits.push_back(
          {.key = std::string(stem_of(options_.only)), .values = {std::string(base_name(options_.only))}});
      home_ = folder_of(options_.only);
    }
    const std::string path = named ? options_.only : dialect_.find(tree_);
    if (path.empty()) {
      if (dialect_.beside && yaml_.splits.empty())
        return Error{Code::not_found, "found no " + std::string(dialect_.description), std::string(tree_.name())};
      report("FMT404", Severity::warning, tree_.name(),
             "there is no data.yaml: splits are read from folder names, class names from classes.txt");
      return {};
    }
    const std::vector<SplitKey> only = std::move(yaml_.splits);
    VETSET_TRY(yaml_, dialect_.read(tree_, path, options_.limits, findings_));
    if (!only.empty()) yaml_.splits = only;
    add_file(path);
    if (yaml_.names.empty() && !yaml_.class_count)
      report("FMT401", Severity::error, path,
             "has neither names nor " + std::string(dialect_.beside ? "classes" : "nc") + ": classes have no names");
    if (dialect_.beside) VETSET_DO(keep_bytes(d_.files.back(), path));
    if (yaml_.names_file.empty()) return {};
    add_file(yaml_.names_file);
    return keep_bytes(d_.files.back(), yaml_.names_file);
  }

  Result<void> keep_bytes(File& file, std::string_view path) {
    VETSET_TRY(const Bytes bytes, tree_.read(path, {0, options_.limits.value_bytes * 16}));
    file.bytes = d_.add_text(bytes);
    return {};
  }

  /// The image of that path, once. `present`: the file is in the tree.
  ImageIndex image(std::string_view path, bool present) {
    if (!present && !images_.contains(path)) path = kept_.emplace_back(path);
    const auto index = to_index<ImageIndex>(d_.images.size());
    if (const auto [known, is_new] = images_.try_emplace(path, index); !is_new) return *known;
    const Text text = d_.add_text(path);
    d_.images.push_back({.path = text, .media = present ? text : Text{}});
    paths_.push_back(path);
    media_.push_back(present ? path : std::string_view());
    return index;
  }

  SplitIndex new_split(std::string_view key, SplitOrigin origin, std::string folder) {
    d_.splits.push_back(
        {.name = std::string(key), .role = split_role(key), .origin = origin, .folder = std::move(folder)});
    members_.emplace_back();
    return to_index<SplitIndex>(d_.splits.size() - 1);
  }
  void add_member(SplitIndex split, ImageIndex image) { members_[to_size(split)].push_back(image); }
  /// The same for lists, which may name an image twice.
  bool add_listed(SplitIndex split, ImageIndex image, std::vector<bool>& seen) {
    seen.resize(std::max(seen.size(), d_.images.size()));
    if (seen[to_size(image)]) return false;
    seen[to_size(image)] = true;
    add_member(split, image);
    return true;
  }

  /// Where a split is. Darknet's paths begin where it is started, mostly a folder above: "data/train.txt".
  yolo_parts::Place find_place(const std::string& value) const {
    if (dialect_.beside)
      if (const auto path = resolve({}, value); path && tree_.contains(*path)) return {Place::Kind::list, *path, {}};
    return find_split(tree_, yaml_, value);
  }

  Result<void> add_split(const std::string& key, const std::string& value) {
    const Place place = find_place(value);
    if (place.kind == Place::Kind::missing) {
      new_split(key, SplitOrigin::none, value);
      d_.splits.back().has_images = false;
      report("FMT418", Severity::error, where_splits_are(), key + " is '" + value + "', which is not here",
             "mend the path, or leave it out");
      return {};
    }
    if (!place.rule.empty() && !(dialect_.beside && !value.starts_with('/') && !has_drive(value))) {
      notes_.push_back(key + " '" + value + "' is read as " + place.path + ": " + place.rule);
      if (!place.rule.starts_with("without"))
        report("FMT418", Severity::warning, where_splits_are(),
               key + " is '" + value + "', which is not here; read as " + place.path,
               "write '" + key + ": " + place.path + "'");
    }
    if (place.kind == Place::Kind::list) return add_list(key, place.path);
    const SplitIndex split = new_split(key, SplitOrigin::folder, place.path);
    const std::string prefix = place.path == "." ? std::string() : place.path + "/";
    for (const std::string_view path : tree_.list(prefix))
      if (has_image_extension(path) && !is_hidden(path)) add_member(split, image(path, true));
    notes_.push_back(key + ": " + counted(members_.back().size(), "image") + " in " + place.path);
    return {};
  }

  Result<void> add_list(const std::string& key, const std::string& list) {
    if (tree_.size(list).operator bool() && *tree_.size(list) > options_.limits.value_bytes * 16)
      return Error{Code::limit, "is too large for a list of images", list};
    VETSET_TRY(const Bytes bytes, tree_.read(list));
    std::string_view text = bytes;
    if (!list.ends_with(".txt") && (has_image_extension(list) || text.find('\0') != std::string_view::npos)) {
      add_member(new_split(key, SplitOrigin::list, {}),
                 image(tree_.list(list).front(), true));  // a single image stands for itself
      return {};
    }
    const SplitIndex split = new_split(key, SplitOrigin::list, {});
    File file{.path = d_.add_text(list)};
    if (text.starts_with(byte_order_mark)) file.bom = true, text.remove_prefix(3);
    file.final_newline = text.empty() || text.back() == '\n';
    if (dialect_.beside) file.bytes = d_.add_text(bytes);
    d_.files.push_back(file);
    d_.splits.back().file = to_index<FileIndex>(d_.files.size() - 1);
    std::size_t missing = 0, drop = 0, label_drop = 0, twice = 0;
    std::vector<bool> seen;
    std::string first_missing;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t next = std::min(text.find('\n', at), text.size());
      std::string_view line = text.substr(at, next - at);
      at = next + 1;
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
      if (line.empty()) continue;
      const auto found = files_->find(folder_of(list), line, drop);
      if (found) {
        twice += add_listed(split, image(*found, true), seen) ? 0U : 1U;
        continue;
      }
      auto path = resolve(line.starts_with("./") ? folder_of(list) : folder_of(yaml_.file), line);
      if (dialect_.beside)
        if (auto beside = beside_label(folder_of(list), line, label_drop)) path = std::move(beside);
      if (!path || path->empty() || path_problem(*path)) {
        report(
            "FMT404", Severity::warning, list,
            "lists '" + std::string(line.substr(0, 200)) + "', which is not here and cannot be a path of this folder");
        continue;
      }
      if (!options_.known_size && missing++ == 0) first_missing = *path;
      twice += add_listed(split, image(*path, false), seen) ? 0U : 1U;
    }
    if (twice > 0) report("FMT418", Severity::warning, list, "lists " + counted(twice, "image") + " a second time");
    if (missing > 0)
      report("FMT404", Severity::warning, list,
             "lists " + counted(missing, "image") + " that are not here, first " + first_missing);
    notes_.push_back(key + ": " + counted(members_.back().size(), "image") + " listed in " + list);
    return {};
  }

  /// An absent image whose label file is here: what it would be called beside it.
  std::optional<std::string> beside_label(std::string_view folder, std::string_view line, std::size_t& drop) {
    const std::string_view extension = extension_of(line);
    const auto label = files_->find(folder, label_path(line, dialect_), drop);
    if (!label || extension.empty()) return std::nullopt;
    return std::string(label->substr(0, label->size() - 3)) + std::string(extension);
  }

  /// Keys of data.yaml that are no known word, and name a folder of images or a list: splits of other names. What is
  /// left is residue.
  Result<void> add_other_splits() {
    for (const DataYaml::Entry& entry : yaml_.others) {
      const bool names_a_place =
          !entry.value.empty() && !entry.key.ends_with("_dir") && entry.value.find('\n') == std::string::npos;
      const Place place = names_a_place ? find_split(tree_, yaml_, entry.value) : Place{};
      if (place.rule.empty() && is_split(place))
        VETSET_DO(add_split(entry.key, entry.value));
      else
        d_.residue += entry.lines;
    }
    return {};
  }
  bool is_split(const Place& place) const {
    if (dialect_.beside) return false;
    if (place.kind == Place::Kind::list) return place.path.ends_with(".txt");
    if (place.kind == Place::Kind::missing || place.path == ".") return false;
    const auto below = tree_.list(place.path + "/");
    return std::any_of(below.begin(), below.end(), has_image_extension);
  }

  /// Without a data.yaml: images/train, train/images and the like are splits.
  void add_splits_by_folder() {
    std::map<std::string, SplitIndex, std::less<>> splits;
    for (const std::string_view path : tree_.list()) {
      if (!has_image_extension(path) || is_hidden(path)) continue;
      const std::string_view folder = folder_of(path);
      for (std::size_t at = 0; at < folder.size();) {
        const std::size_t next = std::min(folder.find('/', at), folder.size());
        const std::string_view part = folder.substr(at, next - at);
        at = next + 1;
        if (std::find(split_words.begin(), split_words.end(), part) == split_words.end()) continue;
        std::string_view root = folder.substr(0, next);
        if (const std::string_view rest = folder.substr(next); rest == "/images" || rest.starts_with("/images/"))
          root = folder.substr(0, next + 7);
        auto known = splits.find(root);
        if (known == splits.end())
          known = splits.emplace(root, new_split(part, SplitOrigin::folder, std::string(root))).first;
        add_member(known->second, image(path, true));
        break;
      }
    }
    for (std::size_t i = 0; i < d_.splits.size(); ++i)
      notes_.push_back(d_.splits[i].name + ": " + counted(members_[i].size(), "image") + " in " + d_.splits[i].folder);
  }

  /// Images that no split names: those below a folder "images", and those that have a label file.
  void add_unlisted_images() {
    if (!options_.only.empty() && yaml_.file.empty()) return;  // one list was asked for, and nothing else
    std::vector<std::string_view> listed(paths_);
    if (!std::is_sorted(listed.begin(), listed.end())) std::sort(listed.begin(), listed.end());
    auto known = listed.begin();
    std::map<std::string_view, std::size_t> folders;
    for (const std::string_view path : tree_.list()) {
      if (!has_image_extension(path)) continue;
      while (known != listed.end() && *known < path) ++known;
      if ((known != listed.end() && *known == path) || is_hidden(path)) continue;
      if ((dialect_.beside || !goes_through(path, "images")) && !tree_.contains(label_path(path, dialect_))) continue;
      image(path, true);
      ++folders[folder_of(path)];
    }
    if (yaml_.file.empty()) return;
    for (const auto& [folder, count] : folders)
      report("FMT418", Severity::warning, yaml_.file,
             counted(count, "image") + " in " + (folder.empty() ? "the root folder" : std::string(folder)) +
                 " stand in no split: no trainer opens them");
  }

  void find_labels() {
    const auto all = tree_.list();
    auto next = all.begin();  // images and labels are sorted alike: the next one is usually this
    labels_.reserve(d_.images.size());
    for (const std::string_view image : paths_) {
      const std::string path = label_path(image, dialect_);
      if (next == all.end() || *next != path) next = std::lower_bound(all.begin(), all.end(), std::string_view(path));
      const bool there = next != all.end() && *next == path;
      labels_.push_back(there ? *next++ : dialect_.beside ? label_elsewhere(image) : std::string_view());
    }
  }

  /// The label file in a folder "labels", where Darknet looks for those of images in a folder "images".
  std::string_view label_elsewhere(std::string_view image) const {
    const std::string path = label_path(image);
    const auto all = tree_.list();
    const auto at = std::lower_bound(all.begin(), all.end(), std::string_view(path));
    return at != all.end() && *at == path ? *at : std::string_view();
  }
  /// Whether label files lie in that folder.
  bool holds_labels(std::string_view path) {
    if (!dialect_.beside) return goes_through(path, "labels");
    if (label_folders_.empty())
      for (const std::string_view label : labels_)
        if (!label.empty()) label_folders_.insert(folder_of(label));
    return label_folders_.contains(folder_of(path)) && !base_name(path).starts_with("README");
  }

  /// Label files whose image is not here: kept, in the split their folder belongs to.
  void add_orphan_labels() {
    if (!options_.only.empty() && yaml_.file.empty()) return;
    std::vector<std::string_view> owned(labels_);
    if (!std::is_sorted(owned.begin(), owned.end())) std::sort(owned.begin(), owned.end());
    auto known = owned.begin();
    for (const std::string_view path : tree_.list()) {
      if (!path.ends_with(".txt")) continue;
      while (known != owned.end() && *known < path) ++known;
      if (known != owned.end() && *known == path) continue;
      if (!holds_labels(path) || is_hidden(path) || base_name(path) == "classes.txt" || is_list(path)) continue;
      const std::size_t before = d_.images.size();
      const std::string stem = dialect_.beside ? std::string(path.substr(0, path.size() - 4)) : image_stem(path);
      const std::string name = orphan_name(stem);
      const ImageIndex i = image(name, false);
      if (d_.images.size() == before) continue;  // an image with no label of its own bears that name
      if (const std::string_view found = find_in_images(stem); !found.empty())
        d_.images[to_size(i)].media = d_.add_text(media_[to_size(i)] = found);
      else if (!options_.known_size)
        report("FMT404", Severity::warning, path, "has no image: " + stem + ".* is not here",
               "add the image, or drop its labels");
      labels_.push_back(path);
      for (std::size_t s = 0; s < d_.splits.size(); ++s) {
        const Split& split = d_.splits[s];
        if (split.origin == SplitOrigin::folder && (split.folder == "." || stem.starts_with(split.folder + "/")))
          add_member(to_index<SplitIndex>(s), i);
      }
    }
  }
  bool is_list(std::string_view path) const {
    return std::any_of(d_.splits.begin(), d_.splits.end(),
                       [&](const Split& s) { return s.file != none<FileIndex> && d_.path(s.file) == path; });
  }
  /// The name of an absent image: with its extension where the caller knows it.
  std::string orphan_name(const std::string& stem) const {
    if (!options_.known_size) return stem;
    for (const std::string_view extension :
         {"", ".jpg", ".png", ".jpeg", ".JPG", ".PNG", ".JPEG", ".bmp", ".tif", ".tiff", ".webp"})
      if (const std::string path = stem + std::string(extension); options_.known_size(path)) return path;
    return stem;
  }
  /// The image of a label file in the tree of --images-dir: at the same place, or by its unique name.
  std::string_view find_in_images(std::string_view stem) {
    if (options_.images == nullptr) return {};
    if (by_name_.empty())
      for (const std::string_view path : options_.images->list())
        if (has_image_extension(path)) by_name_[stem_of(path)].push_back(path);
    const auto named = by_name_.find(base_name(stem));
    if (named == by_name_.end()) return {};
    const auto fits = [&](std::string_view path) {
      path.remove_suffix(extension_of(path).size() + 1);
      return path == stem || stem.ends_with("/" + std::string(path));
    };
    const auto place = std::find_if(named->second.begin(), named->second.end(), fits);
    if (place != named->second.end()) return *place;
    return named->second.size() == 1 ? named->second.front() : std::string_view();
  }

  void name_categories() {
    std::vector<std::pair<std::int64_t, std::string>> names = yaml_.names;
    if (names.empty() && yaml_.class_count)
      for (std::int64_t i = 0; i < *yaml_.class_count; ++i) names.emplace_back(i, "class_" + std::to_string(i));
    if (names.empty() && yaml_.file.empty()) names = side_names();
    unnamed_ = names.empty();
    bool in_order = true;
    for (const auto& [number, name] : names) {
      in_order = in_order && number == static_cast<std::int64_t>(d_.categories.size());
      add_category(number, name);
      rules_.classes.push_back(number);
    }
    if (in_order) rules_.classes.clear();
    rules_.category_count = unnamed_ ? largest_unnamed : d_.categories.size();
    rules_.points = yaml_.points;
  }
  void add_category(std::int64_t number, std::string name) {
    Category c{.name = std::move(name)};
    if (yaml_.points) {
      c.point_count = yaml_.points->count;
      c.points_have_visibility = yaml_.points->numbers == 3;
    }
    for (const auto& [whose, points] : yaml_.point_names)
      if (whose == number || whose == -1) c.keypoints = points, c.has_keypoints = true;
    c.flip = yaml_.flip;
    d_.categories.push_back(std::move(c));
    d_.category_ids.numbers.push_back(number);
  }
  /// Class names beside the labels, one a line.
  std::vector<std::pair<std::int64_t, std::string>> side_names() {
    std::vector<std::pair<std::int64_t, std::string>> names;
    const auto paths = tree_.list();
    const auto is_names = [](std::string_view path) {
      return base_name(path) == "classes.txt" || base_name(path) == "obj.names";
    };
    const auto found = std::find_if(paths.begin(), paths.end(), is_names);
    if (found == paths.end()) return names;
    const Result<Bytes> bytes = tree_.read(*found, {0, 1U << 24});
    if (!bytes) return names;
    for (std::string& name : names_of_lines(*bytes))
      names.emplace_back(static_cast<std::int64_t>(names.size()), std::move(name));
    notes_.push_back(counted(names.size(), "class name") + " from " + std::string(*found));
    return names;
  }

  void tell_form_of_rows() {
    const RowForm form = form_of_rows(tree_, yaml_, options_.dialect, labels_);
    rules_.oriented = form.oriented;
    if (form.oriented) notes_.push_back("oriented boxes: " + form.evidence);
    if (form.ambiguous)
      report("FMT422", Severity::warning, yaml_.file.empty() ? tree_.name() : std::string_view(yaml_.file),
             form.evidence + "; read as outlines",
             "write 'task: obb' or 'task: segment' into data.yaml, or say --from yolo:obb");
  }

  /// Images read on one thread.
  struct Run {
    std::size_t begin = 0, end = 0;
  };
  /// What a run gives; joined in order, and as soon as its turn has come, so that little is held twice.
  struct Slot {
    Run run;
    Dataset part;
    Findings findings;
    LabelCounts counts;
    std::uint32_t no_size = 0, turned = 0;
  };

  Result<void> read_labels() {
    for (std::size_t i = 0; i < d_.images.size(); ++i)
      if (!labels_[i].empty()) d_.images[i].file = add_file(labels_[i]);
    rules_.keep_rows = options_.written_from == nullptr || !options_.written_from->authored.empty();
    if (options_.written_from != nullptr) d_.coordinates.expect(options_.written_from->coordinates);
    constexpr std::size_t grain = 512;
    const std::size_t count = d_.images.size();
    std::size_t at = 0;
    const auto next = [&]() -> Result<std::optional<Run>> {
      if (options_.progress.stopped()) return Error{Code::cancelled, "was stopped while labels were read"};
      options_.progress.tell("reading labels", at, count);
      if (at == count) return std::optional<Run>();
      const Run run{at, std::min(count, at + grain)};
      at = run.end;
      return std::optional(run);
    };
    const auto work = [&](Run& run) -> Result<Slot> {
      Slot slot{.run = run, .part = {}, .findings = Findings(options_.limits.findings_per_code), .counts = {}};
      for (std::size_t i = run.begin; i < run.end && !options_.progress.stopped(); ++i) VETSET_DO(read_image(i, slot));
      return slot;
    };
    std::uint32_t no_size = 0, turned = 0;
    const auto accept = [&](Slot&& slot) -> Result<void> {
      for (std::size_t i = slot.run.begin; i < slot.run.end; ++i)
        if (d_.images[i].file != none<FileIndex>) d_.files[to_size(d_.images[i].file)].bytes.begin += d_.texts.size();
      d_.append_annotations(std::move(slot.part));
      findings_.append(std::move(slot.findings));
      no_size += slot.no_size;
      turned += slot.turned;
      counts_.boxes += slot.counts.boxes;
      counts_.polygons += slot.counts.polygons;
      counts_.poses += slot.counts.poses;
      counts_.quads += slot.counts.quads;
      return {};
    };
    VETSET_DO((options_.pool.in_order<Run, Slot>(next, work, accept)));
    notes_.push_back("rows: " + std::to_string(counts_.boxes) + " of boxes, " + std::to_string(counts_.polygons) +
                     " of polygons, " + std::to_string(counts_.poses) + " of poses, " + std::to_string(counts_.quads) +
                     " of oriented boxes");
    if (no_size > 0) notes_.push_back(counted(no_size, "image") + " without a size: their annotations have no pixels");
    if (turned > 0)
      notes_.push_back(counted(turned, "image") + " turned by EXIF: sizes and pixels are those of the image as shown");
    return {};
  }

  Result<void> read_image(std::size_t i, Slot& slot) {
    Image& image = d_.images[i];
    measure(i, slot);
    if (labels_[i].empty()) {
      image.state = ImageState::unlabelled;
      return {};
    }
    VETSET_TRY(const Bytes bytes, tree_.read(labels_[i]));
    if (bytes.size() > std::min<std::uint64_t>(options_.limits.record_bytes, 0xffffffffU))
      return Error{Code::limit, "is too large for a label file", std::string(labels_[i])};
    const LabelFile label{to_index<FileIndex>(to_size(image.file)),
                          to_index<ImageIndex>(i),
                          labels_[i],
                          bytes,
                          image.width,
                          image.height};
    const LabelCounts counts = read_rows(label, rules_, slot.part, d_.files[to_size(image.file)], slot.findings);
    slot.counts.boxes += counts.boxes;
    slot.counts.polygons += counts.polygons;
    slot.counts.poses += counts.poses;
    slot.counts.quads += counts.quads;
    image.state = counts.records + counts.unread > 0 ? ImageState::labelled : ImageState::labelled_empty;
    return {};
  }

  void measure(std::size_t i, Slot& slot) {
    Image& image = d_.images[i];
    if (options_.known_size)
      if (const auto known = options_.known_size(paths_[i])) {
        std::tie(image.width, image.height) = *known;
        image.size_origin = SizeOrigin::header;
        return;
      }
    if (media_[i].empty() || !options_.probe_images) {
      if (image.width == 0) ++slot.no_size;
      return;
    }
    const std::string_view path = media_[i];
    const bool own = options_.images == nullptr || !options_.images->contains(path);
    const Facts facts = probe_image(own ? tree_ : *options_.images, path, {.tail = false});
    if (facts.status != Facts::Status::ok) {
      ++slot.no_size;
      return;
    }
    image.width = facts.shown_width();
    image.height = facts.shown_height();
    image.size_origin = SizeOrigin::header;
    if (facts.orientation > 1) ++slot.turned;
  }

  /// Classes that nothing names are called by their numbers.
  void finish_categories() {
    if (!unnamed_) return;
    std::size_t count = 0;
    for (const Annotation& a : d_.annotations)
      if (a.category != none<CategoryIndex>) count = std::max(count, to_size(a.category) + 1);
    for (std::size_t i = 0; i < count; ++i) add_category(static_cast<std::int64_t>(i), "class_" + std::to_string(i));
    if (count > 0) notes_.push_back(std::to_string(count) + " classes without a name are called by their numbers");
  }

  void finish_splits() {
    for (std::size_t s = 0; s < members_.size(); ++s)
      for (std::size_t i = 0; i < members_[s].size(); ++i)
        d_.memberships.push_back(
            {.split = to_index<SplitIndex>(s), .image = members_[s][i], .order = static_cast<std::uint32_t>(i)});
  }

  static constexpr std::size_t largest_unnamed = 10'000;

  const Tree& tree_;
  const ReadOptions& options_;
  const Dialect& dialect_;
  Dataset d_;
  Findings findings_;
  std::vector<std::string> notes_;
  DataYaml yaml_;
  std::optional<ListedFiles> files_;
  std::string home_;                          // folder of a list that was asked for by name
  TextIndex<ImageIndex> images_;              // by path
  std::set<std::string_view> label_folders_;  // see holds_labels
  std::deque<std::string> kept_;              // paths that the tree does not hold
  // Of each image; empty: it has none. Threads look here, as the dataset's own texts grow while labels are read.
  std::vector<std::string_view> paths_, media_, labels_;
  std::unordered_map<std::string_view, std::vector<std::string_view>> by_name_;
  std::vector<std::vector<ImageIndex>> members_;  // by split
  RowRules rules_;
  LabelCounts counts_;
  bool unnamed_ = false;
};

}  // namespace

Result<Reading> read_label_tree(const Tree& tree, const ReadOptions& options, const Dialect& dialect) {
  return Reader(tree, options, dialect).read();
}

Result<Reading> read_yolo(const Tree& tree, const ReadOptions& options) {
  return read_label_tree(tree, options, ultralytics);
}

}  // namespace vetset::yolo_parts
