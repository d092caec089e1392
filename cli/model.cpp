// vetset model: what an exported model is, what is wrong with it, and the contract that it needs.
#include <unistd.h>

#include <algorithm>
#include <array>

#include "cli/command.h"
#include "cli/model_json.h"
#include "vetset/base/publish.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset_model.h"

namespace vetset::cli {
namespace {

struct ModelFlags {
  std::string verb, path, preset, from_package, classes, name, output, runtime;
  std::vector<std::string> providers;
  bool overwrite = false, json = false;
};

std::string row(const Terminal& t, std::string_view label, const std::string& text) {
  constexpr std::size_t width = 12;
  return "  " + t.ink(Ink::dim, padded(label, width)) + wrapped(text, 2 + width, t.width());
}

std::string values(const std::vector<OnnxValue>& all) {
  std::string text;
  for (const OnnxValue& value : all)
    text += (text.empty() ? "" : " · ") + printable(value.name) + " " + printable(to_string(value));
  return text.empty() ? "none" : text;
}

std::string opsets(const OnnxFile& file) {
  std::string text;
  for (const OnnxOpset& one : file.opsets)
    text += (text.empty() ? "" : ", ") + (one.domain.empty() ? "" : printable(one.domain) + " ") +
            std::to_string(one.version);
  return text.empty() ? "not said" : text;
}

/// The operators that are used most: "Conv 63, Relu 40, and 12 others".
std::string operators(const OnnxFile& file) {
  std::vector<OnnxOperator> all = file.operators;
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  std::string text;
  constexpr std::size_t shown = 5;
  for (std::size_t i = 0; i < all.size() && i < shown; ++i)
    text += (i == 0 ? "" : ", ") + printable(all[i].name) + " " + with_commas(all[i].count);
  if (all.size() > shown) text += " and " + counted(all.size() - shown, "other kind");
  return text;
}

std::string class_names(const ModelReport& r) {
  const ModelGuess& guess = r.guess;
  if (guess.names.empty()) {
    const bool open = std::any_of(r.gaps.begin(), r.gaps.end(), [](const auto& gap) { return gap.field == "classes"; });
    return guess.classes == 0 ? "" : std::to_string(guess.classes) + (open ? ", names are not in the file" : "");
  }
  std::string text = std::to_string(guess.names.size()) + ": ";
  constexpr std::size_t shown = 8;
  for (std::size_t i = 0; i < guess.names.size() && i < shown; ++i)
    text += (i == 0 ? "" : ", ") + printable(guess.names[i].second);
  return guess.names.size() > shown ? text + ", …" : text;
}

void print_report(Terminal& t, const ModelReport& r) {
  const OnnxFile& f = r.file;
  t.out(t.ink(Ink::bold, printable(std::string(base_name(r.path)))) + "  " +
        (r.task.empty() ? "ONNX model"
                        : r.task + ", " + r.guess.preset + (r.guess.sure ? "" : t.ink(Ink::dim, " (by its outputs)"))) +
        "\n");
  t.out(row(t, "takes", values(f.inputs)));
  t.out(row(t, "gives", values(f.outputs)));
  if (const std::string names = class_names(r); !names.empty()) t.out(row(t, "classes", names));
  t.out(row(
      t, "ONNX",
      "IR version " + std::to_string(f.ir_version) + ", opset " + opsets(f) +
          (f.producer.empty()
               ? ""
               : ", made by " + printable(f.producer + (f.producer_version.empty() ? "" : " " + f.producer_version)))));
  t.out(row(t, "weights",
            with_commas(r.parameters) + " numbers, " + byte_size(f.weight_bytes) + ", " + r.precision +
                (f.external.empty() ? "" : ", in " + counted(f.external.size(), "file") + " beside it")));
  t.out(row(t, "nodes", with_commas(f.nodes) + ": " + operators(f)));
  t.out(row(t, "file", byte_size(f.file_bytes) + ", sha256 " + r.sha256.substr(0, 16) + "…"));
  for (const std::string& fact : r.guess.evidence) t.out(row(t, "because", printable(fact)));
}

void print_gaps(Terminal& t, const std::vector<ContractGap>& gaps) {
  for (const ContractGap& gap : gaps) {
    t.out(t.ink(gap.needed ? Ink::red : Ink::yellow, gap.needed ? "missing" : "open   ") + "  " +
          wrapped(printable(gap.field) + ": " + printable(gap.what), 9, t.width()));
    t.out("         " + wrapped(printable(gap.cure), 9, t.width()));
  }
}

int run_inspect(Terminal& t, const ModelFlags& f) {
  const auto report = inspect_model(f.path);
  if (!report) return t.fail(report.error());
  if (f.json) {
    t.out(inspected_json(*report));
    return Exit::yes;
  }
  print_report(t, *report);
  print_gaps(t, report->gaps);
  if (report->gaps.empty())
    t.out("a contract can be written from this: 'vetset model spec " + shell_word(f.path) + " -o model.yaml'\n");
  return Exit::yes;
}

int run_check(Terminal& t, const ModelFlags& f) {
  ModelCheckOptions options;
  options.runtime.library = f.runtime;
  if (!f.providers.empty()) options.session.providers = f.providers;
  const auto report = check_model_file(f.path, options);
  if (!report) return t.fail(report.error());
  const bool failed = !report->faults.empty() && report->faults.front().grade == ModelGrade::error;
  if (f.json) {
    t.out(checked_json(*report));
    return failed ? Exit::no : Exit::yes;
  }
  std::array<std::uint64_t, 3> counts = {};
  for (const ModelFault& fault : report->faults) {
    ++counts[static_cast<std::size_t>(fault.grade)];
    const Ink ink = fault.grade == ModelGrade::error     ? Ink::red
                    : fault.grade == ModelGrade::warning ? Ink::yellow
                                                         : Ink::dim;
    t.out(t.ink(ink, padded(name(fault.grade), 7)) + "  " + t.ink(Ink::bold, fault.name) + "\n");
    t.out("         " + wrapped(printable(fault.cause), 9, t.width()));
    if (!fault.cure.empty()) t.out("         " + t.ink(Ink::dim, "→ ") + wrapped(printable(fault.cure), 11, t.width()));
  }
  if (!report->providers.empty()) {
    std::string all;
    for (const std::string& provider : report->providers) all += (all.empty() ? "" : ", ") + provider;
    t.out(t.ink(Ink::green, "opens    ") + "in " + report->runtime + " on " + all + "\n");
  } else if (report->runtime.empty()) {
    t.out(t.ink(Ink::yellow, "not run") + "  " +
          wrapped(printable(report->no_runtime.substr(0, report->no_runtime.find('\n'))), 9, t.width()));
  }
  t.out(counted(counts[2], "error") + ", " + counted(counts[1], "warning") + ", " + counted(counts[0], "note") + "\n");
  return failed ? Exit::no : Exit::yes;
}

int run_spec(Terminal& t, const ModelFlags& f) {
  const auto report = spec_of_model(f.path, {.preset = f.preset,
                                             .from_package = f.from_package,
                                             .classes = f.classes,
                                             .name = f.name,
                                             .common = {.progress = t.progress()}});
  if (!report) return t.fail(report.error());
  if (!f.output.empty()) {
    if (!f.overwrite && access(f.output.c_str(), F_OK) == 0)
      return t.fail({Code::refused, "exists already; --overwrite replaces it", f.output});
    if (const auto written = write_file_atomically(f.output, report->yaml); !written) return t.fail(written.error());
  }
  bool complete = true;
  for (const ContractGap& gap : report->built.gaps) complete = complete && !gap.needed;
  if (f.json) {
    t.out(specified_json(*report));
    return complete ? Exit::yes : Exit::no;
  }
  if (f.output.empty()) {
    t.out(report->yaml);
    for (const ContractGap& gap : report->built.gaps)
      t.say((gap.needed ? "missing: " : "open: ") + gap.field + ": " + gap.what + "; " + gap.cure);
    return complete ? Exit::yes : Exit::no;
  }
  t.out("written  " + printable(f.output) + "  " + report->built.preset + ", " + report->digest + "\n");
  print_gaps(t, report->built.gaps);
  return complete ? Exit::yes : Exit::no;
}

int run_model(Terminal& t, const ModelFlags& f) {
  if (f.verb == "inspect") return run_inspect(t, f);
  if (f.verb == "check") return run_check(t, f);
  if (f.verb == "spec") return run_spec(t, f);
  return t.fail({Code::usage, "expected inspect, check or spec, found '" + f.verb + "'"});
}

constexpr Example examples[] = {
    {"vetset model inspect best.onnx", "what it takes and gives, and what a contract would lack"},
    {"vetset model check best.onnx", "what would go wrong where it runs, with the cure"},
    {"vetset model spec best.onnx --from-package street.vetset -o model.yaml",
     "the contract of what happens around the network"}};

}  // namespace

extern const Command model_command;
const Command model_command{
    .name = "model",
    .summary = "say what an exported model is, what is wrong with it, and write its contract",
    .about = {},
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<ModelFlags>();
      a.positional("VERB", f->verb, "inspect, check, spec")
          .positional("MODEL", f->path, "an ONNX file")
          .option("--preset", f->preset, "NAME",
                  "spec: the family it was exported from, in the place of what the file says")
          .suggest(preset_names())
          .option("--from-package", f->from_package, "PATH", "spec: classes and identity of the data it was trained on")
          .option("--classes", f->classes, "FILE", "spec: names of the classes, one a line, in the model's order")
          .option("--name", f->name, "NAME", "spec: of the contract; else the file's")
          .option("-o,--output", f->output, "FILE", "spec: write the contract there, not to stdout")
          .flag("--overwrite", f->overwrite, "spec: replace an existing file")
          .option("--runtime", f->runtime, "LIB", "check: ONNX Runtime's library, its file or folder")
          .list("--provider", f->providers, "NAME", "check: what must run it: cpu, cuda, tensorrt, openvino, auto")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_model(t, *f); };
    }};

}  // namespace vetset::cli
