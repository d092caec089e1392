// vetset detect: which format a path holds, and the evidence for it.
#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

std::string detect_json(const DetectReport& report) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("files").value(report.files).key("candidates").begin_array();
  for (const Detected& c : report.candidates) {
    w.begin_object().key("format").value(c.format->id).key("dialect").value(c.detection.dialect);
    w.key("score").value(c.detection.score).key("evidence").begin_array();
    for (const std::string& fact : c.detection.evidence) w.value(fact);
    w.end_array().end_object();
  }
  w.end_array().key("problems").begin_array();
  for (const TreeProblem& p : report.problems)
    w.begin_object().key("path").value(p.path).key("what").value(p.what).end_object();
  w.end_array().end_object();
  return pretty_json(out) + '\n';
}

int run_detect(Terminal& t, const std::string& path, bool json) {
  OpenOptions options;
  options.common.progress = t.progress();
  const auto report = detect(path, options);
  if (!report) return t.fail(report.error());
  if (json) {
    t.out(detect_json(*report));
    return report->candidates.empty() ? Exit::no : Exit::yes;
  }
  if (report->candidates.empty()) {
    t.out("no dataset among " + counted(report->files, "file") + "\n");
    t.out("  'vetset formats' tells what vetset reads\n");
    return Exit::no;
  }
  for (const Detected& c : report->candidates) {
    const bool best = &c == &report->candidates.front();
    std::string head = t.ink(best ? Ink::bold : Ink::dim, c.format->id);
    if (!c.detection.dialect.empty()) head += t.ink(Ink::dim, " (" + printable(c.detection.dialect) + ")");
    t.out(head + "  " + std::string(c.format->title) + ", score " + std::to_string(c.detection.score) + "\n");
    for (const std::string& fact : c.detection.evidence) t.out("  " + printable(fact) + "\n");
  }
  for (const TreeProblem& p : report->problems) t.out("  " + printable(p.path) + " " + printable(p.what) + "\n");
  return Exit::yes;
}

}  // namespace

extern const Command detect_command;
const Command detect_command{.name = "detect",
                             .summary = "say which format a folder, archive or file holds, and why",
                             .about = {},
                             .examples = {},
                             .first = false,
                             .define = [](Arguments& a) -> std::function<int(Terminal&)> {
                               struct Flags {
                                 std::string src;
                                 bool json = false;
                               };
                               auto f = std::make_shared<Flags>();
                               a.positional("SRC", f->src, "a dataset's folder, an archive, or one annotation file")
                                   .flag("--json", f->json, "print JSON");
                               return [f](Terminal& t) { return run_detect(t, f->src, f->json); };
                             }};

}  // namespace vetset::cli
