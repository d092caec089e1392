#include "vetset/formats/tool_text.h"

#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/xml.h"

namespace vetset {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

}  // namespace

std::string json_of_text(std::string_view text) {
  JsonCursor json(text);
  json.skip();
  if (json.at_end() && !json.failed() && json.odd_numbers() == 0) return std::string(trimmed(text));
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string text_of_json(std::string_view json) {
  JsonCursor in(json);
  if (in.type() != JsonType::string) return std::string(json);
  std::string text(in.read_string());
  const bool blank = !text.empty() && trimmed(text).empty();
  return !blank && fits_xml(text) && json_of_text(text) == json ? text : std::string(json);
}

std::int64_t number_of_id(std::string_view json) {
  if (json.empty()) return Ids::absent;
  const NumberText n = read_number(json);
  const bool whole = n.integer && n.fits_int64 && n.length == json.size() && n.whole > Ids::odd;
  return whole && std::to_string(n.whole) == json ? n.whole : Ids::odd;
}

std::string text_of_marks(Flags flags, bool has_occluded) {
  std::string out;
  for (unsigned k = 0; k < flag_count; ++k) {
    const Flag flag = static_cast<Flag>(k);
    if (flag == Flag::crowd || (flag == Flag::occluded && has_occluded) || flags[flag] == Tristate::not_said) continue;
    out.append(out.empty() ? "" : ", ").append(name(flag));
    if (flags[flag] == Tristate::no) out += ": no";
  }
  return out;
}

void read_marks(std::string_view text, Flags& flags) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view word = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool no = word.ends_with(": no");
    if (no) word.remove_suffix(4);
    for (unsigned k = 0; k < flag_count; ++k)
      if (name(static_cast<Flag>(k)) == word && static_cast<Flag>(k) != Flag::crowd)
        flags.set(static_cast<Flag>(k), !no);
  }
}

}  // namespace vetset
