#include "vetset/check/embedded.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vetset/check/words.h"
#include "vetset/dataset/embedding_distances.h"

namespace vetset {

std::vector<ImageIndex> embedded_images(const Evidence& evidence, const IndependentGroups& groups, std::size_t most,
                                        std::span<const ImageIndex> wanted) {
  const Embeddings& e = *evidence.embeddings;
  const std::size_t count = wanted.empty() ? evidence.dataset.images.size() : wanted.size();
  const auto image_of = [&](std::size_t k) {
    const ImageIndex i = wanted.empty() ? to_index<ImageIndex>(k) : wanted[k];
    return e.known[to_size(i)] ? i : none<ImageIndex>;
  };
  std::vector<ImageIndex> images;
  for (const std::uint32_t k : one_a_group(groups, count, most, 1, image_of)) images.push_back(image_of(k));
  return images;
}

std::vector<ImageIndex> images_of(const SplitPair& pair, Side side) {
  std::vector<ImageIndex> images;
  for (std::size_t i = 0; i < pair.side.size(); ++i)
    if (pair.side[i] == side) images.push_back(to_index<ImageIndex>(i));
  return images;
}

std::vector<double> mean_distances(const Embeddings& e, const IndependentGroups& groups,
                                   std::span<const ImageIndex> queries, std::span<const ImageIndex> references,
                                   std::size_t k) {
  std::vector<double> means;
  std::vector<float> all(references.size()), near;
  for (const ImageIndex query : queries) {
    cosine_distances(e, query, references, all);
    near.clear();
    const std::uint32_t own = groups.of[to_size(query)];
    for (std::size_t r = 0; r < all.size(); ++r)
      if (groups.of[to_size(references[r])] != own) near.push_back(all[r]);
    if (near.size() < k) {
      means.push_back(std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    std::nth_element(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(k - 1), near.end());
    std::sort(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(k));
    double sum = 0;
    for (std::size_t r = 0; r < k; ++r) sum += double{near[r]};
    means.push_back(sum / static_cast<double>(k));
  }
  return means;
}

double quantile_of(std::span<const double> sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (place - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

std::string embedding_name(const Embeddings& e) {
  const std::string digest = e.digest.hex().substr(0, 12);
  return quoted(e.name) + " (" + counted(e.dimension, "number", "numbers") + " an image, sha256 " + digest + "…)";
}

std::string distance_text(double distance) { return measure(std::round(distance * 1e4) / 1e4); }

std::string needs_embedded(const Evidence& evidence, std::uint64_t fewest) {
  if (evidence.embeddings == nullptr) return "needs --embeddings";
  const auto known = static_cast<std::uint64_t>(
      std::count(evidence.embeddings->known.begin(), evidence.embeddings->known.end(), true));
  return known >= fewest ? std::string()
                         : "needs embeddings of " + grouped(fewest) + " images, found " + grouped(known);
}

}  // namespace vetset
