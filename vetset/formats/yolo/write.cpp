// A dataset as a YOLO tree: data.yaml, one label file an image, and the images as they are.
#include <algorithm>

#include "vetset/base/yaml.h"
#include "vetset/formats/per_image.h"
#include "vetset/formats/yolo/yolo.h"

namespace vetset::yolo_parts {
namespace {

class Writer {
 public:
  Writer(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options, const Dialect& dialect)
      : d_(d),
        media_(media),
        out_(out),
        options_(options),
        dialect_(dialect),
        own_(d.format == dialect.format),
        task_(options.task.empty() ? Task::as_read : *task_of(d, options)),
        layout_(plan_layout(d, options, dialect)) {}

  Result<Emission> write() {
    points_ = points_of(d_);
    for (const std::int64_t number : class_numbers(d_, dialect_)) classes_.push_back(std::to_string(number));
    by_image_ = d_.image_annotations();
    VETSET_DO(dialect_.write(d_, layout_, task_, points_, out_));
    VETSET_DO(write_lists());
    VETSET_DO(write_images(layout_.targets.size(), out_, options_, "labels", emission_,
                           [&](std::size_t i, Emission& part) { return write_image(layout_.targets[i], part); }));
    for (std::size_t c = 0; c < d_.categories.size(); ++c) emission_.categories.push_back(to_index<CategoryIndex>(c));
    for (const Layout::Key& key : layout_.keys)
      if (key.split != none<SplitIndex>) emission_.splits.emplace_back(key.split, key.key);
    return std::move(emission_);
  }

 private:
  Result<void> write_lists() {
    std::vector<const Target*> target_of(d_.images.size());
    for (const Target& t : layout_.targets) target_of[to_size(t.image)] = &t;
    for (const Layout::Key& key : layout_.keys) {
      if (key.list.empty()) continue;
      if (const std::string_view kept = kept_list(key); !kept.empty()) {
        VETSET_DO(out_.write(key.list, kept));
        continue;
      }
      std::string text;
      const std::string_view home = folder_of(key.list);
      const auto add = [&](std::string_view path) {
        if (dialect_.beside)
          text.append(path);
        else if (home.empty())
          text.append("./").append(path);
        else if (path.starts_with(std::string(home) + "/"))
          text.append("./").append(path.substr(home.size() + 1));
        else
          text.append(path);
        text += '\n';
      };
      if (key.split != none<SplitIndex>)
        for (const Membership& m : d_.members(key.split)) add(target_of[to_size(m.image)]->image_path);
      else
        for (const Target& t : layout_.targets)
          if (t.split == none<SplitIndex>) add(t.image_path);
      VETSET_DO(out_.write(key.list, text));
    }
    return {};
  }

  /// The list as it was read, where it still lists these images; paths of another machine may stand before them.
  std::string_view kept_list(const Layout::Key& key) const {
    if (!own_ || !layout_.as_read || key.split == none<SplitIndex> || d_[key.split].file == none<FileIndex>) return {};
    const std::string_view bytes = d_.text(d_[d_[key.split].file].bytes);
    std::string_view rest = bytes;
    for (const Membership& m : d_.members(key.split)) {
      std::string_view line;
      while (line.empty() && !rest.empty()) {
        line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
      }
      if (!line.ends_with(d_.path(m.image))) return {};
    }
    return rest.find_first_not_of(" \r\n") == std::string_view::npos ? bytes : std::string_view();
  }

  Result<void> write_image(const Target& target, Emission& emission) {
    const Image& image = d_[target.image];
    emission.names.push_back(
        {.image = target.image, .split = target.split, .path = emission.add_text(target.image_path)});
    if (options_.images != ImagesMode::none && !image.media.empty())
      VETSET_DO(out_.copy(target.image_path, media_, d_.text(image.media)));
    VETSET_TRY(const std::optional<std::string> text, label_text(target, emission));
    if (text) VETSET_DO(out_.write(target.label_path, *text));
    return {};
  }

  /// Lines of the source that say nothing or could not be read; they go back where they were.
  std::span<const Unread> unread_of(const Image& image) const {
    if (!own_ || image.file == none<FileIndex> || d_.unread.empty()) return {};
    const auto less = [](const Unread& row, FileIndex file) { return row.file < file; };
    const Unread* begin = std::lower_bound(d_.unread.begin(), d_.unread.end(), image.file, less);
    const Unread* end = begin;
    while (end != d_.unread.end() && end->file == image.file) ++end;
    return {begin, end};
  }

  /// The label file of an image; nothing where it has none.
  Result<std::optional<std::string>> label_text(const Target& target, Emission& emission) {
    const Image& image = d_[target.image];
    const auto annotations = by_image_.of(target.image);
    const bool had_file = own_ && image.file != none<FileIndex>;
    const bool unlabelled = image.state == ImageState::unlabelled || image.state == ImageState::skipped;
    if (annotations.empty() && !had_file && unlabelled) return std::optional<std::string>();
    const File style = had_file ? d_[image.file] : File{};
    const std::string_view end_of_line = style.crlf ? "\r\n" : "\n";
    std::string text = style.bom ? "\xef\xbb\xbf" : "";
    std::uint32_t line = 0;
    Text file{};
    std::span<const Unread> unread = unread_of(image);
    const auto put = [&](std::string_view row) {
      text.append(row).append(end_of_line);
      ++line;
    };
    const auto put_unread = [&](std::uint32_t before) {
      for (; !unread.empty() && unread.front().order < before; unread = unread.subspan(1))
        put(d_.text(unread.front().text));
    };
    for (const AnnotationIndex i : annotations) {
      put_unread(d_[i].order);
      const CategoryIndex category = d_[i].category;
      const std::string_view number =
          category == none<CategoryIndex> ? std::string_view() : std::string_view(classes_[to_size(category)]);
      VETSET_TRY(const std::vector<std::string> rows, rows_of(d_, i, task_, points_, number, options_));
      for (const std::string& row : rows) {
        if (file.empty()) file = emission.add_text(target.label_path);
        emission.annotations.push_back({.from = static_cast<std::uint32_t>(i), .file = file, .order = line});
        put(row);
      }
    }
    put_unread(~std::uint32_t{0});
    if (!style.final_newline && text.ends_with(end_of_line)) text.resize(text.size() - end_of_line.size());
    return std::optional<std::string>(std::move(text));
  }

  const Dataset& d_;
  const Tree& media_;
  TreeWriter& out_;
  const WriteOptions& options_;
  const Dialect& dialect_;
  bool own_;  // the dataset was read in this very dialect
  Task task_;
  Layout layout_;
  PointShape points_;
  std::vector<std::string> classes_;  // class number of each category, as text
  Dataset::ImageAnnotations by_image_;
  Emission emission_;
};

void append_key(std::string& out, std::string_view key) {
  append_yaml_string(out, key);
  out += ':';
}

/// Values of keys that occur several times go into one list.
void append_splits(std::string& out, const Layout& layout) {
  std::vector<std::string_view> done;
  for (const Layout::Key& first : layout.keys) {
    if (std::find(done.begin(), done.end(), first.key) != done.end()) continue;
    done.push_back(first.key);
    std::vector<std::string_view> values;
    for (const Layout::Key& k : layout.keys)
      if (k.key == first.key) values.insert(values.end(), k.values.begin(), k.values.end());
    append_key(out, first.key);
    if (values.size() == 1) {
      out += ' ';
      append_yaml_string(out, values.front());
      out += '\n';
      continue;
    }
    out += '\n';
    for (const std::string_view value : values) {
      out += "  - ";
      append_yaml_string(out, value);
      out += '\n';
    }
  }
}

}  // namespace

std::vector<std::int64_t> class_numbers(const Dataset& d, const Dialect& dialect) {
  std::vector<std::int64_t> numbers(d.categories.size());
  bool usable = d.format == "yolo" && !dialect.beside && d.category_ids.numbers.size() == numbers.size();
  for (std::size_t i = 0; usable && i < numbers.size(); ++i) numbers[i] = d.category_ids.numbers[i];
  std::vector<std::int64_t> sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  usable = usable && std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end() &&
           (sorted.empty() || sorted.front() >= 0);
  if (!usable)
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
  return numbers;
}

std::string data_yaml_text(const Dataset& d, const Layout& layout, Task task, PointShape points) {
  std::string out;
  append_splits(out, layout);
  const bool pose = task == Task::pose || (task == Task::as_read && points.count > 0);
  if (pose) {
    out += "\nkpt_shape: [" + std::to_string(points.count) + ", " + std::to_string(points.numbers) + "]\n";
    const auto flips = [&](const Category& c) { return c.flip.size() == points.count && points.count > 0; };
    if (const auto first = std::find_if(d.categories.begin(), d.categories.end(), flips); first != d.categories.end()) {
      out += "flip_idx: [";
      for (std::size_t i = 0; i < first->flip.size(); ++i) out += (i == 0 ? "" : ", ") + std::to_string(first->flip[i]);
      out += "]\n";
    }
  }
  out += d.categories.empty() ? "\nnames: []\n" : "\nnames:\n";
  const std::vector<std::int64_t> numbers = class_numbers(d, ultralytics);
  for (std::size_t i = 0; i < d.categories.size(); ++i) {
    out += "  " + std::to_string(numbers[i]) + ": ";
    append_yaml_string(out, d.categories[i].name);
    out += '\n';
  }
  if (pose &&
      std::any_of(d.categories.begin(), d.categories.end(), [](const Category& c) { return c.has_keypoints; })) {
    out += "kpt_names:\n";
    for (std::size_t i = 0; i < d.categories.size(); ++i) {
      if (!d.categories[i].has_keypoints) continue;
      out += "  " + std::to_string(numbers[i]) + (d.categories[i].keypoints.empty() ? ": []\n" : ":\n");
      for (const std::string& point : d.categories[i].keypoints) {
        out += "    - ";
        append_yaml_string(out, point);
        out += '\n';
      }
    }
  }
  if (const std::string rest = residue_with_task(d, task); !rest.empty()) out += "\n" + rest;
  return out;
}

std::optional<std::string> refuses_yolo(const Dataset& d, const WriteOptions& options) {
  const std::optional<Task> task = task_of(d, options);
  if (!task) return "'" + options.task + "' is no task of YOLO, expected detect, segment, pose or obb";
  return refuses_rows(d, options, *task);
}

std::optional<std::string> refuses_rows(const Dataset& d, const WriteOptions& options, Task task) {
  if (options.digits > 17) return "more than 17 decimals say nothing";
  std::uint64_t unknown = 0;
  ImageIndex first{};
  for (std::size_t i = 0; i < d.annotations.size(); ++i) {
    const Annotation& a = d.annotations[i];
    if (a.image == none<ImageIndex> || (d[a.image].width > 0 && d[a.image].height > 0)) continue;
    if (keeps_row(d, to_index<AnnotationIndex>(i), options) || a.box_origin == Origin::none) continue;
    if (unknown++ == 0) first = a.image;
  }
  if (unknown > 0)
    return "YOLO numbers are fractions of the image, and the size of " + std::string(d.path(first)) +
           " is not known (" + std::to_string(unknown) + " annotations): say where the images are with --images-dir";
  if (task == Task::pose && points_of(d).count == 0) return "a pose dataset needs keypoints, and no annotation has any";
  return std::nullopt;
}

Result<Emission> write_yolo(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options) {
  if (auto why = refuses_yolo(d, options)) return Error{Code::refused, *std::move(why)};
  WriteOptions settled = options;
  settled.task = name(*task_of(d, options));
  return write_label_tree(d, media, out, settled, ultralytics);
}

Result<Emission> write_label_tree(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options,
                                  const Dialect& dialect) {
  return Writer(d, media, out, options, dialect).write();
}

}  // namespace vetset::yolo_parts
