// What a model said of a dataset, as Python gives it: predictions as rows that were made of any form, probabilities as
// an array or a file; and how a check takes them.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <optional>
#include <string>

#include "python/src/dataset.h"
#include "python/src/embeddings.h"
#include "python/src/evaluate_rows.h"
#include "vetset/vetset.h"

namespace vetset::python {

/// `_core.Given`: everything that is held against the labels. Arrays are looked into where they lie and kept.
struct Given {
  nb::object predictions = nb::none();  // a CocoRows
  std::string predictions_name, match_images = "auto", match_classes = "auto";
  std::vector<std::pair<std::string, std::string>> classes;  // a predicted class, and the dataset's that it is
  bool out_of_fold = false;
  std::string folds_file;

  std::string probabilities_file, paths_file, classes_file;
  std::optional<FloatRows> array;
  ProbabilityRows rows;  // of `array`
  std::optional<GivenEmbeddings> embeddings;
};

/// `_core.Bound`: the same, bound to a source.
struct Bound {
  Shared source;
  nb::object given;  // that it points into
  std::optional<PredictedObjects> predicted;
  std::optional<Probabilities> probabilities;
  std::optional<Embeddings> embeddings;

  void into(CheckOptions& options) const;
};
}  // namespace vetset::python
