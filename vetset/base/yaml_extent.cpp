#include "vetset/base/yaml_extent.h"

#include <algorithm>

namespace vetset {
namespace {

/// End of the quoted scalar that opens at `begin`.
std::size_t quoted_end(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  for (std::size_t at = begin + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 == text.size() || text[at + 1] != '\'') return at + 1;
      ++at;
    }
  }
  return text.size();
}

/// Past what may stand between the last value of a flow collection and its bracket.
std::size_t bracket_end(std::string_view text, std::size_t at, std::size_t limit) {
  while (at < limit && text[at] != ']' && text[at] != '}') {
    if (text[at] == '#') at = std::min(text.find('\n', at), limit);
    if (at < limit) ++at;
  }
  return std::min(at + 1, limit);
}

bool ends_token(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ']' || c == '}'; }

std::size_t token_end(std::string_view text, std::size_t at) {
  while (at < text.size() && !ends_token(text[at])) ++at;
  return at;
}

/// Past the anchor and the tag that stand before a value.
std::size_t content_begin(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
    at = token_end(text, at);
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r')) ++at;
  }
  return at;
}

/// `next`: where the following value begins, or the end of the text; nothing of this value stands beyond.
std::size_t scalar_end(const Yaml& value, std::string_view text, std::size_t next) {
  const std::size_t begin = std::min(content_begin(text, value.begin), next);
  const bool quoted = begin < text.size() && (text[begin] == '"' || text[begin] == '\'');
  if (quoted) return std::min(quoted_end(text, begin), next);
  if (!value.text.empty() && text.substr(begin, value.text.size()) == value.text) return begin + value.text.size();
  if (value.type == Yaml::Type::null && text.substr(begin, 1) != "~" && text.substr(begin, 1) != "n" &&
      text.substr(begin, 1) != "N") {
    return begin;
  }
  std::size_t end = next;
  while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '\n' || text[end - 1] == '\r')) --end;
  return end;
}

void find_end(Yaml& value, std::string_view text, std::size_t next) {
  const std::size_t begin = value.begin;
  if (begin < text.size() && text[begin] == '*') {  // an alias: what it stands for is told where it is anchored
    value.end = token_end(text, begin);
    return;
  }
  if (value.type == Yaml::Type::null || value.type == Yaml::Type::scalar) {
    value.end = scalar_end(value, text, next);
    return;
  }
  std::size_t end = begin;
  const auto child = [&](Yaml& inner, std::size_t after) {
    find_end(inner, text, std::max<std::size_t>(after, inner.begin));
    end = std::max<std::size_t>(end, inner.end);
  };
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    child(value.items[i], i + 1 < value.items.size() ? value.items[i + 1].begin : next);
  }
  for (std::size_t i = 0; i < value.entries.size(); ++i) {
    auto& [key, held] = value.entries[i];
    child(key, held.begin);
    child(held, i + 1 < value.entries.size() ? value.entries[i + 1].first.begin : next);
  }
  const std::size_t content = content_begin(text, begin);
  const bool flow = content < text.size() && (text[content] == '[' || text[content] == '{');
  const bool has_children = !value.items.empty() || !value.entries.empty();
  if (flow) end = bracket_end(text, has_children ? end : content + 1, next);
  value.end = end;
}

}  // namespace

void find_ends(Yaml& root, std::string_view text) { find_end(root, text, text.size()); }

}  // namespace vetset
