// obj.data and obj.names: read as Darknet does, which takes paths from where it is started, and written for a start in
// the dataset's own folder.
#include <algorithm>

#include "vetset/formats/darknet/darknet.h"
#include "vetset/formats/yolo/lists.h"

namespace vetset::darknet_parts {
namespace {

using yolo_parts::DataYaml;
using yolo_parts::Layout;

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

/// One line: key, value, and itself.
struct Line {
  std::string_view key, value, whole;
};
std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  if (text.starts_with(byte_order_mark)) text.remove_prefix(3);
  while (!text.empty()) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), whole.size() + 1));
    const std::size_t equals = whole.find('=');
    const bool says = equals != std::string_view::npos && !trimmed(whole).starts_with('#');
    lines.push_back({.key = says ? trimmed(whole.substr(0, equals)) : std::string_view(),
                     .value = says ? trimmed(whole.substr(equals + 1)) : std::string_view(),
                     .whole = whole});
  }
  return lines;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  if (text.empty() || text.size() > 7) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

bool is_split(std::string_view key, std::string_view value) {
  return key == "train" || key == "valid" || key == "val" || key == "test" || value.ends_with(".txt");
}

/// The value of "names"; empty: it is not there.
std::string_view names_value(std::string_view text) {
  std::string_view value;
  for (const Line& line : lines_of(text))
    if (line.key == "names") value = line.value;
  return value;
}

/// A file that obj.data names: from the root, beside it, or by the end of its path.
std::string find_named(const Tree& tree, const DataYaml& data, std::string_view value) {
  if (const auto path = yolo_parts::resolve({}, value); path && tree.contains(*path)) return *path;
  const yolo_parts::Place place = yolo_parts::find_split(tree, data, value);
  return place.kind == yolo_parts::Place::Kind::list ? place.path : std::string();
}

/// A file of the dataset whose bytes were kept.
struct Kept {
  std::string_view path, bytes;
};
Kept kept(const Dataset& d, std::size_t file) {
  if (d.format != darknet_dialect.format || file >= d.files.size()) return {};
  return {d.text(d.files[file].path), d.text(d.files[file].bytes)};
}

std::string names_text(const Dataset& d) {
  std::string text;
  for (const Category& c : d.categories) {
    std::string name = c.name.empty() ? std::string("unnamed") : c.name;
    if (name.starts_with(byte_order_mark)) name.erase(0, byte_order_mark.size());
    std::replace(name.begin(), name.end(), '\n', ' ');
    std::replace(name.begin(), name.end(), '\r', ' ');
    text.append(name).append("\n");
  }
  return text;
}

bool same_names(const Dataset& d, std::string_view bytes) {
  const std::vector<std::string> names = yolo_parts::names_of_lines(bytes);
  return std::equal(names.begin(), names.end(), d.categories.begin(), d.categories.end(),
                    [](const std::string& name, const Category& c) { return name == c.name; });
}

/// Whether the lines that were read say what has to be written: the same lists, and as many classes.
bool same_lists(const Dataset& d, const Layout& layout, std::string_view bytes) {
  Findings ignored;
  const DataYaml data = parse_obj_data(bytes, layout.yaml, ignored);
  if (data.class_count && *data.class_count != static_cast<std::int64_t>(d.categories.size())) return false;
  return std::equal(data.splits.begin(), data.splits.end(), layout.keys.begin(), layout.keys.end(),
                    [](const yolo_parts::SplitKey& s, const Layout::Key& k) {
                      return s.key == k.key && s.values.size() == 1 && !k.list.empty() &&
                             base_name(s.values.front()) == base_name(k.list);
                    });
}

}  // namespace

bool fits_line(std::string_view name) {
  return !name.empty() && name.find_first_of("\r\n") == std::string_view::npos && !name.starts_with(byte_order_mark);
}

bool numbered_by_place(const Dataset& d) {
  if (d.category_ids.numbers.empty()) return true;
  for (std::size_t c = 0; c < d.category_ids.numbers.size(); ++c)
    if (d.category_ids.numbers[c] != static_cast<std::int64_t>(c)) return false;
  return true;
}

std::string find_obj_data(const Tree& tree) {
  std::vector<std::string_view> candidates;
  for (const std::string_view path : tree.list())
    if (path.ends_with(".data") && !is_hidden(path)) candidates.push_back(path);
  const auto rank = [](std::string_view path) {
    return std::tuple(std::count(path.begin(), path.end(), '/'), base_name(path) != "obj.data", path);
  };
  std::sort(candidates.begin(), candidates.end(), [&](auto a, auto b) { return rank(a) < rank(b); });
  if (candidates.size() > 100) candidates.resize(100);
  for (const std::string_view path : candidates) {
    const Result<Bytes> bytes = tree.read(path, {0, 1U << 16});
    if (!bytes) continue;
    bool classes = false, lists = false;
    for (const Line& line : lines_of(*bytes)) {
      classes = classes || line.key == "names" || line.key == "classes";
      lists = lists || line.key == "train" || line.key == "valid" || line.key == "names";
    }
    if (classes && lists) return std::string(path);
  }
  return {};
}

DataYaml parse_obj_data(std::string_view text, std::string_view path, Findings& findings) {
  DataYaml data{.file = std::string(path)};
  std::uint32_t number = 0;
  const auto report = [&](std::string message, std::string fix = {}) {
    findings.add({.code = "FMT401",
                  .severity = Severity::warning,
                  .where = Place{.file = std::string(path), .line = number, .column = 1},
                  .message = std::move(message),
                  .fix = std::move(fix)});
  };
  for (const Line& line : lines_of(text)) {
    ++number;
    if (line.key.empty()) {
      const std::string_view words = trimmed(line.whole);
      if (!words.empty() && !words.starts_with('#')) report("found no '=', expected key = value");
    } else if (line.key == "classes") {
      data.class_count = whole_number(line.value);
      if (!data.class_count) report("classes is not a number of classes");
    } else if (is_split(line.key, line.value)) {
      const auto same = [&](const yolo_parts::SplitKey& s) { return s.key == line.key; };
      if (std::any_of(data.splits.begin(), data.splits.end(), same))
        report(std::string(line.key) + " stands a second time: Darknet heeds the first");
      else if (!line.value.empty())
        data.splits.push_back({.key = std::string(line.key), .values = {std::string(line.value)}});
    } else if (line.key != "names") {
      std::string_view whole = line.whole;
      if (whole.ends_with('\r')) whole.remove_suffix(1);
      data.others.push_back({std::string(line.key), std::string(line.value), std::string(whole) + "\n"});
    }
  }
  return data;
}

Result<DataYaml> read_obj_data(const Tree& tree, std::string_view path, const Limits& limits, Findings& findings) {
  VETSET_TRY(const std::uint64_t size, tree.size(path));
  if (size > limits.value_bytes) return Error{Code::limit, "is too large to describe a dataset", std::string(path)};
  VETSET_TRY(const Bytes bytes, tree.read(path));
  DataYaml data = parse_obj_data(bytes, path, findings);
  const auto report = [&](std::string_view code, Severity severity, std::string message) {
    findings.add(
        {.code = code, .severity = severity, .where = Place{.file = std::string(path)}, .message = std::move(message)});
  };
  const std::string_view value = names_value(bytes);
  data.names_file = value.empty() ? std::string() : find_named(tree, data, value);
  if (data.names_file.empty()) {
    report("FMT404", Severity::error,
           value.empty() ? "has no names: classes are called by their numbers"
                         : "names is '" + std::string(value) + "', which is not here");
    return data;
  }
  VETSET_TRY(const std::uint64_t names_size, tree.size(data.names_file));
  if (names_size > limits.value_bytes) return Error{Code::limit, "is too large for class names", data.names_file};
  VETSET_TRY(const Bytes names, tree.read(data.names_file));
  for (std::string& name : yolo_parts::names_of_lines(names))
    data.names.emplace_back(static_cast<std::int64_t>(data.names.size()), std::move(name));
  if (data.class_count && static_cast<std::size_t>(*data.class_count) != data.names.size())
    report("FMT401", Severity::error,
           "classes is " + std::to_string(*data.class_count) + ", but " + data.names_file + " has " +
               std::to_string(data.names.size()) + (data.names.size() == 1 ? " name" : " names"));
  return data;
}

Result<void> write_obj_data(const Dataset& d, const Layout& layout, yolo_parts::Task, yolo_parts::PointShape,
                            TreeWriter& out) {
  const Kept old_data = layout.as_read ? kept(d, 0) : Kept(), old_names = layout.as_read ? kept(d, 1) : Kept();
  const bool names_kept =
      !old_names.bytes.empty() && !old_names.path.ends_with(".txt") && same_names(d, old_names.bytes);
  const std::string folder(folder_of(layout.yaml));
  const std::string names_path = names_kept ? std::string(old_names.path) : join_path(folder, "obj.names");
  VETSET_DO(out.write(names_path, names_kept ? std::string(old_names.bytes) : names_text(d)));
  if (names_kept && same_lists(d, layout, old_data.bytes)) return out.write(layout.yaml, old_data.bytes);
  std::string text = "classes = " + std::to_string(d.categories.size()) + "\n";
  for (const Layout::Key& key : layout.keys)
    text += key.key + " = " + (key.list.empty() ? key.values.front() : key.list) + "\n";
  text += "names = " + names_path + "\n";
  if (d.format == darknet_dialect.format)
    text += d.residue;
  else
    text += "backup = backup/\n";
  return out.write(layout.yaml, text);
}

}  // namespace vetset::darknet_parts
