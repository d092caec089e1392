// Contracts from Python: a first one as text, and a dataset held to one as a document.
#include <nanobind/stl/string.h>

#include "python/src/dataset.h"
#include "python/src/embeddings.h"
#include "python/src/running.h"
#include "vetset/vetset_contract.h"

namespace vetset::python {
namespace {

std::string contract_init_of(const Opened& d, const std::string& name, bool pixels, const std::string& near, bool cache,
                             unsigned threads, const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<std::string> {
    ContractInitOptions options{.pixels = pixels, .name = name};
    VETSET_TRY(options.near, parse_near(near));
    options.scan.cache = cache;
    options.common.threads = threads;
    options.common.progress = p;
    return contract_init(*d.source, options);
  });
}

std::string contract_check_of(const Opened& d, const std::string& contract, bool strict, bool pixels,
                              const std::string& near, bool cache, const std::string& today, unsigned threads,
                              const nb::object& progress, const nb::object& embeddings,
                              const nb::object& embeddings_paths) {
  const GivenEmbeddings given(embeddings, embeddings_paths);
  return run(progress, [&](const Progress& p) -> Result<std::string> {
    VETSET_TRY(const std::optional<Embeddings> rows, given.read(*d.source));
    ContractOptions options{.contract = contract, .strict = strict, .pixels = pixels, .today = today};
    VETSET_TRY(options.near, parse_near(near));
    if (rows) options.embeddings = &*rows;
    options.scan.cache = cache;
    options.common.threads = threads;
    options.common.progress = p;
    VETSET_TRY(const ContractChecked checked, contract_check(*d.source, options));
    return to_json(checked, "vetset " + std::string(version()), d.source->tree->name());
  });
}

}  // namespace

void bind_contract(nb::module_& m) {
  m.def("contract_init", &contract_init_of, nb::arg("source"), nb::arg("name"), nb::arg("pixels"), nb::arg("near"),
        nb::arg("cache"), nb::arg("threads"), nb::arg("progress").none());
  m.def("contract_check", &contract_check_of, nb::arg("source"), nb::arg("contract"), nb::arg("strict"),
        nb::arg("pixels"), nb::arg("near"), nb::arg("cache"), nb::arg("today"), nb::arg("threads"),
        nb::arg("progress").none(), nb::arg("embeddings").none(), nb::arg("embeddings_paths").none());
}

}  // namespace vetset::python
