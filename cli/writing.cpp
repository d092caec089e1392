#include "cli/writing.h"

#include <algorithm>

#include "cli/ledger.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"

namespace vetset::cli {
namespace {

std::vector<std::string> format_ids() {
  std::vector<std::string> ids;
  for (const Format* format : formats()) ids.emplace_back(format->id);
  return ids;
}

/// What --from takes: formats, and those with a dialect where data alone cannot tell ("yolo:obb").
std::vector<std::string> source_words() {
  std::vector<std::string> words;
  for (const Format* format : formats()) {
    words.emplace_back(format->id);
    for (const std::string_view dialect : format->dialects)
      words.push_back(std::string(format->id) + ":" + std::string(dialect));
  }
  return words;
}

/// The command again with every question answered, as it can be pasted.
std::string answered(std::string command, const WritingFlags& f, const std::string& accept) {
  if (!f.to.empty()) command += " --to " + f.to;
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

int exit_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::exact:
    case Verdict::declared: return Exit::yes;
    case Verdict::undecided: return Exit::no;
    case Verdict::undeclared: return Exit::our_defect;
  }
  return Exit::our_defect;
}

/// Every task that some format writes, in the order of formats.
std::vector<std::string> task_names() {
  std::vector<std::string> names;
  for (const Format* f : formats())
    for (const std::string_view task : f->tasks)
      if (std::find(names.begin(), names.end(), task) == names.end()) names.emplace_back(task);
  return names;
}

}  // namespace

void define_opening(Arguments& a, WritingFlags& f) {
  a.option("--from", f.from, "FORMAT", "the format of SRC; found by itself if not said", source_words())
      .option("--images-dir", f.images_dir, "DIR", "where to look for images first")
      .option("--threads", f.threads, "N", "threads; as many as the machine has if not said");
}

void define_writing(Arguments& a, WritingFlags& f, std::string_view to_help) {
  std::string known;
  for (const std::string& id : format_ids()) known += (known.empty() ? "" : ", ") + id;
  a.option("--to", f.to, "FORMAT", std::string(to_help) + ": " + known, format_ids())
      .option("--task", f.task, "TASK", "what to write where the format has several: detect, segment, pose")
      .suggest(task_names())
      .option("--accept", f.accept, "D=P,...", "answers to what the target asks: crowd=drop,parts=bridge, or all")
      .option("--images", f.images, "MODE", "copy (by reflink where the disk can), none, hardlink",
              {"copy", "none", "hardlink"})
      .option("--digits", f.digits, "N", "decimals of normalised numbers; all that are needed if not said")
      .flag("--dry-run", f.dry_run, "measure everything, publish nothing")
      .flag("--overwrite", f.overwrite, "replace what is at DST")
      .option("--proof", f.proof, "FILE", "where the proof goes; DST.proof.json if not said")
      .flag("--all", f.all, "list every field, with examples")
      .flag("--json", f.json, "print the proof as JSON");
}

OpenOptions opening(Terminal& t, const WritingFlags& f) {
  OpenOptions options{.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = {}};
  options.common.threads = f.threads;
  options.common.progress = t.progress();
  return options;
}

ConvertOptions converting(Terminal& t, const Source& source, const WritingFlags& f) {
  ConvertOptions options;
  options.to = !f.to.empty() ? f.to : source.format != nullptr ? std::string(source.format->id) : "";
  options.task = f.task;
  options.accept = f.accept;
  options.images = f.images == "none"       ? ImagesMode::none
                   : f.images == "hardlink" ? ImagesMode::hardlink
                                            : ImagesMode::copy;
  options.digits = f.digits;
  options.dry_run = f.dry_run;
  options.overwrite = f.overwrite;
  options.proof_path = f.proof;
  options.common = opening(t, f).common;
  return options;
}

int write_out(Terminal& t, const Source& source, const std::string& target, const WritingFlags& f,
              const std::string& command) {
  return write_out(t, source, target, f, command, converting(t, source, f));
}

int write_out(Terminal& t, const Source& source, const std::string& target, const WritingFlags& f,
              const std::string& command, const ConvertOptions& options) {
  const auto done = convert(source, target, options);
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
  if (!source.findings.empty())
    t.out(t.ink(Ink::dim, "  " + counted(source.findings.size(), "finding") + " while reading" +
                              (f.src.empty() ? "" : "; 'vetset check " + shell_word(f.src) + "' shows them")) +
          "\n");
  t.out("\n");
  if (c.verdict == Verdict::undecided) {
    t.out(t.ink(Ink::bold, "Nothing was written.") + " In " + c.proof.to +
          " these objects would mean something else to a trainer:\n\n");
    t.out(open_questions(t, c.proof));
    t.out("\nWhat most people choose:\n\n  " + t.ink(Ink::bold, answered(command, f, c.accept)) + "\n");
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
  if (!c.originals.empty()) t.out("the image files that were changed, as they were: " + printable(c.originals) + "\n");
  for (const std::string& path : c.beside) t.out(std::string(extension_of(path)) + ": " + printable(path) + "\n");
  return exit_of(c.verdict);
}

}  // namespace vetset::cli
