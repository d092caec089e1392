// Sealing and verifying: the façade over package/, with the disk.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "vetset/base/fs.h"
#include "vetset/base/parquet.h"
#include "vetset/base/publish.h"
#include "vetset/dataset/canonical.h"
#include "vetset/package/key_file.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/litter.h"
#include "vetset/package/seal.h"
#include "vetset/package/sealed_tables.h"
#include "vetset/package/table_roots.h"
#include "vetset/vetset.h"
#include "vetset/vetset_card.h"
#include "vetset/vetset_claims.h"

namespace vetset {
namespace {

/// Writes a new file that must not exist.
Result<void> write_new_file(const std::string& path, std::string_view bytes, unsigned mode) {
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file && errno == EEXIST)
    return Error{Code::refused, "is there already, and a key that is overwritten is lost; name another file", path};
  if (!file) return system_error("cannot be made", path, errno);
  VETSET_DO(write_all(file.get(), bytes, path));
  if (fsync(file.get()) != 0 || !file.close()) return system_error("cannot be written", path, errno);
  return {};
}

std::string folder_name(const std::string& folder) {
  std::error_code failed;
  const std::filesystem::path whole = std::filesystem::canonical(folder, failed);
  return failed ? std::string() : whole.filename().string();
}

std::string_view inside_seal(std::string_view path) { return path.substr(paths_of(Form::sealed).added.size()); }

/// Writes the tables beside the manifest that will list them, and reads them back: gives the labels_id of what they
/// say.
Result<Digest> add_tables(Staging& staging, const Reading& reading, const Tree& tree,
                          std::span<const ManifestFile> files, SealRequest& request, const Pool& pool,
                          const Common& common) {
  const Dataset& d = reading.dataset;
  VETSET_TRY(request.parquet, write_sealed_tables(d, files, tree, staging.writer(), pool, common.progress));
  VETSET_TRY(const std::unique_ptr<Tree> written, staging.tree());
  const std::span<const std::string_view> paths = written->list();
  const std::vector<MeasuredFile> measured = measure_files(*written, paths, pool, common.progress, "hashing tables");
  if (common.progress.stopped()) return Error{Code::cancelled, "stopped"};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!measured[i].trouble.empty()) return Error{Code::io, measured[i].trouble};
    request.written.push_back({std::string(paths_of(Form::sealed).added) + std::string(paths[i]), measured[i].size,
                               measured[i].digest, Role::table});
  }
  const TableListener nothing_to_tell{
      .fault = [](const std::string&, std::string_view, const std::string&) {},
      .media = [](std::uint64_t, std::string_view, const MediaPlace&) { return std::optional<TableListener::File>(); }};
  VETSET_TRY(const TableRoots kept, roots_of_tables(*written, nothing_to_tell, pool, common.progress));
  return kept.identity.labels_id;
}

/// What readers need, and the evidence that is asked for.
Result<std::vector<AddedFile>> more_files(const std::string& folder, const Manifest& draft, const Dataset& d,
                                          const AnswerFile& answers, const SealOptions& options) {
  std::vector<AddedFile> files = files_for_readers(draft, d, answers, {});
  VETSET_TRY(auto evidence, sealed_evidence(folder, draft, options));
  for (auto& [path, document] : evidence) files.push_back({path, std::move(document), Role::evidence});
  return files;
}

/// A claim of each document of evidence; the signed ones go beside the seal.
Result<std::vector<ClaimMade>> add_claims(Staging& staging, const Seal& seal, const SealRequest& request,
                                          const SealOptions& options) {
  std::vector<ClaimMade> claims;
  VETSET_TRY(const std::vector<std::string_view> kinds, claim_kinds(options.evidence));
  const ClaimKey key{.private_pem = request.private_pem, .passphrase = request.passphrase};
  for (const std::string_view kind : kinds) {
    const std::string path = std::string(paths_of(Form::sealed).added) + evidence_path(kind);
    const auto document =
        std::find_if(seal.added.begin(), seal.added.end(), [&](const AddedFile& f) { return f.path == path; });
    VETSET_ASSERT(document != seal.added.end(), "evidence that was asked for is there");
    VETSET_TRY(SignedClaim claim,
               make_claim(kind, document->content, path, seal.manifest, sha256(seal.manifest_json), key));
    if (!claim.bundle.empty()) VETSET_DO(staging.writer().write(inside_seal(claim.made.statement), claim.bundle));
    claims.push_back(std::move(claim.made));
  }
  return claims;
}

/// A folder that is sealed anew loses the signature and the statements of its former seal.
void tell_what_goes(const Tree& whole, const Seal& made, SealReport& report) {
  std::size_t statements = 0;
  bool was_signed = false;
  for (const std::string_view path : whole.list(attestation_folder)) {
    if (base_name(path) == statement_name || base_name(path) == oms_name)
      was_signed = true;
    else
      ++statements;
  }
  if (was_signed && !made.bundle) report.warnings.emplace_back("the former seal was signed, and this one is not");
  if (statements != 0)
    report.warnings.push_back(std::to_string(statements) + (statements == 1 ? " statement" : " statements") +
                              " of the former seal went with it; 'vetset attest' makes new ones");
}

/// Puts the rest of the seal beside its tables, and all of it into its folder, in one step.
Result<void> publish_seal(Staging& staging, const Seal& seal) {
  for (const AddedFile& f : seal.added) VETSET_DO(staging.writer().write(inside_seal(f.path), f.content));
  VETSET_DO(staging.writer().write(inside_seal(manifest_path), seal.manifest_json));
  VETSET_DO(write_signatures(seal, staging.writer(), inside_seal(attestation_folder)));
  return staging.publish();
}

}  // namespace

Result<SealReport> seal(const std::string& folder, const SealOptions& options) {
  const Pool pool(options.common.threads);
  remove_remains(folder + "/" + std::string(seal_folder));
  VETSET_TRY(const std::unique_ptr<Tree> whole, open_folder(folder, {.limits = options.common.limits, .audit = true}));
  const ListedTree tree(*whole, sealed_paths(*whole));
  const Format* format = nullptr;
  if (options.from.empty()) {
    VETSET_TRY(const Detected found, detect_format(tree));
    format = found.format;
  } else if (format = find_format(options.from); format == nullptr) {
    return Error{Code::usage, "no format is called '" + options.from + "'"};
  }
  for (const TreeProblem& p : whole->problems())
    if (!p.path.starts_with(paths_of(Form::sealed).added) && litter_maker(*whole, p.path).empty() &&
        litter_maker(*whole, p.path + "/x").empty())
      return Error{Code::refused, p.what + ": it cannot be sealed", p.path};
  VETSET_TRY(Reading reading, format->read(tree, {.only = {},
                                                  .images = nullptr,
                                                  .limits = options.common.limits,
                                                  .pool = pool,
                                                  .progress = options.common.progress,
                                                  .probe_images = options.tables}));  // their boxes are in pixels
  SealRequest request{.name = options.name.empty() ? package_name(folder_name(folder)) : options.name,
                      .version = options.version.empty() ? "0.1.0" : options.version,
                      .writer = "vetset " + std::string(version()),
                      .epoch = options.epoch};
  VETSET_DO(check_names(request));
  VETSET_DO(claim_kinds(options.evidence));
  VETSET_TRY(request.parents, parents_at(options.parents, options.common.limits));
  if (!options.key.empty()) {
    VETSET_TRY(request.private_pem, read_private_key(options.key));
    request.passphrase = options.passphrase;
    request.litter = litter_of(*whole);
  }
  const Dataset& d = reading.dataset;
  VETSET_TRY(const AnswerFile answers, read_answer_file(options.answers));
  request.rights = rights_json(d, answers.answers);
  request.add = [&](const Manifest& draft) -> Result<std::vector<AddedFile>> {
    return more_files(folder, draft, d, answers, options);
  };
  VETSET_TRY(std::vector<ManifestFile> files, covered_files(tree, d, Form::sealed, pool, options.common.progress));
  VETSET_TRY(Staging staging, Staging::make(folder + "/" + std::string(seal_folder), {.replace = true}));
  SealReport report;
  std::optional<Digest> kept;  // what the tables say
  if (options.tables && !parquet_module()) {
    report.warnings.push_back("sealed without tables: " + parquet_module().error().message);
  } else if (options.tables) {
    VETSET_TRY(kept, add_tables(staging, reading, tree, files, request, pool, options.common));
  }
  report.files = files.size();
  VETSET_TRY(const Seal made, make_seal(tree, std::move(files), d, format->id, request, pool, options.common.progress));
  if (kept && *kept != made.manifest.labels_id)
    return Error{Code::defect, "the tables do not say what the labels say; nothing was sealed"};
  VETSET_TRY(report.claims, add_claims(staging, made, request, options));
  tell_what_goes(*whole, made, report);
  VETSET_DO(publish_seal(staging, made));

  report.package_id = sha256(made.manifest_json).text();
  report.dataset_id = made.manifest.dataset_id.text();
  report.labels_id = made.manifest.labels_id.text();
  report.bytes = made.bytes;
  report.added = made.manifest.files.size() - report.files;
  for (const ManifestFile& f : request.written) report.added_bytes += f.size;
  for (const AddedFile& f : made.added) report.added_bytes += f.content.size();
  report.format = format->id;
  report.counts = counts_of(d);
  report.warnings.insert(report.warnings.end(), made.warnings.begin(), made.warnings.end());
  if (made.bundle) report.key_hint = made.bundle->hint;
  return report;
}

Result<NewKey> new_key(const std::string& path, const std::string& passphrase) {
  VETSET_TRY(const KeyPair pair, make_key(passphrase));
  NewKey made{path, path + ".pub", pair.public_key.hint};
  VETSET_DO(write_new_file(made.private_path, pair.private_pem, 0600));
  VETSET_DO(write_new_file(made.public_path, pair.public_key.pem, 0644));
  return made;
}

Result<Identities> identities(const Source& source, const Common& common,
                              const std::function<void(std::string_view table, std::string_view row)>& row) {
  const Pool pool(common.threads);
  const Dataset& d = source.dataset;
  if (row) VETSET_DO(canonical_rows(d, pool, row));
  VETSET_TRY(const Identity labels, labels_identity(d, pool));
  Identities ids;
  ids.labels_id = labels.id.text();
  ids.labels_document = labels.document;

  std::vector<std::string_view> paths;
  for (const Image& i : d.images) {
    if (i.media.empty())
      ++ids.media_missing;
    else
      paths.push_back(d.text(i.media));
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  ids.media = paths.size();
  if (ids.media_missing != 0) return ids;
  const std::vector<MeasuredFile> files = measure_files(source.media(), paths, pool, common.progress, "hashing");
  if (common.progress.stopped()) return Error{Code::cancelled, "stopped"};
  for (const MeasuredFile& f : files)
    if (!f.trouble.empty()) return Error{Code::io, f.trouble};
  std::vector<MediaFile> media;
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const auto path = std::lower_bound(paths.begin(), paths.end(), d.text(d.images[i].media));
    const MeasuredFile& file = files[static_cast<std::size_t>(path - paths.begin())];
    media.push_back({.image = to_index<ImageIndex>(i), .digest = file.digest, .bytes = file.size});
  }
  VETSET_TRY(const Identity whole, dataset_identity(d, media, pool));
  ids.dataset_id = whole.id.text();
  ids.dataset_document = whole.document;
  return ids;
}

}  // namespace vetset
