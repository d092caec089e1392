// scan from Python: the facts of all pixels as a table, and what they come to.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "python/src/dataset.h"
#include "python/src/running.h"
#include "vetset/scan/facts_table.h"
#include "vetset/scan/scan_summary.h"

namespace vetset::python {
namespace {

Scanned scan_source(const Opened& d, bool pdq, bool cache, const std::optional<std::string>& cache_path, bool rehash,
                    unsigned threads, const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<Scanned> {
    VETSET_TRY(Scan seen, scan(*d.source, {.pdq = pdq,
                                           .cache = cache,
                                           .cache_path = cache_path.value_or(""),
                                           .rehash = rehash,
                                           .common = {.threads = threads, .progress = p}}));
    return Scanned{d.source, std::make_shared<const Scan>(std::move(seen))};
  });
}

std::string json_of(const Scanned& s) {
  const Dataset& d = s.source->dataset;
  return to_json(summary_of(d, *s.scan), d, *s.scan, "vetset " + std::string(version()), s.source->tree->name());
}

/// Keeps what it looks at.
Frame table_of(const Scanned& s) {
  TableRows made = facts_table(s.source->dataset, s.scan->facts, s.scan->pixels);
  return {{made.count,
           [s, inner = std::move(made.rows)](std::uint64_t begin, std::uint64_t end) { return inner(begin, end); }}};
}

}  // namespace

void bind_scan(nb::module_& m) {
  nb::class_<Scanned>(m, "Scanned", "What was measured of the pixels of a dataset's images.")
      .def_prop_ro("json", &json_of, "The summary (docs/schema/scan-v1.json).")
      .def_prop_ro("table", &table_of, "A row an image.");
  m.def("scan", &scan_source, nb::arg("source"), nb::arg("pdq"), nb::arg("cache"), nb::arg("cache_path").none(),
        nb::arg("rehash"), nb::arg("threads"), nb::arg("progress").none());
}

}  // namespace vetset::python
