// What happens before a network, for training code: the same lines that serve the exported model.
#include "python/src/preprocess.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "python/src/running.h"
#include "vetset/runtime/preprocess.h"

namespace vetset::python {
namespace {

using Array = nb::ndarray<nb::numpy>;
using PixelsIn = nb::ndarray<const std::uint8_t, nb::c_contig, nb::device::cpu>;

/// An array that owns what it shows.
template <class Kept>
Array array_of(std::unique_ptr<Kept> kept, void* data, const std::vector<std::size_t>& shape, nb::dlpack::dtype type) {
  const nb::capsule owner(kept.release(), [](void* p) noexcept { delete static_cast<Kept*>(p); });
  return {data, shape.size(), shape.data(), owner, nullptr, type};
}

nb::dlpack::dtype dtype_of(ElementType type) {
  switch (type) {
    case ElementType::float16: return {static_cast<std::uint8_t>(nb::dlpack::dtype_code::Float), 16, 1};
    case ElementType::float64: return nb::dtype<double>();
    case ElementType::uint8: return nb::dtype<std::uint8_t>();
    case ElementType::int8: return nb::dtype<std::int8_t>();
    case ElementType::uint16: return nb::dtype<std::uint16_t>();
    case ElementType::int16: return nb::dtype<std::int16_t>();
    case ElementType::uint32: return nb::dtype<std::uint32_t>();
    case ElementType::int32: return nb::dtype<std::int32_t>();
    case ElementType::uint64: return nb::dtype<std::uint64_t>();
    case ElementType::int64: return nb::dtype<std::int64_t>();
    case ElementType::boolean: return nb::dtype<bool>();
    case ElementType::float32: break;
    case ElementType::undefined:
    case ElementType::string:
    case ElementType::bfloat16:
      raise(Error{Code::unsupported, "the model gives " + to_string(type) + ", which NumPy has no array of"});
  }
  return nb::dtype<float>();
}

Array array_of(Raster raster) {
  auto kept = std::make_unique<Raster>(std::move(raster));
  std::vector<std::size_t> shape{kept->height, kept->width};
  if (kept->channels > 1) shape.push_back(kept->channels);
  void* const data = kept->samples.data();
  return array_of(std::move(kept), data, shape, nb::dtype<std::uint8_t>());
}

Raster raster_of(const PixelsIn& pixels) {
  const bool colours = pixels.ndim() == 3 && pixels.shape(2) == 3;
  constexpr std::size_t longest = 1U << 24;
  if ((pixels.ndim() != 2 && !colours) || pixels.shape(0) >= longest || pixels.shape(1) >= longest)
    throw nb::value_error("pixels are an array of uint8, height x width or height x width x 3 (RGB)");
  Raster raster{static_cast<std::uint32_t>(pixels.shape(1)),
                static_cast<std::uint32_t>(pixels.shape(0)),
                static_cast<std::uint8_t>(colours ? 3 : 1),
                8,
                {}};
  raster.samples.assign(pixels.data(), pixels.data() + pixels.size());
  return raster;
}

struct Steps {
  ModelSpec spec;
};

Steps* steps_of(const std::string& text, const std::string& file) {
  ModelSpec spec = value_or_raise(parse_model_spec(text, file));
  if (const auto checked = check_steps(spec); !checked) raise(checked.error());
  return new Steps{std::move(spec)};
}

Preprocessed done(const Steps& steps, const nb::object& image, bool keep_stages) {
  const PreprocessOptions options{.keep_stages = keep_stages};
  if (nb::isinstance<nb::bytes>(image)) {
    const auto bytes = nb::borrow<nb::bytes>(image);
    const std::string_view view(bytes.c_str(), bytes.size());
    return value_or_raise([&] {
      const nb::gil_scoped_release released;
      return preprocess(view, steps.spec, options);
    }());
  }
  const Raster raster = pixels_of(image);
  return value_or_raise([&] {
    const nb::gil_scoped_release released;
    return preprocess_pixels(raster, steps.spec, options);
  }());
}

nb::dict stages_of(const Steps& steps, const nb::object& image) {
  Preprocessed made = done(steps, image, true);
  nb::dict stages;
  stages["placement"] = placed(made.placement);
  stages["pixels"] = array_of(std::move(made.pixels));
  stages["resized"] = array_of(std::move(made.resized));
  stages["input"] = tensor_array(std::move(made.tensor));
  return stages;
}

}  // namespace

nb::ndarray<nb::numpy> tensor_array(Tensor tensor) {
  const nb::dlpack::dtype type = dtype_of(tensor.type());
  auto kept = std::make_unique<Tensor>(std::move(tensor));
  const std::vector<std::size_t> shape(kept->shape().begin(), kept->shape().end());
  void* const data = kept->bytes().data();
  return array_of(std::move(kept), data, shape, type);
}

Raster pixels_of(const nb::object& image) {
  PixelsIn pixels;
  if (!nb::try_cast(image, pixels, false))
    throw nb::type_error("an image is a path, its bytes, or an array of uint8 without gaps, in RGB or grey");
  return raster_of(pixels);
}

nb::dict placed(const Placement& p) {
  nb::dict told;
  told["image"] = nb::make_tuple(p.image_width, p.image_height);
  told["resized"] = nb::make_tuple(p.resized_width, p.resized_height);
  told["input"] = nb::make_tuple(p.input_width, p.input_height);
  told["scale"] = nb::make_tuple(p.scale_x, p.scale_y);
  told["begins"] = nb::make_tuple(p.left, p.top);
  return told;
}

void bind_preprocess(nb::module_& m) {
  nb::class_<Steps>(m, "Steps")
      .def(nb::new_(&steps_of), nb::arg("text"), nb::arg("file"))
      .def(
          "input", [](const Steps& s, const nb::object& image) { return tensor_array(done(s, image, false).tensor); },
          nb::arg("image"))
      .def("stages", &stages_of, nb::arg("image"))
      .def(
          "place",
          [](const Steps& s, std::uint32_t width, std::uint32_t height) {
            return placed(value_or_raise(placement_of(width, height, s.spec.resize)));
          },
          nb::arg("width"), nb::arg("height"))
      .def_prop_ro("digest", [](const Steps& s) { return digest(s.spec); })
      .def_prop_ro("yaml", [](const Steps& s) { return to_yaml(s.spec); });
  m.def(
      "model_preset", [](const std::string& name) { return canonical_json(value_or_raise(preset(name))); },
      nb::arg("name"));
  m.def("model_presets", &preset_names);
}

}  // namespace vetset::python
