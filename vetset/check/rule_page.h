// The pages of docs/rules, built into the program: what a rule looks for, why, an example, how to mend it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vetset {

struct RulePage {
  std::string_view code;  // "FMT407"
  std::string_view text;  // Markdown
};
/// Every page there is, by code. The definition is made by cmake/rule_pages.cmake.
std::span<const RulePage> rule_pages();
/// The Markdown of a rule's page; empty where it has none.
std::string_view rule_page(std::string_view code);

/// A page in parts, for a terminal and for reports.
struct PageSection {
  std::string heading;             // "What", "Why it matters", "Example", "Fix", "When it is wrong", "Source"
  std::vector<std::string> lines;  // paragraphs are joined into one line each; lines of blocks begin with four blanks
};
std::vector<PageSection> page_sections(std::string_view page);

}  // namespace vetset
