// Making a seal: the manifest of a dataset's folder, and the statement that signs it. Writes nothing itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"
#include "vetset/package/manifest.h"
#include "vetset/package/sign.h"

namespace vetset {

/// The paths that a seal covers: all but the seal's own folder and what known tools leave behind, sorted.
std::vector<std::string_view> sealed_paths(const Tree& tree);
/// What known tools left behind, sorted: a folder of theirs once, other files one by one.
std::vector<std::string> litter_of(const Tree& tree);

struct SealRequest {
  std::string name, version;
  std::string private_pem = {}, passphrase = {};  // empty: not signed
  std::string writer;                             // "vetset 0.1.0"
  Form form = Form::sealed;
  std::string media = "files";  // as Manifest::media
  std::vector<std::string> litter =
      {};  // lies beside the files; the list of files that is signed names it as not covered
};
inline constexpr std::string_view statement_name = "package.sigstore.json", oms_name = "package.oms.sig";
struct Seal {
  Manifest manifest;
  std::string manifest_json;
  std::optional<SignedBundle> bundle;  // the statement about the manifest; in attest/ as statement_name
  std::optional<SignedBundle> oms;     // the list of all files, for model_signing; as oms_name
  std::vector<std::string> warnings;
  std::uint64_t bytes = 0;
};
/// `dataset` was read from `tree` as `format`; `tree` shows the paths to seal.
Result<Seal> make_seal(const Tree& tree, const Dataset& dataset, std::string_view format, const SealRequest& request,
                       const Pool& pool, const Progress& progress);

/// Writes a seal's signatures, where it has any, into an attestation folder ("attest/").
Result<void> write_signatures(const Seal& seal, TreeWriter& out, std::string_view folder);

/// A name that packages may have, made of a folder's: lower case, [a-z0-9._-].
std::string package_name(std::string_view folder);

}  // namespace vetset
