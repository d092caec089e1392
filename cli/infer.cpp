// vetset infer: an exported model over a dataset.
#include <unistd.h>

#include <charconv>

#include "cli/writing.h"
#include "vetset/base/json.h"
#include "vetset/base/publish.h"
#include "vetset/base/unicode.h"
#include "vetset/infer/results.h"
#include "vetset/vetset_infer.h"

namespace vetset::cli {
namespace {

struct InferFlags {
  std::string model, spec, preset, runtime, provider = "cpu", output, shard;
  unsigned batch = 1;
  WritingFlags writing;
};

/// "2/8": the third of eight.
Result<std::pair<std::uint32_t, std::uint32_t>> shard_of(const std::string& text) {
  if (text.empty()) return std::pair<std::uint32_t, std::uint32_t>(0, 1);
  std::uint32_t i = 0, n = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, i);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '/') {
    const auto second = std::from_chars(first.ptr + 1, end, n);
    if (second.ec == std::errc() && second.ptr == end && i < n) return std::pair(i, n);
  }
  return Error{Code::usage, "--shard is '" + text + "'; expected I/N, as 0/4 to 3/4"};
}

std::string told(const Terminal& t, const Model& m, const InferReport& r) {
  std::string out = t.ink(Ink::bold, counted(r.images, "image")) + ": " +
                    counted(r.found, m.spec().task == ModelTask::classify ? "class" : "object",
                            m.spec().task == ModelTask::classify ? "classes" : "objects");
  if (r.continued) out += t.ink(Ink::dim, "  (" + with_commas(r.continued) + " done before)");
  out += "\n  " + t.ink(Ink::dim, padded("model", 10)) + printable(std::string(base_name(m.file()))) + ", " +
         m.runtime().name() + " " + m.runtime().version() + ", " + m.session().providers().front() + "\n";
  out += "  " + t.ink(Ink::dim, padded("contract", 10)) + m.spec_digest() + "\n";
  if (r.problems) {
    out += "  " + t.ink(Ink::yellow, padded("problems", 10)) + counted(r.problems, "image") + " without an answer\n";
    for (const std::string& p : r.first_problems) out += "    " + wrapped(printable(p), 4, t.width());
  }
  return out;
}

int run_infer(Terminal& t, const InferFlags& f) {
  if (f.output.empty()) return t.fail({Code::usage, "say where the predictions go with -o DIR"});
  const auto shard = shard_of(f.shard);
  if (!shard) return t.fail(shard.error());
  const OpenOptions options = opening(t, f.writing);
  if (!f.writing.overwrite)
    if (const auto free = Staging::check(f.output); !free) return t.fail(free.error());
  auto opened = open_model({.model = f.model,
                            .spec = f.spec,
                            .preset = f.preset,
                            .runtime = {.library = f.runtime},
                            .session = {.providers = {f.provider}, .threads = 1}});
  if (!opened) return t.fail(opened.error());
  for (const std::string& note : opened->notes) t.say(note);
  const Model& model = *opened->model;
  auto source = open_images(f.writing.src, options);
  if (!source) return t.fail(source.error());
  if (source->format == nullptr)  // no dataset: images alone
    for (const std::string& note : source->notes) t.say(note);

  const InferRequest request{.shard = shard->first,
                             .shards = shard->second,
                             .batch = f.batch,
                             .journal = f.output + ".journal",
                             .common = options.common};
  const auto report = infer(*source, model, request);
  if (!report) return t.fail(report.error());
  const std::string record = inference_record(*source, model, request, *report);
  if (f.writing.json)
    t.out(record);
  else
    t.out(told(t, model, *report));
  const int status = report->problems ? Exit::in_part : Exit::yes;

  if (!f.writing.to.empty()) {
    auto predicted = predicted_dataset(std::move(source->dataset), model.spec(), request.journal);
    if (!predicted) return t.fail(predicted.error());
    source->dataset = *std::move(predicted);
    WritingFlags writing = f.writing;
    writing.json = false;
    ConvertOptions converting_as = converting(t, *source, writing);
    converting_as.beside.emplace_back("inference.json", record);
    const int written = write_out(
        t, *source, f.output, writing,
        "vetset infer " + shell_word(f.model) + " " + shell_word(f.writing.src) + " -o " + shell_word(f.output),
        converting_as);
    if (written != Exit::yes) return written;
    ::unlink(request.journal.c_str());
    return status;
  }
  const auto written = write_inferred(*source, model, request, *report, f.output, f.writing.overwrite);
  if (!written) return t.fail(written.error());
  if (!f.writing.json)
    t.out("  " + t.ink(Ink::dim, padded("written", 10)) + shell_word(f.output) + "/" + written->files.front() + "\n");
  return status;
}

constexpr Example examples[] = {
    {"vetset infer best.onnx street -o predictions", "COCO results, for evaluate and check --predictions"},
    {"vetset infer best.onnx photos --to cvat -o look", "labels for people to correct, with scores"},
    {"vetset infer best.onnx street --shard 0/4 -o part-0", "the first of four machines"},
};

}  // namespace

extern const Command infer_command;
const Command infer_command{
    .name = "infer",
    .summary = "run an exported model over a dataset, as its contract says",
    .about =
        "MODEL is an ONNX file; its contract (model.yaml) says what happens before and after the network. Where a run\n"
        "was stopped or killed, the same command goes on. DST.inference.json says which model, contract, runtime and\n"
        "images the predictions are of. Images that cannot be read are told, and the exit status is then 6.\n",
    .examples = examples,
    .first = true,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<InferFlags>();
      a.positional("MODEL", f->model, "an exported model (.onnx)")
          .positional("SRC", f->writing.src, "a dataset's folder, an archive, a package, or a folder of images")
          .option("-o,--output", f->output, "DIR", "the folder to make")
          .option("--spec", f->spec, "FILE", "the contract; beside the model if not said")
          .option("--preset", f->preset, "NAME", "a ready-made contract", preset_names())
          .option("--provider", f->provider, "NAME", "what executes the model",
                  {"cpu", "cuda", "tensorrt", "openvino", "auto"})
          .option("--runtime", f->runtime, "LIB", "the file of ONNX Runtime")
          .option("--batch", f->batch, "N", "images a run of the model; 1 if not said")
          .option("--shard", f->shard, "I/N", "only every N-th image, from the I-th on, from 0");
      define_writing(a, f->writing, "write labels of this format; COCO results if not said");
      define_opening(a, f->writing);
      return [f](Terminal& t) { return run_infer(t, *f); };
    }};

}  // namespace vetset::cli
