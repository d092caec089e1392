// What slices are made of: images or objects, and levels of the factors that describe each of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/units.h"
#include "vetset/dataset/factors.h"

namespace vetset {

/// Images, or annotations with the images they lie in.
struct SlicedItems {
  bool of_objects = false;
  std::vector<std::uint32_t> record;  // image or annotation
  std::vector<ImageIndex> image;      // beside it
};

inline constexpr std::size_t most_sliced = 100'000;  // of more, whole groups are left out

/// Which of these items stay where at most `most` may: those of groups drawn by themselves alone.
std::vector<bool> drawn_items(std::span<const ImageIndex> image, const IndependentGroups& groups,
                              std::size_t most = most_sliced);

/// A level an item of each condition whose kind is wanted, numbers in four bins; first those of images, then those of
/// objects. `only`: of these names alone, empty: of all. An object's level of an image is asked of the image where
/// items are images.
std::vector<Factor> factors_of_items(const Evidence& evidence, const SlicedItems& items,
                                     const std::function<bool(const FactorKind&)>& wanted,
                                     const std::vector<std::string>& only = {});

/// "class `cat` with light `<0.2`"
std::string slice_name(const std::vector<FactorLevel>& levels, std::span<const Factor> factors);

}  // namespace vetset
