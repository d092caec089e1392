// Masks that lie beside images as pictures of their own: which they are, and what their headers say.
#pragma once

#include <string>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"

namespace vetset {

struct MaskFile {
  ImageIndex image{};
  std::string path;  // in the tree
  Facts facts = {};  // status absent: not looked at, or not there
};

/// The mask files that images name in their attributes, by image; headers are not read here.
std::vector<MaskFile> mask_files(const Dataset& d);

}  // namespace vetset
