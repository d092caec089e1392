// vetset review apply: takes a labelling tool's answers back, and says what they mean for the labels nobody looked at.
#include <algorithm>
#include <filesystem>

#include "cli/writing.h"
#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/base/unicode.h"

namespace vetset::cli {
namespace {

struct ReviewFlags {
  std::string verb, exported, dst, output, queue, export_from;
  unsigned next = 50;
  bool all_looked_at = false;
  WritingFlags writing;
};

std::string number(double value, unsigned decimals) {
  std::string text;
  append_fixed(text, value, decimals);
  return text;
}
std::string whole(double value) { return with_commas(static_cast<std::uint64_t>(value + 0.5)); }
std::string between(const Interval& i) { return whole(i.low) + " to " + whole(i.high); }

std::string answers_told(const Terminal& t, const ReviewReport& r, bool all) {
  std::string text =
      t.ink(Ink::bold, with_commas(r.errors.answers) + " of " + counted(r.queue.items.size(), "item") + " answered") +
      ": " + with_commas(r.errors.errors) + " wrong, " + with_commas(r.errors.answers - r.errors.errors) + " right\n";
  constexpr std::string_view about[] = {"as handed over, without a mark: nobody may have looked",
                                        "looked at, and right",
                                        "another class or another place",
                                        "no object",
                                        "the proposal is an object",
                                        "marked as wrong, and not mended",
                                        "cannot be taken over"};
  for (const Told told :
       {Told::confirmed, Told::changed, Told::removed, Told::added, Told::wrong, Told::untouched, Told::conflict}) {
    const std::uint64_t count = r.told[static_cast<std::size_t>(told)];
    if (count == 0) continue;
    const bool trouble = told == Told::conflict || told == Told::untouched;
    text += "  " + t.ink(trouble ? Ink::yellow : Ink::green, padded(name(told), 10)) + padded(with_commas(count), 7) +
            std::string(about[static_cast<std::size_t>(told)]) + "\n";
  }
  const std::uint64_t untouched = r.told[static_cast<std::size_t>(Told::untouched)];
  if (untouched > 0 && r.taken.images_missing < r.queue.items.size())
    text += "  " + wrapped(
                       "what came back as it was counts as an answer only where it was marked; if all was looked at: "
                       "--all-looked-at",
                       2, t.width());
  if (r.beside > 0)
    text += "  " + t.ink(Ink::green, padded("beside", 10)) + padded(with_commas(r.beside), 7) +
            "changes that nobody asked about; taken over, too\n";
  if (r.taken.images_missing > 0)
    text +=
        "  " + t.ink(Ink::yellow, counted(r.taken.images_missing, "image") + " of the queue") + " not in the export\n";
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < r.queue.items.size(); ++i) {
    const ItemTold& told = r.taken.items[i];
    if (told.told == Told::conflict)
      lines.push_back("item " + std::to_string(r.queue.items[i].rank) + ", " + r.queue.items[i].image + ": " +
                      told.why);
  }
  for (const NotTaken& n : r.taken.not_taken) lines.push_back(n.where + ": " + n.why);
  if (lines.empty()) return text;
  text += "\n" + t.ink(Ink::bold, "Not taken over") + "\n";
  constexpr std::size_t most = 8;
  for (std::size_t i = 0; i < lines.size() && (all || i < most); ++i)
    text += "  " + wrapped(printable(lines[i]), 2, t.width());
  if (!all && lines.size() > most)
    text += t.ink(Ink::dim, "  and " + with_commas(lines.size() - most) + " more: --all lists them") + "\n";
  return text;
}

std::string chances_told(const Terminal& t, const ReviewReport& r) {
  if (r.chances.empty()) return "\n" + wrapped("No answers, so nothing is known of the others.", 0, t.width());
  std::string text =
      "\n" + t.ink(Ink::bold, "How likely a suspect is wrong, by its place in the ranking") + " (90 %)\n";
  for (const ChanceStep& s : r.chances)
    text += "  " + padded(with_commas(s.first) + " to " + with_commas(s.last), 20) + number(s.chance, 2) + "  " +
            t.ink(Ink::dim, padded("(" + number(s.interval.low, 2) + " to " + number(s.interval.high, 2) + ")", 17) +
                                with_commas(s.errors) + " of " + with_commas(s.answers) + " answers") +
            "\n";
  const std::uint64_t unseen = r.queue.suspects - r.errors.answers;
  text += "\n" + t.ink(Ink::bold, "Errors") + "\n";
  text += "  " + padded("found", 20) + with_commas(r.errors.errors) + "\n";
  text += "  " + padded("left", 20) + "about " + whole(r.errors.left) + " (" + between(r.errors.left_interval) +
          ") among the " + counted(unseen, "suspect") + " that nobody looked at\n";
  if (r.next.count > 0) {
    text += "  " + padded("next " + with_commas(r.next.count), 20) + number(r.next.expected, 1) + " expected (" +
            number(r.next.interval.low, 1) + " to " + number(r.next.interval.high, 1) + "): ";
    text += r.next.stop ? t.ink(Ink::green, "stop") + ", fewer than one\n" : t.ink(Ink::yellow, "go on") + "\n";
  }
  if (r.recapture)
    text += "  " + padded("by recapture", 20) +
            wrapped("about " + whole(r.recapture->total) + " in all (" + between(r.recapture->interval) +
                        "): " + with_commas(r.recapture->first) + " found by class probabilities, " +
                        with_commas(r.recapture->second) + " by predicted objects, " + with_commas(r.recapture->both) +
                        " by both, if each finds an error whether or not the other "
                        "does; where they tend to find the same ones, there are more",
                    22, t.width());
  if (r.errors.unknown > 0)
    text += "  " + padded("not answered", 20) + counted(r.errors.unknown, "suspect") +
            " in runs without an answer, which may all be right or wrong\n";
  text += t.ink(Ink::dim, "  " + wrapped("of the suspects alone: what no rule suspected is not counted", 2, t.width()));
  return text;
}

Result<std::string> read_document(const std::string& path) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(path));
  Result<Bytes> bytes = tree->read(tree->list().front());
  if (!bytes) return std::move(bytes).error();
  return std::string(bytes->text());
}

std::string command_of(const ReviewFlags& f) {
  std::string command = "vetset review apply " + shell_word(f.exported) + " " + shell_word(f.writing.src) +
                        " --queue " + shell_word(f.queue) + " -o " + shell_word(f.dst);
  if (f.all_looked_at) command += " --all-looked-at";
  return command;
}

int run_review(Terminal& t, ReviewFlags f) {
  if (f.verb != "apply") return t.fail({Code::usage, "expected 'vetset review apply', found '" + f.verb + "'"});
  if (!f.output.empty()) f.dst = f.output;
  if (f.queue.empty())
    return t.fail({Code::usage, "say which queue was handed over: --queue FILE, which 'vetset queue' wrote"});
  const auto document = read_document(f.queue);
  if (!document) return t.fail(document.error());
  const OpenOptions options = opening(t, f.writing);
  auto source = open(f.writing.src, options);
  if (!source) return t.fail(source.error());
  OpenOptions of_export{.from = f.export_from, .common = options.common};
  std::error_code ignored;  // exports of labels alone have their images with the source
  if (std::filesystem::is_directory(f.writing.src, ignored)) of_export.images_dir = f.writing.src;
  auto exported = open(f.exported, of_export);
  if (!exported) return t.fail(exported.error());
  const auto report = review(*source, *exported, *document,
                             {.all_looked_at = f.all_looked_at, .next = f.next, .common = options.common});
  if (!report)
    return t.fail(report.error().code == Code::malformed ? Error(report.error()).in(f.queue) : report.error());
  if (f.writing.json) {
    if (!f.dst.empty() && !f.writing.dry_run) {
      const auto done = convert(*source, f.dst, converting(t, *source, f.writing));
      if (!done) return t.fail(done.error());
      if (done->verdict == Verdict::undecided)
        return t.fail({Code::refused, "the target asks something; without --json it says what"});
      if (done->verdict == Verdict::undeclared) return Exit::our_defect;
    }
    t.out(pretty_json(report->document) + "\n");
    return Exit::yes;
  }
  t.out(answers_told(t, *report, f.writing.all) + chances_told(t, *report));
  if (f.dst.empty() || f.writing.dry_run) {
    t.out("\n" + t.ink(Ink::green, f.writing.dry_run ? "dry run" : "answers only") + ": nothing was written" +
          (f.writing.dry_run ? "" : "; -o DST writes the corrected labels") + "\n");
    return Exit::yes;
  }
  t.out("\n");
  return write_out(t, *source, f.dst, f.writing, command_of(f));
}

constexpr Example examples[] = {
    {"vetset review apply export.zip street --queue look.queue.json", "what people said, and what is left"},
    {"vetset review apply export.zip street --queue look.queue.json -o clean", "the labels with their answers"},
};

}  // namespace

extern const Command review_command;
const Command review_command{
    .name = "review",
    .summary = "take a labelling tool's answers back: the labels corrected, the errors left estimated",
    .about =
        "EXPORT is what the tool gave back, SRC the dataset that was queued, as it was. Every item is told: "
        "confirmed,\n"
        "changed, removed, added, untouched; what cannot be taken over is named. DST.review.json lists every edit.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<ReviewFlags>();
      a.positional("apply", f->verb, "the only verb there is")
          .positional("EXPORT", f->exported, "what the labelling tool exported, in any format that vetset reads")
          .positional("SRC", f->writing.src, "the dataset that was queued")
          .option("--queue", f->queue, "FILE", "what 'vetset queue' wrote beside what it handed over")
          .option("-o,--output", f->output, "DST", "where the corrected dataset goes")
          .flag("--all-looked-at", f->all_looked_at, "what came back as it was is right, with a mark or without")
          .option("--next", f->next, "N", "how far ahead the stop rule looks; 50 if not said")
          .option("--export-from", f->export_from, "FORMAT", "the format of EXPORT; found by itself if not said");
      define_writing(a, f->writing, "the format to write; that of SRC if not said");
      define_opening(a, f->writing);
      return [f](Terminal& t) { return run_review(t, *f); };
    }};

}  // namespace vetset::cli
