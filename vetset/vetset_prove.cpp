// Proofs of inclusion: the façade over package/, with the disk.
#include "vetset/vetset_prove.h"
#include "vetset/base/publish.h"
#include "vetset/base/tree_shards.h"
#include "vetset/package/key_file.h"
#include "vetset/package/proof_of_inclusion.h"
#include "vetset/package/table_roots.h"
#include "vetset/vetset_claims.h"

namespace vetset {

Result<InclusionProof> prove(const std::string& path, const std::string& sample, const Common& common) {
  VETSET_TRY(const OpenedPackage package, open_package(path, common));
  const Pool pool(common.threads);
  const ShardedTree shards(*package.source.tree);
  const Dataset& d = package.source.dataset;
  std::vector<MediaFile> media;
  if (package.manifest.media == "external") {
    VETSET_DO(each_media_place(*package.source.tree, common.progress,
                               [&](std::uint64_t, std::uint64_t row, std::string_view, MediaPlace&& place) {
                                 if (const auto digest = parse_digest(place.sha256))
                                   media.push_back({.image = to_index<ImageIndex>(static_cast<std::size_t>(row)),
                                                    .digest = *digest,
                                                    .bytes = place.size});
                               }));
  } else {
    media = media_of(d, package.manifest.files, shards, pool, common.progress);
  }
  if (common.progress.stopped()) return Error{Code::cancelled, "stopped"};
  auto proof = prove_sample(d, media, package.manifest, package.package_id, sample, pool);
  if (!proof) return std::move(proof).error().in(path);
  return proof;
}

Result<void> write_proof(const InclusionProof& proof, const std::string& target) {
  return write_file_atomically(target, to_json(proof));
}

Result<InclusionProof> check_proof(const std::string& path, const std::string& manifest) {
  constexpr std::uint64_t limit = 64U << 20;
  VETSET_TRY(const std::string text, read_key_file(path, limit));
  auto proof = parse_inclusion_proof(text);
  if (!proof) return std::move(proof).error().in(path);
  VETSET_TRY(const std::string json, read_key_file(manifest, limit));
  if (auto good = check_inclusion(*proof, json); !good) return std::move(good).error().in(path);
  return proof;
}

}  // namespace vetset
