// data.yaml as Ultralytics checks it, and the images of the splits it opens.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "vetset/base/number.h"
#include "vetset/base/yaml.h"
#include "vetset/check/consumers/ultralytics.h"

namespace vetset::ultralytics_parts {
namespace {

bool takes_extension(std::string_view path) {
  static constexpr std::array<std::string_view, 13> known = {"avif", "bmp", "dng", "heic", "heif", "jp2", "jpeg",
                                                             "jpg",  "mpo", "png", "tif",  "tiff", "webp"};
  std::string extension(path.substr(path.rfind('.') + 1));
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return std::find(known.begin(), known.end(), extension) != known.end();
}

bool is_hidden(std::string_view path) { return path.starts_with('.') || path.find("/.") != std::string_view::npos; }

/// int() of Python: optional sign and digits.
std::optional<std::int64_t> python_int(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// `rest` below `folder`, "." and ".." resolved; nothing where it leaves the tree or is absolute.
std::optional<std::string> below(std::string_view folder, std::string_view rest) {
  if (rest.starts_with('/')) return std::nullopt;
  std::vector<std::string_view> parts;
  for (std::string_view path : {folder, rest})
    while (!path.empty()) {
      const std::string_view part = path.substr(0, path.find('/'));
      path.remove_prefix(std::min(path.size(), part.size() + 1));
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        parts.push_back(part);
        continue;
      }
      if (parts.empty()) return std::nullopt;
      parts.pop_back();
    }
  std::string joined;
  for (const std::string_view part : parts) joined.append(joined.empty() ? "" : "/").append(part);
  return joined;
}

bool exists(const Tree& tree, const std::optional<std::string>& path) {
  return path && (path->empty() || tree.contains(*path) || tree.has_folder(*path));
}

class Loader {
 public:
  Loader(const Tree& tree, std::string yaml) : tree_(tree), yaml_(std::move(yaml)) {}

  Result<Setup> load() {
    VETSET_TRY(const Bytes bytes, tree_.read(yaml_));
    std::string_view text = bytes;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    const Result<Yaml> root = parse_yaml(text);
    if (!root || root->type != Yaml::Type::mapping) {
      setup_.refused = yaml_ + " is no YAML mapping";
      return std::move(setup_);
    }
    setup_.refused = check(*root);
    if (const Yaml* task = root->find("task"); task != nullptr && task->type == Yaml::Type::scalar)
      setup_.task = task->text;
    for (const std::string_view key : {"train", "val", "validation", "test"})
      if (const Yaml* value = root->find(key)) open_split(*root, key, *value);
    std::sort(setup_.images.begin(), setup_.images.end());
    setup_.images.erase(std::unique(setup_.images.begin(), setup_.images.end()), setup_.images.end());
    return std::move(setup_);
  }

 private:
  /// The loader's own checks, in its order; the first that fails ends it.
  std::string check(const Yaml& root) {
    for (const std::string_view key : {"train", "val", "test"})
      if (const Yaml* v = root.find(key);
          v != nullptr && !v->is_null() && v->python_type() != "str" && v->python_type() != "list")
        return std::string(key) + " must be a path or a list of paths";
    if (root.find("train") == nullptr) return yaml_ + " has no train";
    if (root.find("val") == nullptr && root.find("validation") == nullptr) return yaml_ + " has no val";
    const Yaml* names = root.find("names");
    if (names != nullptr && names->is_null()) names = nullptr;
    const Yaml* nc = root.find("nc");
    if (names == nullptr && nc == nullptr) return yaml_ + " has neither names nor nc";
    if (names != nullptr && names->type == Yaml::Type::scalar) return "names must be a list or a mapping";
    std::optional<std::uint64_t> count;
    if (nc != nullptr) {
      const NumberText n = read_loose_number(nc->text);
      if (nc->type != Yaml::Type::scalar || n.length == 0 || n.length != nc->text.size() || n.value < 0 ||
          n.value != static_cast<double>(static_cast<std::int64_t>(n.value)))
        return "nc must be a whole number";
      count = static_cast<std::uint64_t>(n.value);
    }
    if (names == nullptr) {
      setup_.classes = *count;
      if (*count == 0) return "there are no classes";
    } else if (std::string why = check_names(*names, count); !why.empty()) {
      return why;
    }
    return check_points(root);
  }

  std::string check_names(const Yaml& names, std::optional<std::uint64_t> count) {
    const std::size_t size = names.items.size() + names.entries.size();
    if (count && *count != size)
      return "names has " + std::to_string(size) + " classes and nc is " + std::to_string(*count);
    setup_.classes = size;
    if (size == 0) return "there are no classes";
    std::vector<std::int64_t> keys;
    for (const auto& [key, value] : names.entries) {
      const auto number = python_int(key.text);
      if (!number) return "names has the key " + key.text + ", which is no number";
      keys.push_back(*number);
    }
    std::sort(keys.begin(), keys.end());
    if (!keys.empty() && keys.back() >= static_cast<std::int64_t>(size))
      return "names has the keys " + std::to_string(keys.front()) + " to " + std::to_string(keys.back()) +
             ", expected 0 to " + std::to_string(size - 1);
    if (!keys.empty() && !std::binary_search(keys.begin(), keys.end(), 0)) return "names has no class 0";
    return {};
  }

  std::string check_points(const Yaml& root) {
    const Yaml* shape = root.find("kpt_shape");
    if (shape == nullptr || shape->is_null()) return {};
    if (shape->type != Yaml::Type::sequence) return "kpt_shape must be a list";
    if (shape->items.size() != 2) return "kpt_shape must have two numbers";
    const auto points = python_int(shape->items[0].text), numbers = python_int(shape->items[1].text);
    if (!points || !numbers || *points <= 0 || *points > 100'000 || (*numbers != 2 && *numbers != 3))
      return "kpt_shape must be a number of points, and 2 or 3";
    setup_.points = static_cast<std::uint32_t>(*points);
    setup_.numbers = static_cast<std::uint32_t>(*numbers);
    return {};
  }

  void open_split(const Yaml& root, std::string_view key, const Yaml& value) {
    std::vector<std::string> values;
    if (value.type == Yaml::Type::scalar && !value.is_null()) values.push_back(value.text);
    for (const Yaml& item : value.items) values.push_back(item.text);
    for (const std::string& v : values) open(root, key, v, value.type == Yaml::Type::scalar);
  }

  void open(const Yaml& root, std::string_view key, const std::string& value, bool single) {
    const Yaml* path = root.find("path");
    const bool has_path = path != nullptr && path->type == Yaml::Type::scalar && !path->text.empty();
    const std::string_view home = folder_of(yaml_);
    const auto base = has_path ? below(home, path->text) : std::optional<std::string>(home);
    std::optional<std::string> found = base ? below(*base, value) : std::nullopt;
    if (!exists(tree_, found) && single && base && value.starts_with("../"))
      found = below(*base, std::string_view(value).substr(3));
    if (!exists(tree_, found)) {
      found = by_end(home, value);
      const std::string stops = std::string(key) + " is '" + value + "', which is not here: it stops";
      setup_.effects.push_back(
          {.kind = Effect::Kind::refused,
           .file = yaml_,
           .what = found ? stops + " until that is '" + *found + "', which is looked at instead" : stops});
      if (!found) return;
    }
    if (found->empty() || tree_.has_folder(*found)) {
      for (const std::string_view image : tree_.list(found->empty() ? "" : *found + "/"))
        if (base_name(image).find('.') != std::string_view::npos && takes_extension(image) &&
            !is_hidden(image.substr(found->size())))
          setup_.images.emplace_back(image);
      return;
    }
    open_list(*found);
  }

  /// The longest end of a path of another machine that is here, of two parts at least.
  std::optional<std::string> by_end(std::string_view home, std::string value) const {
    std::replace(value.begin(), value.end(), '\\', '/');
    std::string_view rest = value;
    while (rest.find('/') != std::string_view::npos) {
      if (const auto path = below(home, rest); path && !path->empty() && exists(tree_, path)) return path;
      rest.remove_prefix(rest.find('/') + 1);
    }
    if (const auto path = below(home, rest);
        !rest.empty() && rest != "images" && rest != "labels" && exists(tree_, path) && !path->empty())
      return path;
    return std::nullopt;
  }

  void open_list(const std::string& list) {
    const Result<Bytes> bytes = tree_.read(list);
    if (!bytes) return;
    std::string_view text = *bytes;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    while (!text.empty()) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.empty() || !takes_extension(line)) continue;
      const auto path = below(line.starts_with("./") ? folder_of(list) : std::string_view(), line);
      if (path && tree_.contains(*path))
        setup_.images.push_back(*path);
      else if (const auto other = by_end(folder_of(yaml_), std::string(line)))
        setup_.images.push_back(*other);
      else
        setup_.images.emplace_back(line);
    }
  }

  const Tree& tree_;
  std::string yaml_;
  Setup setup_;
};

}  // namespace

Result<Setup> read_setup(const Tree& tree) {
  std::vector<std::string_view> found;
  for (const std::string_view path : tree.list())
    if ((path.ends_with(".yaml") || path.ends_with(".yml")) && !is_hidden(path)) found.push_back(path);
  const auto rank = [](std::string_view p) {
    return std::tuple(std::count(p.begin(), p.end(), '/'), !p.ends_with("data.yaml"), p);
  };
  std::sort(found.begin(), found.end(), [&](auto a, auto b) { return rank(a) < rank(b); });
  if (found.empty()) {
    Setup none;
    none.refused = "there is no data.yaml";
    return none;
  }
  return Loader(tree, std::string(found.front())).load();
}

std::string label_of(std::string_view image) {
  std::string path = "/" + std::string(image);
  if (const std::size_t at = path.rfind("/images/"); at != std::string::npos) path.replace(at, 8, "/labels/");
  if (const std::size_t dot = path.rfind('.'); dot != std::string::npos) path.resize(dot);
  return path.substr(1) + ".txt";
}

}  // namespace vetset::ultralytics_parts
