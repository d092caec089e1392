// The list of classes that VOC itself does not have, as CVAT and Datumaro keep it beside the folders.
#include <algorithm>
#include <optional>

#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/formats/voc/voc.h"

namespace vetset::voc_parts {
namespace {

constexpr std::string_view corners_line = "# corners: ";

/// A name that a line of "name:r,g,b:parts:actions" can begin with.
bool is_plain(std::string_view name) {
  return !name.empty() && name.find_first_of(":\"\r\n") == std::string_view::npos && name.front() != '#' &&
         name.front() != ' ' && name.front() != '\t' && name.back() != ' ' && name.back() != '\t';
}

/// "r,g,b", each from 0 to 255.
std::optional<std::uint32_t> colour_of(std::string_view text) {
  std::uint32_t colour = 0;
  for (int channel = 0; channel < 3; ++channel) {
    const std::string_view number = text.substr(0, text.find(','));
    if ((channel < 2) == (number.size() == text.size())) return {};
    const NumberText value = read_number(number);
    if (value.length != number.size() || !value.fits_int64 || value.whole < 0 || value.whole > 255) return {};
    colour = colour << 8 | static_cast<std::uint32_t>(value.whole);
    text.remove_prefix(std::min(text.size(), number.size() + 1));
  }
  return colour;
}

}  // namespace

LabelMap parse_labelmap(std::string_view text) {
  LabelMap map;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(corners_line)) map.corners = line.substr(corners_line.size());
    if (line.empty() || line.front() == '#') continue;
    std::string name(line.substr(0, line.find(':')));
    std::size_t name_ends = name.size();
    if (line.front() == '"') {
      JsonCursor json(line);
      name = json.read_string();
      if (json.failed()) continue;
      name_ends = json.offset();
    }
    if (name_ends < line.size()) {
      const std::string_view rest = line.substr(name_ends + 1);
      if (const auto colour = colour_of(rest.substr(0, rest.find(':')))) map.colours.push_back(*colour);
    }
    if (std::find(map.names.begin(), map.names.end(), name) == map.names.end()) map.names.push_back(std::move(name));
  }
  return map;
}

std::string labelmap_text(const std::vector<std::string>& names, Corners corners) {
  std::string out = "# label:color_rgb:parts:actions\n";
  out.append(corners_line).append(voc_parts::name(corners)).append("\n");
  for (const std::string& name : names) {
    if (is_plain(name))
      out += name;
    else
      append_json_string(out, name);
    out += ":::\n";
  }
  return out;
}

}  // namespace vetset::voc_parts
