// Distances in an embedding for rules: who has a row, who is compared with whom when there are too many, and how far
// each is from its nearest ones. Rules that look at one embedding agree on these.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/units.h"
#include "vetset/dataset/embeddings.h"

namespace vetset {

inline constexpr std::size_t most_references = 4096, most_queries = 2048;

/// Images that have a row and that `wanted` lists, one a group, at most `most`. `wanted` empty: all.
std::vector<ImageIndex> embedded_images(const Evidence& evidence, const IndependentGroups& groups, std::size_t most,
                                        std::span<const ImageIndex> wanted = {});
/// Images of a pair that are in the split itself, or in the one it is compared with; those in both are in neither.
std::vector<ImageIndex> images_of(const SplitPair& pair, Side side);

/// The mean distance of each of `queries` to the k nearest of `references` that are of other groups; NaN where fewer
/// than k are.
std::vector<double> mean_distances(const Embeddings& e, const IndependentGroups& groups,
                                   std::span<const ImageIndex> queries, std::span<const ImageIndex> references,
                                   std::size_t k);

/// The value that a share of them is at most; they are sorted. There has to be one.
double quantile_of(std::span<const double> sorted, double share);

/// "`e.npy` (sha256 0123456789ab…, 512 numbers)": which embedding a number is of.
std::string embedding_name(const Embeddings& e);
/// A distance to four decimals.
std::string distance_text(double distance);
/// "needs embeddings of 100 images, found 7", or empty.
std::string needs_embedded(const Evidence& evidence, std::uint64_t fewest);

}  // namespace vetset
