// Where YAML values end: yaml-cpp tells only where they begin. For yaml.cpp alone.
#pragma once

#include <string_view>

#include "vetset/base/yaml.h"

namespace vetset {

/// Sets `end` of `root` and of all below it.
void find_ends(Yaml& root, std::string_view text);

}  // namespace vetset
