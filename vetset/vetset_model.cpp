#include "vetset/vetset_model.h"

#include <algorithm>
#include <charconv>

#include "vetset/base/digest.h"
#include "vetset/base/tree.h"
#include "vetset/runtime/model_fields.h"
#include "vetset/vetset_claims.h"

namespace vetset {
namespace {

struct Examined {
  ModelReport report;
  OnnxGraph graph;
};

Result<Examined> examine(const std::string& path, const Common& common) {
  VETSET_TRY(const auto tree, open_file(path));
  const std::string_view base = base_name(path);
  auto bytes = tree->read(base);
  if (!bytes) return std::move(bytes).error().in(path);
  auto file = read_onnx(*tree, base, common.limits);
  if (!file) return Error{file.error().code, file.error().message, path};
  auto graph = read_onnx_graph(bytes->text());
  if (!graph) return Error{graph.error().code, graph.error().message, path};
  Examined e{{.path = path, .sha256 = sha256(bytes->text()).hex(), .file = *std::move(file)}, *std::move(graph)};
  ModelReport& r = e.report;
  r.guess = guess_model(r.file, e.graph);
  r.precision = precision_of(r.file);
  for (const OnnxInitialiser& one : r.file.initialisers)
    if (const std::int64_t n = elements_of(one.shape); n > 0) r.parameters += static_cast<std::uint64_t>(n);
  const auto built = build_model_spec(r.file, r.guess, {}, {}, stem_of(path), r.sha256);
  if (built) {
    r.task = task_words[static_cast<std::size_t>(built->spec.task)];
    r.gaps = built->gaps;
  } else {
    r.gaps.push_back({"family", "nothing in the file says which family the model is of",
                      "vetset model spec --preset NAME names it", true});
  }
  return e;
}

/// Classes in the data's own order, and whose data it is.
Result<TrainedOn> trained_on(const std::string& path, const Common& common) {
  TrainedOn trained;
  const auto take = [&](const Dataset& d) {
    for (std::size_t c = 0; c < d.categories.size(); ++c) {
      ModelClass one{static_cast<std::int64_t>(c), d.categories[c].name};
      const std::string id = d.id_json(d.category_ids, c);
      std::int64_t number = 0;
      if (const auto read = std::from_chars(id.data(), id.data() + id.size(), number);
          read.ec == std::errc() && read.ptr == id.data() + id.size())
        one.id = number;
      trained.classes.push_back(std::move(one));
    }
  };
  auto package = open_package(path, common);
  if (package) {
    take(package->source.dataset);
    trained.dataset_id = package->manifest.dataset_id.text();
  } else {
    if (package.error().code != Code::not_found) return std::move(package).error();
    VETSET_TRY(const Source source, open(path, {.common = common}));
    take(source.dataset);
    VETSET_TRY(const Identities ids, identities(source, common));
    trained.dataset_id = ids.dataset_id;
  }
  if (trained.classes.empty()) return Error{Code::refused, "expected data with classes, found none", path};
  return trained;
}

/// A name a line; blank lines at the end do not count.
Result<TrainedOn> listed_classes(const std::string& path) {
  VETSET_TRY(const auto tree, open_file(path));
  VETSET_TRY(const Bytes bytes, tree->read(base_name(path)));
  TrainedOn trained;
  std::size_t kept = 0;
  for (std::string_view rest = bytes.text(); !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    trained.classes.push_back({static_cast<std::int64_t>(trained.classes.size()), std::string(line)});
    if (!line.empty()) kept = trained.classes.size();
  }
  trained.classes.resize(kept);
  for (const ModelClass& one : trained.classes)
    if (one.name.empty())
      return Error{Code::malformed, "expected the name of a class on every line, found a blank one", path,
                   static_cast<std::uint32_t>(one.id + 1)};
  if (kept == 0) return Error{Code::malformed, "expected the name of a class a line, found none", path};
  return trained;
}

}  // namespace

Result<ModelReport> inspect_model(const std::string& path, const Common& common) {
  VETSET_TRY(Examined e, examine(path, common));
  return std::move(e.report);
}

Result<ModelCheckReport> check_model_file(const std::string& path, const ModelCheckOptions& options) {
  VETSET_TRY(Examined e, examine(path, options.common));
  ModelCheckReport report{.model = std::move(e.report), .faults = {}, .runtime = {}};
  report.faults = check_model(report.model.file, e.graph);
  auto runtime = Runtime::load(options.runtime);
  if (!runtime) {
    const bool asked = !options.runtime.library.empty() || options.session.providers != SessionOptions{}.providers;
    if (asked) return std::move(runtime).error();
    report.no_runtime = runtime.error().message;
    return report;
  }
  report.runtime = (*runtime)->name() + " " + (*runtime)->version();
  const auto worst_first = [&](ModelFault fault) {
    const auto at = std::find_if(report.faults.begin(), report.faults.end(),
                                 [&](const ModelFault& other) { return other.grade < fault.grade; });
    report.faults.insert(at, std::move(fault));
  };
  auto session = (*runtime)->open(path, options.session);
  if (!session) {
    // What the machine lacks is no fault of the model's.
    const Error& why = session.error();
    if ((why.code == Code::usage && why.file.empty()) || why.file == (*runtime)->library()) return why;
    const bool weights_told = std::any_of(report.faults.begin(), report.faults.end(),
                                          [](const ModelFault& f) { return f.name == "weights-file"; });
    if (!weights_told)
      worst_first({"not-run", ModelGrade::error, session.error().message,
                   "export with another opset or without the operators it names, or bring a newer runtime"});
    return report;
  }
  report.providers = (*session)->providers();
  for (const std::string& said : (*session)->notes())
    worst_first({"runtime-warns", ModelGrade::warning, report.runtime + ": " + said, ""});
  return report;
}

Result<ModelSpecReport> spec_of_model(const std::string& path, const ModelSpecOptions& options) {
  if (!options.preset.empty()) {
    if (auto known = preset(options.preset); !known) return std::move(known).error();
  }
  VETSET_TRY(Examined e, examine(path, options.common));
  ModelSpecReport report{.model = std::move(e.report), .built = {}, .yaml = {}, .digest = {}};
  if (!options.from_package.empty() && !options.classes.empty())
    return Error{Code::usage, "expected the classes of a package or those of a file, found both"};
  TrainedOn trained;
  if (!options.from_package.empty()) {
    VETSET_TRY(trained, trained_on(options.from_package, options.common));
  }
  if (!options.classes.empty()) {
    VETSET_TRY(trained, listed_classes(options.classes));
  }
  auto built =
      build_model_spec(report.model.file, report.model.guess, options.preset, trained,
                       options.name.empty() ? stem_of(path) : std::string_view(options.name), report.model.sha256);
  if (!built) return std::move(built).error().in(path);
  report.built = *std::move(built);
  report.yaml = to_yaml(report.built.spec);
  report.digest = digest(report.built.spec);
  // What is written must be what is read.
  VETSET_TRY(const ModelSpec back, parse_model_spec(report.yaml, "model.yaml"));
  if (digest(back) != report.digest) return Error{Code::defect, "the contract reads back as another one", path};
  return report;
}

}  // namespace vetset
