// Names of files and folders that writers make: such as every disk, every archive and every loader takes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

namespace vetset {

/// What no two files may share, on any disk: normal form C, without case.
std::string collision_key(std::string_view path);

/// A name as a path that stays below a folder: no "..", drive, hidden part or control character. Folders called as one
/// of `without` are taken off.
std::string clean_name(std::string_view name, std::span<const std::string_view> without = {});

/// "a/b-2.jpg": the path with a number before its extension.
std::string numbered(std::string_view path, unsigned n);

/// Whether a part of the path begins with '.': what loaders look away from.
bool is_hidden(std::string_view path);

/// A word that can be a key and a folder: letters, digits and a few signs.
std::string as_word(std::string_view text);

/// A name as one folder, the name itself where that can be: what cannot stand there is spelled "%2F". Empty for bytes
/// that are not UTF-8.
std::string as_folder(std::string_view name);

/// The path without that folder at its beginning; the path itself where it begins otherwise.
std::string_view below_folder(std::string_view path, std::string_view folder);

/// Names that are taken, each with what it would collide with.
class TakenNames {
 public:
  /// `wanted`, or "wanted-2", "wanted-3" … where that is taken; takes it.
  std::string take(const std::string& wanted);

 private:
  std::unordered_set<std::string> keys_;
};

}  // namespace vetset
