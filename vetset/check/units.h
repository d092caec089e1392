// What statistical rules count: groups of images that are tied together, and the splits they are in. A group counts
// once, however many images it has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/random.h"
#include "vetset/check/rule.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/set_difference.h"

namespace vetset {

/// Groups of images: by links where they were searched, else by keys that were named, else each image by itself.
struct IndependentGroups {
  std::vector<std::uint32_t> of;  // by image
  std::uint32_t count = 0;
  bool known = false;  // whether anything was looked at that could tie images
  /// "group" where any images are tied, else "image"
  std::string_view word() const { return count < of.size() ? "group" : "image"; }
};
IndependentGroups independent_groups(const Evidence& evidence);

/// A split and the one that models are trained on, which it is compared with.
struct SplitPair {
  std::string_view other, base;
  std::vector<Side> side;  // by image: `from` is `other`, `minus` is `base`
  std::uint64_t others = 0, bases = 0;
};
/// Each split beside those called train, or where none is, the largest; by name. Those without images are none.
std::vector<SplitPair> split_pairs(const Dataset& d);
/// "needs two splits" where there are not two; else empty.
std::string needs_two_splits(const Evidence& evidence);

/// One record of each group, at most `most` of them, chosen by `seed` alone; in the order of records. `image_of` says
/// whose a record is, none: it is left out.
template <class ImageOf>
std::vector<std::uint32_t> one_a_group(const IndependentGroups& groups, std::size_t records, std::size_t most,
                                       std::uint64_t seed, ImageOf&& image_of);

/// A share of false findings to three decimals, as people read it: "q = 0.02", "q < 0.001".
std::string q_text(double q);

/// The parts of `one_a_group` that need no template.
std::vector<std::uint32_t> fewest_of(std::vector<std::pair<std::uint64_t, std::uint32_t>> keyed, std::size_t most);

template <class ImageOf>
std::vector<std::uint32_t> one_a_group(const IndependentGroups& groups, std::size_t records, std::size_t most,
                                       std::uint64_t seed, ImageOf&& image_of) {
  constexpr std::uint32_t nobody = 0xffffffffU;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> best(groups.count, {0, nobody});
  for (std::size_t k = 0; k < records; ++k) {
    const ImageIndex image = image_of(k);
    if (image == none<ImageIndex>) continue;
    const std::uint64_t key = Random(seed + k * 0x9e3779b97f4a7c15ULL).bits();
    auto& own = best[groups.of[to_size(image)]];
    if (own.second == nobody || key < own.first) own = {key, static_cast<std::uint32_t>(k)};
  }
  std::erase_if(best, [](const auto& one) { return one.second == nobody; });
  return fewest_of(std::move(best), most);
}

}  // namespace vetset
