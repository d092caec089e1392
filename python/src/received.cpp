// receive and privacy from Python: the receiver's side of a hand-over, and what data tell without being asked.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/dataset.h"
#include "python/src/plan.h"
#include "python/src/running.h"
#include "vetset/vetset.h"

namespace vetset::python {
namespace {

struct Receipt {
  std::string document, statement, key_hint;
  bool accepted = false;
};

Receipt receive_package(const std::string& path, const Plan& plan, const std::vector<std::string>& keys,
                        const std::string& policy, const std::vector<std::string>& policy_keys, bool unsigned_too,
                        bool strict, const std::string& sign_with, const std::string& passphrase,
                        const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<Receipt> {
    ReceiveOptions options{.verify = {.keys = keys, .policy = policy, .policy_keys = policy_keys},
                           .check = plan.options,
                           .integrity_only = unsigned_too,
                           .sign_with = sign_with,
                           .passphrase = passphrase,
                           .common = plan.options.common};
    options.verify.today = plan.options.settings.today;
    options.verify.strict = strict;
    options.common.progress = p;
    VETSET_TRY(const Received received, receive(path, options));
    return Receipt{received.document, received.statement, received.key_hint, received.accepted};
  });
}

/// The receipt that a counter-signature holds, where it is of this package and by one of these keys.
std::string receipt_of(const std::string& bundle, const std::string& package, const std::vector<std::string>& keys,
                       const nb::object& progress) {
  return run(progress, [&](const Progress& p) { return read_receipt(bundle, package, keys, Common{.progress = p}); });
}

struct Private {
  PrivacyReport report;
};

Private privacy_of(const Opened& d, bool images, unsigned threads, const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<Private> {
    PrivacyOptions options{.images = images, .common = {}};
    options.common.threads = threads;
    options.common.progress = p;
    VETSET_TRY(PrivacyReport report, privacy(*d.source, options));
    return Private{std::move(report)};
  });
}

std::string strip_source(const Opened& d, const std::filesystem::path& target, bool overwrite, bool dry_run,
                         unsigned threads, const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<std::string> {
    StripOptions options{.overwrite = overwrite, .dry_run = dry_run, .common = {}};
    options.common.threads = threads;
    options.common.progress = p;
    VETSET_TRY(const StripReport report, strip_metadata(*d.source, target.string(), options));
    return report.document;
  });
}

nb::list kinds_of(const Private& p) {
  nb::list kinds;
  for (const PrivacyReport::Kind& kind : p.report.kinds)
    kinds.append(nb::make_tuple(text(kind.kind), kind.count, kind.files));
  return kinds;
}

nb::list things_of(const Private& p) {
  nb::list things;
  for (const PrivateThing& thing : p.report.things)
    things.append(nb::make_tuple(text(thing.kind), text_or_none(thing.file), text(thing.where), text(thing.value),
                                 thing.count, thing.removable));
  return things;
}

}  // namespace

void bind_received(nb::module_& m) {
  nb::class_<Receipt>(m, "Receipt", "A receiver's answer to a package.")
      .def_prop_ro(
          "json", [](const Receipt& r) { return text(r.document); }, nb::sig("def json(self) -> str"))
      .def_ro("statement", &Receipt::statement, "The counter-signature; empty: not signed, or not accepted.")
      .def_ro("key_hint", &Receipt::key_hint)
      .def_ro("accepted", &Receipt::accepted);
  m.def("read_receipt", &receipt_of, nb::arg("bundle"), nb::arg("package"), nb::arg("keys"),
        nb::arg("progress").none());
  m.def("receive", &receive_package, nb::arg("path"), nb::arg("plan"), nb::arg("keys"), nb::arg("policy"),
        nb::arg("policy_keys"), nb::arg("unsigned_too"), nb::arg("strict"), nb::arg("sign_with"), nb::arg("passphrase"),
        nb::arg("progress").none());
  nb::class_<Private>(m, "Private", "What data tell of people and places.")
      .def_prop_ro("kinds", &kinds_of, nb::sig("def kinds(self) -> list[tuple[str, int, int]]"))
      .def_prop_ro("things", &things_of,
                   nb::sig("def things(self) -> list[tuple[str, str | None, str, str, int, bool]]"))
      .def_prop_ro("images", [](const Private& p) { return p.report.images; })
      .def_prop_ro("looked_at", [](const Private& p) { return p.report.looked_at; })
      .def_prop_ro(
          "not_looked_at", [](const Private& p) { return texts(p.report.not_looked_at); },
          nb::sig("def not_looked_at(self) -> list[str]"));
  m.def("privacy", &privacy_of, nb::arg("source"), nb::arg("images"), nb::arg("threads"), nb::arg("progress").none());
  m.def("strip_metadata", &strip_source, nb::arg("source"), nb::arg("target"), nb::arg("overwrite"), nb::arg("dry_run"),
        nb::arg("threads"), nb::arg("progress").none());
}

}  // namespace vetset::python
