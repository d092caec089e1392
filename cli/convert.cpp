// vetset convert: to another format, with a proof of what was kept, lost and invented.
#include "cli/writing.h"

namespace vetset::cli {
namespace {

struct ConvertFlags {
  std::string dst;
  WritingFlags writing;
};

int run_convert(Terminal& t, const ConvertFlags& f) {
  if (f.writing.to.empty())
    return t.fail({Code::usage, "say which format to write with --to; 'vetset formats' lists them"});
  const auto source = open(f.writing.src, opening(t, f.writing));
  if (!source) return t.fail(source.error());
  return write_out(t, *source, f.dst, f.writing,
                   "vetset convert " + shell_word(f.writing.src) + " " + shell_word(f.dst));
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
      a.positional("SRC", f->writing.src, "a dataset's folder, an archive, or one annotation file")
          .positional("DST", f->dst, "the folder to make");
      define_writing(a, f->writing, "the format to write");
      define_opening(a, f->writing);
      return [f](Terminal& t) { return run_convert(t, *f); };
    }};

}  // namespace vetset::cli
