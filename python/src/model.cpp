// A model with its contract, from Python: images in, answers out; each step of it alone; and a whole dataset.
#include "vetset/runtime/model.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/dataset.h"
#include "python/src/preprocess.h"
#include "python/src/running.h"
#include "vetset/infer/journal.h"
#include "vetset/vetset_infer.h"
#include "vetset/vetset_parity.h"

namespace vetset::python {
namespace {

using AnyArray = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;

struct HeldModel {
  std::shared_ptr<const Model> model;
  std::vector<std::string> notes;
};

HeldModel* opened_model(const std::string& file, const std::string& spec, const std::string& preset,
                        const std::string& runtime, const std::vector<std::string>& providers, unsigned threads) {
  OpenedModel opened = run(nb::none(), [&](const Progress&) {
    return open_model({.model = file,
                       .spec = spec,
                       .preset = preset,
                       .runtime = {.library = runtime},
                       .session = {.providers = providers, .threads = threads}});
  });
  return new HeldModel{std::move(opened.model), std::move(opened.notes)};
}

ElementType element_type_of(nb::dlpack::dtype type) {
  using Kind = nb::dlpack::dtype_code;
  const auto kind = static_cast<Kind>(type.code);
  const std::string bits = std::to_string(type.bits);
  if (kind == Kind::Float) return vetset::element_type_of("float" + bits);
  if (kind == Kind::Int) return vetset::element_type_of("int" + bits);
  if (kind == Kind::UInt) return vetset::element_type_of("uint" + bits);
  if (kind == Kind::Bool) return ElementType::boolean;
  return ElementType::undefined;
}

/// The array's own memory, which must outlive the tensor.
Tensor tensor_on(const AnyArray& array) {
  std::vector<std::int64_t> shape;
  for (std::size_t k = 0; k < array.ndim(); ++k) shape.push_back(static_cast<std::int64_t>(array.shape(k)));
  // Tensors are read only: the runtime takes inputs and the heads take outputs as const.
  auto* const data = const_cast<std::byte*>(static_cast<const std::byte*>(array.data()));
  return Tensor::view(element_type_of(array.dtype()), std::move(shape), {data, array.nbytes()});
}

AnyArray array_of(const nb::handle& given, const char* what) {
  AnyArray array;
  if (!nb::try_cast(given, array, false) || element_type_of(array.dtype()) == ElementType::undefined)
    throw nb::type_error(
        (std::string(what) + " is an array of numbers without gaps (numpy.ascontiguousarray)").c_str());
  return array;
}

nb::dict run_model(const HeldModel& held, const nb::object& input) {
  const AnyArray array = array_of(input, "the input");
  const Session& session = held.model->session();
  std::vector<Tensor> outputs = value_or_raise([&] {
    const nb::gil_scoped_release released;
    const Tensor tensor = tensor_on(array);
    return session.run(std::span(&tensor, 1));
  }());
  nb::dict named;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    named[text(session.outputs()[i].name)] = tensor_array(std::move(outputs[i]));
  return named;
}

nb::tuple prepared(const HeldModel& held, const nb::object& image) {
  const ModelSpec& spec = held.model->spec();
  Preprocessed made;
  if (nb::isinstance<nb::bytes>(image)) {
    const auto bytes = nb::borrow<nb::bytes>(image);
    const std::string_view view(bytes.c_str(), bytes.size());
    made = value_or_raise([&] {
      const nb::gil_scoped_release released;
      return preprocess(view, spec);
    }());
  } else {
    const Raster raster = pixels_of(image);
    made = value_or_raise([&] {
      const nb::gil_scoped_release released;
      return preprocess_pixels(raster, spec);
    }());
  }
  nb::dict placement = placed(made.placement);
  return nb::make_tuple(tensor_array(std::move(made.tensor)), placement);
}

/// Numbers of one type as an array of rows that owns them.
template <class T>
nb::object rows_array(std::vector<T> values, std::vector<std::size_t> shape) {
  auto* const held = new std::vector<T>(std::move(values));
  held->reserve(1);
  const nb::capsule owner(held, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T>(held->data(), shape.size(), shape.data(), owner));
}

nb::dict answer_dict(const ModelAnswer& answer, const ModelSpec& spec, std::uint32_t width, std::uint32_t height) {
  nb::dict told;
  told["image"] = nb::make_tuple(width, height);
  if (spec.task == ModelTask::embed || !answer.embedding.empty()) {
    told["embedding"] = rows_array(answer.embedding, {answer.embedding.size()});
    return told;
  }
  std::vector<float> scores, boxes, points, angles;
  std::vector<std::uint32_t> labels;
  std::vector<std::uint8_t> masks;
  for (const ClassScore& c : answer.classes) scores.push_back(c.score), labels.push_back(c.label);
  for (const DetectedObject& d : answer.detections) {
    scores.push_back(d.score), labels.push_back(d.label), angles.push_back(d.angle);
    boxes.insert(boxes.end(), d.box.begin(), d.box.end());
    points.insert(points.end(), d.keypoints.begin(), d.keypoints.end());
    masks.insert(masks.end(), d.mask.begin(), d.mask.end());
  }
  const std::size_t count = answer.detections.size();
  told["scores"] = rows_array(scores, {scores.size()});
  told["labels"] = rows_array(labels, {labels.size()});
  if (spec.task == ModelTask::classify) return told;
  told["boxes"] = rows_array(boxes, {count, 4});
  if (spec.head.angle) told["angles"] = rows_array(angles, {count});
  if (spec.head.keypoints) told["keypoints"] = rows_array(points, {count, spec.head.keypoints, 3});
  if (spec.head.mask_coefficients) told["masks"] = rows_array(masks, {count, height, width});
  return told;
}

nb::dict predicted(const HeldModel& held, const nb::object& image) {
  const Model& model = *held.model;
  Raster pixels;
  std::string_view view;
  nb::bytes bytes;
  const bool encoded = nb::isinstance<nb::bytes>(image);
  if (encoded) {
    bytes = nb::borrow<nb::bytes>(image);
    view = {bytes.c_str(), bytes.size()};
  } else {
    pixels = pixels_of(image);
  }
  std::uint32_t width = 0, height = 0;
  const ModelAnswer answer = value_or_raise([&]() -> Result<ModelAnswer> {
    const nb::gil_scoped_release released;
    if (encoded) {
      VETSET_TRY(pixels, decoded_pixels(view, model.spec().pixels));
    }
    width = pixels.width, height = pixels.height;
    return model.answer(pixels);
  }());
  return answer_dict(answer, model.spec(), width, height);
}

nb::dict postprocessed(const HeldModel& held, const nb::list& outputs, std::size_t index, const nb::dict& placement) {
  const auto pair = [&](const char* key) { return nb::cast<nb::tuple>(placement[key]); };
  const Placement p{.image_width = nb::cast<std::uint32_t>(pair("image")[0]),
                    .image_height = nb::cast<std::uint32_t>(pair("image")[1]),
                    .resized_width = nb::cast<std::uint32_t>(pair("resized")[0]),
                    .resized_height = nb::cast<std::uint32_t>(pair("resized")[1]),
                    .input_width = nb::cast<std::uint32_t>(pair("input")[0]),
                    .input_height = nb::cast<std::uint32_t>(pair("input")[1]),
                    .scale_x = nb::cast<double>(pair("scale")[0]),
                    .scale_y = nb::cast<double>(pair("scale")[1]),
                    .left = nb::cast<double>(pair("begins")[0]),
                    .top = nb::cast<double>(pair("begins")[1])};
  std::vector<AnyArray> arrays;
  for (const nb::handle output : outputs) arrays.push_back(array_of(output, "an output"));
  const ModelAnswer answer = value_or_raise([&] {
    const nb::gil_scoped_release released;
    std::vector<Tensor> tensors;
    for (const AnyArray& array : arrays) tensors.push_back(tensor_on(array));
    return held.model->answer_of(tensors, index, p);
  }());
  return answer_dict(answer, held.model->spec(), p.image_width, p.image_height);
}

/// Paths with what was found in them, and those without an answer; `journal` is a file that is not there yet.
nb::tuple inferred(const HeldModel& held, const std::string& path, const std::string& format, const nb::object& opened,
                   unsigned batch, const std::string& journal, unsigned threads, const nb::object& progress) {
  const Model& model = *held.model;
  Source from_path;
  const Source* source = &from_path;
  if (!opened.is_none()) source = nb::cast<const Opened&>(opened).source.get();
  run(progress, [&](const Progress& p) -> Result<bool> {
    const Common common{.threads = threads, .progress = p};
    if (opened.is_none()) {
      VETSET_TRY(from_path, open_images(path, {.from = format, .common = common}));
    }
    VETSET_TRY(const InferReport report, infer(*source, model, {.batch = batch, .journal = journal, .common = common}));
    return report.images > 0;
  });
  nb::dict found, problems;
  const ModelSpec& spec = model.spec();
  const auto read = Journal::read(journal, [&](Inferred&& i) -> Result<void> {
    const nb::object name = text(source->dataset.path(to_index<ImageIndex>(i.image)));
    if (!i.problem.empty()) {
      problems[name] = text(i.problem);
      return {};
    }
    ModelAnswer answer;
    answer.embedding = std::move(i.embedding);
    nb::list masks;
    for (Found& f : i.found) {
      if (spec.task == ModelTask::classify) {
        answer.classes.push_back({f.label, f.score});
        continue;
      }
      if (!f.mask.empty()) {
        nb::dict mask;
        mask["size"] = nb::make_tuple(i.height, i.width);
        mask["counts"] = nb::bytes(f.mask.data(), f.mask.size());
        masks.append(mask);
      }
      answer.detections.push_back(
          {.box = f.box, .score = f.score, .label = f.label, .angle = f.angle, .keypoints = std::move(f.keypoints)});
    }
    ModelSpec without_masks = spec;
    without_masks.head.mask_coefficients = 0;
    nb::dict told = answer_dict(answer, without_masks, i.width, i.height);
    if (spec.head.mask_coefficients) told["masks"] = masks;
    found[name] = told;
    return {};
  });
  if (!read) raise(read.error());
  return nb::make_tuple(found, problems);
}

nb::list golden(const std::string& path, std::size_t most) {
  nb::list chosen;
  for (const GoldenImage& image : run(nb::none(), [&](const Progress&) { return golden_set(path, most); }))
    chosen.append(nb::make_tuple(text(image.path), texts(image.covers)));
  return chosen;
}

std::string parity_document(const std::string& model, const std::string& record, const std::string& spec,
                            const std::string& preset, const std::string& runtime,
                            const std::vector<std::string>& providers, bool near_resize, double outputs,
                            const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<std::string> {
    VETSET_TRY(const ParityOutcome outcome, parity({.model = {.model = model,
                                                              .spec = spec,
                                                              .preset = preset,
                                                              .runtime = {.library = runtime},
                                                              .session = {.providers = providers, .threads = 1}},
                                                    .record = record,
                                                    .limits = {.near_resize = near_resize, .outputs = outputs},
                                                    .common = {.progress = p}}));
    return to_json(outcome);
  });
}

}  // namespace

void bind_model(nb::module_& m) {
  nb::class_<HeldModel>(m, "Model")
      .def(nb::new_(&opened_model), nb::arg("file"), nb::arg("spec"), nb::arg("preset"), nb::arg("runtime"),
           nb::arg("providers"), nb::arg("threads"))
      .def("run", &run_model, nb::arg("input"), nb::sig("def run(self, input: object) -> dict[str, NDArray]"))
      .def("prepare", &prepared, nb::arg("image"),
           nb::sig("def prepare(self, image: object) -> tuple[NDArray, dict[str, typing.Any]]"))
      .def("predict", &predicted, nb::arg("image"),
           nb::sig("def predict(self, image: object) -> dict[str, typing.Any]"))
      .def("postprocess", &postprocessed, nb::arg("outputs"), nb::arg("index"), nb::arg("placement"),
           nb::sig("def postprocess(self, outputs: list[typing.Any], index: int, placement: dict[str, typing.Any]) -> "
                   "dict[str, typing.Any]"))
      .def("infer", &inferred, nb::arg("path"), nb::arg("format"), nb::arg("opened").none(), nb::arg("batch"),
           nb::arg("journal"), nb::arg("threads"), nb::arg("progress").none(),
           nb::sig("def infer(self, path: str, format: str, opened: Source | None, batch: int, journal: str, threads: "
                   "int, progress: collections.abc.Callable[[str, int, int], object] | None) -> tuple[dict[str, "
                   "dict[str, typing.Any]], dict[str, str]]"))
      .def_prop_ro(
          "outputs",
          [](const HeldModel& h) {
            nb::list names;
            const auto& outputs = h.model->session().outputs();
            for (const std::size_t o : value_or_raise(head_outputs(h.model->spec(), outputs)))
              names.append(text(outputs[o].name));
            return names;
          },
          nb::sig("def outputs(self) -> list[str]"))
      .def_prop_ro(
          "providers", [](const HeldModel& h) { return texts(h.model->session().providers()); },
          nb::sig("def providers(self) -> list[str]"))
      .def_prop_ro("runtime",
                   [](const HeldModel& h) { return h.model->runtime().name() + " " + h.model->runtime().version(); })
      .def_prop_ro(
          "notes", [](const HeldModel& h) { return texts(h.notes); }, nb::sig("def notes(self) -> list[str]"))
      .def_prop_ro("spec", [](const HeldModel& h) { return canonical_json(h.model->spec()); })
      .def_prop_ro("yaml", [](const HeldModel& h) { return to_yaml(h.model->spec()); })
      .def_prop_ro("digest", [](const HeldModel& h) { return h.model->spec_digest(); })
      .def_prop_ro("sha256", [](const HeldModel& h) { return h.model->sha256(); });
  m.def("golden_set", &golden, nb::arg("path"), nb::arg("most"),
        nb::sig("def golden_set(path: str, most: int) -> list[tuple[str, list[str]]]"));
  m.def("parity", &parity_document, nb::arg("model"), nb::arg("record"), nb::arg("spec"), nb::arg("preset"),
        nb::arg("runtime"), nb::arg("providers"), nb::arg("near_resize"), nb::arg("outputs"),
        nb::arg("progress").none());
}

}  // namespace vetset::python
