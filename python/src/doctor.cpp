// doctor from Python: what stands in the way of a model on a machine.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/dataset.h"
#include "python/src/running.h"
#include "vetset/vetset_doctor.h"

namespace vetset::python {
namespace {

std::string doctor_document(const std::vector<std::string>& models, const std::vector<std::string>& providers,
                            const std::string& root, const std::string& target, const std::vector<std::string>& sites,
                            const std::vector<std::string>& environment) {
  return run(nb::none(), [&](const Progress&) -> Result<std::string> {
    VETSET_TRY(const DoctorReport report, doctor({.root = root,
                                                  .target = target,
                                                  .models = models,
                                                  .sites = sites,
                                                  .providers = providers,
                                                  .environment = environment}));
    return to_json(report);
  });
}

}  // namespace

void bind_doctor(nb::module_& m) {
  m.def("doctor", &doctor_document, nb::arg("models"), nb::arg("providers"), nb::arg("root"), nb::arg("target"),
        nb::arg("sites"), nb::arg("environment"));
}

}  // namespace vetset::python
