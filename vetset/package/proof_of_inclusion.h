// That one sample is in a package, shown with a few hundred bytes: its rows, and for each the digests that lead from it
// to the root that the manifest states (RFC 6962 §2.1.1). Whoever has the signed manifest needs nothing else of the
// package.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/canonical.h"
#include "vetset/package/manifest.h"

namespace vetset {

/// One canonical row of a table ("samples", "annotations") or of the media, and its way to the root.
struct RowProof {
  std::string table, row;
  std::uint64_t index = 0, rows = 0;  // its place among so many, from 0
  std::vector<Digest> path = {};      // from the leaf's neighbour up
};
struct InclusionProof {
  Digest package_id;
  std::string sample;  // its sample_id
  std::vector<RowProof> rows;
};

/// The neighbours on the way from a leaf to the root of the tree over all leaves.
std::vector<Digest> inclusion_path(std::span<const Digest> leaves, std::uint64_t index);
/// The root that a row leads to; zeros where the path is not as long as the place asks for.
Digest root_of(const RowProof& proof);

/// The sample's row, the rows of its annotations, and that of its image if it has one. An error where the dataset has
/// no such sample, or is not the manifest's.
Result<InclusionProof> prove_sample(const Dataset& d, std::span<const MediaFile> media, const Manifest& manifest,
                                    const Digest& package, std::string_view sample, const Pool& pool);
std::string to_json(const InclusionProof& proof);
Result<InclusionProof> parse_inclusion_proof(std::string_view json);
/// Holds a proof to a manifest's bytes: that it is of this manifest, that every row leads to the root stated, and is
/// the sample's.
Result<void> check_inclusion(const InclusionProof& proof, std::string_view manifest_json);

}  // namespace vetset
