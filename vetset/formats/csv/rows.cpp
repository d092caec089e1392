// Tables of boxes: their columns, their rows, and names of files.
#include <algorithm>

#include "vetset/base/csv.h"
#include "vetset/formats/csv/csv.h"

namespace vetset::csv_parts {
namespace {

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '\t') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

bool is_number(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return false;
  text = text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
  return read_loose_number(text).length == text.size();
}

/// The column of one of those names.
std::size_t column_named(const std::vector<std::string>& header, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words)
    for (std::size_t k = 0; k < header.size(); ++k)
      if (header[k] == word) return k;
  return no_column;
}

std::optional<Columns> header_of(const std::vector<std::string>& fields) {
  Columns c{.names = fields};
  std::vector<std::string> header;
  for (const std::string& f : fields) header.push_back(lower(f));
  c.filename = column_named(header, {"filename", "file_name", "image", "image_path", "path", "img", "frame"});
  c.label = column_named(header, {"class", "label", "class_name", "name", "category"});
  c.width = column_named(header, {"width", "image_width", "img_width"});
  c.height = column_named(header, {"height", "image_height", "img_height"});
  c.corners = {column_named(header, {"xmin", "x_min", "x1"}), column_named(header, {"ymin", "y_min", "y1"}),
               column_named(header, {"xmax", "x_max", "x2"}), column_named(header, {"ymax", "y_max", "y2"})};
  const bool boxes = std::find(c.corners.begin(), c.corners.end(), no_column) == c.corners.end();
  if (c.filename == no_column || !boxes) return std::nullopt;
  if (c.label != no_column) return c;
  // One column that nothing else explains ("cell_type") holds the class.
  std::vector<std::size_t> left;
  for (std::size_t k = 0; k < header.size(); ++k)
    if (k != c.filename && k != c.width && k != c.height &&
        std::find(c.corners.begin(), c.corners.end(), k) == c.corners.end() && !header[k].empty())
      left.push_back(k);
  if (left.size() != 1) return std::nullopt;
  c.label = left.front();
  return c;
}

bool is_retinanet(const std::vector<std::string>& fields) {
  if (fields.size() != 6 || fields[0].empty()) return false;
  const auto all = [&](auto test) { return std::all_of(fields.begin() + 1, fields.begin() + 5, test); };
  if (all([](const std::string& f) { return f.empty(); })) return fields[5].empty();
  return all([](const std::string& f) { return is_number(f); }) && !fields[5].empty() && !is_number(fields[0]);
}

}  // namespace

std::string_view name(Style style) { return style == Style::tfod ? "tfod" : "retinanet"; }

std::optional<Columns> columns_of(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('\n'));
  char separator = ',';
  for (const char other : {';', '\t'})
    if (std::count(first.begin(), first.end(), other) > std::count(first.begin(), first.end(), separator))
      separator = other;
  CsvReader reader(text, separator);
  std::vector<std::string> fields;
  if (!reader.next(fields)) return std::nullopt;
  std::optional<Columns> columns = header_of(fields);
  if (!columns && is_retinanet(fields))
    columns = Columns{.style = Style::retinanet, .filename = 0, .label = 5, .corners = {1, 2, 3, 4}};
  if (columns) columns->separator = separator;
  return columns;
}

std::vector<Row> rows_of(std::string_view text, const Columns& columns) {
  std::vector<Row> rows;
  CsvReader reader(text, columns.separator);
  std::vector<std::string> fields;
  const auto close = [&](std::size_t end) {
    if (rows.empty()) return;
    while (end > rows.back().begin && (text[end - 1] == '\n' || text[end - 1] == '\r')) --end;
    rows.back().end = end;
  };
  for (bool header = columns.style == Style::tfod; reader.next(fields); header = false) {
    close(reader.offset());
    if (header) continue;
    rows.push_back({.fields = fields, .begin = reader.offset(), .line = reader.line(), .broken = reader.broken()});
  }
  close(text.size());
  return rows;
}

std::string_view field(const Row& row, std::size_t column) {
  return column < row.fields.size() ? std::string_view(row.fields[column]) : std::string_view();
}

bool is_negative(const Row& row, const Columns& columns) {
  return !field(row, columns.filename).empty() && field(row, columns.label).empty() &&
         std::all_of(columns.corners.begin(), columns.corners.end(),
                     [&](std::size_t c) { return field(row, c).empty(); });
}

void append_csv_field(std::string& out, std::string_view text, char separator) {
  const bool plain = text.find_first_of("\"\r\n") == std::string_view::npos &&
                     text.find(separator) == std::string_view::npos && !text.starts_with("\xef\xbb\xbf");
  if (plain) {
    out.append(text);
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::string split_of(std::string_view path) {
  std::string stem(stem_of(path));
  for (const std::string_view tail : {"labels", "annotations"}) {
    if (lower(stem) == tail) stem.clear();
    const std::string ending = "_" + std::string(tail);
    if (stem.ends_with(ending)) stem.resize(stem.size() - ending.size());
  }
  if (!stem.empty()) return stem;
  const std::string_view folder = base_name(folder_of(path));
  const SplitRole role = split_role(folder);
  const bool known = role == SplitRole::train || role == SplitRole::val || role == SplitRole::test;
  return known ? std::string(folder) : std::string();
}

std::string file_of(std::string_view split) {
  return split.empty() ? "labels.csv" : std::string(split) + "_labels.csv";
}

bool is_native(const Dataset& d) { return d.format == "csv"; }

Style style_of(const Dataset& d) {
  if (!is_native(d)) return Style::tfod;
  for (const File& file : d.files) {
    if (base_name(d.text(file.path)) == "classes.csv") return Style::retinanet;
    if (const auto columns = columns_of(d.text(file.bytes))) return columns->style;
  }
  return Style::tfod;
}

}  // namespace vetset::csv_parts
