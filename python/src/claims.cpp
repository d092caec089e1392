// What is said about packages, from Python: claims that are attested, proofs of single samples, trust policies.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "python/src/dataset.h"
#include "python/src/running.h"
#include "vetset/base/json.h"
#include "vetset/check/config.h"
#include "vetset/vetset_prove.h"

namespace vetset::python {
namespace {

using Words = std::vector<std::string>;

ClaimOptions claim_options(const Words& select, const Words& ignore, bool pixels, const std::string& fail_on,
                           const std::filesystem::path& lock, const Words& group_by, const std::string& near,
                           std::optional<unsigned> radius, const std::filesystem::path& earlier,
                           const std::vector<std::filesystem::path>& steps, bool cache) {
  ClaimOptions options{.earlier = earlier.string()};
  options.audit.select = select;
  options.audit.ignore = ignore;
  options.audit.pixels = pixels;
  if (!fail_on.empty()) options.audit.fail_on = value_or_raise(parse_fail_on(fail_on));
  options.audit.scan.cache = options.split.scan.cache = cache;
  options.split.lock = lock.string();
  options.split.group_by = group_by;
  if (const auto tier = near_tier(near)) options.split.near = tier;
  options.split.radius = radius;
  for (const std::filesystem::path& step : steps) options.steps.push_back(step.string());
  return options;
}

Attested attest_package(const std::filesystem::path& path, const Words& kinds, const ClaimOptions& about,
                        const std::filesystem::path& conversion, const std::filesystem::path& evaluation,
                        const std::filesystem::path& model, const std::filesystem::path& key,
                        const std::string& passphrase, const std::filesystem::path& ssh_signature, unsigned threads,
                        const nb::object& progress) {
  AttestOptions options{.claims = kinds,
                        .about = about,
                        .key = key.string(),
                        .passphrase = passphrase,
                        .ssh_signature = ssh_signature.string(),
                        .common = {.threads = threads}};
  options.about.proof = conversion.string();
  options.about.record = evaluation.string();
  options.about.model = model.string();
  return run(progress, [&](const Progress& p) {
    options.common.progress = p;
    return attest(path.string(), options);
  });
}

/// A policy as JSON, by whom it is signed or None, and whether that was checked.
nb::tuple told(const TrustPolicy& policy, const std::string& hint, bool checked) {
  return nb::make_tuple(text(to_json(policy)), text_or_none(hint), checked);
}

nb::tuple init_policy(const std::filesystem::path& path, const std::string& name,
                      const std::vector<std::pair<std::string, std::filesystem::path>>& keys) {
  std::vector<PolicyKey> named;
  for (const auto& [role, key] : keys) named.push_back({role, key.string()});
  return told(run(nb::none(), [&](const Progress&) { return new_policy(path.string(), name, named); }), {}, false);
}

nb::tuple sign_policy_file(const std::filesystem::path& path, const std::filesystem::path& target,
                           const std::filesystem::path& key, const std::string& passphrase, bool overwrite) {
  const SignPolicyOptions options{.key = key.string(), .passphrase = passphrase, .overwrite = overwrite};
  const PolicyFile made =
      run(nb::none(), [&](const Progress&) { return sign_policy(path.string(), target.string(), options); });
  return told(made.policy, made.key_hint, made.checked);
}

nb::tuple show_policy(const std::filesystem::path& path, const std::vector<std::filesystem::path>& keys) {
  Words given;
  for (const std::filesystem::path& key : keys) given.push_back(key.string());
  const PolicyFile read = run(nb::none(), [&](const Progress&) { return read_policy(path.string(), given); });
  return told(read.policy, read.key_hint, read.checked);
}

std::size_t rows_of(const InclusionProof& proof, std::string_view table) {
  return static_cast<std::size_t>(
      std::count_if(proof.rows.begin(), proof.rows.end(), [&](const RowProof& row) { return row.table == table; }));
}

void bind_proofs(nb::module_& m) {
  nb::class_<InclusionProof>(m, "InclusionProof",
                             "That one sample is in a package: its rows, and for each the digests that lead from it to "
                             "the root in the manifest.")
      .def_prop_ro("package_id", [](const InclusionProof& p) { return p.package_id.text(); })
      .def_prop_ro(
          "sample", [](const InclusionProof& p) { return text(p.sample); }, nb::sig("def sample(self) -> str"))
      .def_prop_ro(
          "annotations", [](const InclusionProof& p) { return rows_of(p, "annotations"); }, "How many the sample has.")
      .def_prop_ro(
          "has_image", [](const InclusionProof& p) { return rows_of(p, "media") != 0; },
          "Whether it proves the image's bytes, too: a package of labels only has none.")
      .def_prop_ro(
          "json", [](const InclusionProof& p) { return text(to_json(p)); }, nb::sig("def json(self) -> str"),
          "As a file holds it: docs/schema/inclusion-v1.json.")
      .def(
          "save",
          [](const InclusionProof& p, const std::filesystem::path& path) {
            if (const auto written = write_proof(p, path.string()); !written) raise(written.error());
          },
          nb::arg("path"), "Writes it to a file.")
      .def(
          "__repr__",
          [](const InclusionProof& p) {
            return text("<vetset.InclusionProof '" + p.sample + "', " + std::to_string(rows_of(p, "annotations")) +
                        " annotations, package " + p.package_id.text() + ">");
          },
          nb::sig("def __repr__(self) -> str"));
  m.def(
      "prove",
      [](const std::filesystem::path& path, const std::string& sample, unsigned threads, const nb::object& progress) {
        return run(progress, [&](const Progress& p) {
          Common common{.threads = threads};
          common.progress = p;
          return prove(path.string(), sample, common);
        });
      },
      nb::arg("path"), nb::arg("sample"), nb::arg("threads"), nb::arg("progress").none());
  m.def(
      "check_proof",
      [](const std::filesystem::path& proof, const std::filesystem::path& manifest) {
        return run(nb::none(), [&](const Progress&) { return check_proof(proof.string(), manifest.string()); });
      },
      nb::arg("proof"), nb::arg("manifest"));
}

}  // namespace

void bind_claims(nb::module_& m) {
  nb::class_<ClaimMade>(m, "Claim", "A claim that was made about a package.")
      .def_ro("kind", &ClaimMade::kind, "audit, conversion, split, lineage or evaluation.")
      .def_prop_ro(
          "result", [](const ClaimMade& c) { return text_or_none(c.result); },
          nb::sig("def result(self) -> str | None"), "PASSED or FAILED; None: its kind has none.")
      .def_prop_ro(
          "evidence", [](const ClaimMade& c) { return text_or_none(c.document); },
          nb::sig("def evidence(self) -> str | None"),
          "Path of the evidence in the package; None: it is inside the statement.")
      .def_prop_ro(
          "statement", [](const ClaimMade& c) { return text_or_none(c.statement); },
          nb::sig("def statement(self) -> str | None"), "Path of the signed statement; None: nobody signed it.")
      .def_ro("bytes", &ClaimMade::bytes, "Of the evidence.")
      .def_ro("says", &ClaimMade::says, "A sentence or two.")
      .def("__repr__", [](const ClaimMade& c) {
        return "<vetset.Claim " + c.kind + ":v1" + (c.result.empty() ? "" : " " + c.result) + ">";
      });
  nb::class_<Attested>(m, "Attested", "What was said about a package, and by which key.")
      .def_ro("package_id", &Attested::package_id)
      .def_ro("dataset_id", &Attested::dataset_id)
      .def_ro("key_hint", &Attested::key_hint, "SHA-256 of the public key.")
      .def_ro("claims", &Attested::claims)
      .def("__repr__", [](const Attested& a) {
        std::string kinds;
        for (const ClaimMade& claim : a.claims) kinds += (kinds.empty() ? "" : ", ") + claim.kind;
        return "<vetset.Attested " + kinds + ", package " + a.package_id + ">";
      });
  nb::class_<ClaimOptions>(m, "ClaimOptions", "How claims are found out.");
  m.def("claim_options", &claim_options, nb::arg("select"), nb::arg("ignore"), nb::arg("pixels"), nb::arg("fail_on"),
        nb::arg("lock"), nb::arg("group_by"), nb::arg("near"), nb::arg("radius").none(), nb::arg("earlier"),
        nb::arg("steps"), nb::arg("cache"));
  m.def("attest", &attest_package, nb::arg("path"), nb::arg("kinds"), nb::arg("about"), nb::arg("conversion"),
        nb::arg("evaluation"), nb::arg("model"), nb::arg("key"), nb::arg("passphrase"), nb::arg("ssh_signature"),
        nb::arg("threads"), nb::arg("progress").none());
  bind_proofs(m);
  m.def("trust_init", &init_policy, nb::arg("path"), nb::arg("name"), nb::arg("keys"),
        nb::sig("def trust_init(path: str | os.PathLike, name: str, keys: collections.abc.Sequence[tuple[str, str | "
                "os.PathLike]]) -> tuple[str, str | None, bool]"));
  m.def("trust_sign", &sign_policy_file, nb::arg("path"), nb::arg("target"), nb::arg("key"), nb::arg("passphrase"),
        nb::arg("overwrite"),
        nb::sig("def trust_sign(path: str | os.PathLike, target: str | os.PathLike, key: str | os.PathLike, "
                "passphrase: str, overwrite: bool) -> tuple[str, str | None, bool]"));
  m.def("trust_show", &show_policy, nb::arg("path"), nb::arg("keys"),
        nb::sig("def trust_show(path: str | os.PathLike, keys: collections.abc.Sequence[str | os.PathLike]) -> "
                "tuple[str, str | None, bool]"));
}

}  // namespace vetset::python
