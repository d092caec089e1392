// Findings in the HTML report: a section a rule, with pictures; a list of all that can be searched; what every rule
// did.
#include <algorithm>
#include <map>
#include <numeric>

#include "vetset/base/json.h"
#include "vetset/base/page.h"
#include "vetset/base/shell.h"
#include "vetset/check/report/html_parts.h"
#include "vetset/check/rule_page.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

constexpr std::size_t places_shown = 8, places_cut = 300;

std::string button_group() {
  static constexpr std::pair<int, std::string_view> levels[] = {{2, "Errors"}, {1, "Warnings"}, {0, "Notes"}};
  std::string out = "<div class=\"group\" id=\"levels\" role=\"group\" aria-label=\"severity\">";
  for (const auto& [level, word] : levels)
    out += "<button type=\"button\" aria-pressed=\"false\" data-level=\"" + std::to_string(level) + "\">" +
           std::string(word) + "</button>";
  return out + "</div>";
}

std::string filter_html(const std::vector<RuleGroup>& groups, bool pictures) {
  std::string out =
      "<div class=\"filter needs-script\" role=\"search\"><input type=\"search\" id=\"search\" "
      "placeholder=\"Search: a file, a class, a rule, a word\" aria-label=\"search findings\" autocomplete=\"off\" "
      "spellcheck=\"false\">" +
      button_group() +
      "<select id=\"by-evidence\" aria-label=\"how certain\"><option value=\"\">Proved or not</option>"
      "<option value=\"0\">Proved</option><option value=\"1\">Estimated</option><option value=\"2\">Hints</option>"
      "</select><select id=\"by-rule\" aria-label=\"rule\"><option value=\"\">All rules</option>";
  for (const RuleGroup& group : groups)
    out += "<option value=\"" + data_html(group.code) + "\">" + data_html(group.code) + " " + data_html(group.name) +
           "</option>";
  out += "</select><button type=\"button\" id=\"clear\" hidden>Clear</button>";
  if (pictures) out += "<button type=\"button\" id=\"other-labels\" aria-pressed=\"true\">All labels</button>";
  return out +
         "<output id=\"told\" aria-live=\"polite\"></output></div>\n"
         "<p id=\"no-match\" class=\"soft\" hidden>Nothing matches.</p>\n";
}

/// A section of a rule's page: paragraphs, lists as they stand, blocks as blocks.
std::string page_section_html(const PageSection& section) {
  std::string out = "<div><h4>" + html_text(section.heading) + "</h4>", block;
  const auto close_block = [&] {
    if (!block.empty()) out += "<pre tabindex=\"0\">" + html_text(block.substr(0, block.size() - 1)).append("</pre>");
    block.clear();
  };
  for (const std::string& line : section.lines) {
    if (line.starts_with("    ")) {
      block += line.substr(4) + "\n";
      continue;
    }
    close_block();
    out += "<p>" + page_line_html(line) + "</p>";
  }
  close_block();
  return out + "</div>";
}

/// What the rule's page says, but for its example, which is no part of this dataset.
std::string about_html(const RuleGroup& group) {
  std::string sections;
  for (const PageSection& section : page_sections(group.page))
    if (!section.heading.empty() && section.heading != "Example" && !section.lines.empty())
      sections += page_section_html(section);
  if (sections.empty()) return {};
  return "<details><summary>What this is, why it matters, when it is wrong</summary><div class=\"about\">" + sections +
         "</div></details>\n";
}

std::string places_html(const HtmlDocument& doc, const RuleGroup& group) {
  if (group.findings.size() < 2) return {};
  const std::size_t shown = std::min(places_shown, group.findings.size());
  std::string out = "<details class=\"print\"><summary>" +
                    std::string(shown == group.findings.size() ? "All " : "The first ") + std::to_string(shown) +
                    " places</summary><ol class=\"places\">\n";
  for (std::size_t k = 0; k < shown; ++k) {
    const ReportedFinding& f = doc.report.findings[group.findings[k]];
    out += "<li><code>" + data_html(place_of(f), 160) + "</code>" + message_html(f.finding->message, places_cut) +
           "</li>\n";
  }
  return out + "</ol></details>\n";
}

std::string pictured_html(const HtmlDocument& doc, const PicturedFinding& pictured) {
  const ReportedFinding& f = doc.report.findings[pictured.finding];
  const std::string said = "<p class=\"msg\">" + message_html(f.finding->message, 160) + "</p>";
  std::string out = "<div" + std::string(pictured.pictures.size() > 1 ? " class=\"pair\"" : "") + ">";
  for (const ReportPicture& picture : pictured.pictures) out += picture_html(picture);
  return out + said + "</div>\n";
}

std::string pictures_html(const HtmlDocument& doc, const RuleGroup& group) {
  std::string out;
  for (const PicturedFinding& pictured : doc.pictured)
    if (doc.report.findings[pictured.finding].finding->code == group.code) out += pictured_html(doc, pictured);
  return out.empty() ? out : "<div class=\"pictures\">\n" + out + "</div>\n";
}

std::string rule_html(const HtmlDocument& doc, const RuleGroup& group) {
  const ReportedFinding& worst = doc.report.findings[group.worst];
  const std::string severity(name(group.severity)), id = anchor_of(group.code);
  std::string out =
      "<article class=\"rule\" id=\"" + id + "\" aria-labelledby=\"h-" + id + "\">\n<header><div><h3 id=\"h-" + id +
      "\">" + data_html(group.title.empty() ? group.code : group.title) + "</h3><p class=\"meta\"><span class=\"pill " +
      severity + "\">" + severity + "</span><span class=\"pill class\">" + std::string(word_of(group.evidence)) +
      "</span><span>" + data_html(group.code) + " " + data_html(group.name);
  if (group.rule != nullptr && group.rule->revision > 1) out += ", revision " + std::to_string(group.rule->revision);
  out += "</span></p></div><p class=\"count\">" + grouped(group.count) + "<small>" +
         std::string(group.count == 1 ? "finding" : "findings") + "</small></p></header>\n";
  const std::string place = place_of(worst);
  out += "<p class=\"say\">" + message_html(worst.finding->message, 600) +
         (place.empty() ? "" : "<span class=\"where\">" + data_html(place, 200) + "</span>") + "</p>\n";
  if (!worst.finding->fix.empty())
    out += "<p class=\"mend\"><b>To mend it</b> " + data_html(worst.finding->fix, 400) + "</p>\n";
  out += pictures_html(doc, group) + places_html(doc, group) + about_html(group);
  if (group.findings.size() > places_shown)
    out += "<div class=\"actions needs-script\"><button type=\"button\" data-list=\"" + data_html(group.code) +
           "\">List all " + grouped(group.count) + "</button></div>\n";
  return out + "</article>\n";
}

std::string list_html(const HtmlDocument& doc) {
  const std::string source = shell_word(doc.command.empty() ? doc.report.source : doc.command);
  return "<div class=\"panel\" id=\"every\" tabindex=\"-1\"><h3>Every finding</h3>\n<div class=\"scroll\" "
         "tabindex=\"0\" "
         "role=\"region\" aria-label=\"every finding\"><table id=\"list\" aria-label=\"every finding\"><thead><tr><th "
         "scope=\"col\">Severity</th><th "
         "scope=\"col\">Rule</th><th scope=\"col\">Where</th><th scope=\"col\">What</th></tr></thead><tbody></tbody>"
         "</table></div>\n<button type=\"button\" id=\"more\" class=\"more-rows\" hidden>Show "
         "more</button>\n<noscript><p "
         "class=\"soft\">The list needs the script of this page. The program prints it, too:</p></noscript>" +
         command_html("vetset check " + source + " --all") + "</div>\n";
}

int level_of(Severity severity) { return static_cast<int>(severity); }

/// One row of the list; texts stand for numbers in a table beside it.
std::string row_json(const ReportedFinding& f, std::size_t rule, std::int64_t place, std::int64_t image) {
  std::string text;
  JsonWriter out(text);
  out.begin_array().value(std::uint64_t{rule}).value(level_of(f.finding->severity));
  out.value(static_cast<int>(f.finding->evidence)).value(place).value(image);
  out.value(data_text(f.category, 120)).value(data_text(f.finding->message)).value(data_text(f.finding->fix, 200));
  out.end_array();
  return text;
}

/// '<' cannot end an element, or begin a comment, where it is spelled as an escape.
std::string inside_script(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

/// How many findings of each group the list has room for: as many of each, but for groups that have fewer.
std::vector<std::size_t> listed_of(const HtmlDocument& doc, const std::vector<RuleGroup>& groups) {
  std::vector<std::size_t> listed(groups.size(), 0), order(groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return groups[a].findings.size() < groups[b].findings.size(); });
  std::size_t room = doc.listed_bytes, left = groups.size();
  for (const std::size_t g : order) {
    std::size_t bytes = 0;
    const std::size_t share = room / left--;
    for (const std::size_t n : groups[g].findings) {
      const ReportedFinding& f = doc.report.findings[n];
      // The paths once each, though many findings may share one.
      const std::size_t row =
          inside_script(row_json(f, g, 0, 0) + data_text(place_of(f), 200) + data_text(f.image, 200)).size() + 24;
      if (bytes + row > share) break;
      bytes += row;
      ++listed[g];
    }
    room -= bytes;
  }
  return listed;
}

std::string place_text(const ReportedFinding& f) { return data_text(vetset::place_of(f), 200); }

}  // namespace

std::string place_of(const ReportedFinding& f) {
  if (f.place.file.empty()) return f.category.empty() ? std::string() : "classes";
  std::string text = f.place.file;
  if (f.place.line != 0) text += ":" + std::to_string(f.place.line);
  return text;
}

std::vector<RuleGroup> rule_groups(const HtmlDocument& doc) {
  std::map<std::string_view, RuleGroup> by_code;
  for (std::size_t n = 0; n < doc.report.findings.size(); ++n) {
    const ReportedFinding& shown = doc.report.findings[n];
    const Finding& f = *shown.finding;
    const auto [at, is_new] = by_code.try_emplace(f.code);
    RuleGroup& group = at->second;
    if (is_new) {
      group.code = f.code;
      group.rule = find_rule(f.code);
      group.page = rule_page(f.code);
      for (const ReportedRule& rule : doc.report.rules)  // those of a contract and a team's own are in no catalogue
        if (group.rule == nullptr && rule.rule->code == f.code) {
          group.rule = rule.rule;
          group.page = page_of(rule);
        }
      group.name = group.rule == nullptr ? shown.rule : group.rule->name;
      group.title = group.rule == nullptr ? std::string_view() : group.rule->title;
      group.severity = f.severity;
      group.evidence = f.evidence;
      group.worst = n;
    }
    const Finding& worst = *doc.report.findings[group.worst].finding;
    if (f.severity == worst.severity && f.score && *f.score > worst.score.value_or(-1)) group.worst = n;
    group.findings.push_back(n);
    group.count += shown.count;
  }
  for (const ReportedRule& rule : doc.report.rules)
    if (const auto group = by_code.find(rule.rule->code); group != by_code.end())
      group->second.count = std::max(group->second.count, rule.count);
  std::vector<RuleGroup> groups;
  for (auto& [code, group] : by_code) groups.push_back(std::move(group));
  std::stable_sort(groups.begin(), groups.end(), [](const RuleGroup& a, const RuleGroup& b) {
    return std::pair(-level_of(a.severity), a.evidence) < std::pair(-level_of(b.severity), b.evidence);
  });
  return groups;
}

std::string findings_section(const HtmlDocument& doc) {
  const std::vector<RuleGroup> groups = rule_groups(doc);
  if (groups.empty()) return {};
  std::string out = filter_html(groups, !doc.pictured.empty());
  for (const RuleGroup& group : groups) out += rule_html(doc, group);
  return out + list_html(doc);
}

std::string findings_data(const HtmlDocument& doc) {
  const std::vector<RuleGroup> groups = rule_groups(doc);
  const std::vector<std::size_t> listed = listed_of(doc, groups);
  std::map<std::string, std::int64_t> numbers;
  std::vector<const std::string*> texts;
  const auto number_of = [&](std::string text) -> std::int64_t {
    if (text.empty()) return -1;
    const auto [at, is_new] = numbers.try_emplace(std::move(text), static_cast<std::int64_t>(texts.size()));
    if (is_new) texts.push_back(&at->first);
    return at->second;
  };
  std::string text;
  std::uint64_t count = 0;
  JsonWriter out(text);
  out.begin_object().key("rules").begin_array();
  for (const RuleGroup& group : groups) {
    out.begin_object().key("code").value(data_text(group.code)).key("name").value(data_text(group.name));
    out.key("title").value(data_text(group.title)).end_object();
    count += group.count;
  }
  out.end_array().key("rows").begin_array();
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (std::size_t k = 0; k < listed[g]; ++k) {
      const ReportedFinding& f = doc.report.findings[groups[g].findings[k]];
      const std::int64_t place = number_of(place_text(f));
      out.raw(row_json(f, g, place, number_of(data_text(f.image, 200))));
    }
  out.end_array().key("texts").begin_array();
  for (const std::string* one : texts) out.value(*one);
  out.end_array().key("count").value(count).end_object();
  return inside_script(text);
}

std::string rules_section(const HtmlDocument& doc) {
  std::string rows;
  for (const ReportedRule& shown : doc.report.rules) {
    const Rule& rule = *shown.rule;
    std::string state;
    if (!shown.not_run.empty())
      state = "<span class=\"state off\">not run</span> <small>" + data_html(shown.not_run) + "</small>";
    else if (shown.count == 0)
      state = "<span class=\"state\">found nothing</span>";
    else
      state = "<a class=\"state found\" href=\"#" + anchor_of(rule.code) + "\">" +
              counted(shown.count, "finding", "findings") + "</a>";
    rows += "<tr><td><code>" + data_html(rule.code) + (rule.revision > 1 ? "@" + std::to_string(rule.revision) : "") +
            "</code></td><th scope=\"row\">" + data_html(rule.title) + "<br><small>" + data_html(rule.name) +
            "</small></th><td>" + std::string(name(shown.severity)) + "</td><td>" +
            std::string(word_of(rule.evidence)) + "</td><td>" + state + "</td></tr>\n";
  }
  if (rows.empty()) return {};
  return "<div class=\"panel\"><p class=\"soft\">What each rule of this release did. A rule that did not run says "
         "nothing about the data.</p><details class=\"print\"><summary>All " +
         std::to_string(doc.report.rules.size()) +
         " rules</summary><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
         "aria-label=\"rules\"><table aria-label=\"rules\"><thead><tr><th "
         "scope=\"col\">Code</th><th scope=\"col\">Rule</th><th scope=\"col\">Severity</th><th scope=\"col\">What it "
         "finds is</th><th scope=\"col\">What came of it</th></tr></thead><tbody>\n" +
         rows + "</tbody></table></div></details></div>\n";
}

}  // namespace vetset
