// What happens before a network, in Python.
#pragma once

#include <nanobind/nanobind.h>

namespace vetset::python {

void bind_preprocess(nanobind::module_& m);  // Steps, model_preset, model_presets

}  // namespace vetset::python
