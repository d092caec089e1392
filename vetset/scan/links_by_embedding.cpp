#include "vetset/scan/links_by_embedding.h"

#include <algorithm>

#include "vetset/dataset/split_names.h"
#include "vetset/scan/nearest_by_cosine.h"

namespace vetset {
namespace {

constexpr double copy_distance = 1e-6;
constexpr LinkKinds known_kinds = LinkKind::bytes | LinkKind::pixels | LinkKind::coefficients | LinkKind::near |
                                  LinkKind::flipped | LinkKind::cropped | LinkKind::augmented;

/// Images of one side of the search, and their vectors.
struct Side {
  explicit Side(std::size_t dimension) : vectors(dimension) {}
  UnitVectors vectors;
  std::vector<ImageIndex> images;
};

struct Sides {
  Side references, queries;
  bool between_splits = false;
};

/// Training and what is evaluated on; all images on the first side alone where there are not both.
Sides sides_of(const Dataset& d, const Embeddings& embeddings, const Components& pictures) {
  enum class Role : std::uint8_t { nothing, training, other };
  const SplitNames names(d);
  std::vector<Role> roles(d.images.size(), Role::nothing);
  bool training = false, other = false;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    for (const std::string_view name : names.of(to_index<ImageIndex>(i)))
      if (roles[i] != Role::training) roles[i] = split_role(name) == SplitRole::train ? Role::training : Role::other;
    training = training || roles[i] == Role::training;
    other = other || roles[i] == Role::other;
  }
  Sides sides{Side(embeddings.dimension), Side(embeddings.dimension), training && other};
  for (std::size_t k = 0; k < roles.size(); ++k) {
    const auto i = to_index<ImageIndex>(k);
    if (!embeddings.known[k] || (sides.between_splits && roles[k] == Role::nothing)) continue;
    Side& side = sides.between_splits && roles[k] == Role::other ? sides.queries : sides.references;
    side.vectors.add(embeddings.of(i), pictures.of[k]);
    side.images.push_back(i);
  }
  return sides;
}

/// Sorted distances of those that have a nearest one.
std::vector<double> distances_of(const std::vector<NearestVector>& nearest) {
  std::vector<double> distances;
  for (const NearestVector& n : nearest)
    if (n.of != NearestVector::none) distances.push_back(n.distance);
  std::sort(distances.begin(), distances.end());
  return distances;
}

double median_of(const std::vector<double>& sorted) { return sorted.empty() ? 0 : sorted[sorted.size() / 2]; }

}  // namespace

Result<Links> links_by_embedding(const Dataset& d, const Embeddings& embeddings, const Links& known, const Pool& pool,
                                 const Progress& progress) {
  VETSET_ASSERT(embeddings.known.size() == d.images.size(), "embeddings are of the images of this dataset");
  const Components pictures = components(known, d.images.size(), known_kinds);
  const Sides sides = sides_of(d, embeddings, pictures);
  const Side& references = sides.references;
  const Side& queries = sides.between_splits ? sides.queries : sides.references;
  VETSET_TRY(const std::vector<NearestVector> inside,
             nearest_by_cosine(references.vectors, references.vectors, copy_distance, pool, progress));
  VETSET_TRY(const std::vector<NearestVector> nearest,
             nearest_by_cosine(queries.vectors, references.vectors, 0, pool, progress));
  const std::vector<double> null = distances_of(inside), found = distances_of(nearest);
  EmbeddingSearch search{.name = embeddings.name,
                         .digest = embeddings.digest,
                         .dimension = embeddings.dimension,
                         .between_splits = sides.between_splits,
                         .references = references.images.size(),
                         .null = null.size(),
                         .searched = found.size(),
                         .null_median = median_of(null),
                         .median = median_of(found)};
  Links links;
  if (null.size() >= EmbeddingSearch::fewest) {
    search.quantile = null[null.size() / 100];
    for (std::size_t k = 0; k < nearest.size(); ++k) {
      const NearestVector& n = nearest[k];
      if (n.of == NearestVector::none || n.distance >= search.quantile) continue;
      ++search.below;
      const auto [first, second] = std::minmax(queries.images[k], references.images[n.of]);
      links.links.push_back(
          {.first = first, .second = second, .kind = LinkKind::embedding, .score = static_cast<float>(1 - n.distance)});
    }
  } else if (search.searched > 0) {
    links.notes.push_back("embeddings: " + std::to_string(null.size()) + " images " +
                          (sides.between_splits ? "of training " : "") + "have distances to compare with, and " +
                          std::to_string(EmbeddingSearch::fewest) + " are needed: nothing was linked by them");
  }
  if (embeddings.without > 0)
    links.notes.push_back("embeddings: " + std::to_string(embeddings.without) + " of " +
                          std::to_string(d.images.size()) + " images have no row");
  if (embeddings.unused > 0)
    links.notes.push_back("embeddings: " + std::to_string(embeddings.unused) + " rows name no image of the dataset");
  links.embedding = std::move(search);
  return links;
}

}  // namespace vetset
