// What verbs share that hold a model's predictions against labels: the files they are in, and whose they are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "vetset/vetset.h"

namespace vetset::cli {

struct PredictedFlags {
  std::string predictions, match_images = "auto", match_classes = "auto";
  std::string probabilities, paths, classes, folds;
  bool out_of_fold = false;
};

/// Declares --predictions, --probabilities and what says of either whose they are.
void define_predicted(Arguments& arguments, PredictedFlags& flags);

/// Predictions stay where they were read: `predicted` points to them.
struct Predicted {
  std::unique_ptr<Predictions> predictions;
  std::optional<PredictedObjects> predicted;
  std::optional<Probabilities> probabilities;
  std::vector<std::string> notes;  // for people
};
Result<Predicted> read_predicted(const PredictedFlags& flags, const Source& source, const std::string& src,
                                 const OpenOptions& opening);

}  // namespace vetset::cli
