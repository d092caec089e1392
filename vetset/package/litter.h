// What trainers and file managers leave behind in a folder that people train on: no part of the dataset, and no sign of
// tampering either.
#pragma once

#include <string_view>

#include "vetset/base/tree.h"

namespace vetset {

/// Which tool leaves a file of this path in the folder that `tree` shows ("Ultralytics"); empty where none is known to.
/// What a dataset may well hold itself needs a sign: an array counts only beside the image that it is a copy of.
std::string_view litter_maker(const Tree& tree, std::string_view path);
/// The same by the name alone, for who has no tree: every array counts.
std::string_view litter_maker(std::string_view path);

/// What kind of tool changes a file of this name in place; empty where nothing is known.
std::string_view who_rewrites(std::string_view path);

}  // namespace vetset
