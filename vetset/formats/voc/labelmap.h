// labelmap.txt, as CVAT and Datumaro keep it beside the folders of VOC: "name:r,g,b:parts:actions".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vetset::voc_parts {

struct LabelMap {
  std::vector<std::string> names;
  std::vector<std::uint32_t> colours = {};  // 0xRRGGBB, of the lines that give one
  std::string corners = {};                 // what a comment of ours pins
};
LabelMap parse_labelmap(std::string_view text);

}  // namespace vetset::voc_parts
