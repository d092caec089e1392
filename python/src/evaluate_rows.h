// Instances that Python hands to an evaluation: columns of NumPy and Arrow looked into where they lie, lists of dicts
// read into columns, files read by the core.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <vector>

#include "vetset/dataset/predictions.h"

namespace vetset::python {

namespace nb = nanobind;

/// `_core.CocoRows`: rows, the names that they use, and the arrays whose memory they look into.
struct CocoRows {
  Predictions said;
  std::vector<nb::object> keep;
};

/// Memory of a vector as a NumPy array that owns it.
template <class Array, class T>
Array array_of(std::vector<T> values, std::initializer_list<std::size_t> shape) {
  auto* held = new std::vector<T>(std::move(values));
  held->reserve(1);  // NumPy wants an address even where there is nothing
  nb::capsule owner(held, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return Array(held->data(), shape, owner);
}

void bind_evaluate_rows(nb::module_& m);
void bind_evaluate_dicts(nb::module_& m);
void bind_evaluate_files(nb::module_& m);
void bind_evaluate_pairs(nb::module_& m);

}  // namespace vetset::python
