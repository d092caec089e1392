#include "cli/undo.h"

#include <filesystem>

#include "vetset/base/tree.h"

namespace vetset::cli {
namespace {

/// Whole file; the list of edits that the verb wrote.
Result<std::string> read_list(const std::string& path, std::string_view verb) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(path));
  const std::span<const std::string_view> files = tree->list();
  if (files.size() != 1)
    return Error{Code::not_found, "expected one file, the list of edits that " + std::string(verb) + " wrote", path};
  VETSET_TRY(const Bytes bytes, tree->read(files.front()));
  return std::string(std::string_view(bytes));
}

/// "fixed.fix.json" gives "fixed.fix.files", where that is there.
std::string originals_beside(const std::string& list) {
  const std::string folder = list.substr(0, list.size() - (list.ends_with(".json") ? 5 : 0)) + ".files";
  std::error_code failed;
  return std::filesystem::is_directory(folder, failed) ? folder : std::string();
}

}  // namespace

int run_undo(Terminal& t, const WritingFlags& writing, const std::string& list, const std::string& target,
             const UndoWords& words) {
  const OpenOptions options = opening(t, writing);
  const auto edits = read_list(list, words.verb);
  if (!edits) return t.fail(edits.error());
  auto source = open(writing.src, options);
  if (!source) return t.fail(source.error());
  const auto report = unfix(*source, *edits, options.common, originals_beside(list));
  if (!report) return t.fail(report.error());
  const std::string before(words.before);
  if (!writing.json) {
    t.out(t.ink(Ink::bold, counted(report->edits, words.edit) + " taken back") + "\n");
    t.out(report->exact ? "  the labels are those " + before + ", record by record: " + report->labels_id + "\n"
                        : t.ink(Ink::yellow, "  the labels are not all those " + before + ": ") +
                              "the dataset was changed in other ways, too\n");
  }
  if (writing.dry_run) {
    if (!writing.json) t.out(t.ink(Ink::green, "dry run") + ": nothing was written\n");
    return Exit::yes;
  }
  if (!writing.json) t.out("\n");
  return write_out(t, *source, target, writing,
                   "vetset " + std::string(words.verb) + " " + shell_word(writing.src) + " --undo " + shell_word(list) +
                       " -o " + shell_word(target));
}

}  // namespace vetset::cli
