// vetset parity: a model here against a record of what training did.
#include <array>
#include <cmath>

#include "cli/command.h"
#include "vetset/base/number.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset_parity.h"

namespace vetset::cli {
namespace {

struct ParityFlags {
  std::string model, record, spec, preset, runtime, provider = "cpu", outputs;
  bool near_resize = false, json = false;
};

constexpr std::array<std::string_view, parity_stages> meanings{"decoded pixels", "resized, padded", "input tensor",
                                                               "raw outputs", "answers"};

std::string short_number(double v) {
  std::string text;
  append_number(text, v < 1 ? v : std::round(v * 1000) / 1000);
  if (const std::size_t e = text.find('e'); e != std::string::npos && e > 5) return text.substr(0, 4) + text.substr(e);
  return text.size() > 8 && text.find('e') == std::string::npos ? text.substr(0, 8) : text;
}

std::string counts(const ParityTally& t) {
  std::string text;
  const auto add = [&](std::uint64_t n, std::string_view what) {
    if (n) text += (text.empty() ? "" : ", ") + with_commas(n) + " " + std::string(what);
  };
  add(t.other, "other");
  add(t.equal, "equal");
  add(t.near, t.most > 0 ? "near (at most " + short_number(t.most) + ")" : "near");
  add(t.not_recorded, "not compared");
  return text;
}

void print_stage(Terminal& t, std::size_t s, const ParityTally& tally) {
  const bool judged = tally.equal + tally.near + tally.other > 0;
  const std::string mark = tally.other ? t.ink(Ink::red, "✗") : judged ? t.ink(Ink::green, "✓") : t.ink(Ink::dim, "·");
  t.out(mark + " P" + std::to_string(s) + "  " + padded(meanings[s], 16) + counts(tally) + "\n");
  if (!tally.first) return;
  const ParityDifference& d = *tally.first;
  std::string place = printable(d.image);
  for (const std::string* part : {&d.what, &d.place})
    if (!part->empty()) place += ", " + printable(*part);
  t.out("      " + wrapped(place, 6, t.width()));
  t.out("        here   " + wrapped(printable(d.here), 15, t.width()));
  t.out("        there  " + wrapped(printable(d.there), 15, t.width()));
}

int run_parity(Terminal& t, const ParityFlags& f) {
  double outputs = ParityLimits{}.outputs;
  if (!f.outputs.empty()) {
    const NumberText number = read_number(f.outputs);
    if (number.length != f.outputs.size() || number.value < 0)
      return t.fail({Code::usage, "--outputs is '" + f.outputs + "'; expected a number of 0 or more, as 1e-2"});
    outputs = number.value;
  }
  const ParityRequest request{.model = {.model = f.model,
                                        .spec = f.spec,
                                        .preset = f.preset,
                                        .runtime = {.library = f.runtime},
                                        .session = {.providers = {f.provider}, .threads = 1}},
                              .record = f.record,
                              .limits = {.near_resize = f.near_resize, .outputs = outputs},
                              .common = {.progress = t.progress()}};
  const auto outcome = parity(request);
  if (!outcome) return t.fail(outcome.error());
  const ParityReport& r = outcome->report;
  const int status = r.broken ? Exit::no : Exit::yes;
  if (f.json) {
    t.out(to_json(*outcome));
    return status;
  }
  for (const std::string& note : outcome->notes) t.say(note);
  const Model& m = *outcome->model;
  std::string with;
  for (const auto& [library, its_version] : outcome->made_with)
    with += (with.empty() ? "" : ", ") + library + " " + its_version;
  t.out(t.ink(Ink::bold, counted(r.images, "image")) + " of the record, by " + m.runtime().name() + " " +
        m.runtime().version() + ", " + m.session().providers().front() + "\n");
  if (!with.empty()) t.out("  " + t.ink(Ink::dim, padded("there", 10)) + wrapped(printable(with), 12, t.width()));
  t.out("  " + t.ink(Ink::dim, padded("contract", 10)) + m.spec_digest() + "\n");
  for (std::size_t s = 0; s < parity_stages; ++s) print_stage(t, s, r.stages[s]);
  if (r.broken)
    t.out(t.ink(Ink::red, "other") + "  the first stage that is not what it was: " +
          std::string(meanings[static_cast<std::size_t>(*r.broken)]) + "\n");
  else
    t.out(t.ink(Ink::green, "same") + "   what was recorded is what happens here\n");
  return status;
}

constexpr Example examples[] = {
    {"vetset parity best.onnx record", "does the exported model do what training did, stage by stage"},
    {"vetset parity best.onnx record --provider cuda --outputs 1e-2", "on another machine, raw outputs to 1 %"},
};

}  // namespace

extern const Command parity_command;
const Command parity_command{
    .name = "parity",
    .summary = "hold an exported model to a record of what training did",
    .about =
        "RECORD is a folder that vetset.parity.record wrote in Python. Decoded pixels, resized pixels and the input\n"
        "tensor are compared bit for bit, raw outputs and answers within limits; the first stage, image and place "
        "that\n"
        "differ are told with both values. The exit status is 1 where something differs.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<ParityFlags>();
      a.positional("MODEL", f->model, "an exported model (.onnx)")
          .positional("RECORD", f->record, "what training did")
          .option("--spec", f->spec, "FILE", "the contract; beside the model if not said")
          .option("--preset", f->preset, "NAME", "a ready-made contract", preset_names())
          .option("--provider", f->provider, "NAME", "what executes the model",
                  {"cpu", "cuda", "tensorrt", "openvino", "auto"})
          .option("--runtime", f->runtime, "LIB", "the file of ONNX Runtime")
          .option("--outputs", f->outputs, "SHARE",
                  "how far raw outputs may be apart, relative and absolute; 1e-4 if not said")
          .flag("--near-resize", f->near_resize,
                "another resizer is taken: a level more or less in at most 12 % of the values")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_parity(t, *f); };
    }};

}  // namespace vetset::cli
