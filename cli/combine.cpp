// vetset combine: several datasets as one.
#include <algorithm>

#include "cli/writing.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"

namespace vetset::cli {
namespace {

struct CombineFlags {
  std::vector<std::string> sources, rename;
  std::string output, map, dedup;
  bool split_from_source = false;
  WritingFlags writing;
};

std::string told(const Terminal& t, const CombineReport& r) {
  std::string text;
  std::size_t widest = 0;
  for (const CombineReport::Source& s : r.sources) widest = std::max(widest, display_width(s.name));
  for (const CombineReport::Source& s : r.sources)
    text += "  " + padded(s.name, widest) + "  " + counted(s.counts.images, "image") + ", " +
            counted(s.counts.annotations, "object") + ", " + counted(s.counts.categories, "class", "classes") + "\n";
  const auto line = [&](std::string_view head, const std::string& rest) {
    text += "  " + padded(head, 9) + wrapped(rest, 11, t.width());
  };
  std::uint64_t shared = 0;
  for (const CombineReport::Class& c : r.classes) shared += c.from.size() > 1 ? 1U : 0U;
  text += "\n";
  line("classes", with_commas(r.classes.size()) + ", " + with_commas(shared) + " of them in more than one dataset");
  for (const auto& [a, b] : r.alike)
    line("", t.ink(Ink::yellow, "'" + printable(a) + "' and '" + printable(b) + "' stay two classes") +
                 "; --rename makes one of them");
  if (r.shared_paths > 0)
    line("names", counted(r.shared_paths, "image name") + " in more than one dataset (" + printable(r.first_shared) +
                      "): all images go below the name of their dataset");
  if (!r.copies.empty()) {
    const auto equal = static_cast<std::uint64_t>(
        std::count_if(r.copies.begin(), r.copies.end(), [](const CombineReport::Copy& c) { return c.equal; }));
    const std::uint64_t other = r.copies.size() - equal;
    if (equal > 0)
      line("copies", counted(equal, "image") + " that another one equals, labels too" +
                         (r.dropped > 0 ? ": left out" : "; --dedup identical leaves the copies out"));
    for (const CombineReport::Copy& c : r.copies)
      if (!c.equal) {
        line("conflict", counted(other, "image") + " that another one equals, with other labels; both stay: " +
                             printable(c.first) + " and " + printable(c.copy));
        break;
      }
  }
  constexpr std::size_t most = 5;
  for (std::size_t k = 0; k < std::min(most, r.lost.size()); ++k) line(k == 0 ? "lost" : "", printable(r.lost[k]));
  if (r.lost.size() > most) line("", "and " + std::to_string(r.lost.size() - most) + " more, in the step's document");
  return text + "\n";
}

std::string command_of(const CombineFlags& f) {
  std::string command = "vetset combine";
  for (const std::string& source : f.sources) command += " " + shell_word(source);
  command += " -o " + shell_word(f.output);
  std::string rename;
  for (const std::string& word : f.rename) rename += (rename.empty() ? "" : ",") + word;
  if (!rename.empty()) command += " --rename " + shell_word(rename);
  if (!f.map.empty()) command += " --map " + shell_word(f.map);
  if (f.split_from_source) command += " --split-from-source";
  if (!f.dedup.empty()) command += " --dedup " + f.dedup;
  return command;
}

int run_combine(Terminal& t, CombineFlags f) {
  if (f.output.empty() && !f.writing.dry_run)
    return t.fail({Code::usage, "say where the dataset goes with -o DST, or --dry-run to see what it would be"});
  if (f.sources.size() < 2)
    return t.fail({Code::usage, "found one dataset, expected two or more to combine; the result goes to -o DST"});
  const OpenOptions how = opening(t, f.writing);
  std::vector<Source> sources;
  for (const std::string& path : f.sources) {
    auto source = open(path, how);
    if (!source) return t.fail(source.error());
    sources.push_back(*std::move(source));
  }
  const auto made = combine(std::move(sources), {.rename = f.rename,
                                                 .map = f.map,
                                                 .split_from_source = f.split_from_source,
                                                 .drop_copies = f.dedup == "identical",
                                                 .common = how.common});
  if (!made) return t.fail(made.error());
  if (f.writing.to.empty() && made->source.format == nullptr)
    return t.fail({Code::usage, "the datasets have several formats; expected --to FORMAT"});
  if (f.writing.json && f.output.empty()) {
    t.out(pretty_json(made->document) + "\n");
    return Exit::yes;
  }
  if (!f.writing.json) t.out(told(t, made->report));
  return write_out(t, made->source, f.output, f.writing, command_of(f));
}

constexpr Example examples[] = {
    {"vetset combine day night -o all", "two datasets of one format"},
    {"vetset combine a.json labels/ -o all --to coco", "of several formats"},
    {"vetset combine a b -o all --rename Car=car,automobile=car", "classes that are the same thing"},
    {"vetset combine a b -o all --split-from-source", "a split for each of them"},
};

}  // namespace

extern const Command combine_command;
const Command combine_command{
    .name = "combine",
    .summary = "make one dataset of several, of any formats",
    .about =
        "Classes and splits of the same name become one. Where datasets share names of images, all images go below\n"
        "the name of their dataset. Images of the same bytes are told.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<CombineFlags>();
      a.positionals("SRC", f->sources, "two or more datasets")
          .option("-o", f->output, "DST", "the folder to make")
          .list("--rename", f->rename, "OLD=NEW,...", "other names for classes, in all datasets")
          .option("--map", f->map, "FILE", "a file of lines old=new; [NAME] begins those of one dataset")
          .flag("--split-from-source", f->split_from_source, "each dataset becomes one split of its name")
          .option("--dedup", f->dedup, "WHAT", "identical: leave out copies of images with equal labels",
                  {"identical"});
      define_writing(a, f->writing, "the format to write; that of the datasets if they have one");
      define_opening(a, f->writing);
      return [f](Terminal& t) { return run_combine(t, *f); };
    }};

}  // namespace vetset::cli
