#include "vetset/dataset/image_names.h"

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

}  // namespace vetset
