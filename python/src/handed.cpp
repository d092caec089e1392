// queue and review from Python: what people shall look at, and what they made of it.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/given.h"
#include "python/src/running.h"
#include "vetset/base/digest.h"
#include "vetset/check/select.h"

namespace vetset::python {
namespace {

/// What is handed over, or came back: the dataset, and the document of the step.
struct Handed {
  Opened source;
  std::string document;
};

/// Suspects by what a model said, or from a table; those of the chosen rules.
Result<Suspects> suspects_for(const Held& source, const Bound* bound, const std::string& table, bool out_of_fold,
                              const std::vector<std::string>& select, const Common& common) {
  SuspectOptions asked{.common = common};
  if (bound != nullptr) {
    asked.predicted = bound->predicted ? &*bound->predicted : nullptr;
    asked.probabilities = bound->probabilities ? &*bound->probabilities : nullptr;
    asked.embeddings = bound->embeddings ? &*bound->embeddings : nullptr;
  }
  auto found = table.empty() ? suspects(source, asked) : read_suspects(source, table);
  if (!found) return std::move(found).error();
  if (!table.empty()) found->out_of_fold = out_of_fold;
  for (const std::string& word : select) VETSET_DO(check_rule_name(word));
  if (!select.empty()) std::erase_if(found->rows, [&](const Suspect& s) { return !names_rule(select, s.code); });
  return found;
}

Handed queue_of(const Opened& d, const Bound* bound, const std::string& table, bool out_of_fold,
                const std::vector<std::string>& select, std::uint64_t top, std::uint64_t sample, std::uint64_t seed,
                const std::vector<std::string>& files, unsigned threads, const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<Handed> {
    QueueOptions options{.top = top, .sample = sample, .seed = seed};
    options.common.threads = threads;
    options.common.progress = p;
    Held copy = copy_of(*d.source);
    VETSET_TRY(const Suspects found, suspects_for(copy, bound, table, out_of_fold, select, options.common));
    if (bound != nullptr) {
      options.predicted = bound->predicted ? &*bound->predicted : nullptr;
      options.probabilities = bound->probabilities ? &*bound->probabilities : nullptr;
    }
    for (const std::string& file : files) {
      VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(file));
      VETSET_TRY(const Bytes bytes, tree->read(tree->list().front()));
      options.predictions.push_back({std::string(base_name(file)), bytes.text().size(), sha256(bytes.text())});
    }
    VETSET_TRY(const QueueReport report, queue(copy, found, options));
    return Handed{{std::make_shared<const Held>(std::move(copy))}, report.document};
  });
}

Handed review_of(const Opened& d, const Opened& exported, const std::string& queue_document, bool all_looked_at,
                 std::uint64_t next, unsigned threads, const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<Handed> {
    ReviewOptions options{.all_looked_at = all_looked_at, .next = next};
    options.common.threads = threads;
    options.common.progress = p;
    Held copy = copy_of(*d.source);
    VETSET_TRY(const ReviewReport report, review(copy, *exported.source, queue_document, options));
    return Handed{{std::make_shared<const Held>(std::move(copy))}, report.document};
  });
}

}  // namespace

void bind_handed(nb::module_& m) {
  nb::class_<Handed>(m, "Handed", "A dataset that people look at, or looked at.")
      .def_ro("source", &Handed::source)
      .def_prop_ro("json", [](const Handed& h) { return text(h.document); }, nb::sig("def json(self) -> str"));
  m.def("queue", &queue_of, nb::arg("source"), nb::arg("bound").none(), nb::arg("suspects"), nb::arg("out_of_fold"),
        nb::arg("select"), nb::arg("top"), nb::arg("sample"), nb::arg("seed"), nb::arg("files"), nb::arg("threads"),
        nb::arg("progress").none());
  m.def("review", &review_of, nb::arg("source"), nb::arg("exported"), nb::arg("queue"), nb::arg("all_looked_at"),
        nb::arg("next"), nb::arg("threads"), nb::arg("progress").none());
}

}  // namespace vetset::python
