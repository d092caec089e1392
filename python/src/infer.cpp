// infer from Python: an exported model over a dataset, as `vetset infer` does it.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/dataset.h"
#include "python/src/running.h"
#include "vetset/base/publish.h"
#include "vetset/infer/results.h"
#include "vetset/vetset_infer.h"

namespace vetset::python {
namespace {

/// What came of a run; with labels still to be written where a format was asked for.
struct Inferred {
  std::string document, record;  // inference-v1.json, and where it was written; empty: not yet
  std::vector<std::string> files, notes;
  std::string journal;
  Opened source;  // the images with what was found; null: it is written
};

ModelChoice choice_of(const std::filesystem::path& model, const std::filesystem::path& spec, const std::string& preset,
                      const std::string& provider, const std::filesystem::path& runtime) {
  return {.model = model.string(),
          .spec = spec.string(),
          .preset = preset,
          .runtime = {.library = runtime.string()},
          .session = {.providers = {provider}, .threads = 1}};
}

Inferred infer_over(const std::filesystem::path& model, const std::filesystem::path& spec, const std::string& preset,
                    const std::string& provider, const std::filesystem::path& runtime, const Opened* given,
                    const std::filesystem::path& data, const std::string& format,
                    const std::filesystem::path& images_dir, const std::filesystem::path& target, std::uint32_t shard,
                    std::uint32_t shards, std::uint32_t batch, bool labels, bool overwrite, unsigned threads,
                    const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<Inferred> {
    if (!overwrite) VETSET_DO(Staging::check(target.string()));
    VETSET_TRY(OpenedModel opened, open_model(choice_of(model, spec, preset, provider, runtime)));
    OpenOptions opening{.from = format, .images_dir = images_dir.string(), .common = {}};
    opening.common.threads = threads;
    opening.common.progress = p;
    Inferred done{
        .document = {}, .record = {}, .files = {}, .notes = std::move(opened.notes), .journal = {}, .source = {}};
    Shared source = given == nullptr ? nullptr : given->source;
    if (source == nullptr) {
      VETSET_TRY(Source found, open_images(data.string(), opening));
      if (found.format == nullptr) done.notes.insert(done.notes.end(), found.notes.begin(), found.notes.end());
      source = std::make_shared<const Held>(hold(std::move(found)));
    }
    const InferRequest request{.shard = shard,
                               .shards = shards,
                               .batch = batch,
                               .journal = target.string() + ".journal",
                               .common = opening.common};
    VETSET_TRY(const InferReport report, infer(*source, *opened.model, request));
    done.document = inference_record(*source, *opened.model, request, report);
    if (labels) {
      Held predicted = copy_of(*source);
      VETSET_TRY(predicted.dataset,
                 predicted_dataset(std::move(predicted.dataset), opened.model->spec(), request.journal));
      predicted.inference = done.document;
      done.journal = request.journal;
      done.source.source = std::make_shared<const Held>(std::move(predicted));
      return done;
    }
    VETSET_TRY(InferredFiles written,
               write_inferred(*source, *opened.model, request, report, target.string(), overwrite));
    done.files = std::move(written.files);
    done.record = std::move(written.record);
    return done;
  });
}

}  // namespace

void bind_infer(nb::module_& m) {
  nb::class_<Inferred>(m, "Inferred", "What a model found in a dataset.")
      .def_prop_ro(
          "json", [](const Inferred& i) { return text(i.document); }, nb::sig("def json(self) -> str"))
      .def_prop_ro(
          "record", [](const Inferred& i) { return text(i.record); }, nb::sig("def record(self) -> str"))
      .def_prop_ro(
          "files", [](const Inferred& i) { return texts(i.files); }, nb::sig("def files(self) -> list[str]"))
      .def_prop_ro(
          "notes", [](const Inferred& i) { return texts(i.notes); }, nb::sig("def notes(self) -> list[str]"))
      .def_prop_ro(
          "journal", [](const Inferred& i) { return text(i.journal); }, nb::sig("def journal(self) -> str"))
      .def_ro("source", &Inferred::source);
  m.def("infer", &infer_over, nb::arg("model"), nb::arg("spec"), nb::arg("preset"), nb::arg("provider"),
        nb::arg("runtime"), nb::arg("source").none(), nb::arg("data"), nb::arg("format"), nb::arg("images_dir"),
        nb::arg("target"), nb::arg("shard"), nb::arg("shards"), nb::arg("batch"), nb::arg("labels"),
        nb::arg("overwrite"), nb::arg("threads"), nb::arg("progress").none());
}

}  // namespace vetset::python
