// data.yaml in all its dialects, and what its paths mean in the tree at hand.
#include <algorithm>
#include <array>
#include <charconv>

#include "vetset/base/yaml.h"
#include "vetset/formats/yolo/yolo.h"

namespace vetset::yolo_parts {
namespace {

constexpr std::array<std::string_view, 6> modelled = {"path", "names", "nc", "kpt_shape", "flip_idx", "kpt_names"};

template <class List>
bool holds(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A number that says a whole one: 7, 7.0, "7".
std::optional<std::int64_t> whole(const Yaml& y) {
  if (y.type != Yaml::Type::scalar) return std::nullopt;
  if (const auto value = whole(std::string_view(y.text))) return value;
  const NumberText n = read_loose_number(y.text);
  if (n.length == y.text.size() && n.length > 0 && n.value >= 0 && n.value < 1e9 &&
      n.value == static_cast<double>(static_cast<std::int64_t>(n.value)))
    return static_cast<std::int64_t>(n.value);
  return std::nullopt;
}

/// Reads one data.yaml into `out`.
class YamlReader {
 public:
  YamlReader(std::string_view text, DataYaml& out, Findings& findings) : text_(text), out_(out), findings_(findings) {}

  void read(const Yaml& root) {
    for (std::size_t i = 0; i < root.entries.size(); ++i) {
      const auto& [key, value] = root.entries[i];
      if (key.text == "task" && value.type == Yaml::Type::scalar) out_.task = value.text;
      if (key.text == "path" && value.type == Yaml::Type::scalar)
        out_.path = value.text;
      else if (key.text == "names")
        names(value);
      else if (key.text == "nc")
        class_count(value);
      else if (key.text == "kpt_shape")
        points(value);
      else if (key.text == "flip_idx")
        flip(value);
      else if (key.text == "kpt_names")
        point_names(value);
      else if (holds(split_words, key.text))
        split(key.text, value);
      else if (!holds(modelled, key.text))
        keep(root, i);
    }
    if (out_.class_count && !out_.names.empty() && static_cast<std::size_t>(*out_.class_count) != out_.names.size())
      report(*root.find("nc"), "nc is " + std::to_string(*out_.class_count) + ", but names has " +
                                   std::to_string(out_.names.size()) + " classes: Ultralytics refuses this file");
  }

 private:
  void report(const Yaml& at, std::string message, Severity severity = Severity::error, std::string fix = {}) {
    findings_.add({.code = "FMT401",
                   .severity = severity,
                   .where = vetset::Place{.file = out_.file, .line = at.line, .column = at.column},
                   .message = std::move(message),
                   .fix = std::move(fix)});
  }

  void split(const std::string& key, const Yaml& value) {
    if (value.is_null()) return;
    SplitKey s{.key = key};
    if (value.type == Yaml::Type::scalar) s.values.push_back(value.text);
    for (const Yaml& item : value.items)
      if (item.type == Yaml::Type::scalar) s.values.push_back(item.text);
    if (value.type == Yaml::Type::mapping)
      report(value, key + " is a mapping, expected a folder, a list file, or a list of them");
    out_.splits.push_back(std::move(s));
  }

  void name(std::int64_t number, const Yaml& value) {
    if (value.type == Yaml::Type::sequence || value.type == Yaml::Type::mapping)
      return report(value, "class " + std::to_string(number) + " is not named by a word");
    const std::string_view type = value.python_type();
    if (type == "bool" || type == "null")
      report(value,
             "class " + std::to_string(number) + " is named " + (value.text.empty() ? "nothing" : value.text) +
                 ", which YAML reads as " + (type == "bool" ? "true or false" : "nothing") + " and not as a word",
             Severity::warning, "put quotes around the name");
    if (holds_number(number)) return report(value, "class " + std::to_string(number) + " is named a second time");
    out_.names.emplace_back(number, value.text);
  }
  bool holds_number(std::int64_t number) const {
    if (!out_.names.empty() && out_.names.back().first < number && increasing_) return false;
    increasing_ = increasing_ && (out_.names.empty() || out_.names.back().first < number);
    return std::any_of(out_.names.begin(), out_.names.end(), [&](const auto& n) { return n.first == number; });
  }

  void names(const Yaml& value) {
    std::int64_t next = 0;
    for (const Yaml& item : value.items) name(next++, item);
    for (const auto& [key, item] : value.entries) {
      const auto number = whole(std::string_view(key.text));
      if (!number || *number < 0) {
        report(key, "a class is numbered " + (key.text.empty() ? "nothing" : key.text) + ", expected 0, 1, 2 …");
        continue;
      }
      name(*number, item);
    }
    const auto count = static_cast<std::int64_t>(out_.names.size());
    if (std::any_of(out_.names.begin(), out_.names.end(), [&](const auto& n) { return n.first >= count; }))
      report(value, "the " + std::to_string(count) +
                        " class numbers have gaps or do not begin with 0: Ultralytics refuses them");
    if (value.type == Yaml::Type::scalar && !value.is_null())
      report(value, "names is one word, expected a list of them");
  }

  void class_count(const Yaml& value) {
    out_.class_count = whole(value);
    if (out_.class_count && (*out_.class_count < 0 || *out_.class_count > 1'000'000)) out_.class_count.reset();
    if (!out_.class_count) report(value, "nc is not a number of classes");
  }

  void points(const Yaml& value) {
    const auto count = value.items.size() == 2 ? whole(value.items[0]) : std::nullopt;
    const auto numbers = value.items.size() == 2 ? whole(value.items[1]) : std::nullopt;
    if (!count || !numbers || *count < 1 || *count > 10'000 || (*numbers != 2 && *numbers != 3))
      return report(value, "kpt_shape is not [number of points, 2 or 3]");
    out_.points = PointShape{static_cast<std::uint32_t>(*count), static_cast<std::uint32_t>(*numbers)};
  }

  void flip(const Yaml& value) {
    for (const Yaml& item : value.items) {
      const auto index = whole(item);
      if (!index || *index < 0 || *index >= static_cast<std::int64_t>(value.items.size())) {
        out_.flip.clear();
        return report(item, "flip_idx has a place that is none of its " + std::to_string(value.items.size()));
      }
      out_.flip.push_back(static_cast<std::uint32_t>(*index));
    }
  }

  void point_names(const Yaml& value) {
    const auto words = [](const Yaml& list) {
      std::vector<std::string> all;
      for (const Yaml& item : list.items) all.push_back(item.text);
      return all;
    };
    if (value.type == Yaml::Type::sequence) out_.point_names.emplace_back(-1, words(value));
    for (const auto& [key, list] : value.entries)
      if (const auto number = whole(std::string_view(key.text))) out_.point_names.emplace_back(*number, words(list));
  }

  /// Keeps an entry as its lines: up to the next entry, without blank lines and comments before that.
  void keep(const Yaml& root, std::size_t i) {
    const Yaml& key = root.entries[i].first;
    if (key.column != 1 || key.begin >= text_.size()) {
      report(key, key.text + " is not at the beginning of a line, so it is not kept", Severity::warning);
      return;
    }
    const std::uint64_t end = i + 1 < root.entries.size() ? root.entries[i + 1].first.begin : text_.size();
    std::string_view span = text_.substr(static_cast<std::size_t>(key.begin),
                                         static_cast<std::size_t>(std::max(end, key.begin) - key.begin));
    std::size_t keep_until = 0, at = 0;
    std::string lines;
    while (at < span.size()) {
      std::size_t next = std::min(span.find('\n', at), span.size());
      std::string_view line = span.substr(at, next - at);
      at = next + 1;
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
      if (lines.size() > 0 && (line == "---" || line == "...")) break;
      lines.append(line).push_back('\n');
      if (!line.empty() && line[0] != '#') keep_until = lines.size();
    }
    lines.resize(keep_until);
    const Yaml& value = root.entries[i].second;
    out_.others.push_back({key.text, value.type == Yaml::Type::scalar ? value.text : std::string(), std::move(lines)});
  }

  std::string_view text_;
  DataYaml& out_;
  Findings& findings_;
  mutable bool increasing_ = true;
};

/// Whether the text of a YAML file could describe a dataset, without a parse.
bool looks_like_data_yaml(std::string_view text) {
  const auto has_key = [&](std::string_view key) {
    for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
      std::size_t after = at + key.size();
      while (after < text.size() && (text[after] == ' ' || text[after] == '"' || text[after] == '\'')) ++after;
      const bool starts = at == 0 || text[at - 1] == '\n' || text[at - 1] == '{' || text[at - 1] == ' ' ||
                          text[at - 1] == '"' || text[at - 1] == '\'' || text[at - 1] == '\xbf';
      if (starts && after < text.size() && text[after] == ':') return true;
    }
    return false;
  };
  return (has_key("names") || has_key("nc")) &&
         (has_key("train") || has_key("val") || has_key("validation") || has_key("valid") || has_key("test"));
}

bool is_yaml(std::string_view path) { return path.ends_with(".yaml") || path.ends_with(".yml"); }

/// A folder of images, or one whose images are elsewhere while its labels are here.
bool is_folder(const Tree& tree, const std::string& path) {
  if (path == "." || tree.has_folder(path)) return true;
  const std::string labels = label_path(path + "/image");
  return folder_of(labels) != path && tree.has_folder(folder_of(labels));
}

bool exists(const Tree& tree, const std::string& path) { return is_folder(tree, path) || tree.contains(path); }

Place place_at(const Tree& tree, std::string path, std::string rule) {
  if (path.empty()) path = ".";
  const bool folder = is_folder(tree, path);
  return {.kind = folder ? Place::Kind::folder : Place::Kind::list, .path = std::move(path), .rule = std::move(rule)};
}

}  // namespace

std::string find_data_yaml(const Tree& tree) {
  std::vector<std::string_view> candidates;
  for (const std::string_view path : tree.list())
    if (is_yaml(path) && !is_hidden(path)) candidates.push_back(path);
  const auto rank = [](std::string_view path) {  // near the root first, the usual name first, then by bytes
    return std::tuple(std::count(path.begin(), path.end(), '/'),
                      !(base_name(path) == "data.yaml" || base_name(path) == "data.yml"), path);
  };
  std::sort(candidates.begin(), candidates.end(), [&](auto a, auto b) { return rank(a) < rank(b); });
  if (candidates.size() > 100) candidates.resize(100);
  for (const std::string_view path : candidates)
    if (const Result<Bytes> bytes = tree.read(path, {0, 1U << 20}); bytes && looks_like_data_yaml(*bytes))
      return std::string(path);
  return {};
}

Result<DataYaml> read_data_yaml(const Tree& tree, std::string_view path, const Limits& limits, Findings& findings) {
  DataYaml yaml{.file = std::string(path)};
  VETSET_TRY(const std::uint64_t size, tree.size(path));
  if (size > limits.value_bytes) return Error{Code::limit, "is too large for a data.yaml", std::string(path)};
  VETSET_TRY(const Bytes bytes, tree.read(path));
  std::string_view text = bytes;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Result<Yaml> root = parse_yaml(text, limits);
  if (!root) return std::move(root).error().in(path);
  if (root->type != Yaml::Type::mapping)
    return Error{Code::malformed, "expected keys such as train and names", std::string(path), 1, 1};
  YamlReader(text, yaml, findings).read(*root);
  return yaml;
}

std::optional<std::string> resolve(std::string_view folder, std::string_view rest) {
  std::string slashed(rest);
  std::replace(slashed.begin(), slashed.end(), '\\', '/');
  if (slashed.starts_with('/') || has_drive(slashed)) return std::nullopt;
  std::vector<std::string_view> parts;
  for (const std::string_view whole_path : {folder, std::string_view(slashed)})
    for (std::size_t at = 0; at <= whole_path.size();) {
      const std::size_t next = std::min(whole_path.find('/', at), whole_path.size());
      const std::string_view part = whole_path.substr(at, next - at);
      at = next + 1;
      if (part.empty() || part == ".") continue;
      if (part != "..")
        parts.push_back(part);
      else if (parts.empty())
        return std::nullopt;
      else
        parts.pop_back();
    }
  std::string path;
  for (const std::string_view part : parts) path.append(path.empty() ? "" : "/").append(part);
  return path;
}

Place find_split(const Tree& tree, const DataYaml& yaml, std::string_view value) {
  const std::string_view home = folder_of(yaml.file);
  if (yaml.path) {
    const auto root = resolve(home, *yaml.path);
    const auto path = root ? resolve(*root, value) : std::nullopt;
    if (path && exists(tree, path->empty() ? "." : *path)) return place_at(tree, *path, {});
  }
  if (const auto path = resolve(home, value); path && exists(tree, path->empty() ? "." : *path))
    return place_at(tree, *path, yaml.path ? "beside the YAML file, as 'path' is not here" : "");
  if (value.starts_with("../"))
    if (const auto path = resolve(home, value.substr(3)); path && exists(tree, *path))
      return place_at(tree, *path, "without its leading '../', as Ultralytics reads it");

  // A folder of another machine: the longest end of it that is here.
  std::string slashed(value);
  std::replace(slashed.begin(), slashed.end(), '\\', '/');
  while (slashed.ends_with('/')) slashed.pop_back();
  std::string_view rest = slashed;
  for (std::size_t at = rest.find('/'); at != std::string_view::npos; at = rest.find('/')) {
    rest.remove_prefix(at + 1);
    if (rest.empty() || rest == "." || rest == ".." || rest.starts_with('/') || rest.starts_with("../")) continue;
    if (rest == "images" || rest == "labels") break;  // alone they say nothing of the split
    if (const auto path = resolve(home, rest); path && !path->empty() && exists(tree, *path))
      return place_at(tree, *path, "by the end of the path, which names a folder of another machine");
  }
  return {};
}

bool goes_through(std::string_view path, std::string_view folder) {
  for (std::size_t at = path.find(folder); at != std::string_view::npos; at = path.find(folder, at + 1)) {
    const std::size_t end = at + folder.size();
    if ((at == 0 || path[at - 1] == '/') && end < path.size() && path[end] == '/') return true;
  }
  return false;
}

namespace {

/// Puts one folder name in place of the last part of that other name.
std::string with_folder(std::string_view path, std::string_view old_name, std::string_view new_name) {
  std::size_t at = path.rfind(old_name);
  while (at != std::string_view::npos) {
    const std::size_t end = at + old_name.size();
    if ((at == 0 || path[at - 1] == '/') && end < path.size() && path[end] == '/')
      return std::string(path.substr(0, at)).append(new_name).append(path.substr(end));
    if (at == 0) break;
    at = path.rfind(old_name, at - 1);
  }
  return std::string(path);
}

}  // namespace

std::string label_path(std::string_view image) {
  const std::string_view extension = extension_of(image);
  image.remove_suffix(extension.empty() ? 0 : extension.size() + 1);
  return with_folder(image, "images", "labels") + ".txt";
}

std::string label_path(std::string_view image, const Dialect& dialect) {
  if (!dialect.beside) return label_path(image);
  const std::string_view extension = extension_of(image);
  image.remove_suffix(extension.empty() ? 0 : extension.size() + 1);
  return std::string(image) + ".txt";
}

std::string image_stem(std::string_view label) {
  label.remove_suffix(std::min<std::size_t>(label.size(), 4));
  return with_folder(label, "labels", "images");
}

}  // namespace vetset::yolo_parts
