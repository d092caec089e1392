// The slices verb of the façade: where a model's errors gather, and where labels, splits and conditions are uneven.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vetset/check/label_slices.h"
#include "vetset/check/model_errors.h"
#include "vetset/vetset.h"

namespace vetset {

struct SlicesOptions {
  const PredictedObjects* predicted = nullptr;   // what a model said of this source's images …
  const Probabilities* probabilities = nullptr;  // … or of its classes; neither: slices of the labels alone
  std::vector<std::string> factors = {};         // only these; empty: all conditions of images and objects
  unsigned depth = 0;                            // factors that a slice joins; 0: 3 for errors, 2 for labels
  std::size_t best = 10;                         // slices of each kind
  std::uint64_t least = 0;                       // items of a slice; 0: 32, or one in a hundred where that is more
  bool pixels = true;                            // decode images: light, camera, copies
  NearTier near = NearTier::views;
  ScanRequest scan = {};  // its `common` is not read
  Common common = {};
};
struct SlicesReport {
  std::optional<WeakSlices> errors = {};   // where a model was given
  std::optional<LabelSlices> labels = {};  // where none was
  std::vector<std::string> notes = {};
  std::string document;  // docs/schema/slices-v1.json
};
Result<SlicesReport> slices(const Source& source, const SlicesOptions& options = {});

}  // namespace vetset
