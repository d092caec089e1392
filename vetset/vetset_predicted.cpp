// Predictions bound to a dataset, and what makes its labels suspect.
#include <algorithm>
#include <map>

#include "vetset/check/suspects.h"
#include "vetset/dataset/nearest_embedded.h"
#include "vetset/evaluate/load.h"
#include "vetset/evaluate/names.h"
#include "vetset/vetset.h"
#include "vetset/vetset_given.h"

namespace vetset {
namespace {

constexpr std::size_t voters = 10;  // neighbours that are asked

std::vector<std::uint32_t> records_of(const NumberedNames& truth, std::vector<std::uint32_t> numbers) {
  for (std::uint32_t& number : numbers)
    if (number != no_number) number = truth.record[number];
  return numbers;
}

/// Names that do not fit: then there is nothing to look at, rather than something that was found.
Error of_other_data(Error error, const Predictions& predictions) {
  if (error.code == Code::refused) error.code = Code::malformed;
  if (error.file.empty() && predictions.files.size() == 1) error.file = predictions.files.front().path;
  return error;
}

/// A fold for every image that predictions are of: that the model had not learnt from it.
Result<void> look_at_folds(const Source& source, const std::string& file) {
  const Dataset& d = source.dataset;
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < d.images.size(); ++i) paths.emplace_back(d.path(to_index<ImageIndex>(i)));
  VETSET_TRY(const std::vector<std::string> folds, read_folds(file, paths, paths.size()));
  if (folds.size() != paths.size())
    return Error{
        Code::malformed,
        "gives " + std::to_string(folds.size()) + " folds, expected " + std::to_string(paths.size()) + ", one an image",
        file};
  if (std::any_of(folds.begin(), folds.end(), [](const std::string& fold) { return fold.empty(); }))
    return Error{Code::malformed, "has an image without a fold, expected one for every image", file};
  if (folds.size() > 1 && std::all_of(folds.begin(), folds.end(), [&](const auto& fold) { return fold == folds[0]; }))
    return Error{Code::malformed,
                 "puts all images into fold '" + folds.front() +
                     "', so no other was there to learn from; where another dataset was: --out-of-fold",
                 file};
  return {};
}

/// What a detector calls otherwise throughout: classes in another order.
Result<void> look_at_order(const Dataset& d, const PredictedObjects& made) {
  constexpr std::size_t most = 2048;
  const std::size_t count = d.categories.size();
  if (made.matched_classes == "name" || count > most) return {};
  constexpr double same_object = 0.5;
  std::vector<std::uint64_t> counts(count * count);
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const auto predicted = made.of(to_index<ImageIndex>(i));
    for (const AnnotationIndex a : annotations.of(to_index<ImageIndex>(i))) {
      if (d[a].category == none<CategoryIndex> || d[a].box_origin == Origin::none) continue;
      const auto best = std::max_element(predicted.begin(), predicted.end(), [&](const auto& one, const auto& other) {
        return one.score * iou(one.box, d[a].box) < other.score * iou(other.box, d[a].box);
      });
      if (best != predicted.end() && iou(best->box, d[a].box) >= same_object)
        ++counts[to_size(d[a].category) * count + to_size(best->category)];
    }
  }
  const std::vector<std::uint32_t> order = other_order(counts, count);
  for (std::size_t c = 0; c < order.size(); ++c)
    if (order[c] != c)
      return Error{Code::malformed,
                   "its classes seem to be numbered in another way than the dataset's: most objects labelled '" +
                       d.categories[c].name + "' are called '" + d.categories[order[c]].name +
                       "'; say how to match them (--match-classes)",
                   made.name};
  return {};
}

/// Copies in other folds: what a model learnt from one it has seen of the other.
void look_for_torn_copies(const Probabilities& p, const Links& links, Suspects& made) {
  if (p.fold_of.empty() || p.of != ProbabilitiesOf::images) return;
  std::uint64_t torn = 0;
  for (const Link& link : links.links) {
    const std::uint32_t a = p.row_of[to_size(link.first)], b = p.row_of[to_size(link.second)];
    if (link.cut || link.kind == LinkKind::embedding || a == Probabilities::no_row || b == Probabilities::no_row)
      continue;
    torn += p.fold_of[a] != p.fold_of[b] ? 1U : 0U;
  }
  if (torn > 0)
    made.notes.push_back(std::to_string(torn) + (torn == 1 ? " pair" : " pairs") +
                         " of images that belong together lie in two folds: the model has seen one with the label of "
                         "the other");
}

}  // namespace

Result<PredictedObjects> predicted_objects(const Source& source, const Predictions& predictions,
                                           const PredictedOptions& options) {
  const Dataset& d = source.dataset;
  const NumberedNames images = number_images(d, {}), categories = number_categories(d, {});
  auto found = match_images(d, images, predictions.images, options.match_images);
  if (!found) return of_other_data(std::move(found).error(), predictions);
  MatchedNames& matched = *found;
  auto known = match_categories(d, categories, predictions.categories, options.match_classes, options.classes);
  if (!known) return of_other_data(std::move(known).error(), predictions);
  MatchedNames& classes = *known;
  PredictedBinding binding{.images = records_of(images, std::move(matched.number)),
                           .categories = records_of(categories, std::move(classes.number)),
                           .images_by = std::move(matched.by),
                           .categories_by = std::move(classes.by)};
  VETSET_TRY(PredictedObjects made, predicted_objects_of(d, predictions, binding));
  if (options.match_classes == "auto" && options.classes.empty()) VETSET_DO(look_at_order(d, made));
  made.out_of_fold = options.out_of_fold;
  if (!options.folds.empty()) {
    VETSET_DO(look_at_folds(source, options.folds));
    made.out_of_fold = true;
  }
  return made;
}

Result<Suspects> suspects(const Source& source, const SuspectOptions& options) {
  const Dataset& d = source.dataset;
  if ((options.probabilities != nullptr &&
       options.probabilities->row_of.size() !=
           (options.probabilities->of == ProbabilitiesOf::images ? d.images.size() : d.annotations.size())) ||
      (options.predicted != nullptr && options.predicted->judged.size() != d.images.size()))
    return Error{Code::usage, "the predictions were bound to another dataset than the one that is looked at"};
  const Pool pool(options.common.threads);
  NearestRows neighbours;
  if (options.embeddings != nullptr) {
    neighbours.count = voters;
    VETSET_TRY(neighbours.of, nearest_embedded(*options.embeddings, voters, pool, options.common.progress));
  }
  VETSET_TRY(Suspects made, suspects_of({.dataset = d,
                                         .probabilities = options.probabilities,
                                         .predicted = options.predicted,
                                         .links = options.links,
                                         .neighbours = options.embeddings == nullptr ? nullptr : &neighbours},
                                        pool));
  if (options.probabilities != nullptr && options.links != nullptr)
    look_for_torn_copies(*options.probabilities, *options.links, made);
  return made;
}

}  // namespace vetset
