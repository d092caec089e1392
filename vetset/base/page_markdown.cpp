// Pages as GitHub's Markdown (GFM 0.29). Text is escaped by backslashes and entities, so that names and answers can
// hold any sign; names stand in code spans, which know no markup at all.
#include <algorithm>
#include <cmath>

#include "vetset/base/page.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

/// One line of text. Signs that begin a construct at a line's start alone ('-', '+', digits with a dot) cannot: the
/// writer puts something before them, or escapes them (`first`).
std::string escaped(std::string_view text, bool first) {
  std::string out;
  const std::string safe = printable(text);
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const char c = safe[i];
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case ':':  // "https://" and "mailto:" would become links by themselves
        out += safe.compare(i, 3, "://") == 0 ? "&#58;" : ":";
        break;
      case '@': out += "&#64;"; break;  // nobody is called by a card
      case '\\':
      case '`':
      case '*':
      case '_':
      case '[':
      case ']':
      case '|':
      case '~':
      case '#':
      case '$':
      case '!': out += std::string("\\") + c; break;
      case '.': out += first && i > 0 && safe.find_first_not_of("0123456789") == i ? "\\." : "."; break;
      case ')': out += first && i > 0 && safe.find_first_not_of("0123456789") == i ? "\\)" : ")"; break;
      case '-':
      case '+':
      case '=': out += first && i == 0 ? std::string("\\") + c : std::string(1, c); break;
      default: out += c;
    }
  }
  // "www." would become a link, too.
  for (std::size_t at = 0; (at = out.find("www.", at)) != std::string::npos;) out.replace(at, 4, "www&#46;");
  return out;
}

std::size_t longest_run(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  return longest;
}

/// A code span with as many backquotes as it takes. In a table '|' would end the cell even there.
std::string code_span(std::string_view text, bool in_table) {
  std::string safe = printable(text);
  if (in_table)
    for (std::size_t at = 0; (at = safe.find('|', at)) != std::string::npos; at += 2) safe.insert(at, "\\");
  const std::string fence(longest_run(safe) + 1, '`');
  const bool pad = safe.empty() || safe.front() == '`' || safe.back() == '`' ||
                   (safe.front() == ' ' && safe.back() == ' ' && safe.find_first_not_of(' ') != std::string::npos);
  return fence + (pad ? " " : "") + safe + (pad ? " " : "") + fence;
}

std::string blocks_of(double share) {
  const auto whole = static_cast<std::size_t>(std::lround(share * 20));
  std::string out;
  for (std::size_t i = 0; i < (share > 0 ? std::max<std::size_t>(whole, 1) : 0); ++i) out += "█";
  return out;
}

std::string line_text(const Line& line, bool in_table) {
  std::string out;
  for (const Span& s : line) {
    const bool first = out.empty() && !in_table;
    switch (s.kind) {
      case Span::Kind::plain: out += escaped(s.text, first); break;
      case Span::Kind::strong: out += "**" + escaped(s.text, false) + "**"; break;
      case Span::Kind::code: out += code_span(s.text, in_table); break;
      case Span::Kind::bar: out += blocks_of(s.share); break;
      case Span::Kind::link: {
        std::string target;
        for (const char c : printable(s.target))
          target += c == ' '    ? std::string("%20")
                    : c == '<'  ? std::string("%3C")
                    : c == '>'  ? std::string("%3E")
                    : c == '|'  ? std::string("%7C")
                    : c == '\\' ? std::string("%5C")
                                : std::string(1, c);
        out += "[" + escaped(s.text, false) + "](<" + target + ">)";
        break;
      }
    }
  }
  return out;
}

void append_table(std::string& out, const Block& b) {
  const auto row = [&](const std::vector<Line>& cells) {
    out += "|";
    for (const Line& cell : cells) out += " " + line_text(cell, true) + " |";
    out += "\n";
  };
  row(b.lines);
  out += "|";
  for (const bool right : b.right) out += right ? "---:|" : "---|";
  out += "\n";
  for (const auto& cells : b.rows) row(cells);
}

}  // namespace

std::string to_markdown(const Page& page) {
  std::string out = "# " + escaped(page.title(), false) + "\n";
  for (const Block& b : page.blocks()) {
    out += "\n";
    switch (b.kind) {
      case Block::Kind::heading: out += std::string(b.level, '#') + " " + line_text(b.lines[0], true) + "\n"; break;
      case Block::Kind::paragraph: out += line_text(b.lines[0], false) + "\n"; break;
      case Block::Kind::list:
        for (const Line& item : b.lines) out += "- " + line_text(item, false) + "\n";
        break;
      case Block::Kind::table: append_table(out, b); break;
      case Block::Kind::commands: {
        const std::string fence(std::max<std::size_t>(3, longest_run(b.text) + 1), '`');
        out += fence + "sh\n";
        for (const std::string& line : b.command_lines()) out += line + "\n";
        out += fence + "\n";
        break;
      }
    }
  }
  return out;
}

}  // namespace vetset
