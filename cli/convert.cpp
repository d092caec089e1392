// vetset convert: to another format, with a proof of what was kept, lost and invented.
#include <optional>

#include "cli/writing.h"
#include "vetset/base/unicode.h"

namespace vetset::cli {
namespace {

struct ConvertFlags {
  std::string dst, output, split;
  bool fix = false, unsafe = false, strip_metadata = false;
  int seed = -1;
  WritingFlags writing;
};

/// What the repairs did, in a line.
std::string fix_told(const FixReport& report) {
  std::string text = report.edits.empty() ? "nothing to repair" : counted(report.edits.size(), "repair");
  for (const auto& [repair, count] : report.counts)
    text += " · " + std::string(repair->code) + " " + with_commas(count);
  std::uint64_t left = 0;
  for (const auto& [repair, count] : report.unsafe) left += count;
  return left == 0 ? text : text + " · " + with_commas(left) + " more with --unsafe";
}

std::string split_told(const SplitReport& report) {
  std::string text = summary_of(report);
  for (std::size_t s = 0; s < report.parts.size(); ++s)
    text += (s == 0 ? ": " : ", ") + printable(report.settings.names[s]) + " " + with_commas(report.parts[s].images);
  return text;
}

/// The steps that were asked for, one after the other; each tells what it did.
Result<std::optional<SplitReport>> run_steps(Terminal& t, const ConvertFlags& f, Source& source, const Common& common) {
  const auto tell = [&](std::string_view step, const std::string& what) {
    if (!f.writing.json) t.out(t.ink(Ink::bold, padded(step, 6)) + wrapped(what, 6, t.width()));
  };
  if (f.fix) {
    VETSET_TRY(const FixReport report,
               fix(source, {.unsafe = f.unsafe, .files = f.writing.images != "none", .common = common}));
    tell("fix", fix_told(report));
  }
  if (f.strip_metadata) {
    VETSET_TRY(const StripReport report, strip_in_place(source, common));
    tell("strip", source.steps.back().summary);
    for (const std::string& line : report.left) tell("", "left as it is: " + printable(line));
  }
  if (f.split.empty()) return std::optional<SplitReport>();
  SplitOptions options{.ratios = f.split};
  if (f.seed >= 0) options.seed = static_cast<std::uint32_t>(f.seed);
  options.common = common;
  VETSET_TRY(SplitReport report, split(source, options));
  tell("split", split_told(report));
  return std::optional<SplitReport>(std::move(report));
}

std::string command_of(const ConvertFlags& f) {
  std::string command = "vetset convert " + shell_word(f.writing.src);
  if (!f.dst.empty()) command += " " + shell_word(f.dst);
  if (f.fix) command += " --fix";
  if (f.unsafe) command += " --unsafe";
  if (f.strip_metadata) command += " --strip-metadata";
  if (!f.split.empty()) command += " --split " + shell_word(f.split);
  if (f.seed >= 0) command += " --seed " + std::to_string(f.seed);
  return command;
}

int run_convert(Terminal& t, ConvertFlags f) {
  if (!f.output.empty()) f.dst = f.output;
  if (f.writing.to.empty())
    return t.fail({Code::usage, "say which format to write with --to; 'vetset formats' lists them"});
  if (f.dst.empty() && !f.writing.dry_run)
    return t.fail({Code::usage, "say where the dataset goes with -o DST, or --dry-run to see what would be kept"});
  if (f.unsafe && !f.fix) return t.fail({Code::usage, "--unsafe says which repairs --fix may do; --fix is not there"});
  if (f.strip_metadata && f.writing.images == "none")
    return t.fail({Code::usage, "--strip-metadata rewrites images, and --images none writes none: leave one out"});
  if (f.seed >= 0 && f.split.empty()) return t.fail({Code::usage, "--seed is of --split, which is not there"});
  const OpenOptions options = opening(t, f.writing);
  auto source = open(f.writing.src, options);
  if (!source) return t.fail(source.error());
  ConvertOptions writing = converting(t, *source, f.writing);
  if (!f.dst.empty())
    if (const auto taken = check_target(*source, f.dst, writing); !taken) return t.fail(taken.error());
  const auto split_report = run_steps(t, f, *source, options.common);
  if (!split_report) return t.fail(split_report.error());
  if (split_report->has_value()) writing.beside = {{"split.lock", to_json((*split_report)->lock)}};
  return write_out(t, *source, f.dst, f.writing, command_of(f), writing);
}

constexpr Example examples[] = {
    {"vetset convert coco yolo --to yolo", "images are copied, the result is read back and compared"},
    {"vetset convert coco yolo --to yolo --dry-run", "the same ledger, nothing published"},
    {"vetset convert x.json out --to yolo --accept all", "take what most people choose where YOLO asks"},
    {"vetset convert x.json out --to yolo --task detect", "boxes only, said so"},
    {"vetset convert x.json out --to yolo --fix --split 80/10/10", "repaired, split without leaks, converted"},
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
      a.positional("SRC", f->writing.src, "a dataset's folder, an archive, or one annotation file")
          .positional("DST", f->dst, "the folder to make", false)
          .option("-o", f->output, "DST", "the folder to make")
          .flag("--fix", f->fix, "repair first what is safe to repair, as 'vetset fix' does")
          .flag("--unsafe", f->unsafe, "with --fix: also repairs that drop something or follow a guess")
          .flag("--strip-metadata", f->strip_metadata,
                "leave out what image files tell beside their pixels: places, names, thumbnails")
          .option("--split", f->split, "RATIOS", "split anew, as 'vetset split' does: 80/10/10")
          .option("--seed", f->seed, "N", "with --split: another assignment of the same quality");
      define_writing(a, f->writing, "the format to write");
      define_opening(a, f->writing);
      return [f](Terminal& t) { return run_convert(t, *f); };
    }};

}  // namespace vetset::cli
