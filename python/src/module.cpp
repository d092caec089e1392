// The module `vetset._core`: what the package `vetset` is a thin layer over.
#include <nanobind/nanobind.h>

#include "python/src/dataset.h"
#include "python/src/preprocess.h"

NB_MODULE(_core, m) {
  m.doc() = "The C++ core of vetset; use the package `vetset`.";
  vetset::python::bind_tables(m);
  vetset::python::bind_columns(m);
  vetset::python::bind_reports(m);
  vetset::python::bind_claims(m);
  vetset::python::bind_package(m);
  vetset::python::bind_open_package(m);
  vetset::python::bind_dataset(m);
  vetset::python::bind_given_class(m);
  vetset::python::bind_check(m);
  vetset::python::bind_edits(m);
  vetset::python::bind_agreement(m);
  vetset::python::bind_diff(m);
  vetset::python::bind_contract(m);
  vetset::python::bind_slices(m);
  vetset::python::bind_scan(m);
  vetset::python::bind_links(m);
  vetset::python::bind_masks(m);
  vetset::python::bind_evaluate_core(m);
  vetset::python::bind_evaluate(m);
  vetset::python::bind_handed(m);
  vetset::python::bind_received(m);
  vetset::python::bind_doctor(m);
  vetset::python::bind_infer(m);
  vetset::python::bind_preprocess(m);
  vetset::python::bind_model(m);
}
