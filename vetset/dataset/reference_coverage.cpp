#include "vetset/dataset/reference_coverage.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "vetset/base/random.h"
#include "vetset/dataset/embedding_distances.h"

namespace vetset {
namespace {

/// All images of both sides, and for each the others from the nearest on.
struct Order {
  std::size_t count = 0;
  std::vector<std::uint32_t> near;  // [count, count − 1]
  std::vector<float> distances;     // beside them

  const std::uint32_t* of(std::size_t i) const { return &near[i * (count - 1)]; }
  const float* distance_of(std::size_t i) const { return &distances[i * (count - 1)]; }
};

Order order_of(const Embeddings& e, const std::vector<ImageIndex>& images) {
  Order order{.count = images.size()};
  order.near.reserve(order.count * (order.count - 1));
  order.distances.reserve(order.near.capacity());
  std::vector<float> row(images.size());
  std::vector<std::pair<float, std::uint32_t>> sorted;
  for (std::size_t i = 0; i < images.size(); ++i) {
    cosine_distances(e, images[i], images, row);
    sorted.clear();
    for (std::size_t j = 0; j < row.size(); ++j)
      if (j != i) sorted.emplace_back(row[j], static_cast<std::uint32_t>(j));
    std::sort(sorted.begin(), sorted.end());
    for (const auto& [distance, other] : sorted) {
      order.near.push_back(other);
      order.distances.push_back(distance);
    }
  }
  return order;
}

struct Measured {
  double coverage = 0, density = 0, clipped = 0;
};

/// `in_reference` says on which side each image is.
Measured measured(const Order& order, const std::vector<bool>& in_reference, unsigned k) {
  std::vector<float> radii, nearest;  // of the ball of each of the reference; to the nearest that may cover it
  std::uint64_t held = 0;
  for (std::size_t i = 0; i < order.count; ++i) {
    if (!in_reference[i]) continue;
    const std::uint32_t* near = order.of(i);
    const float* distance = order.distance_of(i);
    unsigned of_reference = 0;
    std::uint64_t others = 0;
    float first = 3;
    std::size_t at = 0;
    for (; at + 1 < order.count; ++at) {
      if (of_reference == k && distance[at] > radii.back()) break;  // equally near ones are inside
      if (!in_reference[near[at]]) {
        if (others++ == 0) first = distance[at];
      } else if (++of_reference == k) {
        radii.push_back(distance[at]);
      } else if (of_reference > k) {
        of_reference = k;
      }
    }
    if (of_reference < k) radii.push_back(distance[at - 1]);
    nearest.push_back(first);
    held += others;
  }
  std::vector<float> sorted = radii;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  Measured m;
  for (std::size_t r = 0; r < radii.size(); ++r) {
    m.coverage += nearest[r] <= radii[r];
    m.clipped += nearest[r] <= std::min(radii[r], *middle);
  }
  const auto reference = static_cast<double>(radii.size());
  m.coverage /= reference;
  m.clipped /= reference;
  m.density = static_cast<double>(held) / k / (static_cast<double>(order.count) - reference);
  return m;
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

ReferenceCoverage reference_coverage(const Embeddings& e, std::span<const ImageIndex> reference,
                                     std::span<const ImageIndex> covering, const CoverageSettings& settings) {
  if (reference.size() <= settings.neighbours || covering.empty()) return {};
  std::vector<ImageIndex> images(reference.begin(), reference.end());
  images.insert(images.end(), covering.begin(), covering.end());
  const Order order = order_of(e, images);
  std::vector<bool> in_reference(images.size());
  std::fill_n(in_reference.begin(), reference.size(), true);
  const Measured seen = measured(order, in_reference, settings.neighbours);
  ReferenceCoverage result{.coverage = seen.coverage, .density = seen.density, .clipped = seen.clipped};
  Random random(settings.seed);
  std::vector<double> coverages, densities, clipped;
  std::uint64_t as_low = 1;
  for (unsigned k = 0; k < settings.draws; ++k) {
    for (auto n = static_cast<std::uint32_t>(images.size()); n > 1; --n) {
      const std::uint32_t other = random.below(n);
      const bool moved = in_reference[n - 1];
      in_reference[n - 1] = in_reference[other];
      in_reference[other] = moved;
    }
    const Measured drawn = measured(order, in_reference, settings.neighbours);
    coverages.push_back(drawn.coverage);
    densities.push_back(drawn.density);
    clipped.push_back(drawn.clipped);
    as_low += drawn.coverage <= seen.coverage;
  }
  if (coverages.empty()) return result;
  result.chance = static_cast<double>(as_low) / (settings.draws + 1.0);
  result.usual = median_of(coverages);
  result.density_usual = median_of(std::move(densities));
  result.clipped_usual = median_of(std::move(clipped));
  std::sort(coverages.begin(), coverages.end());
  result.low = coverages[coverages.size() / 100];
  return result;
}

}  // namespace vetset
