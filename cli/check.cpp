// vetset check: what is wrong with a dataset, how certain that is, and what a trainer will make of it.
#include "cli/html_report.h"
#include "cli/judging.h"
#include "cli/own_rules.h"
#include "cli/predicted.h"
#include "cli/sheet.h"
#include "vetset/base/json.h"
#include "vetset/base/nearest.h"
#include "vetset/base/publish.h"
#include "vetset/check/report/github.h"
#include "vetset/check/report/json.h"
#include "vetset/check/report/jsonl.h"
#include "vetset/check/report/junit.h"
#include "vetset/check/report/markdown.h"
#include "vetset/check/report/sarif.h"
#include "vetset/check/report/text.h"

namespace vetset::cli {
namespace {

struct CheckFlags {
  std::string src, from, images_dir, consumer, file, write_baseline, diff_from, sheet;
  std::vector<std::string> outputs;
  JudgingFlags judging;
  HtmlFlags html;
  PredictedFlags predicted;
  std::string proof, lock, previous, contract;
  unsigned threads = 0;
  std::vector<std::string> known;
  bool no_images = false, all = false, json = false, objects = false;
};

/// One report: its format, and the file it goes to; "-" is stdout.
struct Output {
  std::string format, file;
};

const std::vector<std::string>& output_formats() {
  static const std::vector<std::string> formats = {"text", "json", "sarif", "junit", "github", "markdown", "jsonl"};
  return formats;
}

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// "sarif", "sarif=out.sarif", "sarif:out.sarif".
Result<Output> parse_output(const std::string& text) {
  const std::size_t end = text.find_first_of("=:");
  Output output{text.substr(0, end), end == std::string::npos ? "-" : text.substr(end + 1)};
  for (const std::string& known : output_formats())
    if (known == output.format && !output.file.empty()) return output;
  if (output.file.empty()) return Error{Code::usage, "--output: expected a file after '" + text + "'"};
  return Error{Code::usage, "--output: expected " + list_of(output_formats()) + ", found '" + output.format + "'" +
                                did_you_mean(output.format, output_formats())};
}

Result<std::vector<Output>> outputs_of(const CheckFlags& f) {
  std::vector<Output> outputs;
  for (const std::string& text : f.outputs) {
    VETSET_TRY(Output output, parse_output(text));
    outputs.push_back(std::move(output));
  }
  if (f.json) outputs.push_back({"json", "-"});
  if (outputs.empty()) outputs.push_back({"text", "-"});
  Output* open = nullptr;
  for (Output& output : outputs) {
    if (output.file != "-") continue;
    if (open != nullptr)
      return Error{Code::usage,
                   "two reports would go to one place; give one a file: --output " + output.format + "=FILE"};
    open = &output;
  }
  if (f.file.empty()) return outputs;
  if (open == nullptr) return Error{Code::usage, "-o " + f.file + ": every report has a file already"};
  open->file = f.file;
  return outputs;
}

std::string rendered(const Terminal& t, const CheckFlags& f, const std::string& config, const Output& output,
                     const Source& source, const CheckReport& report, const std::string& data) {
  if (output.format == "markdown") return markdown_report(source, report, data);
  if (output.format == "json") return pretty_json(json_report(source, report)) + '\n';
  if (output.format == "jsonl") return jsonl_report(source, report);
  if (output.format == "junit") return junit_report(source, report);
  if (output.format == "sarif") return sarif_report(source, report, path_prefix(source, f.src));
  if (output.format == "github") return github_report(source, report, path_prefix(source, f.src));
  const bool to_terminal = output.file == "-";
  return text_report(source, report,
                     {.color = to_terminal && t.color(),
                      .width = to_terminal ? static_cast<unsigned>(t.width()) : 100,
                      .all = f.all,
                      .lines = to_terminal ? static_cast<unsigned>(t.height() - 1) : 10'000,  // the prompt needs one
                      .config = config,
                      .command = shell_word(f.src)});
}

int keep_baseline(Terminal& t, const CheckFlags& f, const Source& source, const CheckReport& report) {
  const auto written = write_baseline(f.write_baseline, source, report);
  if (!written) return t.fail(written.error());
  const std::uint64_t known = report.errors + report.warnings + report.notes;
  const std::string file = shell_word(f.write_baseline);
  t.out(counted(known, "finding") + (known == 1 ? " is" : " are") + " known from here on; what is new: vetset check " +
        shell_word(f.src) + " --baseline " + file + "\n");
  return Exit::yes;
}

int run_check(Terminal& t, const CheckFlags& f) {
  const auto outputs = outputs_of(f);
  if (!outputs) return t.fail(outputs.error());
  if (const auto drawn = check_sheet(f.sheet); !drawn) return t.fail(drawn.error());
  if (const auto wanted = check_html_report(f.html); !wanted) return t.fail(wanted.error());
  const bool keeps = !f.write_baseline.empty();
  if (keeps && !f.judging.baseline.empty())
    return t.fail({Code::usage, "--write-baseline takes all findings; leave --baseline out"});
  if (!f.diff_from.empty() && (keeps || !f.judging.baseline.empty()))
    return t.fail({Code::usage,
                   "--diff-from takes what was found before as known; leave --baseline and "
                   "--write-baseline out"});
  auto judged = judging(f.src, f.judging, !keeps && f.diff_from.empty());
  if (!judged) return t.fail(judged.error());
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  const auto source = open(f.src, opening);
  if (!source) return t.fail(source.error());
  CheckOptions& options = judged->options;
  options.images = !f.no_images;
  options.objects = f.objects;
  options.known = f.known;
  options.pixels = options.pixels || !f.sheet.empty() || f.objects || !f.known.empty();
  if (f.no_images && (!f.sheet.empty() || f.judging.pixels || !f.judging.near.empty() || f.objects || !f.known.empty()))
    return t.fail({Code::usage, "--no-images looks at no file, and --pixels decodes all; give one of them"});
  options.consumer = f.consumer;
  options.proof = f.proof;
  options.lock = f.lock;
  options.previous = f.previous;
  if (!f.contract.empty()) options.contract = f.contract;
  options.common = opening.common;
  std::optional<Embeddings> embeddings;
  if (!f.judging.embeddings.empty()) {
    auto read = read_embeddings(*source, f.judging.embeddings, f.judging.embeddings_paths);
    if (!read) return t.fail(read.error());
    options.embeddings = &embeddings.emplace(*std::move(read));
  } else if (!f.judging.embeddings_paths.empty()) {
    return t.fail({Code::usage, "--embeddings-paths says whose rows --embeddings has; give both"});
  }
  const auto given = read_predicted(f.predicted, *source, f.src, opening);
  if (!given) return t.fail(given.error());
  for (const std::string& note : given->notes) t.say(note);
  options.predicted = given->predicted ? &*given->predicted : nullptr;
  options.probabilities = given->probabilities ? &*given->probabilities : nullptr;
  std::optional<Before> earlier;
  if (!f.diff_from.empty()) {
    auto found = open_before(f.src, *source, f.diff_from, opening);
    if (!found) return t.fail(found.error());
    earlier.emplace(*std::move(found));
  }
  const auto own = run_own_rules(*judged,
                                 {.src = f.src,
                                  .from = f.from,
                                  .images_dir = f.images_dir,
                                  .diff_from = f.diff_from,
                                  .predicted = &f.predicted,
                                  .threads = f.threads},
                                 *source, earlier ? &earlier->source : nullptr);
  if (!own) return t.fail(own.error());
  options.own = own->now;
  if (earlier) {
    if (const auto looked = check_before(*earlier, options, own->then); !looked) return t.fail(looked.error());
    for (const std::string& note : earlier->notes) t.say(note);
    options.exceptions.baseline = earlier->findings;
  }
  const auto report = check(*source, options);
  if (!report) return t.fail(report.error());
  std::string data;
  if (earlier &&
      std::any_of(outputs->begin(), outputs->end(), [](const Output& o) { return o.format == "markdown"; })) {
    const auto difference = diff(earlier->source, *source, {.images = options.images, .common = options.common});
    if (!difference) return t.fail(difference.error());
    data = to_markdown(*difference, earlier->called, source->tree->name(), 40'000);
  }
  for (const std::string& note : report->scan.notes) t.say(note);
  if (report->suspects)
    for (const std::string& note : report->suspects->notes) t.say(note);
  for (const Output& output : *outputs) {
    if (keeps && f.outputs.empty() && !f.json) break;  // the baseline is what was asked for
    const std::string text = rendered(t, f, judged->config, output, *source, *report, data);
    if (output.file == "-") {
      t.out(text);
      continue;
    }
    if (const auto written = write_file_atomically(output.file, text); !written) return t.fail(written.error());
  }
  if (const auto written = write_html_report(t, f.html, *source, *report, options); !written)
    return t.fail(written.error());
  if (!f.sheet.empty()) {
    const auto drawn = draw_sheet(t, *source, *report->links, f.sheet, {}, options.common);
    if (!drawn) return t.fail(drawn.error());
  }
  if (keeps) return keep_baseline(t, f, *source, *report);
  return report->failed ? Exit::no : Exit::yes;
}

constexpr Example examples[] = {
    {"vetset check export.zip", "the first look at an export"},
    {"vetset check street --all", "every finding, one a line"},
    {"vetset check street --select FMT4,LEA301", "some rules only"},
    {"vetset check street --pixels", "also by the pixels: near-duplicates, leaks, broken and poor pictures"},
    {"vetset check street --predictions results.json --out-of-fold", "labels that a model's predictions speak against"},
    {"vetset check street --sheet leaks.html", "the same, and what belongs together as pictures"},
    {"vetset check street --pixels --report street.html", "all of it as one page with pictures, to read and hand on"},
    {"vetset check street --rules team_rules.py", "rules of your own, too, written in Python"},
    {"vetset check street --for ultralytics", "what that trainer drops or changes, and nothing else"},
    {"vetset check street --output text,sarif=out.sarif", "for people, and a file for code scanning"},
    {"vetset check street --write-baseline known.json", "take what is there as known"},
    {"vetset check street --baseline known.json", "only what is new counts"},
    {"vetset check street --diff-from main --output markdown", "what a branch changed and broke, for a pull request"},
};

std::vector<std::string> consumer_ids() {
  std::vector<std::string> ids;
  for (const Consumer* consumer : consumers()) ids.emplace_back(consumer->id);
  return ids;
}

}  // namespace

extern const Command check_command;
const Command check_command{
    .name = "check",
    .summary = "say what is wrong with a dataset, and what a trainer will make of it",
    .about =
        "Exit status: 0 nothing from --fail-on's level on, 1 something, 2 could not look.\n"
        "Settings come from flags, then VETSET_* variables, then the nearest vetset.toml.\n",
    .examples = examples,
    .first = true,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<CheckFlags>();
      a.positional("SRC", f->src, "a dataset's folder, an archive, or one annotation file");
      define_judging(a, f->judging);
      define_rules(a, f->judging);
      define_gate(a, f->judging);
      define_pixels(a, f->judging);
      define_predicted(a, f->predicted);
      define_sheet(a, f->sheet);
      define_html_report(a, f->html);
      a.option("--write-baseline", f->write_baseline, "FILE", "write all findings there as known")
          .option("--diff-from", f->diff_from, "REV|PKG|PATH",
                  "only what is new since: a revision of git, a package, or an earlier dataset")
          .option("--for", f->consumer, "TRAINER",
                  "only what this trainer drops or changes: " + list_of(consumer_ids()), consumer_ids())
          .list("--output", f->outputs, "FORMAT[=FILE]", list_of(output_formats()) + "; several with commas")
          .suggest(output_formats())
          .option("-o", f->file, "FILE", "where the report goes; stdout if not said")
          .flag("--all", f->all, "every finding, one a line")
          .flag("--no-images", f->no_images, "do not look at the image files")
          .flag("--objects", f->objects, "compare objects across splits, too (LEA313): decodes every image once more")
          .list("--known", f->known, "FILE,...",
                "tables of others' pictures, as scan -o writes them: which of them are here (LEA317)")
          .option("--proof", f->proof, "FILE", "of the conversion that made SRC; SRC.proof.json if not said")
          .option("--contract", f->contract, "FILE",
                  "what the data have to cover; the contract.yaml beside vetset.toml if not said")
          .option("--previous", f->previous, "SRC",
                  "an earlier version, or its package: classes that moved since (FMT410)")
          .option("--lock", f->lock, "FILE", "split.lock of an earlier split; the one in or beside SRC if not said")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_check(t, *f); };
    }};

}  // namespace vetset::cli
