// vetset check: what is wrong with a dataset, how certain that is, and what a trainer will make of it.
#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/check/report/json.h"
#include "vetset/check/report/text.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct CheckFlags {
  std::string src, from, images_dir;
  std::vector<std::string> select, ignore;
  unsigned threads = 0;
  bool no_images = false, all = false, json = false;
};

int run_check(Terminal& t, const CheckFlags& f) {
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  const auto source = open(f.src, opening);
  if (!source) return t.fail(source.error());
  CheckOptions options;
  options.select = f.select;
  options.ignore = f.ignore;
  options.images = !f.no_images;
  options.common = opening.common;
  const auto report = check(*source, options);
  if (!report) return t.fail(report.error());
  if (f.json)
    t.out(pretty_json(json_report(*source, *report)) + '\n');
  else
    t.out(text_report(*source, *report,
                      {.color = t.color(),
                       .width = static_cast<unsigned>(t.width()),
                       .all = f.all,
                       .lines = static_cast<unsigned>(t.height() - 1),  // the prompt needs one
                       .command = shell_word(f.src)}));
  return report->errors == 0 ? Exit::yes : Exit::no;
}

constexpr Example examples[] = {
    {"vetset check export.zip", "the first look at an export"},
    {"vetset check street --all", "every finding, one a line"},
    {"vetset check street --select FMT4,LEA301", "some rules only"},
    {"vetset check street --json", "for programs; schema in docs/schema/check-v1.json"},
};

}  // namespace

extern const Command check_command;
const Command check_command{
    .name = "check",
    .summary = "say what is wrong with a dataset, and what a trainer will make of it",
    .about = "Exit status: 0 no errors, 1 errors found, 2 could not look.\n",
    .examples = examples,
    .first = true,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<CheckFlags>();
      a.positional("SRC", f->src, "a dataset's folder, an archive, or one annotation file")
          .list("--select", f->select, "CODES", "only these rules: codes, beginnings of codes, or names")
          .list("--ignore", f->ignore, "CODES", "not these rules")
          .flag("--all", f->all, "every finding, one a line")
          .flag("--no-images", f->no_images, "do not look at the image files")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_check(t, *f); };
    }};

}  // namespace vetset::cli
