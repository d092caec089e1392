#include "python/src/given.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "python/src/dataset.h"
#include "python/src/running.h"
#include "vetset/dataset/columns.h"

namespace vetset::python {
namespace {

using Words = std::vector<std::string>;

/// Each column or row by name; a file names them one a line.
void take_names(const nb::object& given, const char* what, Words& list, std::string& file) {
  if (given.is_none()) return;
  if (nb::isinstance<nb::str>(given)) {
    file = nb::cast<std::string>(given);
    return;
  }
  if (!nb::try_cast(given, list))
    raise(Error{Code::usage, std::string(what) + ": expected a list of names, or a file with one a line"});
}

void set_probabilities(Given& to, const nb::object& given, const nb::object& paths, const nb::object& classes,
                       const nb::object& folds) {
  if (nb::isinstance<nb::str>(given)) {
    Words none;
    to.probabilities_file = nb::cast<std::string>(given);
    take_names(paths, "probabilities_paths", none, to.paths_file);
    take_names(classes, "probabilities_classes", none, to.classes_file);
    take_names(folds, "folds", none, to.folds_file);
    if (!none.empty())
      raise(Error{Code::usage, "probabilities are a file: what says whose they are is a file with one a line, too"});
    return;
  }
  to.array = float_rows("probabilities", given);
  std::string file;
  to.rows = {.name = "array",
             .rows = to.array->shape(0),
             .width = to.array->shape(1),
             .values = {to.array->data(), to.array->shape(0) * to.array->shape(1)},
             .out_of_fold = to.out_of_fold};
  take_names(paths, "probabilities_paths", to.rows.paths, file);
  if (!to.rows.paths.empty()) to.rows.names = "probabilities_paths";
  take_names(classes, "probabilities_classes", to.rows.columns, file);
  if (!to.rows.columns.empty()) to.rows.classes = "probabilities_classes";
  take_names(folds, "folds", to.rows.folds, file);
  if (!to.rows.folds.empty()) to.rows.fold_name = "folds";
  if (!file.empty())
    raise(Error{Code::usage,
                "probabilities are an array: what says whose they are is a list, not the file '" + file + "'"});
}

Result<std::optional<Probabilities>> probabilities_in(const Given& given, const Source& source, const Common& common) {
  if (given.array) {
    VETSET_TRY(Probabilities made, probabilities_of(source.dataset, given.rows, Pool(common.threads)));
    return std::optional<Probabilities>(std::move(made));
  }
  if (given.probabilities_file.empty()) return std::optional<Probabilities>();
  VETSET_TRY(Probabilities made, read_probabilities(source, given.probabilities_file,
                                                    {.paths = given.paths_file,
                                                     .classes = given.classes_file,
                                                     .folds = given.folds_file,
                                                     .out_of_fold = given.out_of_fold,
                                                     .common = common}));
  return std::optional<Probabilities>(std::move(made));
}

}  // namespace

void Bound::into(CheckOptions& options) const {
  options.predicted = predicted ? &*predicted : nullptr;
  options.probabilities = probabilities ? &*probabilities : nullptr;
  options.embeddings = embeddings ? &*embeddings : nullptr;
}

namespace {

Result<void> bind_given(const Given& given, const CocoRows* predictions, const Common& common, Bound& bound) {
  const Source& source = *bound.source;
  const bool any = given.array || !given.probabilities_file.empty();
  if (predictions != nullptr) {
    VETSET_TRY(bound.predicted, predicted_objects(source, predictions->said,
                                                  {.match_images = given.match_images,
                                                   .match_classes = given.match_classes,
                                                   .classes = given.classes,
                                                   .folds = any ? std::string() : given.folds_file,
                                                   .out_of_fold = given.out_of_fold,
                                                   .common = common}));
    if (bound.predicted->name.empty()) bound.predicted->name = given.predictions_name;
  }
  VETSET_TRY(bound.probabilities, probabilities_in(given, source, common));
  if (given.embeddings) {
    VETSET_TRY(bound.embeddings, given.embeddings->read(source));
  }
  return {};
}

std::shared_ptr<Bound> bound_to(const Opened& d, const nb::object& given, unsigned threads,
                                const nb::object& progress) {
  const Given& said = nb::cast<const Given&>(given);
  const CocoRows* predictions = said.predictions.is_none() ? nullptr : &nb::cast<const CocoRows&>(said.predictions);
  auto bound = std::make_shared<Bound>();
  bound->source = d.source;
  bound->given = given;
  run(progress, [&](const Progress& p) -> Result<bool> {
    Common common;
    common.threads = threads;
    common.progress = p;
    VETSET_DO(bind_given(said, predictions, common, *bound));
    return true;
  });
  return bound;
}

/// Predictions by this dataset's rows: a row an object that a model sees.
Frame predictions_table(const std::shared_ptr<Bound>& bound) {
  const auto of = [bound](auto value) {
    return [bound, value](std::size_t i) { return std::optional(value(bound->predicted->rows[i])); };
  };
  const auto image_of = [bound](std::size_t i) {
    const auto& begin = bound->predicted->begin;
    return static_cast<std::uint32_t>(std::upper_bound(begin.begin(), begin.end(), i) - begin.begin() - 1);
  };
  const auto box = [](double Box::* side) { return [side](const PredictedObject& p) { return p.box.*side; }; };
  std::vector<Maker> makers;
  makers.push_back(plain<std::uint32_t>("image", [image_of](std::size_t i) { return std::optional(image_of(i)); }));
  makers.push_back(words("image_path", [bound, image_of](std::size_t i) {
    return std::optional(bound->source->dataset.path(to_index<ImageIndex>(image_of(i))));
  }));
  makers.push_back(plain<std::uint32_t>(
      "category", of([](const PredictedObject& p) { return static_cast<std::uint32_t>(p.category); })));
  makers.push_back(words("category_name", of([bound](const PredictedObject& p) -> std::string_view {
                           return bound->source->dataset[p.category].name;
                         })));
  makers.push_back(plain<double>("x", of(box(&Box::x))));
  makers.push_back(plain<double>("y", of(box(&Box::y))));
  makers.push_back(plain<double>("width", of(box(&Box::width))));
  makers.push_back(plain<double>("height", of(box(&Box::height))));
  makers.push_back(plain<double>("score", of([](const PredictedObject& p) { return p.score; })));
  return {table_of(bound->predicted->rows.size(), std::move(makers))};
}

}  // namespace

void bind_given_class(nb::module_& m) {
  nb::class_<Given>(m, "Given", "What a model said of a dataset: what a check and a queue hold against its labels.")
      .def(nb::init<>())
      .def_rw("out_of_fold", &Given::out_of_fold)
      .def(
          "set_predictions",
          [](Given& given, const nb::object& rows, const std::string& name, const std::string& match_images,
             const std::string& match_classes, const std::vector<std::pair<std::string, std::string>>& classes,
             const std::string& folds_file) {
            static_cast<void>(nb::cast<CocoRows&>(rows));
            given.predictions = rows;
            given.predictions_name = name;
            given.match_images = match_images;
            given.match_classes = match_classes;
            given.classes = classes;
            given.folds_file = folds_file;
          },
          nb::arg("rows"), nb::arg("name"), nb::arg("match_images"), nb::arg("match_classes"), nb::arg("classes"),
          nb::arg("folds_file"))
      .def("set_probabilities", &set_probabilities, nb::arg("probabilities"), nb::arg("paths").none(),
           nb::arg("classes").none(), nb::arg("folds").none())
      .def(
          "set_embeddings",
          [](Given& given, const nb::object& embeddings, const nb::object& paths) {
            given.embeddings.emplace(embeddings, paths);
          },
          nb::arg("embeddings"), nb::arg("paths").none());
  nb::class_<Bound>(m, "Bound", "What a model said, by the images and classes of a dataset.")
      .def_prop_ro(
          "predictions",
          [](const std::shared_ptr<Bound>& bound) {
            return bound->predicted ? std::optional(predictions_table(bound)) : std::nullopt;
          },
          "A row an object that the model sees; None where no predictions were given.")
      .def_prop_ro("out_of_fold", [](const Bound& bound) {
        return (!bound.predicted || bound.predicted->out_of_fold) &&
               (!bound.probabilities || bound.probabilities->out_of_fold);
      });
  m.def("bind", &bound_to, nb::arg("source"), nb::arg("given"), nb::arg("threads"), nb::arg("progress").none());
}

}  // namespace vetset::python
