// Facts of image files as columns of small numbers: what a shortcut could learn instead of what the picture shows.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "vetset/check/rule.h"

namespace vetset {

struct FileTrait {
  std::string_view name;           // "shorter side"
  bool moved_by_content = false;   // what the picture shows changes it, too: bytes, proportions
  std::vector<std::uint8_t> bins;  // by image
  std::uint8_t bin_count = 0;
};
/// Columns that take more than one value. Numbers of many values are cut into sixteen bins of equally many images.
std::vector<FileTrait> file_traits(const Evidence& evidence);

}  // namespace vetset
