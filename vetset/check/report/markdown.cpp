#include "vetset/check/report/markdown.h"

#include <algorithm>
#include <map>

#include "vetset/base/page.h"
#include "vetset/base/unicode.h"
#include "vetset/check/about.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

/// A forge takes 65,536 characters; people read far fewer.
constexpr std::size_t most_of_a_rule = 5, most_rows = 60;

std::string place_text(const ReportedFinding& f) {
  std::string text = printable(f.place.file);
  if (f.place.line != 0) text += ":" + std::to_string(f.place.line);
  return text;
}

/// "1 error, 2 warnings"; levels that say nothing are left out.
std::string levels(const Reported& report) {
  std::string text;
  const auto add = [&](std::uint64_t count, std::string_view one, std::string_view many) {
    if (count > 0) text += (text.empty() ? "" : ", ") + counted(count, one, many);
  };
  add(report.errors, "error", "errors");
  add(report.warnings, "warning", "warnings");
  add(report.notes_found, "note", "notes");
  return text;
}

Line verdict(const Reported& report) {
  const std::string found = levels(report);
  Line line;
  if (report.since.empty()) {
    line.push_back(strong(found.empty() ? "Nothing found" : found));
  } else {
    line.push_back(strong(found.empty() ? "Nothing new" : "New: " + found));
    line.push_back(plain(" since "));
    line.push_back(code(printable(report.since)));
  }
  std::string rest;
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) rest += (rest.empty() ? "" : ", ") + grouped(count) + " " + std::string(what);
  };
  add(report.gone.size(), "gone");
  add(report.in_baseline, report.since.empty() ? "in the baseline" : "known from there");
  add(report.waived, "waived");
  add(report.by_path, "left out by path");
  line.push_back(plain(rest.empty() ? "." : "; " + rest + "."));
  if (const std::uint64_t broken = broken_rules(report); broken > 0)
    line.push_back(strong(" " + counted(broken, "rule", "rules") + " broke."));
  return line;
}

/// All findings of a rule are one block of rows: the first few, and how many more.
void add_findings(Page& page, const Reported& report) {
  std::vector<std::vector<Line>> rows;
  std::map<std::string_view, std::uint64_t> seen;
  std::uint64_t left = 0;
  for (const ReportedFinding& f : report.findings) {
    if (++seen[f.finding->code] > most_of_a_rule || rows.size() >= most_rows) {
      ++left;
      continue;
    }
    std::string what = f.finding->message;
    if (!f.finding->fix.empty()) what += " → " + f.finding->fix;
    rows.push_back({{plain(name(f.finding->severity))},
                    {plain(std::string(f.finding->code) + (f.rule.empty() ? "" : " " + std::string(f.rule)))},
                    {code(place_text(f))},
                    {plain(printable(what))},
                    {code(f.fingerprint.substr(0, finding_id_size))}});
  }
  if (rows.empty()) return;
  page.heading(report.since.empty() ? "Found" : "New");
  page.table({"", "rule", "where", "what", "id"}, std::move(rows));
  if (left > 0) {
    std::string all;
    for (const auto& [rule, count] : seen)
      if (count > most_of_a_rule) all += (all.empty() ? "" : ", ") + std::string(rule) + " " + grouped(count);
    page.paragraph("And " + grouped(left) + " more" + (all.empty() ? "." : "; in all: " + all + "."));
  }
}

void add_gone(Page& page, const Reported& report) {
  if (report.gone.empty()) return;
  std::map<std::string, std::vector<const BaselineEntry*>> by_rule;
  for (const BaselineEntry& entry : report.gone) by_rule[entry.code].push_back(&entry);
  page.heading("Gone");
  std::vector<Line> items;
  for (const auto& [rule, entries] : by_rule) {
    Line item = {plain(printable(rule) + ": " + grouped(entries.size()))};
    for (std::size_t k = 0; k < entries.size() && k < most_of_a_rule; ++k) {
      if (entries[k]->image.empty()) continue;
      item.push_back(plain(item.size() == 1 ? ", of " : ", "));
      item.push_back(code(printable(entries[k]->image)));
    }
    items.push_back(std::move(item));
  }
  page.list(std::move(items));
}

void add_not_run(Page& page, const Reported& report) {
  std::map<std::string_view, std::string> by_reason;
  for (const ReportedRule& rule : report.rules)
    if (!rule.not_run.empty() && rule.not_run != not_selected) {
      std::string& codes = by_reason[rule.not_run];
      codes += (codes.empty() ? "" : ", ") + std::string(rule.rule->code);
    }
  if (by_reason.empty()) return;
  page.heading("Not looked at");
  std::vector<Line> items;
  for (const auto& [reason, codes] : by_reason) items.push_back({plain(std::string(reason) + ": " + codes)});
  page.list(std::move(items));
}

}  // namespace

std::string markdown_report(const Reported& report) {
  Page page("vetset check " + printable(report.source));
  page.paragraph(verdict(report));
  const Counts& c = report.counts;
  page.paragraph(counted(c.images, "image", "images") + ", " + counted(c.annotations, "object", "objects") + ", " +
                 counted(c.categories, "class", "classes") + ", " + counted(c.splits, "split", "splits") +
                 (report.title.empty() ? "" : "; " + std::string(report.title)) + ".");
  if (report.one_consumer) {
    std::vector<Line> lines;
    for (const ConsumerView& view : report.consumers) lines.push_back({plain(printable(view.line()))});
    page.list(std::move(lines));
  }
  add_findings(page, report);
  add_gone(page, report);
  add_not_run(page, report);
  return to_markdown(page);
}

}  // namespace vetset
