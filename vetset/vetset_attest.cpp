// Attesting: what was found out about a package becomes evidence and, with a key, signed statements; while the package
// is packed, or later.
#include <algorithm>
#include <filesystem>

#include "vetset/base/json.h"
#include "vetset/base/publish.h"
#include "vetset/base/unicode.h"
#include "vetset/package/attestation.h"
#include "vetset/package/key_file.h"
#include "vetset/package/sign.h"
#include "vetset/package/ssh_signature.h"
#include "vetset/vetset.h"
#include "vetset/vetset_claims.h"
#include "vetset/vetset_files.h"
#include "vetset/vetset_linked.h"
#include "vetset/vetset_package_file.h"

namespace vetset {
namespace {

namespace fs = std::filesystem;

/// Removes a folder that stayed empty: it was made for files that did not come.
struct MadeFolder {
  std::string path;
  ~MadeFolder() {
    std::error_code ignored;
    if (!path.empty()) fs::remove(path, ignored);  // fails where it holds something
  }
};

bool ends_as_zip(const std::string& path) { return path.ends_with(".zip") || path.ends_with(".ZIP"); }

/// Statements that are signed, into the folder or the file, each whole or not at all.
Result<void> add_files(const std::string& path, Form form, const std::map<std::string, std::string>& files,
                       const Common& common) {
  std::error_code failed;
  if (fs::is_directory(path, failed)) {
    MadeFolder made;
    const std::string folder = path + "/" + std::string(paths_of(form).attestations);
    if (fs::create_directory(folder.substr(0, folder.size() - 1), failed)) made.path = folder;
    std::vector<PendingFile> pending;  // beside the package: whoever is killed here leaves nothing strange in it
    for (const auto& [name, bytes] : files) {
      VETSET_TRY(PendingFile file, PendingFile::write(path + "/" + name, bytes, path));
      pending.push_back(std::move(file));
    }
    for (PendingFile& file : pending) VETSET_DO(file.publish());
    return {};
  }
  remove_remains(path);
  VETSET_TRY(const std::unique_ptr<Tree> whole, open_tree(path, {.limits = common.limits}));
  const LaidTree with_statements(*whole, files, path);
  VETSET_TRY([[maybe_unused]] const std::uint64_t bytes, write_package_file(with_statements, path, common.progress));
  return {};
}

/// Nobody should sign what is not what its manifest says.
Result<void> check_whole(const std::string& path, const Common& common) {
  VETSET_TRY(const Verification seen, verify(path, {.common = common}));
  if (seen.verdict == Verification::Verdict::broken || seen.verdict == Verification::Verdict::unsupported) {
    for (const VerifyLine& line : seen.lines)
      if (line.code.starts_with("E_"))
        return Error{Code::refused,
                     "is not what its manifest says (" + line.code + (line.where.empty() ? "" : " " + line.where) +
                         "): 'vetset verify' tells all; a statement about it would be false",
                     path};
  }
  return {};
}

Result<std::string> evaluation_of(const ClaimOptions& about, const Manifest& manifest, const Limits& limits) {
  VETSET_TRY(const Bytes record, read_named(about.record, limits));
  auto document = evaluation_document(record, about.model);
  if (!document) return std::move(document).error().in(about.record);
  VETSET_TRY(const std::string claim, claim_of("evaluation", *document));
  VETSET_TRY(const Json json, Json::parse(claim));
  const Json* truth = json.find("truth");
  const std::string labels(truth == nullptr ? "" : truth->text_or("labels_id", ""));
  const std::string whole(truth == nullptr ? "" : truth->text_or("dataset_id", ""));
  if (labels != manifest.labels_id.text() || (!whole.empty() && whole != manifest.dataset_id.text()))
    return Error{
        Code::refused,
        "the evaluation is of other data: expected labels_id " + manifest.labels_id.text() + ", found " + labels,
        about.record};
  return document;
}

Result<std::string> document_of(std::string_view kind, const OpenedPackage& package, const std::string& path,
                                const AttestOptions& options) {
  const ClaimOptions& about = options.about;
  const Common& common = options.common;
  if (kind == "audit") return audit_document(package.source, about.audit, common);
  if (kind == "split") {
    std::string beside = path;
    while (beside.size() > 1 && beside.back() == '/') beside.pop_back();
    beside += ".split.lock";
    std::error_code ignored;
    const bool found = about.split.lock.empty() && fs::is_regular_file(beside, ignored);
    VETSET_TRY(const std::optional<SplitLock> lock,
               lock_of(package.source, found ? beside : about.split.lock, common.limits));
    SplitCheckOptions asked = about.split;
    if (found) asked.lock = beside;
    return split_document(package.source, asked, lock ? &*lock : nullptr, common);
  }
  if (kind == "conversion") {
    VETSET_TRY(const Bytes proof, read_named(about.proof, common.limits));
    auto document = conversion_document(std::string(proof.text()), package.manifest);
    if (!document) return std::move(document).error().in(about.proof);
    return document;
  }
  if (kind == "lineage") return lineage_document(package.source, about.earlier, about.steps, common);
  return evaluation_of(about, package.manifest, common.limits);
}

/// A signature that ssh-keygen made of the manifest goes to the others, under a name of its key's own.
Result<void> take_ssh_signature(const std::string& path, const Manifest& package, const std::string& file,
                                Attested& done, std::map<std::string, std::string>& files) {
  VETSET_TRY(std::string armored, read_key_file(file));
  auto signature = parse_ssh_signature(armored);
  if (!signature) return std::move(signature).error().in(file);
  if (signature->name_space != ssh_namespace)
    return Error{Code::refused,
                 "the signature was made for '" + printable(signature->name_space) + "', expected -n " +
                     std::string(ssh_namespace),
                 file};
  const FormPaths own = paths_of(package.form);
  VETSET_TRY(const std::unique_ptr<Tree> whole, open_tree(path));
  VETSET_TRY(const Bytes manifest, whole->read(own.manifest));
  if (!is_valid(*signature, manifest))
    return Error{Code::refused, "is no signature of " + std::string(own.manifest) + " as it is now", file};
  done.ssh_fingerprint = signature->key.fingerprint;
  done.ssh_signature = std::string(own.attestations) + "package-" + sha256(signature->key.blob).hex().substr(0, 8) +
                       std::string(ssh_suffix);
  files[done.ssh_signature] = std::move(armored);
  return {};
}

/// What a kind cannot do without.
Result<void> check_asked(std::string_view kind, const ClaimOptions& about) {
  if (kind == "lineage" && about.earlier.empty())
    return Error{Code::usage, "a lineage needs the dataset or package that this one came from"};
  if (kind == "conversion" && about.proof.empty()) return Error{Code::usage, "a conversion needs its proof"};
  if (kind == "evaluation" && about.record.empty())
    return Error{Code::usage, "an evaluation needs its record, as 'vetset evaluate -o FILE' writes it"};
  return {};
}

/// A document about a package in the making, of the kinds that need nothing but it: `split_of` has the lock of its
/// splits.
Result<std::string> document_in_making(std::string_view kind, const Source& package, const Source& split_of,
                                       const ClaimOptions& about, const Common& common) {
  if (kind == "evaluation")
    return Error{Code::usage, "an evaluation is of a package that is there: 'vetset attest' adds it"};
  VETSET_DO(check_asked(kind, about));
  if (kind == "audit") return audit_document(package, about.audit, common);
  if (kind == "split") {
    VETSET_TRY(const std::optional<SplitLock> lock, lock_of(split_of, about.split.lock, common.limits));
    return split_document(package, about.split, lock ? &*lock : nullptr, common);
  }
  return lineage_document(package, about.earlier, about.steps, common);
}

}  // namespace

Result<std::vector<std::string_view>> claim_kinds(const std::vector<std::string>& asked) {
  for (const std::string& word : asked)
    if (!is_evidence_kind(word))
      return Error{Code::usage, "no kind of evidence is called '" + word +
                                    "', expected audit, conversion, split, lineage or evaluation"};
  std::vector<std::string_view> kinds;
  for (const std::string_view kind : evidence_kinds())
    if (std::find(asked.begin(), asked.end(), kind) != asked.end()) kinds.push_back(kind);
  return kinds;
}

Result<SignedClaim> make_claim(std::string_view kind, const std::string& document, const std::string& path,
                               const Manifest& manifest, const Digest& package_id, const ClaimKey& key) {
  VETSET_TRY(const std::string claim, claim_of(kind, document));
  VETSET_TRY(const std::string predicate, evidence_predicate(kind, document,
                                                             {.program = "vetset " + std::string(version()),
                                                              .dataset_id = manifest.dataset_id,
                                                              .labels_id = manifest.labels_id,
                                                              .path = path}));
  VETSET_TRY(const EvidenceClaim parsed, parse_evidence(predicate));
  SignedClaim done{.made = {.kind = std::string(kind),
                            .result = parsed.result,
                            .document = path,
                            .bytes = document.size(),
                            .says = {sentence_of(kind, claim)}}};
  if (key.private_pem.empty()) return done;
  VETSET_TRY(SignedBundle bundle, sign_statement({.subject_name = "vetset.json",
                                                  .subject = package_id,
                                                  .predicate_type = predicate_of(kind),
                                                  .predicate = predicate},
                                                 key.private_pem, key.passphrase));
  // The same statement by another key is another file.
  const std::string mark = sha256(predicate + bundle.hint).hex().substr(0, 8);
  done.made.statement =
      std::string(paths_of(manifest.form).attestations) + std::string(kind) + "-" + mark + ".sigstore.json";
  done.bundle = std::move(bundle.json);
  done.hint = std::move(bundle.hint);
  return done;
}

Result<std::map<std::string, std::string>> packed_evidence(const Source& source, const Tree& written,
                                                           const Proof& proof, const std::string& name,
                                                           const PackOptions& options) {
  std::map<std::string, std::string> documents;
  VETSET_TRY(const std::vector<std::string_view> kinds, claim_kinds(options.evidence));
  if (kinds.empty()) return documents;
  const ClaimOptions& about = options.claims;
  VETSET_TRY(const Source package, source_of_written(written, name, options.common));
  for (const std::string_view kind : kinds) {
    std::string& document = documents[evidence_path(kind)];
    if (kind == "conversion") {
      document = to_json(proof);
    } else {
      VETSET_TRY(document, document_in_making(kind, package, source, about, options.common));
    }
  }
  return documents;
}

Result<std::map<std::string, std::string>> sealed_evidence(const std::string& folder, const Manifest& draft,
                                                           const SealOptions& options) {
  std::map<std::string, std::string> documents;
  VETSET_TRY(const std::vector<std::string_view> kinds, claim_kinds(options.evidence));
  if (kinds.empty()) return documents;
  const std::string_view added = paths_of(Form::sealed).added;
  std::vector<std::string> listed;
  for (const ManifestFile& f : draft.files)
    if (!f.path.starts_with(added)) listed.push_back(f.path);
  VETSET_TRY(std::unique_ptr<Tree> whole, open_folder(folder, {.limits = options.common.limits}));
  auto laid = std::make_unique<LaidTree>(std::move(whole), std::move(listed), called(draft.name, draft.version));
  VETSET_TRY(const Source sealed, source_in(std::move(laid), draft.format, {.common = options.common}));
  for (const std::string_view kind : kinds) {
    if (kind == "conversion")
      return Error{Code::usage,
                   "a conversion is told of a folder that is sealed: 'vetset attest --conversion' adds it"};
    VETSET_TRY(documents[std::string(added) + evidence_path(kind)],
               document_in_making(kind, sealed, sealed, options.claims, options.common));
  }
  return documents;
}

Result<Attested> attest(const std::string& path, const AttestOptions& options) {
  VETSET_TRY(const std::vector<std::string_view> kinds, claim_kinds(options.claims));
  if (kinds.empty() && options.ssh_signature.empty())
    return Error{Code::usage, "say what to attest: audit, split, conversion, lineage or evaluation"};
  if (!kinds.empty() && options.key.empty())
    return Error{Code::usage, "a statement is somebody's: say whose with --key FILE ('vetset key new FILE' makes one)"};
  for (const std::string_view kind : kinds) VETSET_DO(check_asked(kind, options.about));
  ClaimKey key{.private_pem = {}, .passphrase = options.passphrase};
  if (!kinds.empty()) {
    VETSET_TRY(key.private_pem, read_private_key(options.key));
  }
  VETSET_DO(check_whole(path, options.common));
  VETSET_TRY(const OpenedPackage package, open_package(path, options.common));
  std::error_code failed;
  const bool folder = fs::is_directory(path, failed);
  if (!folder && (package.manifest.form != Form::directory || ends_as_zip(path)))
    return Error{Code::refused,
                 "only a folder or a package of one file (.tar) can be added to: unpack this archive, attest, and "
                 "archive it again",
                 path};
  Attested done{.package_id = package.package_id.text(), .dataset_id = package.manifest.dataset_id.text()};
  std::map<std::string, std::string> files;
  if (!options.ssh_signature.empty())
    VETSET_DO(take_ssh_signature(path, package.manifest, options.ssh_signature, done, files));
  for (const std::string_view kind : kinds) {
    VETSET_TRY(const std::string document, document_of(kind, package, path, options));
    if (document.size() > inline_evidence)
      return Error{Code::limit, "the evidence of " + std::string(kind) + " has " + std::to_string(document.size()) +
                                    " bytes, and a statement holds 1 MiB; 'vetset pack --evidence' puts it into a "
                                    "file of the package"};
    VETSET_TRY(SignedClaim claim, make_claim(kind, document, {}, package.manifest, package.package_id, key));
    files[claim.made.statement] = std::move(claim.bundle);
    done.key_hint = std::move(claim.hint);
    done.claims.push_back(std::move(claim.made));
  }
  VETSET_DO(add_files(path, package.manifest.form, files, options.common));
  return done;
}

}  // namespace vetset
