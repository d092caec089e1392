// A dataset like one cut from video: groups of very unlike sizes, labels that are rare and come together.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/base/random.h"
#include "vetset/split/assign.h"

namespace vetset {

struct MadeGroups {
  SplitTask task;
  std::vector<std::vector<std::vector<std::uint32_t>>> images;  // by group, image: its labels
};

/// 20,000 images in about 1,400 groups of Pareto sizes (400 at most), 40 labels of a long tail, which a group is
/// inclined to or not. 80/10/10.
inline MadeGroups make_groups(std::uint64_t seed, std::size_t images = 20'000, std::uint32_t labels = 40) {
  Random random(seed);
  MadeGroups made{.task = {.ratios = {80, 10, 10}, .labels = labels, .groups = {}, .seed = seed}, .images = {}};
  std::size_t left = images;
  while (left > 0) {
    const double pareto = 3.2 / std::pow(1 - random.unit(), 1 / 1.25);
    const auto size = std::min({left, std::size_t{400}, static_cast<std::size_t>(std::max(1.0, pareto))});
    left -= size;
    std::vector<double> inclined(labels);
    for (std::uint32_t l = 0; l < labels; ++l) {
      const double common = 0.5 / std::pow(l + 1.0, 1.1);  // of all images
      inclined[l] = random.unit() < 0.35 ? std::min(0.95, common * 2.2) : common * 0.35;
    }
    SplitGroup group{.images = static_cast<std::int64_t>(size), .place = random.bits()};
    std::vector<std::int64_t> counts(labels);
    made.images.emplace_back();
    for (std::size_t i = 0; i < size; ++i) {
      made.images.back().emplace_back();
      for (std::uint32_t l = 0; l < labels; ++l)
        if (random.unit() < inclined[l]) {
          ++counts[l];
          made.images.back().back().push_back(l);
        }
    }
    for (std::uint32_t l = 0; l < labels; ++l)
      if (counts[l] > 0) group.labels.push_back({.label = l, .count = counts[l]});
    made.task.groups.push_back(std::move(group));
  }
  return made;
}

/// Mean over labels of how far the splits after the first are from their share.
inline double mean_deviation(const SplitTask& task, const std::vector<std::uint32_t>& assignment) {
  double sum = 0;
  std::size_t count = 0;
  for (const LabelBalance& b : balance_of(task, assignment))
    for (std::size_t s = 1; s < b.deviations.size() && b.total > 0; ++s) sum += b.deviations[s], ++count;
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace vetset
