// What a model said of a dataset's own images, by its images and classes: predictions that are bound. For rules and
// queues; a metric binds them itself.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/predictions.h"

namespace vetset {

struct PredictedObject {
  Box box;  // pixels
  CategoryIndex category{};
  double score = 0;       // 0 to 1
  std::uint64_t row = 0;  // in the predictions they were bound from: its mask
};

struct PredictedObjects {
  std::string name = {};                   // of the file, for messages
  std::vector<PredictedObject> rows = {};  // by image, falling score, order
  std::vector<std::uint64_t> begin = {};   // of each image's rows; one more than images
  std::vector<bool> judged = {};           // by image: whether the model saw it; a model may also find nothing
  std::string matched_images = {}, matched_classes = {};  // by "id", "path", "name" …
  std::uint64_t unusable = 0;                             // rows without a box or a score
  std::uint64_t without = 0;                              // images that no prediction is of
  bool out_of_fold = false;                               // attested
  const Predictions* given = nullptr;                     // that they were bound from; must outlive them

  std::span<const PredictedObject> of(ImageIndex i) const {
    return std::span(rows).subspan(begin[to_size(i)], begin[to_size(i) + 1] - begin[to_size(i)]);
  }
};

/// Which image and class each name of the predictions is; `no_number`: none of the dataset.
struct PredictedBinding {
  std::vector<std::uint32_t> images, categories;
  std::string images_by = {}, categories_by = {};
};
/// Errors, with the row: a score that is no number or lies outside 0 to 1, a box that is not finite, an image or a
/// class that is not in the dataset.
Result<PredictedObjects> predicted_objects_of(const Dataset& d, const Predictions& predictions,
                                              const PredictedBinding& binding);

}  // namespace vetset
