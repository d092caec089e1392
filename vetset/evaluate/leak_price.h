// What leaks are worth: the same predictions on all images, and on those that no leak touches, with the interval that
// another draw of images would give. Groups of linked images are drawn, not images: they are what is independent.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/result.h"
#include "vetset/dataset/links.h"
#include "vetset/evaluate/coco.h"

namespace vetset {

struct LeakPrice {
  std::uint64_t images = 0, groups = 0;                   // that were compared; groups: of linked images
  std::uint64_t left_out = 0, left_out_groups = 0;        // that a leak touches
  std::array<std::uint64_t, link_kind_count> kinds = {};  // links into other splits, by kind
  struct Example {
    std::string image, other, other_split, how;
  };
  std::vector<Example> examples;  // one a group, ten at most
  CocoResult without;             // figures without those images
  struct Figure {
    double value = -1, low = -1, high = -1;  // with the ends of the 95 % interval; −1: nothing to measure
  };
  Figure all, clean, price;  // mean precision of the first line: of all images, of those left, and the difference
  unsigned resamples = 0;
  std::uint64_t seed = 0;
  NearSearch near;
  std::uint64_t without_file = 0;  // images, of any split: what they show is not known
};

/// Fills the intervals of a price: `groups` by image of the input, numbered from 0; `touched` says which are left out.
Result<void> resample_price(const CocoInput& input, const CocoSettings& settings, std::span<const std::uint32_t> groups,
                            std::span<const std::uint8_t> touched, const Pool& pool, LeakPrice& price);

}  // namespace vetset
