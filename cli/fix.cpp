// vetset fix: repairs what the rules find, lists every edit, and writes the result with a proof.
#include <map>

#include "cli/undo.h"
#include "cli/writing.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"

namespace vetset::cli {
namespace {

struct FixFlags {
  std::string dst, output, undo;
  std::vector<std::string> select, ignore;
  bool unsafe = false, list_repairs = false;
  WritingFlags writing;
};

/// What was done, a line a repair with its first example; with `all` every edit.
std::string told(const Terminal& t, const FixReport& report, bool all) {
  std::string text;
  for (const auto& [repair, count] : report.counts) {
    text += "  " + t.ink(Ink::green, padded(repair->code, 7)) + " " + padded(with_commas(count), 6) + " " +
            std::string(repair->title) + "\n";
    std::uint64_t shown = 0;
    for (const Edit& edit : report.edits) {
      if (edit.repair != repair || (!all && shown == 1)) continue;
      constexpr std::size_t indent = 17;
      text += std::string(indent, ' ') +
              t.ink(Ink::dim, wrapped(printable(edit.where) + ": " + printable(edit.what), indent, t.width()));
      ++shown;
    }
  }
  return text;
}

std::string left_over(const Terminal& t, const FixReport& report) {
  if (report.unsafe.empty()) return {};
  std::string text =
      "\nNot done without " + t.ink(Ink::bold, "--unsafe") + ", as something would be dropped or guessed:\n";
  for (const auto& [repair, count] : report.unsafe)
    text += "  " + t.ink(Ink::yellow, padded(repair->code, 7)) + " " + padded(with_commas(count), 6) + " " +
            std::string(repair->title) + "\n";
  return text;
}

std::string command_of(const FixFlags& f) {
  std::string command = "vetset fix " + shell_word(f.writing.src);
  if (!f.dst.empty()) command += " -o " + shell_word(f.dst);
  if (f.unsafe) command += " --unsafe";
  const auto list = [&](std::string_view flag, const std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size(); ++i)
      command += i == 0 ? " " + std::string(flag) + " " + words[i] : "," + words[i];
  };
  list("--select", f.select);
  list("--ignore", f.ignore);
  return command;
}

/// Every repair that there is, in the order in which they are tried.
void list_repairs(Terminal& t, bool json) {
  if (json) {
    std::string text;
    JsonWriter out(text);
    out.begin_array();
    for (const Repair* r : repairs())
      out.begin_object()
          .key("code")
          .value(r->code)
          .key("repair")
          .value(r->name)
          .key("safe")
          .value(r->safe)
          .key("title")
          .value(r->title)
          .end_object();
    out.end_array();
    t.out(pretty_json(text) + "\n");
    return;
  }
  for (const Repair* r : repairs())
    t.out(t.ink(r->safe ? Ink::green : Ink::yellow, padded(r->code, 7)) + " " + padded(r->safe ? "safe" : "unsafe", 6) +
          "  " + padded(r->name, 26) + " " + std::string(r->title) + "\n");
}

int run_fix(Terminal& t, FixFlags f) {
  if (f.list_repairs) {
    list_repairs(t, f.writing.json);
    return Exit::yes;
  }
  if (f.writing.src.empty()) return t.fail({Code::usage, "say which dataset to repair: vetset fix SRC -o DST"});
  if (!f.output.empty()) f.dst = f.output;
  if (f.dst.empty() && !f.writing.dry_run)
    return t.fail({Code::usage, "say where the repaired dataset goes with -o DST, or --dry-run to see the repairs"});
  if (!f.undo.empty()) {
    if (f.unsafe || !f.select.empty() || !f.ignore.empty())
      return t.fail({Code::usage, "--undo takes all edits of a list back; leave out --unsafe, --select and --ignore"});
    return run_undo(t, f.writing, f.undo, f.dst, {.verb = "fix", .edit = "repair", .before = "that were repaired"});
  }
  const OpenOptions options = opening(t, f.writing);
  auto source = open(f.writing.src, options);
  if (!source) return t.fail(source.error());
  const auto report = fix(*source, {.select = f.select,
                                    .ignore = f.ignore,
                                    .unsafe = f.unsafe,
                                    .files = f.writing.images != "none",
                                    .common = options.common});
  if (!report) return t.fail(report.error());
  if (f.writing.json && (f.writing.dry_run || f.dst.empty())) {
    t.out(report->document.empty() ? "{}\n" : pretty_json(report->document) + "\n");
    return Exit::yes;
  }
  if (!f.writing.json) {
    t.out(t.ink(Ink::bold, report->edits.empty() ? "nothing to repair" : counted(report->edits.size(), "repair")) +
          "\n" + told(t, *report, f.writing.all) + left_over(t, *report));
    if (!report->edits.empty()) t.out("\n  everything else was compared field by field: unchanged\n");
  }
  if (f.writing.dry_run) {
    if (!report->edits.empty()) t.out(t.ink(Ink::green, "dry run") + ": nothing was written\n");
    return Exit::yes;
  }
  if (!f.writing.json) t.out("\n");
  return write_out(t, *source, f.dst, f.writing, command_of(f));
}

constexpr Example examples[] = {
    {"vetset fix export -o fixed", "what is safe to repair, in the format it came in"},
    {"vetset fix export --dry-run", "list the repairs, write nothing"},
    {"vetset fix export -o fixed --unsafe", "also drop what cannot be mended"},
    {"vetset fix export -o fixed --select FMT422", "one repair only"},
    {"vetset fix fixed --undo fixed.fix.json -o back", "take all repairs back"},
};

}  // namespace

extern const Command fix_command;
const Command fix_command{
    .name = "fix",
    .summary = "repair what can be repaired, list every edit, prove that nothing else changed",
    .about =
        "The source stays as it is. Safe repairs change no meaning; --unsafe ones drop something or follow a\n"
        "guess. Every edit is listed in DST.fix.json with the record before and after; --undo takes them back.\n",
    .examples = examples,
    .first = true,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<FixFlags>();
      a.positional("SRC", f->writing.src, "a dataset's folder, an archive, or one annotation file", false)
          .positional("DST", f->dst, "the folder to make", false)
          .option("-o", f->output, "DST", "the folder to make")
          .flag("--list", f->list_repairs, "name every repair that there is")
          .flag("--unsafe", f->unsafe, "also repairs that drop something or follow a guess")
          .list("--select", f->select, "CODES", "only these: codes, beginnings of codes, names of rules or repairs")
          .list("--ignore", f->ignore, "CODES", "not these")
          .option("--undo", f->undo, "FILE", "take back what this DST.fix.json lists; SRC is the repaired dataset");
      define_writing(a, f->writing, "the format to write; that of SRC if not said");
      define_opening(a, f->writing);
      return [f](Terminal& t) { return run_fix(t, *f); };
    }};

}  // namespace vetset::cli
