// Tables of boxes as a dataset: each file is a split by its name; what a second file says again is not doubled.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "vetset/base/json.h"
#include "vetset/formats/corner_box.h"
#include "vetset/formats/csv/csv.h"
#include "vetset/formats/per_image.h"
#include "vetset/image/probe.h"

namespace vetset::csv_parts {
namespace {

constexpr std::string_view class_list = "classes.csv";

std::string counted(std::size_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

std::optional<double> number_in(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
  const NumberText n = read_loose_number(text);
  if (n.length != text.size()) return std::nullopt;
  return n.value;
}

class Reader {
 public:
  Reader(const Tree& tree, const ReadOptions& options)
      : tree_(tree), options_(options), findings_(options.limits.findings_per_code) {}

  Result<Reading> read() {
    d_.format = "csv";
    const std::vector<std::string_view> paths =
        options_.only.empty() ? csv_files(tree_) : std::vector<std::string_view>{options_.only};
    for (const std::string_view path : paths) VETSET_DO(load(path));
    VETSET_DO(read_class_list());
    if (tables_.empty())
      return Error{
          Code::not_found,
          "found no table of boxes: expected a header with filename, class, xmin, ymin, xmax and ymax, or rows "
          "of path,x1,y1,x2,y2,class",
          std::string(tree_.name())};
    for (Table& table : tables_) list_images(table);
    find_unions();
    decide_fractions();
    for (Table* table : in_order()) read_rows(*table);
    measure_images(d_, media_, tree_, options_);
    place_boxes();
    order_classes();
    finish_splits();
    return Reading{std::move(d_), std::move(findings_), std::move(notes_)};
  }

 private:
  struct Table {
    std::string_view path;
    FileIndex file{};
    Columns columns;
    std::vector<Row> rows;
    std::vector<ImageIndex> images;   // by row; none: the row names none
    std::vector<ImageIndex> members;  // each once
    bool is_union = false;
  };

  void report(std::string_view code, Severity severity, const Table& table, const Row* row, std::string message,
              std::string fix = {}) {
    vetset::Place place{.file = std::string(table.path)};
    if (row != nullptr) {
      place.offset = row->begin;
      place.line = row->line;
      place.column = 1;
    }
    findings_.add({.code = code,
                   .severity = severity,
                   .where = std::move(place),
                   .message = std::move(message),
                   .fix = std::move(fix)});
  }

  Result<void> load(std::string_view path) {
    VETSET_TRY(const Bytes bytes, tree_.read(path));
    if (bytes.size() > std::min<std::uint64_t>(options_.limits.record_bytes * 4, 0xffffffffU))
      return Error{Code::limit, "is too large for a table of boxes", std::string(path)};
    std::optional<Columns> columns = columns_of(bytes);
    if (!columns) {
      if (options_.only.empty()) return {};
      return Error{
          Code::malformed,
          "expected a header with filename, class, xmin, ymin, xmax and ymax, or rows of path,x1,y1,x2,y2,class",
          std::string(path), 1};
    }
    const std::string_view text = bytes;
    const bool keep = options_.written_from == nullptr || is_native(*options_.written_from);
    tables_.push_back({.path = path, .file = to_index<FileIndex>(d_.files.size()), .columns = *std::move(columns)});
    d_.files.push_back({.path = d_.add_text(path),
                        .bytes = keep ? d_.add_text(text) : Text{},
                        .bom = text.starts_with("\xef\xbb\xbf"),
                        .crlf = text.find("\r\n") != std::string_view::npos,
                        .final_newline = text.empty() || text.back() == '\n'});
    tables_.back().rows = rows_of(text, tables_.back().columns);
    return {};
  }

  /// RetinaNet's list of classes: name,id.
  Result<void> read_class_list() {
    if (tables_.empty() || tables_.front().columns.style != Style::retinanet) {
      // A dataset without images is an empty table beside its classes.
      if (!tables_.empty() || !tree_.contains(class_list) || !options_.only.empty()) return {};
      for (const std::string_view path : tree_.list())
        if (path.ends_with("labels.csv")) {
          tables_.push_back({.path = path, .file = to_index<FileIndex>(d_.files.size()), .columns = {}});
          tables_.back().columns.style = Style::retinanet;
          d_.files.push_back({.path = d_.add_text(path)});
        }
      if (tables_.empty()) return {};
    }
    for (Table& table : tables_)
      if (const std::string path = join_path(folder_of(table.path), class_list); tree_.contains(path)) {
        VETSET_TRY(const Bytes bytes, tree_.read(path, {0, options_.limits.value_bytes}));
        Columns two;
        two.style = Style::retinanet;
        for (const Row& row : rows_of(bytes, two))
          if (row.fields.size() == 2 && !listed_.contains(row.fields[0])) {
            listed_.insert(row.fields[0]);
            class_order_.push_back(row.fields[0]);
          }
        d_.files.push_back({.path = d_.add_text(path), .bytes = d_.add_text(bytes)});
        notes_.push_back(counted(class_order_.size(), "class name") + " from " + path);
        break;
      }
    // An empty table has no first row to be known by.
    if (options_.only.empty())
      for (const std::string_view path : tree_.list())
        if (path.ends_with("labels.csv") && tree_.size(path) && *tree_.size(path) == 0 &&
            std::none_of(tables_.begin(), tables_.end(), [&](const Table& t) { return t.path == path; })) {
          Columns columns;
          columns.style = Style::retinanet;
          tables_.push_back(
              {.path = path, .file = to_index<FileIndex>(d_.files.size()), .columns = std::move(columns)});
          d_.files.push_back({.path = d_.add_text(path)});
        }
    return {};
  }

  // Images.

  void list_images(Table& table) {
    std::set<ImageIndex> seen;
    for (const Row& row : table.rows) {
      const std::string_view filename = field(row, table.columns.filename);
      if (row.broken || filename.empty()) {
        report("FMT401", Severity::error, table, &row,
               row.broken ? "a quote is opened and never closed" : "the row names no image");
        d_.unread.push_back({.file = table.file,
                             .order = static_cast<std::uint32_t>(&row - table.rows.data()),
                             .text = d_.add_text(filename)});
        table.images.push_back(none<ImageIndex>);
        continue;
      }
      const ImageIndex image = image_named(table, row, filename);
      table.images.push_back(image);
      if (seen.insert(image).second) table.members.push_back(image);
    }
  }

  ImageIndex image_named(const Table& table, const Row& row, std::string_view filename) {
    std::string key = std::string(folder_of(table.path)) + '\n' + std::string(filename);
    if (const auto known = named_.find(key); known != named_.end()) return known->second;
    const std::string_view media = find_image(folder_of(table.path), filename);
    std::string path(media);
    if (media.empty()) {
      path = join_path(folder_of(table.path),
                       filename.starts_with("images/") ? std::string(filename) : "images/" + std::string(filename));
      if (path_problem(path)) {
        std::string slashed(filename);
        std::replace(slashed.begin(), slashed.end(), '\\', '/');
        path = join_path(folder_of(table.path), "images/" + std::string(base_name(slashed)));
      }
      if (any_image() && !options_.known_size)
        report("FMT404", Severity::warning, table, &row, "image '" + std::string(filename) + "' is not here",
               "add the image, or drop its rows");
    }
    const bool own = options_.images == nullptr || !options_.images->contains(path);
    const auto [at, is_new] = by_path_.emplace(path, to_index<ImageIndex>(d_.images.size()));
    if (is_new) {
      const Text text = d_.add_text(path);
      d_.images.push_back({.path = text, .media = media.empty() ? Text{} : text, .file = table.file});
      media_.add(media, own);
    }
    named_.emplace(std::move(key), at->second);
    return at->second;
  }

  bool any_image() {
    if (!any_image_) any_image_ = std::any_of(tree_.list().begin(), tree_.list().end(), has_image_extension);
    return *any_image_;
  }

  /// As written, from the file's folder, beside it, or by its unique name.
  std::string_view find_image(std::string_view folder, std::string_view filename) {
    std::string slashed(filename);
    std::replace(slashed.begin(), slashed.end(), '\\', '/');
    while (slashed.starts_with("./")) slashed.erase(0, 2);
    const std::string_view above = folder_of(folder);
    for (const std::string& where :
         {std::string(folder), join_path(folder, "images"), std::string(), std::string("images"),
          join_path(above, "images"), join_path(folder, "JPEGImages"), std::string("JPEGImages")}) {
      const std::string path = join_path(where, slashed);
      const auto all = tree_.list();
      const auto at = std::lower_bound(all.begin(), all.end(), std::string_view(path));
      if (at != all.end() && *at == path) return *at;
    }
    if (!any_image() && options_.images == nullptr) return {};
    if (by_name_.empty())
      for (const Tree* tree : {options_.images, &tree_})
        if (tree != nullptr && by_name_.empty())
          for (const std::string_view path : tree->list())
            if (has_image_extension(path)) by_name_[base_name(path)].push_back(path);
    const auto found = by_name_.find(base_name(slashed));
    return found != by_name_.end() && found->second.size() == 1 ? found->second.front() : std::string_view();
  }

  void find_unions() {
    std::vector<std::vector<ImageIndex>> lists;
    for (const Table& table : tables_) lists.push_back(table.members);
    const std::vector<bool> unions = unions_of_others(lists, d_.images.size());
    for (std::size_t k = 0; k < tables_.size(); ++k) {
      tables_[k].is_union = unions[k];
      if (unions[k])
        notes_.push_back(std::string(tables_[k].path) + " names what other files name together: no split of its own");
    }
  }
  std::vector<Table*> in_order() {
    std::vector<Table*> order;
    for (const bool unions : {false, true})
      for (Table& table : tables_)
        if (table.is_union == unions) order.push_back(&table);
    return order;
  }

  /// Values alone tell pixels from fractions: all within 0 and 1, and not all whole.
  void decide_fractions() {
    std::size_t boxes = 0, fractions = 0;
    if (!tables_.empty() && tables_.front().columns.style == Style::retinanet) return;
    for (const Table& table : tables_)
      for (const Row& row : table.rows) {
        bool inside = true, whole = true, all = true;
        for (const std::size_t column : table.columns.corners) {
          const auto n = number_in(field(row, column));
          all = all && n;
          inside = inside && n && *n >= 0 && *n <= 1;
          whole = whole && n && (*n == 0 || *n == 1);
        }
        if (!all) continue;
        ++boxes;
        if (!inside) return note_pixels();
        fractions += whole ? 0U : 1U;
      }
    fractions_ = fractions > 0;
    if (options_.dialect == "pixels") fractions_ = false;
    if (fractions_)
      notes_.push_back("corners are fractions of the image: all of " + counted(boxes, "box") + "es lie within 0 and 1");
  }
  void note_pixels() {
    fractions_ = options_.dialect == "normalised";
    notes_.push_back(fractions_ ? "corners are fractions of the image, as asked for" : "corners count pixels from 0");
  }

  // Rows.

  using Said = std::multiset<std::string>;
  /// What the rows of a table say of each image, so that two tables can be held against each other.
  std::map<ImageIndex, Said> said_by(const Table& table) const {
    std::map<ImageIndex, Said> said;
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      if (table.images[r] == none<ImageIndex>) continue;
      Said& of_image = said[table.images[r]];
      if (is_negative(table.rows[r], table.columns)) continue;
      std::string key(field(table.rows[r], table.columns.label));
      for (const std::size_t column : table.columns.corners) {
        key += '\n';
        if (const auto n = number_in(field(table.rows[r], column))) append_number(key, *n);
      }
      of_image.insert(std::move(key));
    }
    return said;
  }

  void read_rows(const Table& table) {
    std::map<ImageIndex, Said> said = tables_.size() > 1 ? said_by(table) : std::map<ImageIndex, Said>();
    std::set<ImageIndex> again;
    std::size_t objects_again = 0;
    for (auto& [image, rows] : said) {
      const auto before = said_.find(image);
      if (before == said_.end()) {
        said_.emplace(image, rows);
      } else if (before->second == rows) {
        again.insert(image);
        objects_again += rows.size();
      } else if (rows.empty()) {
        again.insert(image);
      } else {
        report("FMT418", Severity::warning, table, nullptr,
               "says other objects of " + std::string(d_.path(image)) + " than another file does: both are read");
      }
    }
    if (objects_again > 0)
      notes_.push_back(std::string(table.path) + " says " + counted(objects_again, "object") +
                       " again that another file says: read once");
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      const ImageIndex image = table.images[r];
      if (image == none<ImageIndex>) continue;
      const Row& row = table.rows[r];
      read_size(table, row, image);
      Image& of = d_.images[to_size(image)];
      if (is_negative(row, table.columns)) {
        if (of.state == ImageState::not_said) of.state = ImageState::labelled_empty;
        continue;
      }
      of.state = ImageState::labelled;
      if (!again.contains(image)) read_object(table, row, image, static_cast<std::uint32_t>(r));
    }
  }

  void read_size(const Table& table, const Row& row, ImageIndex index) {
    if (table.columns.width == no_column || table.columns.height == no_column) return;
    const auto width = number_in(field(row, table.columns.width)), height = number_in(field(row, table.columns.height));
    const auto is_side = [](const std::optional<double>& n) {
      return n && *n >= 1 && *n <= 0xffffffffU && *n == static_cast<double>(static_cast<std::uint32_t>(*n));
    };
    if (field(row, table.columns.width).empty() && field(row, table.columns.height).empty()) return;
    if (!is_side(width) || !is_side(height)) {
      report("FMT405", Severity::warning, table, &row,
             "says that its image is '" + std::string(field(row, table.columns.width)) + "' by '" +
                 std::string(field(row, table.columns.height)) + "', expected two whole numbers");
      return;
    }
    Image& image = d_.images[to_size(index)];
    const auto w = static_cast<std::uint32_t>(*width), h = static_cast<std::uint32_t>(*height);
    if (image.size_origin == SizeOrigin::stated && (image.width != w || image.height != h)) {
      report("FMT405", Severity::warning, table, &row,
             "says that its image is " + std::to_string(w) + "×" + std::to_string(h) + ", another row " +
                 std::to_string(image.width) + "×" + std::to_string(image.height));
      return;
    }
    image.width = w;
    image.height = h;
    image.size_origin = SizeOrigin::stated;
  }

  void read_object(const Table& table, const Row& row, ImageIndex image, std::uint32_t order) {
    Annotation a{.image = image, .kind = Kind::box, .order = order};
    double n[4] = {};
    a.box_origin = Origin::stated;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::string_view text = field(row, table.columns.corners[k]);
      if (const auto value = number_in(text)) {
        n[k] = *value;
        continue;
      }
      constexpr std::string_view names[] = {"xmin", "ymin", "xmax", "ymax"};
      report("FMT401", Severity::error, table, &row,
             std::string(names[k]) + " is '" + std::string(text.substr(0, 40)) + "', expected a number");
      a.box_origin = Origin::none;
    }
    if (a.box_origin == Origin::stated) a.box = {n[0], n[1], n[2], n[3]};
    const std::string_view label = field(row, table.columns.label);
    if (label.empty())
      report("FMT402", Severity::error, table, &row, "the object has no class", "write the name of its class");
    else
      a.category = class_named(label);
    const auto index = static_cast<std::uint32_t>(d_.annotations.size());
    d_.annotations.push_back(a);
    d_.annotation_positions.push_back(Position::at(table.file, row.begin));
    add_other_columns(table, row, index);
  }

  void add_other_columns(const Table& table, const Row& row, std::uint32_t index) {
    const Columns& c = table.columns;
    for (std::size_t k = 0; k < std::min(row.fields.size(), c.names.size()); ++k) {
      if (k == c.filename || k == c.label || k == c.width || k == c.height || row.fields[k].empty() ||
          c.names[k].empty() || std::find(c.corners.begin(), c.corners.end(), k) != c.corners.end())
        continue;
      std::string json;
      JsonCursor in(row.fields[k]);
      in.skip();
      if (in.at_end() && !in.failed() && in.odd_numbers() == 0)
        json = row.fields[k];
      else
        append_json_string(json, row.fields[k]);
      d_.attributes.push_back({Owner::annotation, index, d_.add_text(c.names[k]), d_.add_text(json)});
    }
  }

  CategoryIndex class_named(std::string_view label) {
    if (const auto known = classes_.find(label); known != classes_.end()) return known->second;
    const auto index = to_index<CategoryIndex>(names_.size());
    names_.emplace_back(label);
    classes_.emplace(std::string(label), index);
    return index;
  }

  // What all of it tells.

  void place_boxes() {
    for (Annotation& a : d_.annotations) {
      if (a.box_origin != Origin::stated) continue;
      Box& b = a.box;
      const Image& image = d_[a.image];
      if (fractions_ && (image.width == 0 || image.height == 0)) {
        a.box_origin = Origin::none;  // nothing that could be said in pixels
        b = {};
        continue;
      }
      const double w = fractions_ ? image.width : 1, h = fractions_ ? image.height : 1;
      b = {b.x * w, b.y * h, b.width * w - b.x * w, b.height * h - b.y * h};
    }
  }

  /// The order of classes.csv, then by name.
  void order_classes() {
    std::set<std::string> rest;
    for (const std::string& name : names_)
      if (!listed_.contains(name)) rest.insert(name);
    class_order_.insert(class_order_.end(), rest.begin(), rest.end());
    std::vector<CategoryIndex> now(names_.size(), none<CategoryIndex>);
    for (std::string& name : class_order_) {
      if (const auto known = classes_.find(name); known != classes_.end())
        now[to_size(known->second)] = to_index<CategoryIndex>(d_.categories.size());
      d_.categories.push_back({.name = std::move(name)});
    }
    for (Annotation& a : d_.annotations)
      if (a.category != none<CategoryIndex>) a.category = now[to_size(a.category)];
    if (listed_.empty() && !d_.categories.empty())
      notes_.push_back("classes in the order of their names: a CSV has none");
  }

  void finish_splits() {
    for (const Table& table : tables_) {
      const std::string name = split_of(table.path);
      if (name.empty() || table.is_union) continue;
      const auto split = to_index<SplitIndex>(d_.splits.size());
      d_.splits.push_back({.name = name, .role = split_role(name), .origin = SplitOrigin::file, .file = table.file});
      d_.files[to_size(table.file)].split = split;
      for (std::size_t k = 0; k < table.members.size(); ++k)
        d_.memberships.push_back({.split = split, .image = table.members[k], .order = static_cast<std::uint32_t>(k)});
      notes_.push_back(name + ": " + counted(table.members.size(), "image") + " in " + std::string(table.path));
    }
  }

  const Tree& tree_;
  const ReadOptions& options_;
  Dataset d_;
  Findings findings_;
  std::vector<std::string> notes_;
  std::vector<Table> tables_;
  bool fractions_ = false;
  std::optional<bool> any_image_;
  std::unordered_map<std::string, ImageIndex> named_, by_path_;
  std::unordered_map<std::string_view, std::vector<std::string_view>> by_name_;
  MediaFiles media_;  // by image
  std::map<ImageIndex, Said> said_;
  std::map<std::string, CategoryIndex, std::less<>> classes_;
  std::vector<std::string> names_, class_order_;
  std::set<std::string, std::less<>> listed_;
};

}  // namespace

std::vector<std::string_view> csv_files(const Tree& tree) {
  std::vector<std::string_view> found;
  for (const std::string_view path : tree.list()) {
    if (!path.ends_with(".csv") || base_name(path).starts_with('.') || base_name(path) == class_list) continue;
    const Result<Bytes> head = tree.read(path, {0, 4096});
    if (head && columns_of(*head)) found.push_back(path);
  }
  return found;
}

Result<Reading> read_csv(const Tree& tree, const ReadOptions& options) { return Reader(tree, options).read(); }

}  // namespace vetset::csv_parts
