// `vetset.evaluate`: the façade's evaluation of files, datasets and columns, and what it came to.
#include <nanobind/ndarray.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>
#include <string>

#include "python/src/dataset.h"
#include "python/src/evaluate_rows.h"
#include "python/src/running.h"
#include "vetset/dataset/columns.h"

namespace vetset::python {
namespace {

using Words = std::vector<std::string>;
template <std::size_t N>
using Array = nb::ndarray<nb::numpy, double, nb::ndim<N>>;

struct Evaluated {
  Evaluation evaluation;
  std::vector<std::string> lines;
};
using SharedEvaluation = std::shared_ptr<Evaluated>;

struct PyEvaluation {
  SharedEvaluation held;
  const Evaluation& all() const { return held->evaluation; }
  CocoResult& result() const { return held->evaluation.result; }
};

/// An array that looks into the evaluation and keeps it.
template <std::size_t N>
Array<N> array_in(const PyEvaluation& e, std::vector<double>& values, const std::size_t (&shape)[N]) {
  static double nothing = 0;
  nb::capsule owner(new SharedEvaluation(e.held), [](void* p) noexcept { delete static_cast<SharedEvaluation*>(p); });
  return Array<N>(values.empty() ? &nothing : values.data(), N, shape, owner);
}

struct Shape {
  std::size_t t, r, k, a, m;
};
Shape shape_of(const CocoResult& r) {
  return {r.settings.iou_thresholds.size(), r.settings.recall_thresholds.size(), r.categories, r.settings.areas.size(),
          r.settings.max_detections.size()};
}

nb::list lines_of(const PyEvaluation& e) {
  nb::list lines;
  for (std::size_t i = 0; i < e.held->lines.size(); ++i) {
    const CocoLine& line = e.result().lines[i];
    lines.append(nb::make_tuple(line.precision ? "AP" : "AR", line.iou, text(line.area), line.detections, line.value,
                                text(e.held->lines[i])));
  }
  return lines;
}

nb::list quirks_of(const PyEvaluation& e) {
  nb::list quirks;
  for (const QuirkFired& fired : e.result().quirks) {
    const CocoQuirkAbout known = about(fired.quirk);
    quirks.append(nb::make_tuple(text(known.id), text(known.title), text(known.strict), text(known.corrected),
                                 fired.count, fired.prediction, fired.first));
  }
  return quirks;
}

nb::list unmatched_of(const std::vector<Unmatched>& names) {
  nb::list all;
  for (const Unmatched& one : names) all.append(nb::make_tuple(text(one.name), one.rows, text_or_none(one.where)));
  return all;
}

std::optional<double> measured(double value) { return value < 0 ? std::nullopt : std::optional(value); }

/// A row a category: its id and name, how many objects count, precision and recall.
Frame per_class_of(const PyEvaluation& e) {
  const SharedEvaluation held = e.held;
  const auto value = [held](auto of) { return [held, of](std::uint64_t k) { return of(held->evaluation, k); }; };
  const auto word = [](std::string_view text) { return text.empty() ? std::nullopt : std::optional(text); };
  std::vector<Maker> makers;
  if (!held->evaluation.category_ids.empty())
    makers.push_back(words("id", value([word](const Evaluation& x, std::uint64_t k) {
                             return k < x.category_ids.size() ? word(x.category_ids[k]) : std::nullopt;
                           })));
  makers.push_back(words("name", value([word](const Evaluation& x, std::uint64_t k) {
                           return k < x.categories.size() ? word(x.categories[k]) : std::nullopt;
                         })));
  makers.push_back(plain<std::int64_t>("objects", value([](const Evaluation& x, std::uint64_t k) {
                                         return k < x.result.category_objects.size()
                                                    ? std::optional(
                                                          static_cast<std::int64_t>(x.result.category_objects[k]))
                                                    : std::nullopt;
                                       })));
  const auto precision = [&](std::string_view name, std::optional<double> iou) {
    makers.push_back(plain<double>(name, value([iou](const Evaluation& x, std::uint64_t k) {
                                     return measured(category_precision(x.result, k, iou));
                                   })));
  };
  precision("AP", std::nullopt);
  precision("AP50", 0.5);
  precision("AP75", 0.75);
  makers.push_back(plain<double>(
      "AR", value([](const Evaluation& x, std::uint64_t k) { return measured(category_recall(x.result, k)); })));
  return {table_of(held->evaluation.result.categories, std::move(makers))};
}

nb::list findings_of(const PyEvaluation& e) {
  nb::list all;
  for (const Finding& finding : e.all().findings) {
    const Place* place = std::get_if<Place>(&finding.where);
    all.append(nb::make_tuple(text(finding.code), text(finding.message),
                              place == nullptr ? nb::object(nb::none()) : text_or_none(place->file),
                              place == nullptr || place->line == 0 ? nb::object(nb::none()) : nb::int_(place->line)));
  }
  return all;
}

/// Whether leaks are priced, how they are searched, the keys that tie images, and the store: whether, and where.
using LeakWords = std::tuple<bool, std::string, std::optional<unsigned>, Words, bool, std::string>;

EvaluateOptions options_of(const std::string& iou_type, const std::string& mode, const std::string& split,
                           const std::vector<double>& iou_thresholds, const std::vector<std::uint32_t>& max_dets,
                           const std::vector<std::tuple<std::string, double, double>>& areas,
                           const std::vector<double>& sigmas, bool use_categories, const std::string& match_images,
                           const std::string& match_classes,
                           const std::vector<std::pair<std::string, std::string>>& classes, const LeakWords& leaks,
                           bool identity, unsigned threads) {
  EvaluateOptions options{.split = split,
                          .iou_thresholds = iou_thresholds,
                          .max_detections = max_dets,
                          .sigmas = sigmas,
                          .use_categories = use_categories,
                          .match_images = match_images,
                          .match_classes = match_classes,
                          .classes = classes,
                          .identity = identity,
                          .common = {}};
  if (!iou_type.empty()) {
    options.iou_type = iou_type_of(iou_type);
    if (!options.iou_type)
      raise(Error{Code::usage, "iou_type is '" + iou_type + "', expected bbox, segm, keypoints or boundary"});
  }
  if (mode == "strict")
    options.mode = CocoMode::strict;
  else if (mode != "corrected")
    raise(Error{Code::usage, "mode is '" + mode + "', expected corrected or strict"});
  for (const auto& [name, low, high] : areas) options.areas.push_back({.name = name, .low = low, .high = high});
  std::string near;
  std::tie(options.without_leaks, near, options.radius, options.group_by, options.scan.cache, options.scan.cache_path) =
      leaks;
  options.near = near_tier(near);
  if (!options.near) raise(Error{Code::usage, "near is '" + near + "', expected none, basic, views or full"});
  options.common.threads = threads;
  return options;
}

PyEvaluation evaluate_said(const Opened& truth, Predictions said, EvaluateOptions options, const nb::object& progress) {
  return {run(progress, [&](const Progress& p) -> Result<SharedEvaluation> {
    options.common.progress = p;
    auto made = std::make_shared<Evaluated>();
    VETSET_TRY(made->evaluation, evaluate(*truth.source, std::move(said), options));
    const CocoResult& result = made->evaluation.result;
    for (const CocoLine& line : result.lines) made->lines.push_back(text_of(line, result.settings));
    return made;
  })};
}

CocoRows read_rows(const std::filesystem::path& path, const std::string& format, const Opened& truth, unsigned threads,
                   const nb::object& progress) {
  OpenOptions options{.from = format, .common = {}};
  options.common.threads = threads;
  return {run(progress,
              [&](const Progress& p) {
                options.common.progress = p;
                return read_predictions(path.string(), options, truth.source.get());
              }),
          {}};
}

CocoRows rows_of_source(const Opened& source, unsigned threads, const nb::object& progress) {
  return {run(progress, [&](const Progress&) { return predictions_of(source.source->dataset, Pool(threads)); }), {}};
}

void bind_evaluated(nb::module_& m) {
  nb::class_<PyEvaluation>(m, "Evaluated", "What an evaluation came to.")
      .def_prop_ro(
          "precision",
          [](const PyEvaluation& e) {
            const Shape s = shape_of(e.result());
            return array_in<5>(e, e.result().precision, {s.t, s.r, s.k, s.a, s.m});
          },
          nb::rv_policy::automatic)
      .def_prop_ro(
          "recall",
          [](const PyEvaluation& e) {
            const Shape s = shape_of(e.result());
            return array_in<4>(e, e.result().recall, {s.t, s.k, s.a, s.m});
          },
          nb::rv_policy::automatic)
      .def_prop_ro(
          "scores",
          [](const PyEvaluation& e) {
            const Shape s = shape_of(e.result());
            return array_in<5>(e, e.result().scores, {s.t, s.r, s.k, s.a, s.m});
          },
          nb::rv_policy::automatic)
      .def_prop_ro("lines", &lines_of,
                   nb::sig("def lines(self) -> list[tuple[str, float | None, str, int, float, str]]"))
      .def_prop_ro("quirks", &quirks_of, nb::sig("def quirks(self) -> list[tuple[str, str, str, str, int, bool, int]]"))
      .def_prop_ro("per_class", &per_class_of)
      .def_prop_ro(
          "iou_type", [](const PyEvaluation& e) { return text(name(e.result().settings.iou_type)); },
          nb::sig("def iou_type(self) -> str"))
      .def_prop_ro(
          "mode", [](const PyEvaluation& e) { return text(name(e.result().settings.mode)); },
          nb::sig("def mode(self) -> str"))
      .def_prop_ro(
          "counts",
          [](const PyEvaluation& e) {
            return nb::make_tuple(e.result().images, e.result().objects, e.result().detections);
          },
          nb::sig("def counts(self) -> tuple[int, int, int]"))
      .def_prop_ro("categories", [](const PyEvaluation& e) { return e.all().categories; })
      .def_prop_ro("category_ids", [](const PyEvaluation& e) { return e.all().category_ids; })
      .def_prop_ro(
          "matched_by",
          [](const PyEvaluation& e) {
            return nb::make_tuple(text(e.all().images_matched_by), text(e.all().classes_matched_by));
          },
          nb::sig("def matched_by(self) -> tuple[str, str]"))
      .def_prop_ro(
          "unknown_images", [](const PyEvaluation& e) { return unmatched_of(e.all().unknown_images); },
          nb::sig("def unknown_images(self) -> list[tuple[str, int, str | None]]"))
      .def_prop_ro(
          "unknown_categories", [](const PyEvaluation& e) { return unmatched_of(e.all().unknown_categories); },
          nb::sig("def unknown_categories(self) -> list[tuple[str, int, str | None]]"))
      .def_prop_ro("images_without_predictions",
                   [](const PyEvaluation& e) { return e.all().images_without_predictions; })
      .def_prop_ro("categories_without_predictions",
                   [](const PyEvaluation& e) { return e.all().categories_without_predictions; })
      .def_prop_ro("findings", &findings_of,
                   nb::sig("def findings(self) -> list[tuple[str, str, str | None, int | None]]"))
      .def_prop_ro(
          "json", [](const PyEvaluation& e) { return text(e.all().record); }, nb::sig("def json(self) -> str"));
}

}  // namespace

void bind_evaluate(nb::module_& m) {
  bind_evaluate_rows(m);
  bind_evaluate_dicts(m);
  bind_evaluate_files(m);
  bind_evaluate_pairs(m);
  bind_evaluated(m);
  m.def("read_predictions", &read_rows, nb::arg("path"), nb::arg("format"), nb::arg("truth"), nb::arg("threads"),
        nb::arg("progress").none());
  m.def("predictions_of", &rows_of_source, nb::arg("source"), nb::arg("threads"), nb::arg("progress").none());
  m.def(
      "evaluate",
      [](const Opened& truth, CocoRows& rows, const std::string& iou_type, const std::string& mode,
         const std::string& split, const std::vector<double>& iou_thresholds,
         const std::vector<std::uint32_t>& max_dets, const std::vector<std::tuple<std::string, double, double>>& areas,
         const std::vector<double>& sigmas, bool use_categories, const std::string& match_images,
         const std::string& match_classes, const std::vector<std::pair<std::string, std::string>>& classes,
         const LeakWords& leaks, bool identity, unsigned threads, const nb::object& progress) {
        return evaluate_said(truth, std::exchange(rows.said, {}),
                             options_of(iou_type, mode, split, iou_thresholds, max_dets, areas, sigmas, use_categories,
                                        match_images, match_classes, classes, leaks, identity, threads),
                             progress);
      },
      nb::arg("truth"), nb::arg("rows"), nb::arg("iou_type"), nb::arg("mode"), nb::arg("split"),
      nb::arg("iou_thresholds"), nb::arg("max_dets"), nb::arg("areas"), nb::arg("sigmas"), nb::arg("use_categories"),
      nb::arg("match_images"), nb::arg("match_classes"), nb::arg("classes"), nb::arg("leaks"), nb::arg("identity"),
      nb::arg("threads"), nb::arg("progress").none(), "The rows are used up.");
}

}  // namespace vetset::python
