// Making a seal: the manifest of a dataset's folder, and the statement that signs it. Writes nothing itself.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/statement.h"
#include "vetset/package/manifest.h"
#include "vetset/package/sign.h"

namespace vetset {

/// The paths that a seal covers: all but the seal's own folder and what known tools leave behind, sorted.
std::vector<std::string_view> sealed_paths(const Tree& tree);
/// What known tools left behind, sorted: a folder of theirs once, other files one by one.
std::vector<std::string> litter_of(const Tree& tree);

/// A file that a seal adds: a table, evidence, metadata.
struct AddedFile {
  std::string path, content;  // path as the manifest lists it
  Role role = Role::other;
};

struct SealRequest {
  std::string name, version;
  std::string private_pem = {}, passphrase = {};  // empty: not signed
  std::string writer;                             // "vetset 0.1.0"
  Form form = Form::sealed;
  std::string media = "files";  // as Manifest::media
  std::string parquet = {};     // as Manifest
  std::vector<Parent> parents = {};
  std::optional<std::int64_t> epoch = {};
  std::string rights = {};
  const std::vector<MediaFile>* media_files = nullptr;  // of the images, where they are known already
  std::vector<ManifestFile> written = {};               // files that the seal adds and that lie in its folder already
  /// Makes more files, of a manifest that lists all but them; the caller writes them.
  std::function<Result<std::vector<AddedFile>>(const Manifest& draft)> add = {};
  std::vector<std::string> litter =
      {};  // lies beside the files; the list of files that is signed names it as not covered
};
inline constexpr std::string_view statement_name = "package.sigstore.json", oms_name = "package.oms.sig";
struct Seal {
  Manifest manifest;
  std::string manifest_json;
  std::optional<SignedBundle> bundle;  // the statement about the manifest; in attest/ as statement_name
  std::optional<SignedBundle> oms;     // the list of all files, for model_signing; as oms_name
  std::vector<AddedFile> added = {};   // to be written
  std::vector<std::string> warnings;
  std::uint64_t bytes = 0;
};
/// What it covers, measured: path, digest and role of each, sorted. `tree` shows the paths to seal, of which `dataset`
/// was read. Files that are `known`, sorted by path, are not read again.
Result<std::vector<ManifestFile>> covered_files(const Tree& tree, const Dataset& dataset, Form form, const Pool& pool,
                                                const Progress& progress, std::span<const FileDigest> known = {});
/// `dataset` was read from `tree` as `format`; `files` are covered_files. What could not be verified again is refused.
Result<Seal> make_seal(const Tree& tree, std::vector<ManifestFile> files, const Dataset& dataset,
                       std::string_view format, const SealRequest& request, const Pool& pool, const Progress& progress);
/// The same, with all that `tree` shows covered.
Result<Seal> make_seal(const Tree& tree, const Dataset& dataset, std::string_view format, const SealRequest& request,
                       const Pool& pool, const Progress& progress);

/// Writes a seal's signatures, where it has any, into an attestation folder ("attest/").
Result<void> write_signatures(const Seal& seal, TreeWriter& out, std::string_view folder);

/// Whether a package may be called so, and be of this version.
Result<void> check_names(const SealRequest& request);
/// What a package says of those that it was made from: folders or archives, packages or sealed.
Result<std::vector<Parent>> parents_at(const std::vector<std::string>& paths, const Limits& limits);

/// A name that packages may have, made of a folder's: lower case, [a-z0-9._-].
std::string package_name(std::string_view folder);

}  // namespace vetset
