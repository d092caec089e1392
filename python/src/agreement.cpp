// agreement from Python: a document.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/dataset.h"
#include "python/src/running.h"

namespace vetset::python {
namespace {

std::string agreement_of_sources(const std::vector<Opened>& raters, const std::string& by, const Opened* shipped,
                                 double iou, unsigned draws, unsigned threads, const nb::object& progress) {
  std::vector<const Source*> sources;
  for (const Opened& opened : raters) sources.push_back(opened.source.get());
  AgreementOptions options{.by = by,
                           .least_iou = iou,
                           .draws = draws,
                           .shipped = shipped == nullptr ? nullptr : shipped->source.get(),
                           .common = {}};
  options.common.threads = threads;
  return run(progress, [&](const Progress& p) -> Result<std::string> {
    options.common.progress = p;
    VETSET_TRY(AgreementReport seen, agreement(sources, options));
    return std::move(seen.document);
  });
}

}  // namespace

void bind_agreement(nb::module_& m) {
  m.def("agreement", &agreement_of_sources, nb::arg("raters"), nb::arg("by"), nb::arg("shipped").none(), nb::arg("iou"),
        nb::arg("draws"), nb::arg("threads"), nb::arg("progress").none());
}

}  // namespace vetset::python
