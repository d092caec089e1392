// Opening, detecting, converting and identifying from Python; the catalogues of formats and rules.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "python/src/dataset.h"
#include "python/src/running.h"
#include "vetset/dataset/canonical.h"
#include "vetset/dataset/tables.h"

namespace vetset::python {
namespace {

Opened open_path(const std::filesystem::path& path, const std::string& format, const std::filesystem::path& images_dir,
                 unsigned threads, const nb::object& progress) {
  OpenOptions options{.from = format, .images_dir = images_dir.string(), .common = {}};
  options.common.threads = threads;
  return {run(progress, [&](const Progress& p) -> Result<Shared> {
    options.common.progress = p;
    VETSET_TRY(Source source, open(path.string(), options));
    return std::make_shared<const Held>(hold(std::move(source)));
  })};
}

/// The dataset names only what outlives the call: the report holds its own tree no longer.
nb::list detect_path(const std::filesystem::path& path, const nb::object& progress) {
  const DetectReport report = run(progress, [&](const Progress&) { return detect(path.string()); });
  nb::list found;
  for (const Detected& d : report.candidates)
    found.append(
        nb::make_tuple(text(d.format->id), d.detection.score, texts(d.detection.evidence), text(d.detection.dialect)));
  return found;
}

/// What a conversion came to; the proof as JSON, for Python to make a mapping of.
struct Converted {
  Conversion conversion;
  std::string proof_json;
  std::vector<std::string> locks;  // of its split, where one was made
};

Converted convert_source(const Opened& d, const std::filesystem::path& target, const std::string& to,
                         const std::string& task, const std::string& accept, const std::string& images, int digits,
                         bool dry_run, bool overwrite, const std::filesystem::path& proof_path, unsigned threads,
                         const nb::object& progress) {
  ConvertOptions options{.to = to,
                         .task = task,
                         .accept = accept,
                         .digits = digits,
                         .dry_run = dry_run,
                         .overwrite = overwrite,
                         .proof_path = proof_path.string(),
                         .common = {}};
  if (images == "none")
    options.images = ImagesMode::none;
  else if (images == "hardlink")
    options.images = ImagesMode::hardlink;
  else if (images != "copy")
    raise(Error{Code::usage, "images are '" + images + "', expected copy, hardlink or none"});
  options.common.threads = threads;
  return run(progress, [&](const Progress& p) -> Result<Converted> {
    options.common.progress = p;
    Converted done;
    if (d.source->placed) {
      const std::string lock = to_json(d.source->placed->lock);
      options.complete = [lock](const Tree&, const Proof&, TreeWriter& out) {
        return out.write("split.lock", lock + "\n");
      };
      options.beside = {{"split.lock", lock}};
    }
    if (!d.source->inference.empty()) options.beside.emplace_back("inference.json", d.source->inference);
    if (options.images == ImagesMode::none && !d.source->originals.empty())
      return Error{Code::usage,
                   "image files were repaired, and images='none' writes none of them: repair with files=False"};
    VETSET_TRY(done.conversion, convert(*d.source, target.string(), options));
    if (d.source->placed && !done.conversion.beside.empty())
      done.locks = {done.conversion.beside.front(), done.conversion.target + "/split.lock"};
    done.proof_json = to_json(done.conversion.proof);
    return done;
  });
}

std::string labels_id_of(const Opened& d, unsigned threads, const nb::object& progress) {
  return run(progress, [&](const Progress&) -> Result<std::string> {
    VETSET_TRY(const Identity identity, labels_identity(d.source->dataset, Pool(threads)));
    return identity.id.text();
  });
}

std::string dataset_id_of(const Opened& d, unsigned threads, const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<std::string> {
    Common common;
    common.threads = threads;
    common.progress = p;
    VETSET_TRY(const Identities ids, identities(*d.source, common));
    if (!ids.dataset_id.empty()) return ids.dataset_id;
    return Error{Code::not_found, std::to_string(ids.media_missing) + " of " +
                                      std::to_string(d.source->dataset.images.size()) +
                                      " images are missing; a dataset's identity needs all of them"};
  });
}

std::string card_of_source(const Opened& d, const std::string& path, const std::string& as, bool annex_iv,
                           const std::string& answers, bool check, const std::string& today, unsigned threads,
                           const nb::object& progress) {
  return run(progress, [&](const Progress& p) {
    CardOptions options{
        .as = as, .annex_iv = annex_iv, .answers = answers, .check = check, .today = today, .common = {}};
    options.common.threads = threads;
    options.common.progress = p;
    return card(*d.source, path, options);
  });
}

nb::list carries_of(const Format& f) {
  nb::list lines;
  for (const Carry& c : f.carries)
    lines.append(nb::make_tuple(text(name(c.field)), text(name(c.verb)), c.when != nullptr, text(c.note)));
  return lines;
}

void bind_catalogues(nb::module_& m) {
  nb::class_<Format>(m, "Format", "A dataset format, and what it carries of each field.")
      .def_ro("id", &Format::id, "What `format=` and `to=` take: \"coco\".")
      .def_ro("title", &Format::title)
      .def_ro("judge", &Format::judge, "The outside reader that the tests hold it to; empty: none.")
      .def_prop_ro(
          "tasks", [](const Format& f) { return texts(f.tasks); }, nb::sig("def tasks(self) -> list[str]"))
      .def_prop_ro("carries", &carries_of, nb::sig("def carries(self) -> list[tuple[str, str, bool, str]]"),
                   "Field, verb, whether only some records are meant, note.")
      .def("__repr__", [](const Format& f) { return "<vetset.Format " + std::string(f.id) + ">"; });
  nb::class_<Rule>(m, "Rule", "One rule of the check.")
      .def_ro("code", &Rule::code)
      .def_ro("name", &Rule::name)
      .def_ro("title", &Rule::title)
      .def_prop_ro("severity", [](const Rule& r) { return std::string(name(r.severity)); })
      .def_prop_ro("evidence", [](const Rule& r) { return std::string(name(r.evidence)); })
      .def("__repr__",
           [](const Rule& r) { return "<vetset.Rule " + std::string(r.code) + " " + std::string(r.name) + ">"; });
  m.def(
      "formats",
      [] {
        nb::list all;
        for (const Format* f : formats()) all.append(nb::cast(f, nb::rv_policy::reference));
        return all;
      },
      nb::sig("def formats() -> list[Format]"), "Every format there is.");
  m.def(
      "rules",
      [] {
        nb::list all;
        for (const Rule* r : rules()) all.append(nb::cast(r, nb::rv_policy::reference));
        return all;
      },
      nb::sig("def rules() -> list[Rule]"), "Every rule there is, in the order of the catalogue.");
}

}  // namespace

void bind_dataset(nb::module_& m) {
  nb::class_<Opened>(m, "Source", "A dataset that was read.")
      .def_prop_ro("images", [](const Opened& d) { return Images{{d.source, &image_table}}; })
      .def_prop_ro("annotations", [](const Opened& d) { return Annotations{{d.source, &annotation_table}}; })
      .def_prop_ro("categories", [](const Opened& d) { return Categories{{d.source, &category_table}}; })
      .def_prop_ro("splits", [](const Opened& d) { return Splits{{d.source, &split_table}}; })
      .def_prop_ro("memberships", [](const Opened& d) { return Memberships{{d.source, &membership_table}}; })
      .def_prop_ro(
          "format",
          [](const Opened& d) { return d.source->format == nullptr ? std::string_view() : d.source->format->id; })
      .def_prop_ro(
          "dialect", [](const Opened& d) { return text(d.source->detection.dialect); },
          nb::sig("def dialect(self) -> str"))
      .def_prop_ro(
          "notes", [](const Opened& d) { return texts(d.source->notes); }, nb::sig("def notes(self) -> list[str]"))
      .def_prop_ro(
          "steps",
          [](const Opened& d) {
            nb::list steps;
            for (const Step& step : d.source->steps)
              steps.append(nb::make_tuple(text(step.name), text(step.summary), text(step.document)));
            return steps;
          },
          nb::sig("def steps(self) -> list[tuple[str, str, str]]"),
          "Name, summary and JSON document of what was done.");
  nb::class_<Converted>(m, "Converted", "What a conversion came to.")
      .def_prop_ro(
          "json", [](const Converted& c) { return text(c.proof_json); }, nb::sig("def json(self) -> str"))
      .def_prop_ro("verdict", [](const Converted& c) { return std::string(name(c.conversion.verdict)); })
      .def_prop_ro("exact", [](const Converted& c) { return c.conversion.proof.exact(); })
      .def_prop_ro(
          "target", [](const Converted& c) { return text(c.conversion.target); }, nb::sig("def target(self) -> str"))
      .def_prop_ro(
          "proof_path", [](const Converted& c) { return text(c.conversion.proof_path); },
          nb::sig("def proof_path(self) -> str"))
      .def_prop_ro(
          "step_paths", [](const Converted& c) { return texts(c.conversion.step_paths); },
          nb::sig("def step_paths(self) -> list[str]"))
      .def_prop_ro(
          "locks", [](const Converted& c) { return texts(c.locks); }, nb::sig("def locks(self) -> list[str]"))
      .def_prop_ro(
          "originals", [](const Converted& c) { return text(c.conversion.originals); },
          nb::sig("def originals(self) -> str"))
      .def_prop_ro("accept", [](const Converted& c) { return c.conversion.accept; })
      .def_prop_ro("files", [](const Converted& c) { return c.conversion.files; })
      .def_prop_ro("bytes", [](const Converted& c) { return c.conversion.bytes; });

  m.def("open", &open_path, nb::arg("path"), nb::arg("format"), nb::arg("images_dir"), nb::arg("threads"),
        nb::arg("progress").none());
  m.def("detect", &detect_path, nb::arg("path"), nb::arg("progress").none(),
        nb::sig("def detect(path: str | os.PathLike[str], progress: object | None) -> list[tuple[str, int, list[str], "
                "str]]"));
  m.def("convert", &convert_source, nb::arg("source"), nb::arg("target"), nb::arg("to"), nb::arg("task"),
        nb::arg("accept"), nb::arg("images"), nb::arg("digits"), nb::arg("dry_run"), nb::arg("overwrite"),
        nb::arg("proof_path"), nb::arg("threads"), nb::arg("progress").none());
  m.def("labels_id", &labels_id_of, nb::arg("source"), nb::arg("threads"), nb::arg("progress").none());
  m.def("dataset_id", &dataset_id_of, nb::arg("source"), nb::arg("threads"), nb::arg("progress").none());
  m.def("card", &card_of_source, nb::arg("source"), nb::arg("path"), nb::arg("as_"), nb::arg("annex_iv"),
        nb::arg("answers"), nb::arg("check"), nb::arg("today"), nb::arg("threads"), nb::arg("progress").none());
  m.def("card_questions", [] { return card_questions(); });
  m.def("version", [] { return std::string(version()); });
  bind_catalogues(m);
}

}  // namespace vetset::python
