// vetset convert: to another format, with a proof of what was kept, lost and invented.
#include "cli/command.h"
#include "cli/ledger.h"
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

/// The command again with every question answered, as it can be pasted.
std::string answered_command(const ConvertFlags& f, const std::string& accept) {
  std::string command = "vetset convert " + shell_word(f.src) + " " + shell_word(f.dst) + " --to " + f.to;
  if (!f.from.empty()) command += " --from " + f.from;
  if (!f.task.empty()) command += " --task " + f.task;
  if (!f.images_dir.empty()) command += " --images-dir " + shell_word(f.images_dir);
  if (f.images != "copy") command += " --images " + f.images;
  if (f.digits >= 0) command += " --digits " + std::to_string(f.digits);
  if (f.dry_run) command += " --dry-run";
  if (f.overwrite) command += " --overwrite";
  if (!f.proof.empty()) command += " --proof " + shell_word(f.proof);
  if (f.threads != 0) command += " --threads " + std::to_string(f.threads);
  return command + " --accept " + accept;
}

void print_open_decisions(Terminal& t, const ConvertFlags& f, const Conversion& c) {
  t.out(t.ink(Ink::bold, "Nothing was written.") + " In " + c.proof.to +
        " these objects would mean something else to a trainer:\n\n");
  t.out(open_questions(t, c.proof));
  t.out("\nWhat most people choose:\n\n  " + t.ink(Ink::bold, answered_command(f, c.accept)) + "\n");
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
  options.images = f.images == "none"       ? ImagesMode::none
                   : f.images == "hardlink" ? ImagesMode::hardlink
                                            : ImagesMode::copy;
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
  t.out(t.ink(Ink::bold, c.proof.from + " → " + c.proof.to + task) + "  " + counted(c.proof.before.images, "image") +
        ", " + counted(c.proof.before.annotations, "object") + ", " +
        counted(c.proof.before.categories, "class", "classes") + "\n");
  if (!source->findings.empty())
    t.out(t.ink(Ink::dim, "  " + counted(source->findings.size(), "finding") + " while reading; 'vetset check " +
                              shell_word(f.src) + "' shows them") +
          "\n");
  t.out("\n");
  if (c.verdict == Verdict::undecided) {
    print_open_decisions(t, f, c);
    return Exit::no;
  }
  t.out(f.all ? whole_ledger(t, c.proof) : ledger(t, c.proof));
  t.out("\n");
  if (c.verdict == Verdict::undeclared)
    t.out(t.ink(Ink::red, "nothing was published") + "; proof: " + printable(c.proof_path) + "\n");
  else if (f.dry_run)
    t.out(t.ink(Ink::green, "dry run") + ": nothing was published\n");
  else
    t.out(t.ink(Ink::green, c.verdict == Verdict::exact ? "exact" : "proved") + "  " + printable(c.target) + "  " +
          counted(c.files, "file") + ", " + byte_size(c.bytes) +
          "; every field with examples: " + printable(c.proof_path) + "\n");
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
    .about =
        "Writes to a staging folder, reads it back with the format's own reader, compares every field,\n"
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
          .option("--images", f->images, "MODE", "copy (by reflink where the disk can), none, hardlink",
                  {"copy", "none", "hardlink"})
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--digits", f->digits, "N", "decimals of normalised numbers; all that are needed if not said")
          .flag("--dry-run", f->dry_run, "measure everything, publish nothing")
          .flag("--overwrite", f->overwrite, "replace what is at DST")
          .option("--proof", f->proof, "FILE", "where the proof goes; DST.proof.json if not said")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--all", f->all, "list every field, with examples")
          .flag("--json", f->json, "print the proof as JSON");
      return [f](Terminal& t) {
        if (f->to.empty())
          return t.fail({Code::usage, "say which format to write with --to; 'vetset formats' lists them"});
        return run_convert(t, *f);
      };
    }};

}  // namespace vetset::cli
