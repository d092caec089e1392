// A package opened as a dataset, and the documents that say what was found out about it. For the façade's own files:
// pack and attest make claims of them, recheck makes them again.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/package/evidence.h"
#include "vetset/package/manifest.h"
#include "vetset/vetset.h"

namespace vetset {

/// Some files of a tree, and files in memory beside them or in the place of some, under a name of its own. What `whole`
/// points to must outlive it, unless it is owned.
class LaidTree final : public Tree {
 public:
  LaidTree(const Tree& whole, std::map<std::string, std::string> more, std::string name);
  /// Of `whole` only `listed`, sorted.
  LaidTree(std::unique_ptr<Tree> whole, std::vector<std::string> listed, std::string name);

  std::span<const TreeProblem> problems() const override { return {}; }
  bool contains(std::string_view path) const override;
  Result<std::uint64_t> size(std::string_view path) const override;
  Result<Bytes> read(std::string_view path, Range range) const override;
  std::string_view name() const override { return name_; }
  std::string disk_path(std::string_view path) const override;

 private:
  std::span<const std::string_view> paths() const override { return paths_; }
  const std::string* laid(std::string_view path) const;

  std::unique_ptr<Tree> own_;
  const Tree& whole_;
  std::map<std::string, std::string, std::less<>> more_;
  std::vector<std::string> listed_;
  std::vector<std::string_view> paths_;
  std::string name_;
};

/// A package or a sealed folder. Its source shows the listed files alone, and is called by the package's name and
/// version, so that documents about it do not depend on where it lies.
struct OpenedPackage {
  Manifest manifest;
  Digest package_id;
  Source source;
};
Result<OpenedPackage> open_package(const std::string& path, const Common& common);
/// The dataset in files that were written and are not a package yet.
Result<Source> source_of_written(const Tree& written, const std::string& name, const Common& common);
/// "street 0.1.0"
std::string called(std::string_view name, std::string_view version);

/// The documents, canonical JSON: docs/schema/evidence-<kind>-v1.json; of a conversion it is the proof.
Result<std::string> audit_document(const Source& source, const CheckOptions& asked, const Common& common);
Result<std::string> split_document(const Source& source, const SplitCheckOptions& asked, const SplitLock* lock,
                                   const Common& common);
Result<std::string> lineage_document(const Source& source, const std::string& earlier,
                                     const std::vector<std::string>& steps, const Common& common);
/// `record` is an evaluation record of this very data.
Result<std::string> evaluation_document(std::string_view record, const std::string& model);
/// Holds a proof's target to the files that a package lists.
Result<std::string> conversion_document(const std::string& proof, const Manifest& manifest);

/// A document of evidence, and the claim of it, signed where there is a key.
struct SignedClaim {
  ClaimMade made;
  std::string bundle = {};  // of the statement; empty: not signed
  std::string hint = {};    // of the key
};
struct ClaimKey {
  std::string private_pem = {}, passphrase = {};  // empty: none
};
/// `path` is the document's in the package; empty: it travels inside the statement.
Result<SignedClaim> make_claim(std::string_view kind, const std::string& document, const std::string& path,
                               const Manifest& manifest, const Digest& package_id, const ClaimKey& key);
/// The kinds that are asked for, each once, in the order that documents are made; an error names what is none.
Result<std::vector<std::string_view>> claim_kinds(const std::vector<std::string>& asked);
/// The documents that a package gets while it is made: path and text. `written` are its files so far.
Result<std::map<std::string, std::string>> packed_evidence(const Source& source, const Tree& written,
                                                           const Proof& proof, const std::string& name,
                                                           const PackOptions& options);
/// The same of a folder that is being sealed: `draft` lists its files, and what the seal adds to them so far.
Result<std::map<std::string, std::string>> sealed_evidence(const std::string& folder, const Manifest& draft,
                                                           const SealOptions& options);

/// What a claim came to, in a line for people.
std::string sentence_of(std::string_view kind, std::string_view claim);

}  // namespace vetset
