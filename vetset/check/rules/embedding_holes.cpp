#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "vetset/base/random.h"
#include "vetset/base/statistics.h"
#include "vetset/check/embedded.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/embedding_distances.h"

namespace vetset {
namespace {

constexpr std::uint64_t fewest = 20;  // images of a split, one a group
constexpr double reach = 0.95;        // the share of a split that the radius holds
constexpr double least_effect = 1.1;  // over the usual radius
constexpr unsigned draws = 999;
constexpr std::size_t most_gaps = 5;

struct Holes {
  const SplitPair* pair = nullptr;
  double radius = 0, usual = 0, usual_high = 0, chance = 1, far = 0;
  std::vector<std::pair<ImageIndex, double>> beyond;  // images farther than 99 of 100 of training are from others
  std::size_t images = 0, references = 0;
};

/// What training itself would show: the radius of as many of its images, drawn at random, and how often a random
/// division of all distances into such parts is as far apart.
void compare_with_training(Holes& holes, const std::vector<double>& training, const std::vector<double>& asked) {
  Random random(1);
  std::vector<double> drawn(asked.size()), radii;
  for (unsigned k = 0; k < draws; ++k) {
    for (double& one : drawn) one = training[random.below(static_cast<std::uint32_t>(training.size()))];
    std::sort(drawn.begin(), drawn.end());
    radii.push_back(quantile_of(drawn, reach));
  }
  std::sort(radii.begin(), radii.end());
  holes.usual = quantile_of(radii, 0.5);
  holes.usual_high = quantile_of(radii, 0.95);

  std::vector<std::pair<double, bool>> all;  // sorted; whether it is drawn for the split
  for (const double d : training) all.emplace_back(d, false);
  for (const double d : asked) all.emplace_back(d, true);
  std::sort(all.begin(), all.end());
  std::vector<double> rest;
  const auto apart = [&] {
    drawn.clear();
    rest.clear();
    for (const auto& [distance, is_drawn] : all) (is_drawn ? drawn : rest).push_back(distance);
    return quantile_of(drawn, reach) - quantile_of(rest, reach);
  };
  const double seen = apart();
  std::uint64_t as_far = 1;
  for (unsigned k = 0; k < draws; ++k) {
    for (auto n = static_cast<std::uint32_t>(all.size()); n > 1; --n)
      std::swap(all[n - 1].second, all[random.below(n)].second);
    as_far += apart() >= seen - 1e-12;
  }
  holes.chance = static_cast<double>(as_far) / (draws + 1.0);
}

Holes find_holes(const Evidence& evidence, const IndependentGroups& groups, const SplitPair& pair) {
  const Embeddings& e = *evidence.embeddings;
  const std::vector<ImageIndex> base = images_of(pair, Side::minus), other = images_of(pair, Side::from);
  const std::vector<ImageIndex> references = embedded_images(evidence, groups, most_references, base);
  const std::vector<ImageIndex> inside = embedded_images(evidence, groups, most_queries, base);
  const std::vector<ImageIndex> asked = embedded_images(evidence, groups, most_queries, other);
  Holes holes{.pair = &pair, .images = asked.size(), .references = references.size()};
  if (base.empty() || other.empty() || asked.size() < fewest || references.size() < fewest) return holes;
  const auto known = [](std::vector<double> values) {
    std::erase_if(values, [](double v) { return std::isnan(v); });
    std::sort(values.begin(), values.end());
    return values;
  };
  const std::vector<double> training = known(mean_distances(e, groups, inside, references, 1));
  const std::vector<double> distances = mean_distances(e, groups, asked, references, 1);
  const std::vector<double> sorted = known(distances);
  if (training.size() < fewest || sorted.size() < fewest) return holes;
  holes.radius = quantile_of(sorted, reach);
  holes.far = quantile_of(training, 0.99);
  compare_with_training(holes, training, sorted);
  for (std::size_t k = 0; k < asked.size(); ++k)
    if (distances[k] > holes.far) holes.beyond.emplace_back(asked[k], distances[k]);
  return holes;
}

/// The farthest first, then always the one that is farthest from those chosen (Gonzalez 1985).
std::vector<std::pair<ImageIndex, double>> unlike_ones(const Embeddings& e, const Holes& holes) {
  std::vector<ImageIndex> images;
  std::vector<double> least;
  for (const auto& [image, distance] : holes.beyond) {
    images.push_back(image);
    least.push_back(distance);
  }
  std::vector<std::pair<ImageIndex, double>> chosen;
  std::vector<float> to(images.size());
  while (chosen.size() < std::min(most_gaps, images.size())) {
    const auto farthest = static_cast<std::size_t>(std::max_element(least.begin(), least.end()) - least.begin());
    if (least[farthest] < holes.radius / 2) break;  // the rest is beside one that was named
    chosen.push_back(holes.beyond[farthest]);
    cosine_distances(e, images[farthest], images, to);
    for (std::size_t k = 0; k < least.size(); ++k) least[k] = std::min(least[k], double{to[k]});
    least[farthest] = -1;
  }
  return chosen;
}

std::string not_run_embedding_holes(const Evidence& evidence) {
  const std::string missing = needs_two_splits(evidence);
  return missing.empty() ? needs_embedded(evidence, 2 * fewest) : missing;
}

void check_embedding_holes(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const IndependentGroups groups = independent_groups(evidence);
  const std::vector<SplitPair> pairs = split_pairs(d);
  std::vector<Holes> all;
  std::vector<double> chances;
  for (const SplitPair& pair : pairs) {
    all.push_back(find_holes(evidence, groups, pair));
    chances.push_back(all.back().chance);
  }
  const std::vector<double> q = false_discovery_rates(chances);
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Holes& holes = all[k];
    if (q[k] > 0.05 || holes.radius < least_effect * holes.usual || holes.beyond.empty()) continue;
    const auto gaps = unlike_ones(*evidence.embeddings, holes);
    report.scored(holes.radius / std::max(holes.usual, 1e-9), gaps.front().first,
                  quoted(holes.pair->other) + " shows what " + quoted(holes.pair->base) + " does not: 95 % of its " +
                      counted(holes.images, std::string(groups.word()), std::string(groups.word()) + "s") +
                      " are within " + distance_text(holes.radius) +
                      " of one of training, of as many drawn from training " + distance_text(holes.usual) +
                      " (at most " + distance_text(holes.usual_high) + " in 95 of 100 draws, " + q_text(q[k]) + "); " +
                      grouped(holes.beyond.size()) + " are beyond " + distance_text(holes.far) +
                      ", this one most of all; 1 - cosine in " + embedding_name(*evidence.embeddings),
                  "collect training images like it");
    for (std::size_t g = 1; g < gaps.size(); ++g)
      report.with(Severity::note, EvidenceClass::calibrated, gaps[g].first,
                  "in " + quoted(holes.pair->other) + ", is " + distance_text(gaps[g].second) +
                      " from the nearest of " + quoted(holes.pair->base) + ": another gap",
                  "collect training images like it");
  }
}

}  // namespace

extern const Rule embedding_holes{.code = "COV211",
                                  .name = "embedding-holes",
                                  .title = "a split shows what training does not, by an embedding",
                                  .severity = Severity::warning,
                                  .evidence = EvidenceClass::calibrated,
                                  .needs = Needs::embeddings,
                                  .check = check_embedding_holes,
                                  .not_run = not_run_embedding_holes};

}  // namespace vetset
