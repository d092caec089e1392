#include "vetset/check/report/text.h"

#include <algorithm>
#include <map>

#include "vetset/base/unicode.h"
#include "vetset/check/report/columns.h"
#include "vetset/check/select.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

enum class Style { plain, bold, dim, red, yellow, green, cyan };

/// Paints text where colours are wanted. Widths are those of the bare text.
class Paint {
 public:
  explicit Paint(bool color) : color_(color) {}
  std::string operator()(Style style, std::string_view text) const {
    if (!color_ || style == Style::plain || text.empty()) return std::string(text);
    return std::string(code(style)) + std::string(text) + "\x1b[0m";
  }

 private:
  static const char* code(Style style) {
    switch (style) {
      case Style::bold: return "\x1b[1m";
      case Style::dim: return "\x1b[2m";
      case Style::red: return "\x1b[1;31m";
      case Style::yellow: return "\x1b[33m";
      case Style::green: return "\x1b[1;32m";
      case Style::cyan: return "\x1b[36m";
      case Style::plain: break;
    }
    return "";
  }
  bool color_;
};

Style style_of(Severity severity) {
  switch (severity) {
    case Severity::error: return Style::red;
    case Severity::warning: return Style::yellow;
    case Severity::note: break;
  }
  return Style::cyan;
}

std::string place_text(const ReportedFinding& f, std::string_view source) {
  if (f.place.file.empty()) return std::string(f.category.empty() ? source : std::string_view("classes"));
  std::string text = printable(f.place.file);
  if (f.place.line != 0) text += ":" + std::to_string(f.place.line);
  // A row of a label file is one line; in a document the column counts.
  if (f.place.line != 0 && f.place.column > 1 && !f.place.file.ends_with(".txt"))
    text += ":" + std::to_string(f.place.column);
  return text;
}

/// A line of the summary: one rule at one severity.
struct Row {
  const ReportedFinding* example = nullptr;
  std::uint64_t count = 0;
};

struct Group {
  std::string_view heading;
  std::vector<Row> rows;
};

/// PROVED: certain and wrong. MEASURED: with an error rate. GUESSED: by a rule of thumb that warns. NOTED: worth
/// knowing.
std::vector<Group> grouped_rows(const Reported& report) {
  std::vector<Group> groups{{"PROVED", {}}, {"MEASURED", {}}, {"GUESSED", {}}, {"NOTED", {}}};
  for (const ReportedFinding& f : report.findings) {
    const EvidenceClass evidence = f.finding->evidence;
    Group& group = groups[f.finding->severity == Severity::note   ? 3
                          : evidence == EvidenceClass::hint       ? 2
                          : evidence == EvidenceClass::calibrated ? 1
                                                                  : 0];
    const auto same = [&](const Row& row) {
      return row.example->finding->code == f.finding->code && row.example->finding->severity == f.finding->severity;
    };
    const auto row = std::find_if(group.rows.begin(), group.rows.end(), same);
    if (row != group.rows.end())
      row->count += f.count;
    else
      group.rows.push_back({&f, f.count});
  }
  return groups;
}

/// Whether a rule that a waiver is for has looked.
bool has_looked(const Reported& report, const Waiver& waiver) {
  return std::any_of(report.rules.begin(), report.rules.end(), [&](const ReportedRule& rule) {
    return rule.not_run.empty() && names_rule(waiver.rule, rule.rule->code);
  });
}

/// What exceptions took out of the findings, and what has become of them: one line each.
std::vector<std::string> taken_out(const Reported& report, const Paint& paint, std::size_t width) {
  std::vector<std::string> lines;
  std::string taken;
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) taken += (taken.empty() ? "" : ", ") + grouped(count) + " " + std::string(what);
  };
  const std::string since = printable(report.since);
  add(report.in_baseline, since.empty() ? "in the baseline" : "known from " + since);
  add(report.waived, "waived");
  add(report.by_path, "left out by path");
  if (!taken.empty()) lines.push_back(paint(Style::dim, "not counted: " + taken));
  if (!report.gone.empty() && !since.empty())
    lines.push_back(paint(Style::green, counted(report.gone.size(), "finding", "findings") + " of " + since +
                                            (report.gone.size() == 1 ? " is" : " are") + " gone"));
  if (!report.gone.empty() && since.empty())
    lines.push_back(paint(Style::green, counted(report.gone.size(), "finding", "findings") + " of the baseline " +
                                            (report.gone.size() == 1 ? "is" : "are") + " gone") +
                    paint(Style::dim, ": write it again to keep " +
                                          std::string(report.gone.size() == 1 ? "it" : "them") + " away"));
  for (const WaiverResult& w : report.waivers) {
    const std::string which = printable("waiver " + w.waiver.origin + " of " + w.waiver.rule);
    if (w.expired)
      lines.push_back(paint(
          Style::yellow,
          cut(which + " ended on " + w.waiver.until + (w.waiver.by.empty() ? "" : " (" + printable(w.waiver.by) + ")") +
                  ": " + counted(w.count, "finding counts", "findings count") + " again",
              width)));
    else if (w.count == 0 && has_looked(report, w.waiver))
      lines.push_back(paint(Style::dim, cut(which + " waives nothing any more", width)));
  }
  return lines;
}

class Summary {
 public:
  Summary(const Reported& report, const TextOptions& options)
      : report_(report), options_(options), paint_(options.color), groups_(grouped_rows(report)) {
    for (const Group& group : groups_)
      for (const Row& row : group.rows) {
        name_width_ = std::max(name_width_, row.example->rule.size());
        count_width_ = std::max(count_width_, grouped(row.count).size());
      }
  }

  std::string text() {
    add_header();
    if (report_.one_consumer) {
      add_one_consumer();
      return std::move(out_);
    }
    for (const Group& group : groups_)
      if (!group.rows.empty()) add_group(group);
    add_not_run();
    add_consumers();
    add_verdict();
    return std::move(out_);
  }

 private:
  void line(std::string_view text) { (out_ += text) += '\n'; }
  void heading(std::string_view text) {
    line("");
    line(paint_(Style::bold, text));
  }

  void add_header() {
    const Counts& c = report_.counts;
    const std::string counts = counted(c.images, "image", "images") + ", " +
                               counted(c.annotations, "object", "objects") + ", " +
                               counted(c.categories, "class", "classes") + ", " + counted(c.splits, "split", "splits");
    const std::string source = cut_middle(printable(report_.source), options_.width / 3);
    const std::size_t room = options_.width - display_width(source) - 2;
    std::string what(report_.title);
    const std::string dialect = report_.dialect.empty() ? "" : " (" + printable(report_.dialect) + ")";
    if (!what.empty() && display_width(what + dialect) + 3 + counts.size() <= room) what += dialect;
    line(paint_(Style::bold, source) + "  " + cut((what.empty() ? "" : what + " · ") + counts, room));
    if (!options_.config.empty())
      line(paint_(Style::dim, cut("settings: " + printable(options_.config), options_.width)));
  }

  /// How much a rule may say: where, with what is noted in one line; where; what it is and the fix where that fits
  /// beside it; the fix in any case.
  enum class Detail { least, where, what, fix };

  std::size_t lines_of(Detail detail, std::size_t not_run) const {
    std::size_t lines = 6 + 3 * report_.consumers.size() + not_run + taken_out_lines();
    for (const Group& group : groups_) {
      lines += group.rows.empty() ? 0U : 2U;
      for (const Row& row : group.rows)
        lines += 1 + (detail == Detail::where ? 0 : explanation(*row.example->finding, detail).size());
    }
    return lines;
  }

  /// The most that the screen holds, with what was not run in one line.
  Detail detail() const {
    const std::size_t not_run = not_run_lines().empty() ? 0 : 1;
    for (const Detail detail : {Detail::fix, Detail::what, Detail::where})
      if (lines_of(detail, not_run) <= options_.lines) return detail;
    return Detail::least;
  }

  /// A line that stands for a whole part of the report.
  void part_line(std::string_view part, std::string_view text, Style style = Style::plain) {
    constexpr std::size_t column = 9;
    line(paint_(Style::bold, to_left(part, column)) + paint_(style, cut(text, options_.width - column)));
  }

  void add_group(const Group& group) {
    const Detail wanted = detail();
    if (wanted == Detail::least && group.heading == "NOTED") {
      std::uint64_t all = 0;
      std::string names;
      for (const Row& row : group.rows) {
        all += row.count;
        names += (names.empty() ? "" : ", ") + grouped(row.count) + " " + std::string(row.example->rule);
      }
      return part_line("NOTED", counted(all, "thing", "things") + ": " + names);
    }
    heading(group.heading);
    for (const Row& row : group.rows) {
      const Finding& f = *row.example->finding;
      const std::string left = "  " + paint_(style_of(f.severity), to_left(name(f.severity), 7)) + "  " +
                               std::string(f.code) + "  " + to_left(row.example->rule, name_width_) + "  " +
                               to_right(grouped(row.count), count_width_) + "  ";
      const std::size_t used = 2 + 7 + 2 + f.code.size() + 2 + name_width_ + 2 + count_width_ + 2;
      const std::size_t room = std::max<std::size_t>(options_.width > used ? options_.width - used : 0, 24);
      line(left + cut_middle(place_text(*row.example, report_.source), room));
      if (wanted <= Detail::where) continue;
      for (const std::string& text : explanation(f, wanted)) line(std::string(explanation_indent, ' ') + text);
    }
  }

  /// What is wrong with the first place, and what to do about it.
  std::vector<std::string> explanation(const Finding& f, Detail wanted) const {
    const std::size_t room = options_.width > explanation_indent + 24 ? options_.width - explanation_indent : 24;
    const std::string what = printable(f.message);
    const std::string fix = f.fix.empty() ? std::string() : "→ " + printable(f.fix);
    if (!fix.empty() && display_width(what) + 2 + display_width(fix) <= room)
      return {paint_(Style::dim, what) + "  " + fix};
    std::vector<std::string> lines{paint_(Style::dim, cut(what, room))};
    if (!fix.empty() && wanted == Detail::fix) lines.push_back(cut(fix, room));
    return lines;
  }

  std::map<std::string_view, std::string> not_run_by_reason() const {
    std::map<std::string_view, std::string> by_reason;
    for (const ReportedRule& rule : report_.rules)
      if (!rule.not_run.empty() && rule.not_run != not_selected && !rule.broken) {
        std::string& codes = by_reason[rule.not_run];
        codes += (codes.empty() ? "" : " ") + std::string(rule.rule->code);
      }
    return by_reason;
  }

  /// "23 rules need --pixels", "LEA318 needs an earlier split": what broke comes first, then what most rules lack.
  std::vector<std::string> not_run_reasons() const {
    std::vector<std::pair<std::size_t, std::string>> reasons;
    for (const auto& [reason, codes] : not_run_by_reason()) {
      const auto count = static_cast<std::size_t>(std::count(codes.begin(), codes.end(), ' ')) + 1;
      std::string_view what = reason;
      const bool plural = count > 1 && what.starts_with("needs ");
      if (plural) what.remove_prefix(6);
      reasons.emplace_back(count, (count > 2 ? std::to_string(count) + " rules" : codes) + (plural ? " need " : " ") +
                                      std::string(what));
    }
    std::stable_sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::string> words;
    for (const ReportedRule& rule : report_.rules)
      if (rule.broken) words.push_back(std::string(rule.rule->code) + " " + printable(rule.not_run));
    for (auto& [count, text] : reasons) words.push_back(std::move(text));
    return words;
  }

  /// Reasons side by side, as many as a line takes.
  std::vector<std::string> not_run_lines() const {
    std::vector<std::string> lines;
    for (const std::string& words : not_run_reasons()) {
      const auto has_room = [&](const std::string& line) {
        return display_width(line) + 3 + display_width(words) <= options_.width - 2;
      };
      const auto line = std::find_if(lines.begin(), lines.end(), has_room);
      if (line == lines.end())
        lines.push_back(words);
      else
        *line += " · " + words;
    }
    return lines;
  }

  void add_not_run() {
    const std::vector<std::string> lines = not_run_lines();
    if (lines.empty()) return;
    if (const Detail wanted = detail();
        wanted == Detail::least || lines_of(wanted, 2 + lines.size()) > options_.lines) {
      std::string all;
      for (const std::string& words : not_run_reasons()) all += (all.empty() ? "" : " · ") + words;
      if (wanted != Detail::least) line("");
      return part_line("NOT RUN", all, Style::dim);
    }
    heading("NOT RUN");
    for (const std::string& text : lines) line("  " + paint_(Style::dim, cut(text, options_.width - 2)));
  }

  void add_consumers() {
    if (report_.consumers.empty()) return;
    const bool least = detail() == Detail::least;
    if (!least) heading("TRAINER");
    for (const ConsumerView& view : report_.consumers) {
      const Style style = view.whole() ? Style::green : Style::yellow;
      if (least)
        part_line("TRAINER", printable(view.line()), style);
      else
        line("  " + paint_(style, cut(printable(view.line()), options_.width - 2)));
      if (const Effect* effect = worst(view); effect != nullptr) add_effect(*effect, view.effects.size() - 1);
    }
  }

  /// The first effect that costs something.
  static const Effect* worst(const ConsumerView& view) {
    for (const Effect::Kind kind : {Effect::Kind::refused, Effect::Kind::image_dropped, Effect::Kind::object_dropped,
                                    Effect::Kind::object_changed, Effect::Kind::file_rewritten})
      for (const Effect& effect : view.effects)
        if (effect.kind == kind) return &effect;
    return nullptr;
  }

  void add_effect(const Effect& effect, std::size_t others) {
    const std::string more = others == 0 ? "" : " (and " + grouped(others) + " more)";
    std::string where = printable(effect.file);
    if (effect.line != 0) where += ":" + std::to_string(effect.line);
    const bool least = detail() == Detail::least;
    const std::size_t indent = least ? 9 : 4;
    const std::size_t room = options_.width > 40 ? options_.width - indent : 40 - indent;
    if (detail() <= Detail::where) {
      where = cut_middle(where, room / 2) + "  ";
      line(std::string(indent, ' ') + where +
           paint_(Style::dim, cut(printable(effect.what), room - display_width(where + more))) + more);
      return;
    }
    line("    " + cut_middle(where, room - display_width(more)) + more);
    line("    " + paint_(Style::dim, cut(printable(effect.what), room)));
  }

  /// All that one trainer drops or changes, as far as the screen holds it.
  void add_one_consumer() {
    for (const ConsumerView& view : report_.consumers) {
      heading(view.whole() ? "READS ALL OF IT" : "DROPS OR CHANGES");
      line("  " + paint_(view.whole() ? Style::green : Style::red, cut(printable(view.line()), options_.width - 2)));
      const std::size_t room = std::max<std::size_t>(options_.lines > 9 ? (options_.lines - 7) / 2 : 1, 4);
      const std::size_t shown = view.effects.size() <= room ? view.effects.size() : room - 1;
      for (const Effect& effect : std::span(view.effects).first(shown)) add_effect(effect, 0);
      if (shown < view.effects.size())
        line("    " + paint_(Style::dim, "and " + grouped(view.effects.size() - shown) + " more: --all lists them"));
    }
  }

  std::size_t taken_out_lines() const {
    return taken_out(report_, paint_, options_.width).size() + (options_.config.empty() ? 0 : 1);
  }

  void add_verdict() {
    const std::string source = options_.command.empty() ? report_.source : options_.command;
    const auto ran = std::count_if(report_.rules.begin(), report_.rules.end(),
                                   [](const ReportedRule& rule) { return rule.not_run.empty(); });
    line("");
    for (const std::string& text : taken_out(report_, paint_, options_.width)) line(text);
    const std::uint64_t broken = broken_rules(report_);
    const std::string broke =
        broken == 0 ? std::string() : paint_(Style::red, counted(broken, "rule", "rules") + " broke") + "; ";
    if (report_.errors + report_.warnings + report_.notes_found == 0) {
      const bool taken = report_.in_baseline + report_.waived + report_.by_path > 0;
      const std::string nothing = !report_.since.empty() ? "Nothing new since " + printable(report_.since)
                                  : taken                ? "Nothing else found"
                                                         : "Nothing found";
      if (broken > 0) return line(broke + paint_(Style::dim, nothing + " by the others"));
      line(paint_(Style::green, nothing) + " by " + counted(static_cast<std::uint64_t>(ran), "rule", "rules") +
           "; next: vetset seal " + source);
      return;
    }
    const std::string counts = counted(report_.errors, "error", "errors") + ", " +
                               counted(report_.warnings, "warning", "warnings") + ", " +
                               counted(report_.notes_found, "note", "notes");
    const Style style = report_.errors > 0 ? Style::red : report_.warnings > 0 ? Style::yellow : Style::cyan;
    line(broke + paint_(style, counts) + "; every place: vetset check " + source + " --all");
  }

  const Reported& report_;
  const TextOptions& options_;
  Paint paint_;
  std::vector<Group> groups_;
  static constexpr std::size_t explanation_indent = 11;
  std::size_t name_width_ = 0, count_width_ = 1;
  std::string out_;
};

/// Which record of a document a place stands for; a label row needs no more than its line.
std::string record_text(const ReportedFinding& f) {
  if (f.place.file.ends_with(".txt") || f.image.empty() || f.image == f.place.file) return {};
  if (!std::holds_alternative<AnnotationIndex>(f.finding->where) &&
      !std::holds_alternative<AnnotationPair>(f.finding->where))
    return {};
  return " (" + printable(f.image) + (f.annotation.empty() ? "" : ", annotation " + printable(f.annotation)) + ")";
}

std::string all_findings(const Reported& report, const TextOptions& options) {
  const Paint paint(options.color);
  std::string out;
  for (const ReportedFinding& f : report.findings) {
    out += place_text(f, report.source) + "  " + paint(style_of(f.finding->severity), name(f.finding->severity)) + " " +
           std::string(f.finding->code) + (f.rule.empty() ? "" : " " + std::string(f.rule)) + ": " +
           printable(f.finding->message) + record_text(f) + "\n";
  }
  for (const ConsumerView& view : report.consumers) {
    for (const Effect& effect : view.effects) {
      out += printable(effect.file) + (effect.line == 0 ? "" : ":" + std::to_string(effect.line)) + "  " +
             printable(view.consumer) + ": " + printable(effect.what) + "\n";
    }
    out += paint(Style::bold, printable(view.line())) + "\n";
  }
  if (report.one_consumer) return out;
  for (const std::string& line : taken_out(report, paint, options.width)) (out += line) += '\n';
  for (const ReportedRule& rule : report.rules)
    if (rule.broken) out += paint(Style::red, std::string(rule.rule->code) + " " + printable(rule.not_run)) + "\n";
  return out + counted(report.errors, "error", "errors") + ", " + counted(report.warnings, "warning", "warnings") +
         ", " + counted(report.notes_found, "note", "notes") + "\n";
}

}  // namespace

std::string text_report(const Reported& report, const TextOptions& options) {
  return options.all ? all_findings(report, options) : Summary(report, options).text();
}

}  // namespace vetset
