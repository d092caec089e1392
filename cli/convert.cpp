// vetset convert: to another format, with a proof of what was kept, lost and invented.
#include <map>

#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct ConvertFlags {
  std::string src, dst, to, from, task, accept, images = "copy", images_dir, proof;
  int digits = -1;
  unsigned threads = 0;
  bool dry_run = false, overwrite = false, json = false, all = false;
};

/// What people call it, for what is told and never blocks.
std::string_view told(Verb verb) {
  switch (verb) {
    case Verb::exact: return "kept";
    case Verb::quantised: return "rounded";
    case Verb::rekeyed: return "renumbered or renamed";
    case Verb::encoded: return "in another form";
    case Verb::split: return "split";
    case Verb::derived: return "computed";
    case Verb::defaulted: return "filled in";
    case Verb::aggregated: return "made coarser";
    case Verb::dropped: return "left behind";
    case Verb::refused: return "left out by decision";
  }
  return "";
}

std::string magnitude(double value, std::string_view unit) {
  std::string text;
  append_number(text, value);
  if (text.size() > 9 && value != 0) {
    char shown[32];
    std::snprintf(shown, sizeof shown, "%.3g", value);
    text = shown;
  }
  return text + (unit.empty() ? "" : " " + std::string(unit));
}

std::string_view unit_of(Field field) { return fields()[static_cast<std::size_t>(field)].unit; }

/// A line of the ledger: "annotation.area   left behind     839 of 839, first: a.jpg, annotation 7: 702.1".
std::string ledger_line(const Difference& d, Terminal& t) {
  const std::string what = d.declared ? std::string(told(d.verb)) : "UNDECLARED " + std::string(name(d.outcome));
  std::string line = "  " + padded(name(d.field), 26) + " " + padded(what, 22) + " " + with_commas(d.count);
  if (d.of != d.count) line += " of " + with_commas(d.of);
  if (d.largest > 0 && d.outcome == Outcome::changed) line += ", at most " + magnitude(d.largest, unit_of(d.field));
  if (!d.note.empty()) line += t.ink(Ink::dim, "  " + std::string(d.note));
  return line + "\n";
}

std::string example_line(const Difference& d, Terminal& t) {
  std::string line = "      first: " + printable(d.where);
  if (!d.before.empty() || !d.after.empty())
    line += ": " + (d.before.empty() ? "nothing" : printable(d.before)) + " → " + (d.after.empty() ? "nothing" : printable(d.after));
  return t.ink(Ink::dim, line) + "\n";
}

void print_open_decisions(Terminal& t, const ConvertFlags& f, const Conversion& c) {
  t.out(t.ink(Ink::bold, "Nothing was written: ") + std::string(c.proof.to) + " would teach something else of some objects.\n\n");
  for (const Decided& d : c.proof.decisions) {
    if (d.policy != Policy::unset) continue;
    std::string answers;
    for (const Policy p : d.possible) answers += (answers.empty() ? "" : "|") + std::string(name(p));
    t.out("  " + t.ink(Ink::yellow, padded(name(d.decision), 10)) + padded(counted(d.count, "object"), 16) + d.why + "\n");
    t.out("            " + t.ink(Ink::dim, "e.g. " + printable(d.first) + "; answers: " + answers) + "\n");
  }
  std::string command = "vetset convert " + shell_word(f.src) + " " + shell_word(f.dst) + " --to " + f.to;
  if (!f.from.empty()) command += " --from " + f.from;
  if (!f.task.empty()) command += " --task " + f.task;
  if (!f.images_dir.empty()) command += " --images-dir " + shell_word(f.images_dir);
  if (f.images != "copy") command += " --images " + f.images;
  if (f.digits >= 0) command += " --digits " + std::to_string(f.digits);
  if (f.overwrite) command += " --overwrite";
  t.out("\nWhat most people choose:\n  " + t.ink(Ink::bold, command + " --accept " + c.accept) + "\n");
}

void print_ledger(Terminal& t, const ConvertFlags& f, const Proof& p) {
  std::uint64_t exact = 0;
  std::string changed, broken;
  for (const Difference& d : p.lines) {
    if (!d.declared) {
      broken += ledger_line(d, t) + example_line(d, t);
      continue;
    }
    if (d.outcome == Outcome::kept) {
      ++exact;
      if (f.all) changed += ledger_line(d, t);
      continue;
    }
    changed += ledger_line(d, t);
    if (f.all) changed += example_line(d, t);
  }
  t.out(t.ink(Ink::green, "KEPT") + "  " + counted(exact, "field") + " of " + counted(p.after.annotations, "object") + " in " +
        counted(p.after.images, "image") + ", each compared after reading the result back\n");
  if (!changed.empty()) t.out(t.ink(Ink::yellow, "TOLD") + "  what " + p.to + " cannot hold as it was\n" + changed);
  for (const Decided& d : p.decisions)
    t.out(t.ink(Ink::yellow, "DECIDED") + "  " + std::string(name(d.decision)) + "=" + std::string(name(d.policy)) + "  " +
          counted(d.count, "object") + "\n");
  if (!p.names.empty()) {
    t.out(t.ink(Ink::yellow, "RENAMED") + "  " + counted(p.names.size(), "image") + ", e.g. " + printable(p.names.front().from) + " → " +
          printable(p.names.front().to) + "\n");
  }
  if (!broken.empty()) t.out(t.ink(Ink::red, "UNDECLARED") + "  a defect of vetset; please report it with this proof\n" + broken);
}

int exit_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::exact:
    case Verdict::declared: return Exit::yes;
    case Verdict::undecided: return Exit::no;
    case Verdict::undeclared: return Exit::our_defect;
  }
  return Exit::our_defect;
}

int run_convert(Terminal& t, const ConvertFlags& f) {
  const Progress progress = t.progress();
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = progress;
  const auto source = open(f.src, opening);
  if (!source) return t.fail(source.error());

  ConvertOptions options;
  options.to = f.to;
  options.task = f.task;
  options.accept = f.accept;
  options.images = f.images == "none" ? ImagesMode::none : f.images == "hardlink" ? ImagesMode::hardlink : ImagesMode::copy;
  options.digits = f.digits;
  options.dry_run = f.dry_run;
  options.overwrite = f.overwrite;
  options.proof_path = f.proof;
  options.common = opening.common;
  const auto done = convert(*source, f.dst, options);
  if (!done) return t.fail(done.error());
  const Conversion& c = *done;

  if (f.json) {
    t.out(pretty_json(to_json(c.proof)) + '\n');
    return exit_of(c.verdict);
  }
  const std::string task = c.proof.task.empty() ? "" : " " + c.proof.task;
  t.out(t.ink(Ink::bold, c.proof.from + " → " + c.proof.to + task) + "  " + counted(c.proof.before.images, "image") + ", " +
        counted(c.proof.before.annotations, "object") + ", " + counted(c.proof.before.categories, "class", "classes") + "\n");
  if (!source->findings.empty())
    t.out(t.ink(Ink::dim, "  " + counted(source->findings.size(), "finding") + " while reading; 'vetset check " + shell_word(f.src) +
                              "' shows them") + "\n");
  t.out("\n");
  if (c.verdict == Verdict::undecided) {
    print_open_decisions(t, f, c);
    return Exit::no;
  }
  print_ledger(t, f, c.proof);
  t.out("\n");
  if (c.verdict == Verdict::undeclared)
    t.out(t.ink(Ink::red, "nothing was published") + "; proof: " + printable(c.proof_path) + "\n");
  else if (f.dry_run)
    t.out("dry run: nothing was published\n");
  else
    t.out(t.ink(Ink::green, c.verdict == Verdict::exact ? "exact" : "proved") + "  " + printable(c.target) + "  " + counted(c.files, "file") +
          ", " + byte_size(c.bytes) + "; proof: " + printable(c.proof_path) + "\n");
  return exit_of(c.verdict);
}

constexpr Example examples[] = {
    {"vetset convert coco yolo --to yolo", "images are copied, the result is read back and compared"},
    {"vetset convert coco yolo --to yolo --dry-run", "the same ledger, nothing published"},
    {"vetset convert x.json out --to yolo --accept all", "take what most people choose where YOLO asks"},
    {"vetset convert x.json out --to yolo --task detect", "boxes only, said so"},
};

}  // namespace

extern const Command convert_command;
const Command convert_command{
    .name = "convert",
    .summary = "convert to another format, with a proof of what was kept",
    .about = "Writes to a staging folder, reads it back with the format's own reader, compares every field,\n"
             "and publishes only what is proved. Where the target would teach something else, it asks.\n",
    .examples = examples,
    .first = true,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<ConvertFlags>();
      std::vector<std::string> ids;
      for (const Format* format : formats()) ids.emplace_back(format->id);
      std::string known;
      for (const std::string& id : ids) known += (known.empty() ? "" : ", ") + id;
      a.positional("SRC", f->src, "a dataset's folder, an archive, or one annotation file")
          .positional("DST", f->dst, "the folder to make")
          .option("--to", f->to, "FORMAT", "the format to write: " + known, ids)
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said", ids)
          .option("--task", f->task, "TASK", "what to write where the format has several: detect, segment, pose")
          .option("--accept", f->accept, "D=P,...", "answers to what the target asks: crowd=drop,parts=bridge, or all")
          .option("--images", f->images, "MODE", "copy (by reflink where the disk can), none, hardlink", {"copy", "none", "hardlink"})
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--digits", f->digits, "N", "decimals of normalised numbers; all that are needed if not said")
          .flag("--dry-run", f->dry_run, "measure everything, publish nothing")
          .flag("--overwrite", f->overwrite, "replace what is at DST")
          .option("--proof", f->proof, "FILE", "where the proof goes; DST.proof.json if not said")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--all", f->all, "list every field, with examples")
          .flag("--json", f->json, "print the proof as JSON");
      return [f](Terminal& t) {
        if (f->to.empty()) return t.fail({Code::usage, "say which format to write with --to; 'vetset formats' lists them"});
        return run_convert(t, *f);
      };
    }};

}  // namespace vetset::cli
