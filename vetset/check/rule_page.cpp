#include "vetset/check/rule_page.h"

namespace vetset {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

/// Takes a page apart, line by line.
class PageReader {
 public:
  std::vector<PageSection> read(std::string_view page) {
    for (std::size_t begin = 0; begin < page.size();) {
      const std::size_t end = std::min(page.find('\n', begin), page.size());
      take(page.substr(begin, end - begin));
      begin = end + 1;
    }
    return std::move(sections_);
  }

 private:
  void take(std::string_view line) {
    if (line.starts_with("```")) {
      in_block_ = !in_block_;
      paragraph_ = false;
      // Pictures and samples are made by name; only what has a text is shown.
      if (in_block_ && line.starts_with("```file path=")) add("    " + std::string(line.substr(13)) + ":");
      return;
    }
    if (in_block_) return add("    " + std::string(line));
    line = trimmed(line);
    if (line.starts_with("# ")) return;  // the title says what the catalogue says
    if (line.starts_with("## ")) return open(line.substr(3));
    if (line.empty()) {
      paragraph_ = false;
      return;
    }
    // "**What.** A box …" opens a section in the middle of a page.
    if (const std::size_t end = line.find(".**"); line.starts_with("**") && end != std::string_view::npos) {
      open(line.substr(2, end - 2));
      line = trimmed(line.substr(end + 3));
    }
    if (!paragraph_) return add(std::string(line), true);
    (sections_.back().lines.back() += ' ') += line;
  }

  void open(std::string_view heading) {
    sections_.push_back({std::string(heading), {}});
    paragraph_ = false;
  }
  void add(std::string line, bool paragraph = false) {
    if (sections_.empty()) sections_.emplace_back();
    sections_.back().lines.push_back(std::move(line));
    paragraph_ = paragraph;
  }

  std::vector<PageSection> sections_;
  bool in_block_ = false, paragraph_ = false;
};

}  // namespace

std::string_view rule_page(std::string_view code) {
  for (const RulePage& page : rule_pages())
    if (page.code == code) return page.text;
  return {};
}

std::vector<PageSection> page_sections(std::string_view page) { return PageReader().read(page); }

}  // namespace vetset
