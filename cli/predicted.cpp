#include "cli/predicted.h"

#include <filesystem>

namespace vetset::cli {
namespace {

/// What is left out of a reader's findings, in a sentence.
std::string unread(const Predictions& predictions, const std::string& path) {
  const Finding& first = predictions.findings.front();
  std::string text = path + ": " + counted(predictions.findings.size(), "record") + " cannot be used";
  if (const Place* place = std::get_if<Place>(&first.where); place != nullptr && place->line > 0)
    text += ", the first in line " + std::to_string(place->line);
  return text + ": " + first.message;
}

}  // namespace

void define_predicted(Arguments& arguments, PredictedFlags& flags) {
  arguments
      .option("--predictions", flags.predictions, "FILE",
              "objects that a model sees (COCO results, label files with scores, …): labels they speak against")
      .option("--match-images", flags.match_images, "BY", "match images by id, path, name or stem")
      .option("--match-classes", flags.match_classes, "BY", "match classes by id, name, index (from 0) or index1")
      .option("--probabilities", flags.probabilities, "FILE",
              "a row of class probabilities an image or annotation (.npy, .npz, .parquet)")
      .option("--probabilities-paths", flags.paths, "FILE",
              "whose each row is, a path a line; a .txt or .csv named as the file, else the dataset's order")
      .option("--probabilities-classes", flags.classes, "FILE",
              "the class of each column, a name a line; the dataset's order if not said")
      .option("--folds", flags.folds, "FILE",
              "a fold a row (or .csv of path,fold): the model that judged it had learnt from the other folds")
      .flag("--out-of-fold", flags.out_of_fold, "the model had not seen these labels; else what it says is a hint");
}

Result<Predicted> read_predicted(const PredictedFlags& flags, const Source& source, const std::string& src,
                                 const OpenOptions& opening) {
  Predicted made;
  const bool any = !flags.predictions.empty() || !flags.probabilities.empty();
  if (!any && (flags.out_of_fold || !flags.folds.empty()))
    return Error{Code::usage, "--folds and --out-of-fold speak of predictions; give --predictions or --probabilities"};
  if (flags.probabilities.empty() && (!flags.paths.empty() || !flags.classes.empty()))
    return Error{Code::usage, "--probabilities-paths and --probabilities-classes speak of --probabilities; give that"};
  if (!flags.predictions.empty()) {
    OpenOptions reading = opening;
    reading.from.clear();
    reading.digests = true;
    std::error_code ignored;
    if (reading.images_dir.empty() && std::filesystem::is_directory(src, ignored)) reading.images_dir = src;
    VETSET_TRY(Predictions predictions, read_predictions(flags.predictions, reading, &source));
    made.predictions = std::make_unique<Predictions>(std::move(predictions));
    if (!made.predictions->findings.empty()) made.notes.push_back(unread(*made.predictions, flags.predictions));
    VETSET_TRY(made.predicted, predicted_objects(source, *made.predictions,
                                                 {.match_images = flags.match_images,
                                                  .match_classes = flags.match_classes,
                                                  .folds = flags.probabilities.empty() ? flags.folds : std::string(),
                                                  .out_of_fold = flags.out_of_fold,
                                                  .common = opening.common}));
    if (made.predicted->without > 0)
      made.notes.push_back(flags.predictions + ": " + counted(made.predicted->without, "image") +
                           " without a prediction: their labels are not judged");
  }
  if (!flags.probabilities.empty()) {
    VETSET_TRY(made.probabilities, read_probabilities(source, flags.probabilities,
                                                      {.paths = flags.paths,
                                                       .classes = flags.classes,
                                                       .folds = flags.folds,
                                                       .out_of_fold = flags.out_of_fold,
                                                       .common = opening.common}));
    if (made.probabilities->without > 0)
      made.notes.push_back(flags.probabilities + ": " +
                           counted(made.probabilities->without,
                                   made.probabilities->of == ProbabilitiesOf::images ? "image" : "annotation") +
                           " without a row: not judged");
  }
  const bool attested =
      (!made.predicted || made.predicted->out_of_fold) && (!made.probabilities || made.probabilities->out_of_fold);
  if (any && !attested)
    made.notes.emplace_back(
        "nothing says that the model had not seen these labels, so what it says is a hint: --folds FILE, or "
        "--out-of-fold");
  return made;
}

}  // namespace vetset::cli
