#include "vetset/formats/tool_text.h"

#include "vetset/base/json.h"
#include "vetset/base/xml.h"
#include "vetset/dataset/dataset.h"

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

}  // namespace vetset
