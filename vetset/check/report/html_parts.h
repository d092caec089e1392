// Pieces that the HTML report is put together from. For files of this folder only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/check/report/html.h"

namespace vetset {

/// What comes from data, as text of HTML: no markup, no controls, nothing that turns the direction of what follows, no
/// names of people's home folders; its middle left out where it is longer than `most` bytes.
std::string data_html(std::string_view text, std::size_t most = 400);
/// The same as plain text, for JSON and for what is escaped later.
std::string data_text(std::string_view text, std::size_t most = 400);
/// The same of a message, whose names stand in backquotes: they become code.
std::string message_html(std::string_view text, std::size_t most = 400);
/// A line of a rule's page: `code`, **strong** and [links](…) without their target.
std::string page_line_html(std::string_view line);

/// "12.3 %"; "<0.1 %" for what is there and rounds to nothing.
std::string percent_of(std::uint64_t part, std::uint64_t whole);
/// A bar as wide as its share; for people who see it only, as the number stands beside it.
std::string bar_html(double share, std::string_view kind = {});
/// A command that can be copied.
std::string command_html(std::string_view command);
std::string picture_html(const ReportPicture& picture);

std::string_view word_of(EvidenceClass evidence);  // "proved", "estimated", "hint"
/// The anchor of a rule's section.
std::string anchor_of(std::string_view code);

/// All that one rule found.
struct RuleGroup {
  std::string_view code, name, title;
  const Rule* rule = nullptr;  // null: the code is no rule's
  std::string_view page = {};  // of it
  Severity severity{};         // the gravest
  EvidenceClass evidence{};    // of what is the gravest
  std::uint64_t count = 0;     // also of those that were counted and not kept
  std::size_t worst = 0;       // the finding that is furthest off, else the first; in Reported::findings
  std::vector<std::size_t> findings = {};
};
/// By severity, how certain they are, code.
std::vector<RuleGroup> rule_groups(const HtmlDocument& document);
/// Where a finding is: "a.xml:12", "classes".
std::string place_of(const ReportedFinding& finding);

// The sections of the document; empty where they have nothing to say.
std::string summary_section(const HtmlDocument& document);
std::string findings_section(const HtmlDocument& document);
std::string together_section(const HtmlDocument& document);
std::string contents_section(const HtmlDocument& document);
std::string coverage_section(const HtmlDocument& document);
std::string repairs_section(const HtmlDocument& document);
std::string rules_section(const HtmlDocument& document);
/// The list of findings for the script, as JSON that can stand inside an element.
std::string findings_data(const HtmlDocument& document);

/// Made by cmake/report_assets.cmake from report.css and report.js.
std::string_view report_style();
std::string_view report_script();

}  // namespace vetset
