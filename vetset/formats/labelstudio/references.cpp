// How tasks name their images: paths, URLs, buckets, uploads ("/data/upload/7/1f2e3d4c-a.jpg") and files that Label
// Studio serves ("/data/local-files/?d=street/a.jpg").
#include <algorithm>

#include "vetset/formats/labelstudio/labelstudio.h"
#include "vetset/formats/names.h"
#include "vetset/image/probe.h"

namespace vetset::labelstudio_parts {
namespace {

constexpr std::string_view local_files = "/data/local-files/?d=", uploads = "/data/upload/";

int hex(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? hex(text[i + 1]) : -1, low = i + 2 < text.size() ? hex(text[i + 2]) : -1;
    if (text[i] != '%' || high < 0 || low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

/// "1f2e3d4c-a.jpg" → "a.jpg", as uploads are called.
std::string_view without_hash(std::string_view name) {
  constexpr std::size_t digits = 8;
  if (name.size() <= digits + 1 || name[digits] != '-') return name;
  if (!std::all_of(name.begin(), name.begin() + digits, [](char c) { return hex(c) >= 0; })) return name;
  return name.substr(digits + 1);
}

/// The path in a reference, whatever serves it.
std::string path_in(std::string_view reference) {
  if (const std::size_t at = reference.find(local_files); at != std::string_view::npos) {
    std::string path = unescaped(reference.substr(at + local_files.size()));
    while (path.starts_with('/')) path.erase(0, 1);
    return path;
  }
  if (const std::size_t scheme = reference.find("://"); scheme != std::string_view::npos) {
    std::string_view rest = reference.substr(scheme + 3);
    rest = rest.substr(0, rest.find_first_of("?#"));
    return unescaped(rest.substr(std::min(rest.find('/'), rest.size() - 1) + 1));
  }
  return std::string(reference);
}

std::optional<std::string_view> held(const Tree& tree, const std::string& path) {
  const auto all = tree.list();
  const auto at = std::lower_bound(all.begin(), all.end(), std::string_view(path));
  return at != all.end() && *at == path ? std::optional(*at) : std::nullopt;
}

}  // namespace

std::string path_of_reference(std::string_view reference) {
  std::string path = path_in(reference);
  const bool served = reference.find(local_files) != std::string_view::npos;
  const bool plain = reference.find("://") == std::string_view::npos && !reference.starts_with('/');
  if ((served || plain) && !path_problem(path)) return path;
  return "images/" + clean_name(base_name(path));
}

bool names_file(std::string_view reference, std::string_view name) {
  const std::string path = path_in(reference);
  return base_name(path) == name || without_hash(base_name(path)) == name;
}

std::string reference_to(std::string_view path) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out(local_files);
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    out += '%';
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

ImageMember image_in(std::string_view data, std::string_view key) {
  for (const std::string_view known : {moved_key, key, std::string_view("image")})
    if (const std::string_view value = known.empty() ? std::string_view() : member(data, known); value.starts_with('"'))
      return {std::string(known), texts_in(value)[0]};
  JsonCursor in(data);
  if (in.type() != JsonType::object) return {};
  for (in.enter_object(); in.next_member();) {
    std::string name(in.key());
    const std::string_view value = in.skip();
    if (!value.starts_with('"')) continue;
    std::vector<std::string> text = texts_in(value);
    if (text.size() == 1 && has_image_extension(path_of_reference(text[0])))
      return {std::move(name), std::move(text[0])};
  }
  return {};
}

Finder::Finder(const Tree& tree, const ReadOptions& options) : tree_(tree), images_(options.images) {
  for (const Tree* one : {&tree_, images_})
    if (one != nullptr)
      for (const std::string_view path : one->list())
        if (has_image_extension(path)) by_name_[one == &tree_ ? 0 : 1][base_name(path)].push_back(path);
}

Finder::Found Finder::find(std::string_view folder, std::string_view reference) const {
  const std::string path = path_in(reference);
  const std::string root = folder.empty() ? "" : std::string(folder) + "/";
  const std::string_view name = base_name(path);
  for (const Tree* tree : {images_, &tree_}) {
    if (tree == nullptr) continue;
    const bool own = tree == &tree_;
    const auto& names = by_name_[own ? 0 : 1];
    if (names.empty()) continue;
    for (const std::string& where : {root + path, path, root + "images/" + path, "images/" + path})
      if (const auto found = held(*tree, where)) return {*found, own};
    // Where the folder of a path is there, what it lacks is missing.
    const std::string_view above = folder_of(path);
    if (own && !above.empty() && !reference.starts_with(uploads) && tree->has_folder(above)) continue;
    for (const std::string_view wanted : {name, without_hash(name)})
      if (const auto at = names.find(wanted); at != names.end() && at->second.size() == 1)
        return {at->second.front(), own};
  }
  return {};
}

}  // namespace vetset::labelstudio_parts
