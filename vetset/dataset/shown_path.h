// How people are told which image is meant.
#pragma once

#include <string_view>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// The image's path in the tree, where its file was found, or else its name in the labels. COCO's `file_name` often
/// lacks the folder: two images of one name are told apart by the former alone.
inline std::string_view shown_path(const Dataset& d, ImageIndex i) {
  const std::string_view media = d.text(d[i].media);
  return media.empty() ? d.path(i) : media;
}

}  // namespace vetset
