// Finding the images that a table of a user means: by path, else by base name.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"

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

/// Rows of numbers whose images a list of paths names.
struct NamedRows {
  std::string_view name, names;  // of the files of the numbers and of the paths, for messages; `names` may be empty
  std::size_t rows = 0;
  std::span<const std::string> paths;  // one a row

  std::string file() const { return std::string(names.empty() ? name : names); }
};
/// Rows that name no image.
struct UnusedRows {
  std::size_t count = 0, first = 0;
};
/// Calls `take` for every image of every row, in the order of rows. Wrong: a count of paths that is not that of rows, a
/// name that several pictures have, and a list that names no image at all.
Result<UnusedRows> for_named_images(const Dataset& d, const NamedRows& given,
                                    const std::function<Result<void>(std::size_t row, ImageIndex image)>& take);

}  // namespace vetset
