// The class of images that are labelled as a whole.
#pragma once

#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// By image: its one class, where all that is said of it are tags of that class; else none.
std::vector<CategoryIndex> classes_of_images(const Dataset& d);

}  // namespace vetset
