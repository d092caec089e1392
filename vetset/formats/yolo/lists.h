// Lists of images: which files of a tree their lines mean.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/tree.h"

namespace vetset::yolo_parts {

/// Finds the files that lines of lists mean. Lists are mostly sorted as trees are, so the file after the last one found
/// is tried first.
class ListedFiles {
 public:
  /// `homes` are tried in turn, after the folder of the list itself. All must outlive this.
  ListedFiles(const Tree& tree, std::array<std::string_view, 2> homes) : tree_(tree), homes_(homes) {}

  /// From the list ("./"), from the homes, from the root, or by the end of its path, which may be of another machine.
  /// `drop` is the number of leading parts that did not count for the line before. The view is the tree's own.
  std::optional<std::string_view> find(std::string_view list_folder, std::string_view line, std::size_t& drop);

 private:
  std::optional<std::string_view> held(std::string_view path);

  const Tree& tree_;
  std::array<std::string_view, 2> homes_;
  std::size_t next_ = 0;
};

/// The lines of a file of class names: each one a name, the last one only if it says something.
std::vector<std::string> names_of_lines(std::string_view text);

}  // namespace vetset::yolo_parts
