#include "vetset/dataset/image_names.h"

#include "vetset/base/count_of.h"
#include "vetset/base/tree.h"

namespace vetset {

ImageNames::ImageNames(const Dataset& d) {
  for (std::size_t k = 0; k < d.images.size(); ++k) {
    const auto i = to_index<ImageIndex>(k);
    const std::string_view path = d.path(i);
    by_path_[path].push_back(i);
    if (!d.images[k].media.empty() && d.text(d.images[k].media) != path)
      by_path_[d.text(d.images[k].media)].push_back(i);
    by_name_[base_name(path)].push_back(i);
  }
}

ImageNames::Named ImageNames::find(std::string_view name) const {
  if (const auto path = by_path_.find(name); path != by_path_.end()) return {path->second, false};
  if (const auto base = by_name_.find(name); base != by_name_.end()) return {base->second, true};
  return {};
}

Result<UnusedRows> for_named_images(const Dataset& d, const NamedRows& given,
                                    const std::function<Result<void>(std::size_t row, ImageIndex image)>& take) {
  if (given.paths.size() != given.rows)
    return Error{Code::malformed,
                 "names " + count_of(given.paths.size(), "image") + ", expected " + std::to_string(given.rows) +
                     ", one a row of " + std::string(given.name),
                 given.file()};
  const ImageNames names(d);
  UnusedRows unused;
  for (std::size_t row = 0; row < given.rows; ++row) {
    const ImageNames::Named named = names.find(given.paths[row]);
    if (named.images.empty() && unused.count++ == 0) unused.first = row;
    if (named.by_base_name && named.images.size() > 1)
      return Error{Code::malformed,
                   "'" + given.paths[row] + "' of row " + std::to_string(row) + " is the name of " +
                       count_of(named.images.size(), "image") + ", expected a path that only one has",
                   given.file()};
    for (const ImageIndex image : named.images) VETSET_DO(take(row, image));
  }
  if (unused.count == given.rows && given.rows > 0)
    return Error{Code::malformed, "names no image of the dataset: its first is '" + given.paths.front() + "'",
                 given.file()};
  return unused;
}

}  // namespace vetset
