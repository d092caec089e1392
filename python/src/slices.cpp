// slices from Python: a document.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/given.h"
#include "python/src/running.h"
#include "vetset/vetset_slices.h"

namespace vetset::python {
namespace {

std::string slices_of(const Opened& d, const Bound* bound, const std::vector<std::string>& factors, unsigned depth,
                      std::size_t best, std::uint64_t least, bool pixels, const std::string& near, bool cache,
                      unsigned threads, const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<std::string> {
    SlicesOptions options{.factors = factors, .depth = depth, .best = best, .least = least, .pixels = pixels};
    if (bound != nullptr) {
      options.predicted = bound->predicted ? &*bound->predicted : nullptr;
      options.probabilities = bound->probabilities ? &*bound->probabilities : nullptr;
    }
    VETSET_TRY(options.near, parse_near(near));
    options.scan.cache = cache;
    options.common.threads = threads;
    options.common.progress = p;
    VETSET_TRY(SlicesReport report, slices(*d.source, options));
    return std::move(report.document);
  });
}

}  // namespace

void bind_slices(nb::module_& m) {
  m.def("slices", &slices_of, nb::arg("source"), nb::arg("bound").none(), nb::arg("factors"), nb::arg("depth"),
        nb::arg("best"), nb::arg("least"), nb::arg("pixels"), nb::arg("near"), nb::arg("cache"), nb::arg("threads"),
        nb::arg("progress").none());
}

}  // namespace vetset::python
