#include "vetset/check/report/html.h"

#include <algorithm>
#include <map>

#include "vetset/base/base64.h"
#include "vetset/base/digest.h"
#include "vetset/base/shell.h"
#include "vetset/check/report/html_parts.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

/// "'sha256-…'", as a policy names a style or a script.
std::string policy_of(std::string_view text) {
  const Digest digest = sha256(text);
  return "'sha256-" + base64({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()}) + "'";
}

std::string command_name(const HtmlDocument& doc) {
  return shell_word(doc.command.empty() ? doc.report.source : doc.command);
}

/// Rules that one flag makes run, or that nothing does but other data.
struct Unrun {
  std::string flag;                        // empty: no flag does
  std::vector<std::string_view> why = {};  // each reason once
  std::vector<std::string_view> codes = {};
};

/// The flag that takes a reason for not running away.
std::string flag_for(std::string_view reason) {
  static constexpr std::pair<std::string_view, std::string_view> flags[] = {
      {"--pixels", "--pixels"},
      {"embeddings", "--embeddings FILE"},
      {"predictions", "--predictions FILE"},
      {"probabilities", "--probabilities FILE"},
      {"contract", "--contract FILE"},
      {"proof", "--proof FILE"},
      {"keys to group by", "--set group-by=KEY"},
      {"split-policy=temporal", "--set split-policy=temporal"},
      {"earlier split", "--lock FILE"},
      {"earlier version", "--previous SRC"},
      {"near-duplicates", "--near views"},
  };
  for (const auto& [word, flag] : flags)
    if (reason.find(word) != std::string_view::npos) return std::string(flag);
  return {};
}

/// Rules that did not run: those of a flag together, the most first; then the others.
std::vector<Unrun> not_run_of(const Reported& report) {
  std::map<std::string, Unrun> by_flag;
  for (const ReportedRule& rule : report.rules) {
    if (rule.not_run.empty() || rule.not_run == not_selected) continue;
    const std::string flag = flag_for(rule.not_run);
    Unrun& unrun = by_flag[flag.empty() ? std::string(rule.not_run) : flag];
    unrun.flag = flag;
    if (std::find(unrun.why.begin(), unrun.why.end(), rule.not_run) == unrun.why.end())
      unrun.why.push_back(rule.not_run);
    unrun.codes.push_back(rule.rule->code);
  }
  std::vector<Unrun> all;
  for (auto& [what, unrun] : by_flag) all.push_back(std::move(unrun));
  std::stable_sort(all.begin(), all.end(), [](const Unrun& a, const Unrun& b) {
    return std::pair(a.flag.empty(), b.codes.size()) < std::pair(b.flag.empty(), a.codes.size());
  });
  return all;
}

/// A line of a card: how many, what, and the way to it.
std::string card_line(const RuleGroup& group, const std::string& more = {}) {
  return "<li class=\"" + std::string(name(group.severity)) + "\"><a href=\"#" + anchor_of(group.code) +
         "\"><b class=\"n\">" + grouped(group.count) + "</b><span><span class=\"t\">" + data_html(group.title) +
         "</span><small><span class=\"sev\">" + std::string(name(group.severity)) + "</span> " + data_html(group.code) +
         more + "</small></span></a></li>\n";
}

std::string more_line(std::size_t more) {
  if (more == 0) return {};
  return "<li class=\"more\"><a href=\"#findings\">and " + counted(more, "rule", "rules") + " more</a></li>\n";
}

constexpr std::size_t most_lines = 5;

std::string proved_card(const HtmlDocument& doc, const std::vector<RuleGroup>& groups) {
  std::string lines, noted;
  std::size_t shown = 0, more = 0, notes = 0;
  for (const RuleGroup& group : groups) {
    if (group.evidence != EvidenceClass::proof) continue;
    if (group.severity == Severity::note) {
      if (++notes <= 8)
        noted += (noted.empty() ? "" : ", ") + std::string("<a href=\"#") + anchor_of(group.code) + "\">" +
                 data_html(group.name.empty() ? group.code : group.name) + "</a> " + grouped(group.count);
    } else if (++shown <= most_lines) {
      lines += card_line(group);
    } else {
      ++more;
    }
  }
  std::string out = "<section class=\"card\" aria-labelledby=\"h-proved\"><h2 id=\"h-proved\">Proved wrong</h2>";
  const auto ran = static_cast<std::uint64_t>(std::count_if(doc.report.rules.begin(), doc.report.rules.end(),
                                                            [](const ReportedRule& r) { return r.not_run.empty(); }));
  if (shown == 0)
    out += "<p class=\"good\">Nothing, by " + counted(ran, "rule", "rules") + " that looked.</p>";
  else
    out += "<ul class=\"lines\">" + lines + more_line(more) + "</ul>";
  if (!noted.empty())
    out += "<p class=\"soft\">Worth knowing: " + noted +
           (notes > 8 ? " and " + std::to_string(notes - 8) + " more" : "") + ".</p>";
  return out + "</section>\n";
}

std::string estimated_card(const HtmlDocument& doc, const std::vector<RuleGroup>& groups) {
  std::string lines;
  std::size_t shown = 0, more = 0;
  for (const RuleGroup& group : groups) {
    if (group.evidence == EvidenceClass::proof) continue;
    if (++shown > most_lines) {
      ++more;
      continue;
    }
    std::string text = " · " + std::string(word_of(group.evidence));
    text += "<span class=\"est\">" + message_html(doc.report.findings[group.worst].finding->message, 150) + "</span>";
    lines += card_line(group, text);
  }
  std::string out = "<section class=\"card\" aria-labelledby=\"h-estimated\"><h2 id=\"h-estimated\">Estimated</h2>";
  if (shown == 0)
    out += "<p class=\"soft\">Nothing. What is estimated carries an error rate or is called a hint.</p>";
  else
    out += "<ul class=\"lines\">" + lines + more_line(more) + "</ul>";
  return out + "</section>\n";
}

std::string codes_of(const Unrun& unrun) {
  constexpr std::size_t most = 8;
  std::string codes;
  for (std::size_t k = 0; k < unrun.codes.size() && k < most; ++k)
    codes += (k == 0 ? "" : " ") + std::string(unrun.codes[k]);
  if (unrun.codes.size() > most) codes += " and " + std::to_string(unrun.codes.size() - most) + " more";
  return codes;
}

std::string not_run_card(const HtmlDocument& doc) {
  const std::vector<Unrun> all = not_run_of(doc.report);
  std::string out = "<section class=\"card\" aria-labelledby=\"h-not-run\"><h2 id=\"h-not-run\">Not run</h2>";
  const auto unselected =
      static_cast<std::uint64_t>(std::count_if(doc.report.rules.begin(), doc.report.rules.end(),
                                               [](const ReportedRule& r) { return r.not_run == not_selected; }));
  if (all.empty() && unselected == 0) out += "<p class=\"good\">Every rule looked.</p>";
  std::string lines, others;
  for (const Unrun& unrun : all) {
    if (unrun.flag.empty()) {
      others += (others.empty() ? "" : "; ") + data_html(unrun.why.front()) + ": " + codes_of(unrun);
      continue;
    }
    std::string why = unrun.why.size() == 1 && unrun.why.front().find("--") == std::string_view::npos
                          ? data_html(unrun.why.front()) + ": "
                          : std::string();
    lines += "<li><b class=\"n\">" + std::to_string(unrun.codes.size()) + "</b><span>run with <code class=\"flag\">" +
             data_html(unrun.flag) + "</code><small>" + why + codes_of(unrun) + "</small></span></li>\n";
  }
  if (!lines.empty()) out += "<ul class=\"plain\">\n" + lines + "</ul>";
  if (!others.empty()) out += "<p class=\"soft\">Not for these data: " + others + ".</p>";
  if (unselected > 0)
    out += "<p class=\"soft\">" + counted(unselected, "rule was", "rules were") + " not selected.</p>";
  return out + "</section>\n";
}

/// What to do next: a sentence and the command for it.
std::string next_card(const HtmlDocument& doc, const std::vector<RuleGroup>& groups) {
  const std::string source = command_name(doc);
  const std::string beside = doc.command.empty() ? doc.report.source : doc.command;
  std::vector<std::pair<std::string, std::string>> steps;
  std::uint64_t safe = 0;
  for (const ReportRepair& repair : doc.repairs)
    if (repair.safe) safe += repair.count;
  const auto found = [&](auto holds) { return std::any_of(groups.begin(), groups.end(), holds); };
  if (safe > 0)
    steps.emplace_back("Mend " + counted(safe, "thing", "things") + " that can be mended safely",
                       "vetset fix " + source + " -o " + shell_word(beside + "-fixed"));
  if (doc.leaks > 0 ||
      found([](const RuleGroup& g) { return g.code.starts_with("LEA30") && g.severity != Severity::note; }))
    steps.emplace_back("Split again, so that copies stay together",
                       "vetset split " + source + " " + shell_word(beside + "-split"));
  std::uint64_t doubted = 0;
  bool by_boxes = false;
  for (const RuleGroup& g : groups)
    if (g.rule != nullptr && g.rule->ranks && !(g.rule->needs & Needs::embeddings)) {
      doubted += g.count;
      by_boxes = by_boxes || (g.rule->needs & Needs::predictions);
    }
  if (doubted > 0)
    steps.emplace_back(
        "Hand " + counted(doubted, "label", "labels") + " that a model doubts to a labelling tool",
        "vetset queue " + source + (by_boxes ? " --predictions" : " --probabilities") + " FILE --to cvat -o look");
  if (!groups.empty() && groups.front().severity != Severity::note && groups.front().rule != nullptr)
    steps.emplace_back("Read what the gravest finding means", "vetset explain " + std::string(groups.front().code));
  if (!doc.pixels)
    steps.emplace_back("Look at the pixels, too: copies, leaks, poor pictures",
                       "vetset check " + source + " --pixels --report report.html");
  if (doc.report.errors + doc.report.warnings > 0 && !doc.report.has_baseline)
    steps.emplace_back("Take what stays as known, and let only new findings count",
                       "vetset check " + source + " --write-baseline known.json");
  if (doc.report.errors == 0) steps.emplace_back("Seal it, so that others can verify it", "vetset seal " + source);
  std::string out =
      "<section class=\"card\" aria-labelledby=\"h-next\"><h2 id=\"h-next\">What to do next</h2>"
      "<ol class=\"steps\">\n";
  for (std::size_t k = 0; k < steps.size() && k < 5; ++k)
    out += "<li>" + data_html(steps[k].first) + command_html(steps[k].second) + "</li>\n";
  return out + "</ol></section>\n";
}

std::string identity_line(std::string_view label, std::string_view id) {
  if (id.empty()) return {};
  return "<div><dt>" + std::string(label) + "</dt><dd><code>" + data_html(id) +
         "</code><button type=\"button\" class=\"copy\" aria-label=\"copy " + std::string(label) +
         "\">Copy</button></dd></div>\n";
}

std::string figure_of(std::string_view kind, std::uint64_t count, std::string_view one, std::string_view many) {
  return "<li class=\"" + std::string(kind) + (count == 0 ? " zero" : "") + "\"><b>" + grouped(count) + "</b> " +
         std::string(count == 1 ? one : many) + "</li>";
}

std::string gate_html(const Reported& report) {
  if (report.one_consumer || !report.fail_on) return {};
  std::string out = "<p class=\"gate ";
  out += report.failed ? "no\"><b>Does not pass</b>" : "yes\"><b>Passes</b>";
  const std::string_view level = *report.fail_on == Severity::error     ? "errors"
                                 : *report.fail_on == Severity::warning ? "errors and warnings"
                                                                        : "findings of any kind";
  if (const std::uint64_t broken = broken_rules(report); broken > 0)
    return out + " <span>" + counted(broken, "rule", "rules") + " broke</span></p>";
  return out + " <span>" + std::string(level) + (report.failed ? " fail it" : " would fail it") + "</span></p>";
}

std::string taken_out_html(const Reported& report) {
  std::string taken;
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) taken += (taken.empty() ? "" : ", ") + grouped(count) + " " + std::string(what);
  };
  add(report.in_baseline, "in the baseline");
  add(report.waived, "waived");
  add(report.by_path, "left out by path");
  std::string out;
  if (!taken.empty()) out += "<p class=\"soft\">Not counted: " + taken + ".</p>";
  for (const WaiverResult& w : report.waivers)
    if (w.expired)
      out += "<p class=\"soft\">The waiver of " + data_html(w.waiver.rule, 60) + " ended on " +
             data_html(w.waiver.until, 20) + ": " + counted(w.count, "finding counts", "findings count") +
             " again.</p>";
  return out;
}

std::string trainers_html(const Reported& report) {
  if (report.consumers.empty()) return {};
  std::string out =
      "<section class=\"card wide\" aria-labelledby=\"h-trainers\"><h2 id=\"h-trainers\">What a trainer reads of "
      "it</h2><ul class=\"plain trainers\">\n";
  for (const ConsumerView& view : report.consumers) {
    out += std::string("<li class=\"") + (view.whole() ? "whole" : "partly") + "\"><span>" + data_html(view.line());
    if (!view.effects.empty()) {
      const Effect& first = view.effects.front();
      out += "<small>" + data_html(first.file, 120) + (first.line != 0 ? ":" + std::to_string(first.line) : "") + ": " +
             data_html(first.what, 200);
      if (view.effects.size() > 1) out += "; and " + grouped(view.effects.size() - 1) + " more";
      out += "</small>";
    }
    out += "</span></li>\n";
  }
  return out + "</ul></section>\n";
}

struct Section {
  std::string_view id, title;
  std::string html;
};

std::string head_html(const HtmlDocument& doc) {
  const std::string style(report_style()), script(report_script());
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src " +
         policy_of(style) + "; script-src " + policy_of(script) +
         "; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n"
         "<meta name=\"generator\" content=\"" +
         data_html(doc.report.program) + "\">\n<title>" + data_html(doc.report.source, 120) +
         ": what vetset found</title>\n<style>" + style + "</style>\n</head>\n";
}

}  // namespace

std::string summary_section(const HtmlDocument& doc) {
  const Reported& report = doc.report;
  const std::vector<RuleGroup> groups = rule_groups(doc);
  const Counts& c = report.counts;
  std::string what(report.title.empty() ? report.format : report.title);
  if (!report.dialect.empty()) what += " (" + std::string(report.dialect) + ")";
  std::string out =
      "<section id=\"summary\" aria-labelledby=\"h-summary\">\n<p class=\"over\">What vetset found in</p>\n"
      "<h1 id=\"h-summary\">" +
      data_html(report.source, 160) + "</h1>\n<p class=\"what\">" + data_html(what) + (what.empty() ? "" : " · ") +
      counted(c.images, "image", "images") + " · " + counted(c.annotations, "object", "objects") + " · " +
      counted(c.categories, "class", "classes") + " · " + counted(c.splits, "split", "splits") +
      "</p>\n<dl class=\"ids\">" + identity_line("labels", doc.labels_id) + identity_line("dataset", doc.dataset_id) +
      "</dl>\n" + "<div class=\"verdict\"><ul class=\"totals\" aria-label=\"totals\">" +
      figure_of("error", report.errors, "error", "errors") +
      figure_of("warning", report.warnings, "warning", "warnings") +
      figure_of("note", report.notes_found, "note", "notes") + "</ul>" + gate_html(report) + "</div>\n" +
      taken_out_html(report) + "<div class=\"cards\">\n<div>" + proved_card(doc, groups) + next_card(doc, groups) +
      "</div><div>" + estimated_card(doc, groups) + not_run_card(doc) + "</div></div>\n" + trainers_html(report);
  return out + "</section>\n";
}

std::string html_report(const HtmlDocument& doc) {
  Section sections[] = {
      {"findings", "Findings", findings_section(doc)}, {"together", "Copies and leaks", together_section(doc)},
      {"contents", "Contents", contents_section(doc)}, {"coverage", "Coverage", coverage_section(doc)},
      {"repairs", "Repairs", repairs_section(doc)},    {"rules", "Rules", rules_section(doc)}};
  std::string out = head_html(doc) +
                    "<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header class=\"top\">"
                    "<span class=\"brand\">vetset <span>check</span></span>\n"
                    "<nav aria-label=\"sections\"><ul><li><a href=\"#summary\">Summary</a></li>";
  for (const Section& section : sections)
    if (!section.html.empty())
      out += "<li><a href=\"#" + std::string(section.id) + "\">" + std::string(section.title) + "</a></li>";
  out +=
      "</ul></nav>\n<button type=\"button\" id=\"theme\" class=\"needs-script\" aria-live=\"polite\">Theme: "
      "system</button></header>\n<main id=\"main\" tabindex=\"-1\">\n" +
      summary_section(doc);
  for (const Section& section : sections) {
    if (section.html.empty()) continue;
    out += "<section id=\"" + std::string(section.id) + "\" aria-labelledby=\"h-" + std::string(section.id) +
           "\">\n<h2 id=\"h-" + std::string(section.id) + "\">" + std::string(section.title) + "</h2>\n" +
           section.html + "</section>\n";
  }
  out += "</main>\n<footer><p>Made by " + data_html(doc.report.program) +
         ". This file is complete in itself and asks nobody for anything. The same data give the same bytes.";
  if (doc.left_out > 0) out += " " + counted(doc.left_out, "picture had", "pictures had") + " no room in it.";
  if (!doc.with_pictures) out += " Pictures were left out on request.";
  out += "</p></footer>\n<script type=\"application/json\" id=\"data\">" + findings_data(doc) + "</script>\n<script>" +
         std::string(report_script()) + "</script>\n</body>\n</html>\n";
  return out;
}

}  // namespace vetset
