// Splits by name: documents of one name are one split (train instances and train captions speak of the same images).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// The names of the splits of each image. Splits without a name are none.
class SplitNames {
 public:
  explicit SplitNames(const Dataset& d) : d_(d), splits_(d.image_splits()) {}
  /// Sorted, each once. Views into the dataset.
  std::vector<std::string_view> of(ImageIndex i) const;

 private:
  const Dataset& d_;
  Dataset::ImageSplits splits_;
};

/// Two names, one of each side, that differ; none where all are the same.
std::optional<std::pair<std::string_view, std::string_view>> different_splits(
    const std::vector<std::string_view>& first, const std::vector<std::string_view>& second);

/// What a split holds of each class. Crowds and records without a class do not count.
struct SplitClasses {
  std::string_view name;
  SplitRole role = SplitRole::unspecified;
  std::vector<std::uint64_t> objects;  // by category
  std::uint64_t all = 0;
};
/// In the order in which names first occur; an image that several documents of a name list counts once.
std::vector<SplitClasses> classes_by_split(const Dataset& d);

}  // namespace vetset
