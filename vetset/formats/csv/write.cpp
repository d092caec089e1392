// A dataset as tables of boxes: one a split, images beside them. Tables that were read keep their rows, but for those
// of objects that went.
#include <algorithm>
#include <set>
#include <unordered_set>

#include "vetset/base/unicode.h"
#include "vetset/formats/corner_box.h"
#include "vetset/formats/csv/csv.h"
#include "vetset/formats/names.h"

namespace vetset::csv_parts {
namespace {

constexpr std::string_view tfod_header = "filename,width,height,class,xmin,ymin,xmax,ymax\n";

class Writer {
 public:
  Writer(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options)
      : d_(d),
        media_(media),
        out_(out),
        options_(options),
        style_(options.task == name(Style::retinanet) ? Style::retinanet : Style::tfod),
        names_(distinct_class_names(d)) {}

  Result<Emission> write() {
    by_image_ = d_.image_annotations();
    const bool as_read =
        is_native(d_) && style_ == style_of(d_) && options_.images != ImagesMode::none && keeps_layout();
    if (!as_read) place_images();
    if (as_read) VETSET_DO(write_as_read());
    if (!as_read) VETSET_DO(write_new());
    VETSET_DO(write_classes(as_read));
    VETSET_DO(copy_images());
    return std::move(emission_);
  }

 private:
  // The files of the source.

  bool keeps_layout() {
    std::unordered_set<std::string_view> seen;
    for (const Image& image : d_.images) {
      const std::string_view path = d_.text(image.path);
      if (path_problem(path) || !seen.insert(path).second) return false;
      if (!image.media.empty() && d_.text(image.media) != path) return false;
      paths_.emplace_back(path);
    }
    for (const File& file : d_.files)
      if (path_problem(d_.text(file.path)) || !d_.text(file.path).ends_with(".csv")) return paths_.clear(), false;
    if (d_.annotation_positions.size() != d_.annotations.size()) return paths_.clear(), d_.annotations.empty();
    for (const Position& at : d_.annotation_positions)
      if (!at.known()) return paths_.clear(), false;
    for (const Split& split : d_.splits)
      if (split.file == none<FileIndex> || split_of(d_.path(split.file)) != split.name) return paths_.clear(), false;
    return true;
  }

  Result<void> write_as_read() {
    std::vector<std::vector<AnnotationIndex>> own(d_.files.size());
    for (std::size_t i = 0; i < d_.annotations.size(); ++i)
      own[to_size(d_.annotation_positions[i].file())].push_back(to_index<AnnotationIndex>(i));
    if (d_.files.size() > 1) note_alive(own);
    for (std::size_t f = 0; f < d_.files.size(); ++f) {
      const auto file = to_index<FileIndex>(f);
      if (base_name(d_.path(file)) == "classes.csv") continue;
      const std::string_view bytes = d_.text(d_.files[f].bytes);
      const std::optional<Columns> columns = columns_of(bytes);
      if (columns)
        VETSET_DO(write_kept(file, bytes, *columns, own[f]));
      else
        VETSET_DO(write_again(file, own[f]));
    }
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      emission_.splits.emplace_back(to_index<SplitIndex>(s), d_.splits[s].name);
    return {};
  }

  static std::string key_of(const Row& row, const Columns& c) {
    std::string key(field(row, c.filename));
    for (const std::size_t column : {c.label, c.corners[0], c.corners[1], c.corners[2], c.corners[3]})
      key.append("\n").append(field(row, column));
    return key;
  }
  /// What the rows of objects say that are still there: other tables may say it again.
  void note_alive(const std::vector<std::vector<AnnotationIndex>>& own) {
    for (std::size_t f = 0; f < d_.files.size(); ++f) {
      const std::string_view bytes = d_.text(d_.files[f].bytes);
      const std::optional<Columns> columns = columns_of(bytes);
      if (!columns || own[f].empty()) continue;
      std::set<std::size_t> places;
      for (const AnnotationIndex i : own[f]) places.insert(d_.annotation_positions[to_size(i)].offset());
      for (const Row& row : rows_of(bytes, *columns))
        if (places.contains(row.begin)) alive_.insert(key_of(row, *columns));
    }
  }

  Result<void> write_kept(FileIndex file, std::string_view bytes, const Columns& c,
                          const std::vector<AnnotationIndex>& own) {
    std::set<std::pair<std::size_t, AnnotationIndex>> places;
    for (const AnnotationIndex i : own) places.emplace(d_.annotation_positions[to_size(i)].offset(), i);
    std::set<std::string_view> images;
    for (const std::string& path : paths_) images.insert(base_name(path));
    const Text path = emission_.add_text(d_.path(file));
    std::string out;
    std::size_t at = 0, written_rows = 0;
    for (const Row& row : rows_of(bytes, c)) {
      const auto place = places.lower_bound({row.begin, AnnotationIndex{0}});
      const bool is_own = place != places.end() && place->first == row.begin;
      const bool says_nothing = row.broken || field(row, c.filename).empty() ||
                                (is_negative(row, c) && images.contains(base_name(field(row, c.filename))));
      if (!is_own && !says_nothing && !alive_.contains(key_of(row, c))) {
        out.append(bytes.substr(at, row.begin - at));
        at = std::min(row.end + (bytes.substr(row.end).starts_with("\r\n") ? 2 : 1), bytes.size());
        continue;
      }
      if (is_own) {
        emission_.annotations.push_back({.from = static_cast<std::uint32_t>(place->second),
                                         .file = path,
                                         .order = static_cast<std::uint32_t>(written_rows)});
        const CategoryIndex category = d_[place->second].category;
        if (category != none<CategoryIndex> && field(row, c.label) != names_[to_size(category)]) {
          out.append(bytes.substr(at, row.begin - at));
          append_renamed(out, row, c, names_[to_size(category)]);
          at = row.end;
        }
      }
      ++written_rows;
    }
    out.append(bytes.substr(at));
    return out_.write(d_.path(file), out);
  }
  static void append_renamed(std::string& out, const Row& row, const Columns& c, std::string_view label) {
    for (std::size_t k = 0; k < row.fields.size(); ++k) {
      if (k > 0) out += c.separator;
      append_csv_field(out, k == c.label ? label : std::string_view(row.fields[k]), c.separator);
    }
  }

  /// A table whose text is no longer kept.
  Result<void> write_again(FileIndex file, const std::vector<AnnotationIndex>& own) {
    const std::string_view folder = folder_of(d_.path(file));
    std::set<ImageIndex> done;
    Table table = begin_table(std::string(d_.path(file)));
    std::vector<ImageIndex> images;
    if (const SplitIndex split = d_[file].split; split != none<SplitIndex>)
      for (const Membership& m : d_.members(split)) images.push_back(m.image);
    for (const AnnotationIndex i : own) images.push_back(d_[i].image);
    for (const ImageIndex image : images)
      if (done.insert(image).second) add_image(table, image, below_folder(paths_[to_size(image)], folder));
    return out_.write(table.path, table.text);
  }

  // New files.

  void place_images() {
    constexpr std::string_view without[] = {"images", "JPEGImages"};
    std::unordered_set<std::string> taken;
    paths_.clear();
    for (const Image& image : d_.images) {
      const std::string clean = "images/" + clean_name(d_.text(image.path), without);
      std::string path = clean;
      for (unsigned n = 2; !taken.insert(collision_key(path)).second; ++n) path = numbered(clean, n);
      paths_.push_back(std::move(path));
    }
  }

  Result<void> write_new() {
    std::vector<bool> listed(d_.images.size());
    TakenNames taken;
    for (std::size_t s = 0; s < d_.splits.size(); ++s) {
      const std::string& own = d_.splits[s].name;
      const std::string split = taken.take(own.empty() ? "all" : as_word(own));
      Table table = begin_table(file_of(split));
      for (const Membership& m : d_.members(to_index<SplitIndex>(s))) {
        listed[to_size(m.image)] = true;
        add_image(table, m.image, filename_of(m.image));
      }
      VETSET_DO(out_.write(table.path, table.text));
      emission_.splits.emplace_back(to_index<SplitIndex>(s), split);
    }
    if (!d_.splits.empty() && std::find(listed.begin(), listed.end(), false) == listed.end()) return {};
    Table rest = begin_table(file_of(d_.splits.empty() ? std::string() : taken.take("unlisted")));
    for (std::size_t i = 0; i < listed.size(); ++i)
      if (!listed[i]) add_image(rest, to_index<ImageIndex>(i), filename_of(to_index<ImageIndex>(i)));
    return out_.write(rest.path, rest.text);
  }
  std::string_view filename_of(ImageIndex i) const {
    const std::string_view path = paths_[to_size(i)];
    return style_ == Style::tfod ? below_folder(path, "images") : path;
  }

  struct Table {
    std::string path, text;
    Text name;
    std::uint32_t rows = 0;
  };
  Table begin_table(std::string path) {
    Table table{.path = std::move(path), .text = std::string(style_ == Style::tfod ? tfod_header : ""), .name = {}};
    table.name = emission_.add_text(table.path);
    return table;
  }

  void add_image(Table& table, ImageIndex index, std::string_view filename) {
    bool any = false;
    for (const AnnotationIndex i : by_image_.of(index)) {
      if (!has_corner_box(d_, i) || drops_corner_box(d_, i, options_.policies)) continue;
      any = true;
      emission_.annotations.push_back(
          {.from = static_cast<std::uint32_t>(i), .file = table.name, .order = table.rows++});
      add_row(table.text, d_[index], filename, *corner_box_of(d_, d_[i]), names_[to_size(d_[i].category)]);
    }
    if (any || style_ == Style::tfod) return;
    append_csv_field(table.text, filename, ',');
    table.text += ",,,,,\n";
    ++table.rows;
  }

  void add_row(std::string& out, const Image& image, std::string_view filename, const Box& b, std::string_view label) {
    append_csv_field(out, filename, ',');
    out += ',';
    if (style_ == Style::tfod) {
      const bool known = image.width > 0 && image.height > 0;
      if (known) append_number(out, std::uint64_t{image.width});
      out += ',';
      if (known) append_number(out, std::uint64_t{image.height});
      out += ',';
      append_csv_field(out, label, ',');
      out += ',';
    }
    const double corners[] = {b.x, b.y, b.x + b.width, b.y + b.height};
    for (std::size_t k = 0; k < 4; ++k) {
      if (k > 0) out += ',';
      append_number(out, corners[k]);
    }
    if (style_ == Style::retinanet) {
      out += ',';
      append_csv_field(out, label, ',');
    }
    out += '\n';
  }

  /// RetinaNet keeps its classes in a list; else they are those that rows name, by name.
  Result<void> write_classes(bool as_read) {
    std::vector<CategoryIndex> order;
    if (style_ == Style::retinanet) {
      std::string text, path = "classes.csv";
      for (std::size_t c = 0; c < names_.size(); ++c) {
        order.push_back(to_index<CategoryIndex>(c));
        append_csv_field(text, names_[c], ',');
        text.append(",").append(std::to_string(c)).append("\n");
      }
      bool listed = !as_read;
      for (const File& file : d_.files)
        if (as_read && base_name(d_.text(file.path)) == "classes.csv") path = d_.text(file.path), listed = true;
      const bool sorted = std::is_sorted(names_.begin(), names_.end());
      if (listed || !sorted) VETSET_DO(out_.write(path, text));
    } else {
      std::vector<bool> used(names_.size());
      for (const Emission::Record& r : emission_.annotations)
        if (const CategoryIndex c = d_.annotations[r.from].category; c != none<CategoryIndex>) used[to_size(c)] = true;
      for (std::size_t c = 0; c < names_.size(); ++c)
        if (used[c]) order.push_back(to_index<CategoryIndex>(c));
      std::sort(order.begin(), order.end(),
                [&](CategoryIndex a, CategoryIndex b) { return names_[to_size(a)] < names_[to_size(b)]; });
    }
    for (const CategoryIndex c : order) emission_.categories.push_back(c);
    return {};
  }

  Result<void> copy_images() {
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      const Image& image = d_.images[i];
      emission_.names.push_back({.image = to_index<ImageIndex>(i), .path = emission_.add_text(paths_[i])});
      if (options_.images != ImagesMode::none && !image.media.empty())
        VETSET_DO(out_.copy(paths_[i], media_, d_.text(image.media)));
    }
    return {};
  }

  const Dataset& d_;
  const Tree& media_;
  TreeWriter& out_;
  const WriteOptions& options_;
  Style style_;
  std::vector<std::string> names_;  // of classes
  std::vector<std::string> paths_;  // of images, in the output
  std::unordered_set<std::string> alive_;
  Dataset::ImageAnnotations by_image_;
  Emission emission_;
};

}  // namespace

std::optional<std::string> refuses_csv(const Dataset& d, const WriteOptions& options) {
  for (const Category& c : d.categories) {
    if (c.name.empty()) return "an object of a table is known by the name of its class, and one class has none";
    if (c.name.find('\0') != std::string::npos)
      return "the name of a class cannot be written as text: '" + printable(c.name) + "'";
  }
  if (options.task == name(Style::retinanet) || is_native(d)) return std::nullopt;
  bool any = false;
  for (std::size_t i = 0; i < d.annotations.size(); ++i) {
    if (!has_corner_box(d, to_index<AnnotationIndex>(i))) continue;
    const Box b = *corner_box_of(d, d.annotations[i]);
    any = true;
    for (const double n : {b.x, b.y, b.x + b.width, b.y + b.height})
      if (n < 0 || n > 1) return std::nullopt;
  }
  if (any) return "all boxes lie within one pixel: a reader would take them for fractions of the image";
  return std::nullopt;
}

Result<Emission> write_csv(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options) {
  if (auto why = refuses_csv(d, options)) return Error{Code::refused, *std::move(why)};
  return Writer(d, media, out, options).write();
}

}  // namespace vetset::csv_parts
