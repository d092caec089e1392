// Predictions that come image by image: in any order, and from any number of shares that are merged. What comes out
// is ordered by the images' names alone, so an evaluation of it does not depend on who saw what when.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/dataset/predictions.h"

namespace vetset {

/// What a name is known by: equal names are equal texts.
std::string key_of(const PredictedName& name);
/// "image 42", "image 'a.jpg'".
std::string text_of(std::string_view what, const PredictedName& name);

class CocoStream {
 public:
  /// Takes the predictions of the images that `piece` names, with rows or without; rows of one image keep their order.
  /// An image that was given before is an error that names it, and then nothing is taken.
  Result<void> add(const Predictions& piece);
  /// Takes what another share holds; no image may be in both.
  Result<void> merge(const CocoStream& other) { return add(other.held_); }

  std::size_t images() const { return held_.images.size(); }
  std::uint64_t rows() const { return held_.rows.size(); }

  /// All of it: images by id, then by name; rows of one image as they were given; classes as they then appear. The same
  /// for every order of `add` and `merge`.
  Predictions all() const;

 private:
  Predictions held_;  // in the order in which they came
  std::unordered_map<std::string, std::uint32_t> images_, categories_;
};

}  // namespace vetset
