#include "vetset/formats/voc/lists.h"

#include <algorithm>
#include <tuple>

namespace vetset::voc_parts {
namespace {

constexpr std::string_view sets = "ImageSets/";

std::size_t behind_sets(std::string_view path) {
  const std::size_t at = path.rfind(sets);
  return at == std::string_view::npos || (at > 0 && path[at - 1] != '/') ? std::string_view::npos : at + sets.size();
}

}  // namespace

ListPaths find_lists(const Tree& tree) {
  std::vector<std::string_view> all;
  for (const std::string_view path : tree.list())
    if (path.ends_with(".txt") && behind_sets(path) != std::string_view::npos) all.push_back(path);
  const auto task_of = [](std::string_view path) { return folder_of(path.substr(behind_sets(path))); };
  ListPaths found;
  for (const std::string_view task : {"Main", "", "Segmentation", "Layout", "Action"}) {
    for (const std::string_view path : all)
      if (task_of(path) == task) found.lists.push_back(path);
    if (!found.lists.empty()) break;
  }
  for (const std::string_view path : all)
    if (std::find(found.lists.begin(), found.lists.end(), path) == found.lists.end()) found.others.push_back(path);
  for (const std::string_view path : found.lists) found.names.insert(stem_of(path));
  const auto key = [](std::string_view path) {
    const SplitRole role = split_role(stem_of(path));
    return std::tuple(role == SplitRole::other || role == SplitRole::unspecified ? 9 : static_cast<int>(role), path);
  };
  std::sort(found.lists.begin(), found.lists.end(),
            [&](std::string_view a, std::string_view b) { return key(a) < key(b); });
  return found;
}

ImageList parse_list(std::string_view path, std::string_view bytes) {
  ImageList list;
  list.path = path;
  list.root = path.substr(0, behind_sets(path) - sets.size());
  list.name = stem_of(path);
  list.style.bom = bytes.starts_with("\xef\xbb\xbf");
  list.style.crlf = bytes.find("\r\n") != std::string_view::npos;
  list.style.final_newline = bytes.empty() || bytes.back() == '\n';
  bytes.remove_prefix(list.style.bom ? 3 : 0);
  list.text.assign(bytes.begin(), bytes.end());
  for (std::string_view rest(list.text.data(), list.text.size()); !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    if (!line.empty()) list.lines.push_back(line);
  }
  return list;
}

bool is_class_list(ImageList& list, const std::set<std::string_view>& names,
                   const std::function<bool(std::string_view)>& is_id, bool or_empty) {
  const std::size_t under = list.name.rfind('_');
  if (under == std::string::npos || under == 0 || (list.lines.empty() && !or_empty)) return false;
  if (!names.contains(std::string_view(list.name).substr(under + 1))) return false;
  for (const std::string_view line : list.lines) {
    const std::size_t blank = line.find_last_of(" \t");
    if (blank == std::string_view::npos || is_id(line)) return false;
    const std::string_view mark = line.substr(blank + 1);
    if (mark != "1" && mark != "-1" && mark != "0") return false;
  }
  list.class_name = list.name.substr(0, under);
  return true;
}

}  // namespace vetset::voc_parts
