#include "vetset/base/page.h"

#include <algorithm>

#include "vetset/base/unicode.h"

namespace vetset {

Span plain(std::string_view text) { return {.kind = Span::Kind::plain, .text = std::string(text)}; }
Span strong(std::string_view text) { return {.kind = Span::Kind::strong, .text = std::string(text)}; }
Span code(std::string_view text) { return {.kind = Span::Kind::code, .text = std::string(text)}; }
Span link(std::string_view text, std::string_view target) {
  const bool known = target.starts_with("https://") || target.starts_with("http://") || target.starts_with("mailto:");
  if (!known) return plain(text);
  return {.kind = Span::Kind::link, .text = std::string(text), .target = std::string(target)};
}
Span bar(double share) { return {.kind = Span::Kind::bar, .share = share < 0 ? 0 : share > 1 ? 1 : share}; }

std::vector<std::string> Block::command_lines() const {
  std::vector<std::string> all;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    all.push_back(printable(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return all;
}

Page& Page::heading(std::string_view text, unsigned level) {
  blocks_.push_back({.kind = Block::Kind::heading, .level = level, .lines = {{plain(text)}}});
  return *this;
}

Page& Page::paragraph(Line line) {
  blocks_.push_back({.kind = Block::Kind::paragraph, .lines = {std::move(line)}});
  return *this;
}

Page& Page::list(std::vector<Line> items) {
  if (!items.empty()) blocks_.push_back({.kind = Block::Kind::list, .lines = std::move(items)});
  return *this;
}

Page& Page::table(std::vector<std::string> head, std::vector<std::vector<Line>> rows) {
  if (rows.empty()) return *this;
  Block table{.kind = Block::Kind::table, .lines = {}, .rows = std::move(rows)};
  for (const std::string& name : head) {
    const bool right = name.starts_with('>');
    table.right.push_back(right);
    table.lines.push_back({plain(std::string_view(name).substr(right ? 1 : 0))});
  }
  blocks_.push_back(std::move(table));
  return *this;
}

Page& Page::commands(std::string_view text) {
  blocks_.push_back({.kind = Block::Kind::commands, .lines = {}, .text = std::string(text)});
  return *this;
}

}  // namespace vetset
