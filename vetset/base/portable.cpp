#include "vetset/base/portable.h"

#include <algorithm>
#include <string>

namespace vetset {

bool is_device_name(std::string_view part) {
  std::string stem(part.substr(0, part.find('.')));
  if (stem.size() < 3 || stem.size() > 4) return false;
  std::transform(stem.begin(), stem.end(), stem.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (stem == "CON" || stem == "PRN" || stem == "AUX" || stem == "NUL") return true;
  return stem.size() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT")) && stem[3] >= '1' && stem[3] <= '9';
}

}  // namespace vetset
