#include "vetset/formats/names.h"

#include <algorithm>

#include "vetset/base/portable.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"

namespace vetset {

std::string collision_key(std::string_view path) {
  const bool ascii = std::all_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii) return fold(nfc(path));
  std::string key(path);
  for (char& c : key)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return key;
}

std::string clean_name(std::string_view name, std::span<const std::string_view> without) {
  std::string slashed(name);
  std::replace(slashed.begin(), slashed.end(), '\\', '/');
  std::string_view rest = slashed;
  if (has_drive(rest)) rest.remove_prefix(2);
  std::string clean;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    std::string_view part = rest.substr(0, end);
    const bool last = end == rest.size();
    rest.remove_prefix(last ? end : end + 1);
    if (part.empty() || part == "." || part == ".." ||
        (!last && std::find(without.begin(), without.end(), part) != without.end()))
      continue;
    if (!clean.empty()) clean += '/';
    if (part.front() == '.') clean += '_', part.remove_prefix(1);  // loaders look away from hidden files
    for (const char c : part) clean += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '_' : c;
  }
  if (clean.empty() || clean.ends_with('/')) clean += "image";
  if (invalid_utf8(clean))
    for (char& c : clean)
      if (static_cast<unsigned char>(c) >= 0x80) c = '_';
  return clean;
}

std::string numbered(std::string_view path, unsigned n) {
  const std::string_view extension = extension_of(path);
  std::string_view stem = path;
  stem.remove_suffix(extension.empty() ? 0 : extension.size() + 1);
  return std::string(stem) + "-" + std::to_string(n) + (extension.empty() ? "" : "." + std::string(extension));
}

bool is_hidden(std::string_view path) {
  return path.starts_with('.') || path.find("/.") != std::string_view::npos || path.starts_with("__MACOSX/");
}

std::string as_word(std::string_view text) {
  std::string word;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                       c == '-' || (c == '.' && !word.empty());
    word += plain ? c : '_';
  }
  return word;
}

std::string as_folder(std::string_view name) {
  constexpr std::size_t longest = 200;  // of 255 that disks take, so that a number fits behind it
  if (invalid_utf8(name)) return {};
  if (name.empty()) return "%";
  std::string folder;
  const auto spell = [&](char c) {
    constexpr char digits[] = "0123456789ABCDEF";
    folder += '%';
    folder += digits[static_cast<unsigned char>(c) >> 4];
    folder += digits[static_cast<unsigned char>(c) & 15U];
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool first = i == 0, last = i + 1 == name.size();
    const bool odd = static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\' ||
                     unportable_characters.find(c) != std::string_view::npos || (first && (c == '.' || c == ' ')) ||
                     (last && (c == '.' || c == ' ')) || (first && is_device_name(name));
    if (odd)
      spell(c);
    else
      folder += c;
  }
  if (folder.size() <= longest) return folder;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(folder[end]) & 0xC0U) == 0x80U) --end;
  folder.resize(end);
  while (folder.ends_with('.') || folder.ends_with(' ')) folder.pop_back();
  return folder;
}

std::string_view below_folder(std::string_view path, std::string_view folder) {
  const bool starts =
      !folder.empty() && path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
  return starts ? path.substr(folder.size() + 1) : path;
}

std::string TakenNames::take(const std::string& wanted) {
  std::string name = wanted;
  for (unsigned n = 2; !keys_.insert(collision_key(name)).second; ++n) name = wanted + "-" + std::to_string(n);
  return name;
}

}  // namespace vetset
