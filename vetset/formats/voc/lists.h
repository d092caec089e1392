// The lists of ImageSets: which there are, and what a line of them says. For read.cpp.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"

namespace vetset::voc_parts {

struct ListPaths {
  std::vector<std::string_view> lists;   // of the task that splits are read from, train and val first
  std::vector<std::string_view> others;  // of other tasks
  std::set<std::string_view> names;      // of `lists`, without folder and extension
};
ListPaths find_lists(const Tree& tree);

/// One list. Its lines are views into `text`.
struct ImageList {
  std::string_view path;
  std::string root;  // the folder that holds ImageSets/, "" or ending in '/'
  std::string name;
  std::vector<char> text;  // not a string: views into it must survive a move
  std::vector<std::string_view> lines;
  File style;
  std::string class_name = {};  // where it is the list of a class
};
ImageList parse_list(std::string_view path, std::string_view bytes);

/// Whether it is "<class>_<list>.txt", whose lines say −1, 0 or 1 of each image; sets class_name. `or_empty`: also
/// where it has no line.
bool is_class_list(ImageList& list, const std::set<std::string_view>& names,
                   const std::function<bool(std::string_view)>& is_id, bool or_empty);

}  // namespace vetset::voc_parts
