// Which split an image was in before: what an earlier split of the same dataset recorded, for LEA318.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vetset/base/digest.h"

namespace vetset {

struct Previous {
  struct Image {
    std::string path;              // as the dataset named it then
    std::optional<Digest> digest;  // of its file; nothing where it was not at hand
    std::string split;             // its name; empty: it was kept out on purpose
  };
  std::string name = {};           // what messages call the record: "split.lock"
  std::vector<Image> images = {};  // by path
};

}  // namespace vetset
