// Several trees as one, each below a folder of its own: what a union of datasets copies its images from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vetset/base/tree.h"

namespace vetset {

struct TreePart {
  std::string folder;  // "rice"; unique, one name
  std::unique_ptr<Tree> tree;
};
/// `name` is what messages call it.
std::unique_ptr<Tree> unite_trees(std::vector<TreePart> parts, std::string name);

}  // namespace vetset
