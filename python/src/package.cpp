// Sealing and verifying from Python.
#include <nanobind/stl/filesystem.h>
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
                         unsigned threads, const nb::object& progress) {
  VerifyOptions options;
  for (const std::filesystem::path& key : keys) options.keys.push_back(key.string());
  options.common.threads = threads;
  return run(progress, [&](const Progress& p) {
    options.common.progress = p;
    return verify(path.string(), options);
  });
}

SealReport seal_folder(const std::filesystem::path& folder, const std::filesystem::path& key,
                       const std::string& passphrase, const std::string& name, const std::string& version,
                       const std::string& format, unsigned threads, const nb::object& progress) {
  SealOptions options{
      .key = key.string(), .passphrase = passphrase, .name = name, .version = version, .from = format, .common = {}};
  options.common.threads = threads;
  return run(progress, [&](const Progress& p) {
    options.common.progress = p;
    return seal(folder.string(), options);
  });
}

/// What a packing came to; the proof as JSON.
struct PyPacked {
  Packed packed;
  std::string proof_json;
};

PyPacked pack_source(const Opened& d, const std::filesystem::path& target, const std::string& layout, bool single_file,
                     const std::filesystem::path& key, const std::string& passphrase, const std::string& name,
                     const std::string& version, bool overwrite, unsigned threads, const nb::object& progress) {
  PackOptions options{.layout = layout,
                      .single_file = single_file,
                      .key = key.string(),
                      .passphrase = passphrase,
                      .name = name,
                      .version = version,
                      .overwrite = overwrite,
                      .common = {}};
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
      .def_ro("format", &SealReport::format)
      .def_ro("key_hint", &SealReport::key_hint, "SHA-256 of the public key; empty: not signed.")
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
        nb::arg("version"), nb::arg("format"), nb::arg("threads"), nb::arg("progress").none());
  m.def("verify", &verify_path, nb::arg("path"), nb::arg("keys"), nb::arg("threads"), nb::arg("progress").none());
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
        nb::arg("key"), nb::arg("passphrase"), nb::arg("name"), nb::arg("version"), nb::arg("overwrite"),
        nb::arg("threads"), nb::arg("progress").none());
  m.def(
      "packed_format",
      [](const Opened& d) { return run(nb::none(), [&](const Progress&) { return packed_format(*d.source); }); },
      nb::arg("package"));
}

}  // namespace vetset::python
