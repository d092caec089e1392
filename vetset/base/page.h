// A document for people: headings, paragraphs, lists, tables. Made once, written as Markdown or as HTML. What a span
// holds is text: whatever signs it has, neither form takes them for markup.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vetset {

struct Span {
  enum class Kind : unsigned char { plain, strong, code, link, bar };
  Kind kind = Kind::plain;
  std::string text = {};
  std::string target = {};  // of a link; one that is not http, https or mailto is shown as text
  double share = 0;         // of a bar: 0 to 1
};
using Line = std::vector<Span>;

Span plain(std::string_view text);
Span strong(std::string_view text);
/// A name, a path, a command: shown as it is.
Span code(std::string_view text);
Span link(std::string_view text, std::string_view target);
Span bar(double share);

struct Block {
  enum class Kind : unsigned char { heading, paragraph, list, table, commands };
  Kind kind = Kind::paragraph;
  unsigned level = 2;       // of a heading
  std::vector<Line> lines;  // a heading's or paragraph's one line; items of a list; a table's head
  std::vector<std::vector<Line>> rows = {};
  std::vector<bool> right = {};  // of a table: which columns hold numbers
  std::string text = {};         // of commands
  /// Those line by line, each safe to show.
  std::vector<std::string> command_lines() const;
};

class Page {
 public:
  explicit Page(std::string_view title) : title_(title) {}
  Page& heading(std::string_view text, unsigned level = 2);
  Page& paragraph(Line line);
  Page& paragraph(std::string_view text) { return paragraph(Line{plain(text)}); }
  Page& list(std::vector<Line> items);
  /// `head`: the columns' names; one that begins with '>' holds numbers.
  Page& table(std::vector<std::string> head, std::vector<std::vector<Line>> rows);
  /// Lines to be typed in a shell.
  Page& commands(std::string_view text);

  const std::string& title() const { return title_; }
  const std::vector<Block>& blocks() const { return blocks_; }

 private:
  std::string title_;
  std::vector<Block> blocks_;
};

/// GitHub's Markdown.
std::string to_markdown(const Page& page);
/// One file that needs nothing else: light or dark as the reader's system, and fit for paper.
std::string to_html(const Page& page);

/// The parts of text that HTML takes for markup, taken as text. Bytes that are no text are shown as \xNN.
std::string html_text(std::string_view text);

}  // namespace vetset
