#include "vetset/dataset/split_names.h"

#include <algorithm>

namespace vetset {

std::vector<std::string_view> SplitNames::of(ImageIndex i) const {
  std::vector<std::string_view> names;
  for (const SplitIndex s : splits_.of(i))
    if (!d_[s].name.empty()) names.push_back(d_[s].name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::optional<std::pair<std::string_view, std::string_view>> different_splits(
    const std::vector<std::string_view>& first, const std::vector<std::string_view>& second) {
  for (const std::string_view a : first)
    for (const std::string_view b : second)
      if (a != b) return std::pair(a, b);
  return {};
}

std::vector<SplitClasses> classes_by_split(const Dataset& d) {
  std::vector<SplitClasses> rows;
  std::vector<std::size_t> row_of;  // of each split
  for (const Split& split : d.splits) {
    const auto known =
        std::find_if(rows.begin(), rows.end(), [&](const SplitClasses& r) { return r.name == split.name; });
    row_of.push_back(static_cast<std::size_t>(known - rows.begin()));
    if (known == rows.end())
      rows.push_back(
          {.name = split.name, .role = split.role, .objects = std::vector<std::uint64_t>(d.categories.size())});
  }
  const Dataset::ImageSplits splits = d.image_splits();
  std::vector<std::size_t> of_image;
  for (const Annotation& a : d.annotations) {
    if (a.image == none<ImageIndex> || a.category == none<CategoryIndex> || a.flags.is(Flag::crowd)) continue;
    of_image.clear();
    for (const SplitIndex s : splits.of(a.image)) {
      const std::size_t row = row_of[to_size(s)];
      if (std::find(of_image.begin(), of_image.end(), row) != of_image.end()) continue;
      of_image.push_back(row);
      ++rows[row].objects[to_size(a.category)];
      ++rows[row].all;
    }
  }
  return rows;
}

}  // namespace vetset
