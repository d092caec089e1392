// vetset unpack: the dataset of a package, in the format it came from or another.
#include "cli/writing.h"

namespace vetset::cli {
namespace {

struct UnpackFlags {
  WritingFlags writing;
  std::string dst, output;
};

int run_unpack(Terminal& t, UnpackFlags f) {
  if (!f.output.empty()) f.dst = f.output;
  if (f.dst.empty() && !f.writing.dry_run)
    return t.fail({Code::usage, "say where the dataset goes with -o DST, or --dry-run to see what would be kept"});
  const auto source = open(f.writing.src, opening(t, f.writing));
  if (!source) return t.fail(source.error());
  const std::string command =
      "vetset unpack " + shell_word(f.writing.src) + (f.dst.empty() ? "" : " " + shell_word(f.dst));
  if (f.writing.to.empty()) {
    auto format = packed_format(*source);
    if (!format) return t.fail(format.error());
    f.writing.to = *std::move(format);
  }
  return write_out(t, *source, f.dst, f.writing, command);
}

constexpr Example examples[] = {
    {"vetset unpack street.pkg street", "as it was packed, label files to the byte"},
    {"vetset unpack street.tar street --to yolo", "in another format"},
};

}  // namespace

extern const Command unpack_command;
const Command unpack_command{
    .name = "unpack",
    .summary = "make the dataset of a package again, or another format of it",
    .about = "Writes the format that the package was made from, read back and proved as every conversion is.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<UnpackFlags>();
      a.positional("PKG", f->writing.src, "a package")
          .positional("DST", f->dst, "the folder to make", false)
          .option("-o", f->output, "DST", "the folder to make");
      define_writing(a, f->writing, "the format to write; the one it was packed from if not said");
      define_opening(a, f->writing);
      return [f](Terminal& t) { return run_unpack(t, *f); };
    }};

}  // namespace vetset::cli
