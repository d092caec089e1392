// What happens before a network: the class, and what others need of images, tensors and where the one lies in the
// other.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include "vetset/runtime/preprocess.h"

namespace vetset::python {

void bind_preprocess(nanobind::module_& m);
void bind_model(nanobind::module_& m);

/// A NumPy array that owns the tensor whose values it shows.
nanobind::ndarray<nanobind::numpy> tensor_array(Tensor tensor);
/// Of an array of uint8, in RGB or grey; raises where it is none.
Raster pixels_of(const nanobind::object& image);
nanobind::dict placed(const Placement& placement);

}  // namespace vetset::python
