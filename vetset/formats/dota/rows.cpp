// Lines of a DOTA label file: two kinds of header, then objects. Nothing is repaired.
#include <algorithm>
#include <array>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/formats/dota/dota.h"

namespace vetset::dota_parts {
namespace {

constexpr std::string_view header_keys[] = {"imagesource", "gsd"};

/// In the order of DOTA's development kit; 15 of version 1.0, one more of 1.5, two more of 2.0.
constexpr std::string_view own_classes[] = {"plane",
                                            "ship",
                                            "storage-tank",
                                            "baseball-diamond",
                                            "tennis-court",
                                            "basketball-court",
                                            "ground-track-field",
                                            "harbor",
                                            "bridge",
                                            "large-vehicle",
                                            "small-vehicle",
                                            "helicopter",
                                            "roundabout",
                                            "soccer-ball-field",
                                            "swimming-pool",
                                            "container-crane",
                                            "airport",
                                            "helipad"};

/// At most `most` words of a line; how many there are in all.
template <std::size_t most>
std::size_t split_words(std::string_view line, std::array<std::string_view, most>& words) {
  std::size_t count = 0;
  for (std::size_t at = 0;;) {
    while (at < line.size() && is_blank(line[at])) ++at;
    if (at == line.size()) return count;
    const std::size_t begin = at;
    while (at < line.size() && !is_blank(line[at])) ++at;
    if (count < most) words[count] = line.substr(begin, at - begin);
    ++count;
  }
}

bool is_number(std::string_view word) { return read_loose_number(word).length == word.size(); }

}  // namespace

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::optional<Row> read_row(std::string_view line, RowFault& fault) {
  std::array<std::string_view, 10> words;
  const std::size_t count = split_words(line, words);
  if (count == 0) {
    fault = {line, {}};
    return std::nullopt;
  }
  Row row;
  for (std::size_t i = 0; i < std::min<std::size_t>(count, 8); ++i) {
    const NumberText n = read_loose_number(words[i]);
    if (n.length == 0 || n.length != words[i].size()) {
      fault = {words[i], "found '" + printable(words[i].substr(0, 40)) + "', expected a number of pixels"};
      return std::nullopt;
    }
    row.corners[i] = n.value;
  }
  if (count < 9 || count > 10) {
    fault = {words[0], "found " + std::to_string(count) + (count == 1 ? " word" : " words") +
                           ", expected eight numbers, a class and whether it is difficult"};
    return std::nullopt;
  }
  row.category = words[8];
  if (count == 10) row.difficult = words[9];
  return row;
}

Tristate difficult_of(const Row& row) {
  if (!row.difficult || !is_number(*row.difficult)) return Tristate::not_said;
  return read_loose_number(*row.difficult).value == 0 ? Tristate::no : Tristate::yes;
}

std::optional<Header> read_header(std::string_view line) {
  for (const std::string_view key : header_keys) {
    if (line.size() <= key.size() || !line.starts_with(key) || line[key.size()] != ':') continue;
    const std::string_view value = line.substr(key.size() + 1);
    if (invalid_utf8(value)) return std::nullopt;
    if (const NumberText n = read_number(value); n.length > 0 && n.length == value.size())
      return Header{key, std::string(value)};
    std::string json;
    append_json_string(json, value);
    return Header{key, std::move(json)};
  }
  return std::nullopt;
}

std::optional<std::string> header_line(const Dataset& d, const Attribute& attribute) {
  const std::string_view key = d.text(attribute.key), json = d.text(attribute.value);
  if (std::find(std::begin(header_keys), std::end(header_keys), key) == std::end(header_keys)) return std::nullopt;
  std::string value(json);
  JsonCursor in(json);
  if (in.type() == JsonType::string) value = in.read_string();
  // What would be read as something else is none: a string of digits, a list, a line break.
  std::string line = std::string(key) + ":" + value;
  if (line.find_first_of("\r\n") != std::string::npos) return std::nullopt;
  const std::optional<Header> again = read_header(line);
  if (!again || again->json != json) return std::nullopt;
  return line;
}

bool looks_like_labels(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || read_header(line)) continue;
    RowFault fault;
    const std::optional<Row> row = read_row(line, fault);
    return row && !is_number(row->category) && (!row->difficult || is_number(*row->difficult));
  }
  return false;
}

std::vector<std::string> ordered_classes(std::vector<std::string> names, const std::vector<std::string>& listed) {
  std::vector<std::string> ordered;
  const auto take = [&](const std::string& name) {
    if (std::find(ordered.begin(), ordered.end(), name) == ordered.end()) ordered.push_back(name);
  };
  for (const std::string& name : listed) take(name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const std::string_view own : own_classes)
    if (std::binary_search(names.begin(), names.end(), own)) take(std::string(own));
  for (const std::string& name : names) take(name);
  return ordered;
}

std::vector<std::string> class_words(const Dataset& d) {
  std::vector<std::string> words;
  for (const Category& c : d.categories) {
    std::string word = c.name;
    for (char& letter : word)
      if (static_cast<unsigned char>(letter) <= ' ' || letter == '\x7f') letter = '-';
    if (word.empty()) word = "object";
    const std::string wanted = word;
    for (unsigned n = 2; std::find(words.begin(), words.end(), word) != words.end(); ++n)
      word = wanted + "-" + std::to_string(n);
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace vetset::dota_parts
