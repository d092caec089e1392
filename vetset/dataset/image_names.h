// Finding the images that a table of a user means: by path, else by base name.
#pragma once

#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

class ImageNames {
 public:
  /// Looks into the dataset, which must outlive it.
  explicit ImageNames(const Dataset& d);
  struct Named {
    std::span<const ImageIndex> images;  // in dataset order; empty: nobody is called so
    bool by_base_name = false;           // then several images are several pictures, not records of one
  };
  /// Those of this path (as written, or of the file), else those of this base name.
  Named find(std::string_view name) const;

 private:
  std::map<std::string_view, std::vector<ImageIndex>> by_path_, by_name_;
};

}  // namespace vetset
