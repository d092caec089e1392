// What an earlier version of a dataset said of its splits: which image was where. Made from a split.lock; what rules
// about growth (LEA318) look at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vetset/base/digest.h"

namespace vetset {

struct Previous {
  struct Image {
    std::string path;              // as that version named it
    std::optional<Digest> digest;  // of its file; nothing where it was not at hand
    std::string split;             // empty: kept out of all splits
  };
  std::vector<Image> images;  // by path
};

}  // namespace vetset
