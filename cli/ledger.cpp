#include "cli/ledger.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "vetset/base/number.h"
#include "vetset/base/unicode.h"

namespace vetset::cli {
namespace {

constexpr std::string_view no_break = "\xc2\xa0";  // a blank at which no line ends

/// What people call it, for what is told and never blocks.
std::string_view told(Verb verb) {
  switch (verb) {
    case Verb::exact: return "kept";
    case Verb::quantised: return "rounded";
    case Verb::rekeyed: return "renamed";
    case Verb::encoded: return "rewritten";
    case Verb::split: return "split";
    case Verb::derived: return "computed";
    case Verb::defaulted: return "filled in";
    case Verb::aggregated: return "made coarser";
    case Verb::dropped: return "left behind";
    case Verb::refused: return "left out";
  }
  return "";
}

/// "0.5 px", "1.4e-14 px": two digits are enough to judge a difference by.
std::string magnitude(const Difference& d) {
  char shown[32];
  std::snprintf(shown, sizeof shown, "%.2g", d.largest);
  return std::string(shown) + (d.unit.empty() ? "" : " " + std::string(d.unit));
}

/// "annotation.box" → "annotation", "box"; the record itself has no second part.
std::pair<std::string_view, std::string_view> parts_of(Field field) {
  const std::string_view whole = name(field);
  const std::size_t dot = whole.find('.');
  if (dot == std::string_view::npos) return {whole, {}};
  return {whole.substr(0, dot), whole.substr(dot + 1)};
}

/// "75 of 830, at most 4.4e-11 px" in brackets; nothing where all records are meant and nothing was measured.
std::string how_many(const Difference& d) {
  std::string text;
  if (d.count != d.of) text = with_commas(d.count) + " of " + with_commas(d.of);
  if (d.largest > 0 && d.outcome == Outcome::changed) text += (text.empty() ? "at most " : ", at most ") + magnitude(d);
  return text.empty() ? text : " (" + text + ")";
}

/// The same text, which lines are not broken in.
std::string unbroken(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
    out += text[i] == ' ' && i > 0 ? std::string(no_break) : text.substr(i, 1);
  return out;
}

/// "annotation id, area · image size (7 of 9)": fields, gathered by the record that has them.
std::string gathered(const std::vector<Difference>& lines) {
  std::string out;
  std::string_view owner;
  for (const Difference& d : lines) {
    const auto [record, field] = parts_of(d.field);
    if (record != owner || field.empty())
      out += (out.empty() ? "" : " · ") + std::string(record) + (field.empty() ? "" : " ");
    else
      out += ", ";
    owner = record;
    out += std::string(field) + unbroken(how_many(d));
  }
  return out;
}

constexpr std::size_t label_width = 14;

/// "  left behind   annotation id, area · …" over as many lines as it takes.
std::string row(const Terminal& t, Ink ink, std::string_view label, std::string_view text) {
  std::string lines = wrapped(text, label_width + 2, t.width());
  for (std::size_t at; (at = lines.find(no_break)) != std::string::npos;) lines.replace(at, no_break.size(), " ");
  return "  " + t.ink(ink, padded(label, label_width)) + lines;
}

std::string decided_lines(const Terminal& t, const Proof& p) {
  std::string out;
  for (const Decided& d : p.decisions)
    out += row(t, Ink::yellow, "decided",
               std::string(name(d.decision)) + "=" + std::string(name(d.policy)) + "  " + counted(d.count, "object"));
  return out;
}

std::string renamed_lines(const Terminal& t, const Proof& p) {
  if (p.names.empty()) return {};
  const Renaming& first = p.names.front();
  return row(t, Ink::yellow, "new names",
             counted(p.names.size(), "image") + ", e.g. " + printable(first.from) + " → " + printable(first.to) + " (" +
                 first.reason + ")");
}

/// "annotation.area   left behind     839 of 839, at most 3 px  note".
std::string line_of(const Terminal& t, const Difference& d) {
  const std::string_view what = d.outcome == Outcome::kept ? "kept" : d.declared ? told(d.verb) : name(d.outcome);
  std::string line = "  " + padded(name(d.field), 24) + " " + padded(what, 12) + " " + with_commas(d.count);
  if (d.of != d.count) line += " of " + with_commas(d.of);
  if (d.largest > 0 && d.outcome == Outcome::changed) line += ", at most " + magnitude(d);
  if (!d.note.empty() && d.outcome != Outcome::kept) line += t.ink(Ink::dim, "  " + std::string(d.note));
  return line + "\n";
}

std::string example_of(const Terminal& t, const Difference& d) {
  if (d.where.empty()) return {};
  std::string line = "      e.g. " + printable(d.where);
  if (!d.before.empty() || !d.after.empty())
    line += ": " + (d.before.empty() ? "nothing" : printable(d.before)) + " → " +
            (d.after.empty() ? "nothing" : printable(d.after));
  return t.ink(Ink::dim, line) + "\n";
}

std::string undeclared_lines(const Terminal& t, const Proof& p) {
  std::string out;
  for (const Difference& d : p.lines)
    if (!d.declared) out += line_of(t, d) + example_of(t, d);
  if (!out.empty())
    out = "\n" + t.ink(Ink::red, "UNDECLARED") + ": a defect of vetset; please report it with the proof\n" + out;
  return out;
}

std::string after_counts(const Proof& p) {
  return counted(p.after.annotations, "object") + " in " + counted(p.after.images, "image");
}

}  // namespace

std::string ledger(const Terminal& t, const Proof& p) {
  // In the order of how much people want to know of it.
  constexpr Verb order[] = {Verb::refused, Verb::split,     Verb::quantised,  Verb::encoded, Verb::derived,
                            Verb::rekeyed, Verb::defaulted, Verb::aggregated, Verb::dropped};
  std::vector<Difference> kept;  // several declarations can keep records of one field
  for (const Difference& d : p.lines) {
    if (!d.declared || d.outcome != Outcome::kept) continue;
    if (!kept.empty() && kept.back().field == d.field)
      kept.back().count += d.count;
    else
      kept.push_back(d);
  }
  std::string out = "Read back and compared field by field: " + after_counts(p) + "\n";
  if (!kept.empty()) out += row(t, Ink::green, "kept", gathered(kept));
  out += decided_lines(t, p);
  for (const Verb verb : order) {
    std::vector<Difference> lines;
    for (const Difference& d : p.lines)
      if (d.declared && d.outcome != Outcome::kept && d.verb == verb) lines.push_back(d);
    if (!lines.empty()) out += row(t, verb == Verb::dropped ? Ink::dim : Ink::cyan, told(verb), gathered(lines));
  }
  return out + renamed_lines(t, p) + undeclared_lines(t, p);
}

std::string whole_ledger(const Terminal& t, const Proof& p) {
  std::string out = "Read back and compared field by field: " + after_counts(p) + "\n";
  for (const Difference& d : p.lines)
    if (d.declared) out += line_of(t, d) + (d.outcome == Outcome::kept ? std::string() : example_of(t, d));
  return out + decided_lines(t, p) + renamed_lines(t, p) + undeclared_lines(t, p);
}

std::string open_questions(const Terminal& t, const Proof& p) {
  std::size_t widest = 0;
  for (const Decided& d : p.decisions) widest = std::max(widest, counted(d.count, "object").size());
  std::string out;
  for (const Decided& d : p.decisions) {
    if (d.policy != Policy::unset) continue;
    std::string answers;
    for (const Policy policy : d.possible) answers += (answers.empty() ? "" : "|") + std::string(name(policy));
    const std::size_t indent = 2 + 11 + widest + 2;
    const std::string count = counted(d.count, "object");
    out += "  " + t.ink(Ink::yellow, padded(name(d.decision), 11)) + std::string(widest - count.size(), ' ') + count +
           "  " + wrapped(d.why, indent, t.width());
    out += std::string(indent, ' ') + t.ink(Ink::dim, "e.g. " + printable(d.first)) + "\n";
    out += std::string(indent, ' ') + std::string(name(d.decision)) + "=" + answers + "\n";
  }
  return out;
}

}  // namespace vetset::cli
