// Sealing and verifying from Python.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/dataset.h"
#include "python/src/running.h"

namespace vetset::python {
namespace {

std::string verdict_name(Verification::Verdict v) {
  std::string lower(name(v));
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return lower;
}

bool holds(const Verification& v) {
  return v.verdict == Verification::Verdict::intact || v.verdict == Verification::Verdict::verified;
}

nb::object line_repr(const VerifyLine& l) {
  std::string line = l.level + " " + l.code;
  if (!l.where.empty()) line += " " + l.where;
  if (!l.expected.empty()) line += " expected=" + l.expected;
  if (!l.actual.empty()) line += " actual=" + l.actual;
  if (!l.words.empty()) line += " (" + l.words + ")";
  return text(line);
}

Verification verify_path(const std::filesystem::path& path, const std::vector<std::filesystem::path>& keys,
                         const std::filesystem::path& policy, const std::vector<std::filesystem::path>& policy_keys,
                         const std::filesystem::path& allowed_signers, const std::filesystem::path& revoked_keys,
                         const std::string& today, const std::vector<std::string>& only, double share, bool strict,
                         const std::filesystem::path& against, const std::vector<std::string>& again,
                         const std::filesystem::path& source, const std::filesystem::path& earlier,
                         const std::filesystem::path& predictions, unsigned threads, const nb::object& progress) {
  VerifyOptions options{.policy = policy.string(),
                        .allowed_signers = allowed_signers.string(),
                        .revoked_keys = revoked_keys.string(),
                        .today = today,
                        .only = only,
                        .share = share,
                        .strict = strict,
                        .against = against.string(),
                        .common = {}};
  for (const std::filesystem::path& key : keys) options.keys.push_back(key.string());
  for (const std::filesystem::path& key : policy_keys) options.policy_keys.push_back(key.string());
  options.common.threads = threads;
  RecheckOptions rechecking{.claims = again,
                            .source = source.string(),
                            .earlier = earlier.string(),
                            .predictions = predictions.string(),
                            .common = {}};
  return run(progress, [&](const Progress& p) -> Result<Verification> {
    options.common.progress = p;
    VETSET_TRY(Verification seen, verify(path.string(), options));
    if (again.empty()) return seen;
    rechecking.common = options.common;
    VETSET_DO(recheck(path.string(), rechecking, seen));
    return seen;
  });
}

SealReport seal_folder(const std::filesystem::path& folder, const std::filesystem::path& key,
                       const std::string& passphrase, const std::string& name, const std::string& version,
                       const std::string& format, bool tables, const std::vector<std::filesystem::path>& parents,
                       std::optional<std::int64_t> epoch, const std::vector<std::string>& evidence,
                       const ClaimOptions& claims, const std::filesystem::path& answers, unsigned threads,
                       const nb::object& progress) {
  SealOptions options{.key = key.string(),
                      .passphrase = passphrase,
                      .name = name,
                      .version = version,
                      .from = format,
                      .tables = tables,
                      .epoch = epoch,
                      .answers = answers.string(),
                      .evidence = evidence,
                      .claims = claims,
                      .common = {}};
  for (const std::filesystem::path& parent : parents) options.parents.push_back(parent.string());
  options.common.threads = threads;
  return run(progress, [&](const Progress& p) {
    options.common.progress = p;
    return seal(folder.string(), options);
  });
}

RestoreReport restore_folder(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& from,
                             bool dry_run, bool clean, unsigned threads, const nb::object& progress) {
  RestoreOptions options{.dry_run = dry_run, .clean = clean, .common = {}};
  for (const std::filesystem::path& source : from) options.from.push_back(source.string());
  options.common.threads = threads;
  return run(progress, [&](const Progress& p) {
    options.common.progress = p;
    return restore(folder.string(), options);
  });
}

std::vector<nb::object> texts(const std::vector<std::string>& all) {
  std::vector<nb::object> out;
  for (const std::string& one : all) out.push_back(text(one));
  return out;
}

/// What a packing came to; the proof as JSON.
struct PyPacked {
  Packed packed;
  std::string proof_json;
};

PyPacked pack_source(const Opened& d, const std::filesystem::path& target, const std::string& layout, bool single_file,
                     const std::filesystem::path& key, const std::string& passphrase, const std::string& name,
                     const std::string& version, const std::vector<std::filesystem::path>& parents,
                     std::optional<std::int64_t> epoch, const std::vector<std::string>& evidence,
                     const ClaimOptions& claims, const std::filesystem::path& answers, bool overwrite, unsigned threads,
                     const nb::object& progress) {
  PackOptions options{.layout = layout,
                      .single_file = single_file,
                      .key = key.string(),
                      .passphrase = passphrase,
                      .name = name,
                      .version = version,
                      .epoch = epoch,
                      .overwrite = overwrite,
                      .evidence = evidence,
                      .claims = claims,
                      .answers = answers.string(),
                      .common = {}};
  for (const std::filesystem::path& parent : parents) options.parents.push_back(parent.string());
  options.common.threads = threads;
  return run(progress, [&](const Progress& p) -> Result<PyPacked> {
    options.common.progress = p;
    VETSET_TRY(Packed packed, pack(*d.source, target.string(), options));
    std::string json = to_json(packed.conversion.proof);
    return PyPacked{std::move(packed), std::move(json)};
  });
}

}  // namespace

void bind_package(nb::module_& m) {
  nb::class_<SealReport>(m, "Seal", "What was sealed, and as what.")
      .def_ro("package_id", &SealReport::package_id)
      .def_ro("dataset_id", &SealReport::dataset_id)
      .def_ro("labels_id", &SealReport::labels_id)
      .def_ro("files", &SealReport::files)
      .def_ro("bytes", &SealReport::bytes)
      .def_ro("added", &SealReport::added, "Files that the seal adds and lists: tables, metadata.")
      .def_ro("added_bytes", &SealReport::added_bytes)
      .def_ro("format", &SealReport::format)
      .def_ro("key_hint", &SealReport::key_hint, "SHA-256 of the public key; empty: not signed.")
      .def_ro("claims", &SealReport::claims)
      .def_ro("warnings", &SealReport::warnings)
      .def("__repr__", [](const SealReport& s) {
        return "<vetset.Seal " + s.package_id + ", " + std::to_string(s.files) + " files" +
               (s.key_hint.empty() ? "" : ", signed") + ">";
      });

  nb::class_<VerifyLine>(m, "VerifyLine", "One line of a verification: where, what was expected, what was found.")
      .def_ro("level", &VerifyLine::level)
      .def_ro("code", &VerifyLine::code)
      .def_prop_ro(
          "where", [](const VerifyLine& l) { return text(l.where); }, nb::sig("def where(self) -> str"))
      .def_ro("expected", &VerifyLine::expected)
      .def_ro("actual", &VerifyLine::actual)
      .def_prop_ro(
          "words", [](const VerifyLine& l) { return text(l.words); }, nb::sig("def words(self) -> str"))
      .def("__repr__", &line_repr, nb::sig("def __repr__(self) -> str"));
  nb::class_<Verification>(m, "Verification", "What became of a seal. True where it holds: intact or verified.")
      .def_prop_ro(
          "verdict", [](const Verification& v) { return verdict_name(v.verdict); },
          "intact, verified, broken, untrusted, against policy, partial or unsupported.")
      .def_ro("lines", &Verification::lines)
      .def_ro("not_checked", &Verification::not_checked)
      .def_ro("package_id", &Verification::package_id)
      .def_ro("dataset_id", &Verification::dataset_id)
      .def_ro("labels_id", &Verification::labels_id)
      .def_ro("name", &Verification::name)
      .def_ro("version", &Verification::version)
      .def_ro("signers", &Verification::signers, "SHA-256 of the trusted keys that signed it.")
      .def_ro("files", &Verification::files)
      .def_ro("bytes", &Verification::bytes)
      .def("__bool__", &holds)
      .def("__repr__", [](const Verification& v) {
        return "<vetset.Verification " + verdict_name(v.verdict) +
               (v.name.empty() ? "" : " " + v.name + " " + v.version) + ">";
      });

  nb::class_<NewKey>(m, "NewKey", "A P-256 key pair that was made: where it lies, and the hint that seals name it by.")
      .def_prop_ro(
          "private_path", [](const NewKey& k) { return text(k.private_path); },
          nb::sig("def private_path(self) -> str"))
      .def_prop_ro(
          "public_path", [](const NewKey& k) { return text(k.public_path); }, nb::sig("def public_path(self) -> str"))
      .def_ro("hint", &NewKey::hint);

  m.def("seal", &seal_folder, nb::arg("folder"), nb::arg("key"), nb::arg("passphrase"), nb::arg("name"),
        nb::arg("version"), nb::arg("format"), nb::arg("tables"), nb::arg("parents"), nb::arg("epoch").none(),
        nb::arg("evidence"), nb::arg("claims"), nb::arg("answers"), nb::arg("threads"), nb::arg("progress").none());
  nb::class_<RestoredFile>(m, "RestoredFile", "A file that was not as sealed, and what became of it.")
      .def_prop_ro(
          "path", [](const RestoredFile& f) { return text(f.path); }, nb::sig("def path(self) -> str"))
      .def_ro("what", &RestoredFile::what, "missing, changed, or no file: a link or a folder was in its place.")
      .def_prop_ro(
          "source", [](const RestoredFile& f) { return text(f.source); }, nb::sig("def source(self) -> str"),
          "Where its bytes were found; empty: nowhere.")
      .def_ro("sha256", &RestoredFile::sha256)
      .def_prop_ro(
          "trouble", [](const RestoredFile& f) { return text(f.trouble); }, nb::sig("def trouble(self) -> str"),
          "Why it was not put back; empty: it was.")
      .def(
          "__repr__",
          [](const RestoredFile& f) {
            return text("<vetset.RestoredFile " + f.path + ": " + f.what +
                        (f.trouble.empty() ? ", from " + f.source : ", " + f.trouble) + ">");
          },
          nb::sig("def __repr__(self) -> str"));
  nb::class_<RestoreReport>(m, "Restored", "What became of a sealed folder. True where all is as sealed now.")
      .def_ro("whole", &RestoreReport::whole)
      .def_ro("package_id", &RestoreReport::package_id)
      .def_ro("name", &RestoreReport::name)
      .def_ro("version", &RestoreReport::version)
      .def_ro("files", &RestoreReport::files)
      .def_ro("as_sealed", &RestoreReport::as_sealed)
      .def_ro("put_back", &RestoreReport::put_back)
      .def_ro("changed", &RestoreReport::changed)
      .def_prop_ro(
          "extra", [](const RestoreReport& r) { return texts(r.extra); }, nb::sig("def extra(self) -> list[str]"))
      .def_prop_ro(
          "litter",
          [](const RestoreReport& r) {
            std::vector<nb::object> paths;
            for (const auto& [path, maker] : r.litter) paths.push_back(text(path));
            return paths;
          },
          nb::sig("def litter(self) -> list[str]"), "What known tools left behind.")
      .def("__bool__", [](const RestoreReport& r) { return r.whole; })
      .def("__repr__", [](const RestoreReport& r) {
        return "<vetset.Restored " + r.name + " " + r.version + ", " + (r.whole ? "whole" : "not whole") + ", " +
               std::to_string(r.put_back) + " put back>";
      });
  m.def("restore", &restore_folder, nb::arg("folder"), nb::arg("sources"), nb::arg("dry_run"), nb::arg("clean"),
        nb::arg("threads"), nb::arg("progress").none());
  m.def("verify", &verify_path, nb::arg("path"), nb::arg("keys"), nb::arg("policy"), nb::arg("policy_keys"),
        nb::arg("allowed_signers"), nb::arg("revoked_keys"), nb::arg("today"), nb::arg("only"), nb::arg("share"),
        nb::arg("strict"), nb::arg("against"), nb::arg("recheck"), nb::arg("source"), nb::arg("earlier"),
        nb::arg("predictions"), nb::arg("threads"), nb::arg("progress").none());
  m.def(
      "new_key",
      [](const std::filesystem::path& path, const std::string& passphrase) {
        return run(nb::none(), [&](const Progress&) { return new_key(path.string(), passphrase); });
      },
      nb::arg("path"), nb::arg("passphrase"));

  nb::class_<PyPacked>(m, "PackedCore", "What a packing came to.")
      .def_prop_ro(
          "json", [](const PyPacked& p) { return text(p.proof_json); }, nb::sig("def json(self) -> str"))
      .def_prop_ro("verdict", [](const PyPacked& p) { return std::string(vetset::name(p.packed.conversion.verdict)); })
      .def_prop_ro("exact", [](const PyPacked& p) { return p.packed.conversion.proof.exact(); })
      .def_prop_ro(
          "target", [](const PyPacked& p) { return text(p.packed.conversion.target); },
          nb::sig("def target(self) -> str"))
      .def_prop_ro(
          "proof_path", [](const PyPacked& p) { return text(p.packed.conversion.proof_path); },
          nb::sig("def proof_path(self) -> str"))
      .def_prop_ro("accept", [](const PyPacked& p) { return p.packed.conversion.accept; })
      .def_prop_ro("layout", [](const PyPacked& p) { return p.packed.layout; })
      .def_prop_ro("seal", [](const PyPacked& p) { return p.packed.seal; });
  m.def("pack", &pack_source, nb::arg("source"), nb::arg("target"), nb::arg("layout"), nb::arg("single_file"),
        nb::arg("key"), nb::arg("passphrase"), nb::arg("name"), nb::arg("version"), nb::arg("parents"),
        nb::arg("epoch").none(), nb::arg("evidence"), nb::arg("claims"), nb::arg("answers"), nb::arg("overwrite"),
        nb::arg("threads"), nb::arg("progress").none());
  m.def(
      "packed_format",
      [](const Opened& d) { return run(nb::none(), [&](const Progress&) { return packed_format(*d.source); }); },
      nb::arg("package"));
}

}  // namespace vetset::python
