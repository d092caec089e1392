#include "vetset/check/model_errors.h"

#include <algorithm>
#include <cmath>

#include "vetset/check/conditions.h"
#include "vetset/check/words.h"
#include "vetset/dataset/image_classes.h"
#include "vetset/dataset/predicted_objects.h"
#include "vetset/dataset/probabilities.h"

namespace vetset {
namespace {

constexpr double found_iou = 0.5;
constexpr std::size_t many_items = 20'000;  // of more, fewer draws

void add_class_errors(const Evidence& evidence, ModelErrors& errors) {
  const Dataset& d = evidence.dataset;
  const Probabilities& p = *evidence.probabilities;
  errors.of_objects = p.of == ProbabilitiesOf::annotations;
  errors.what = "is given another class";
  const std::vector<CategoryIndex> of_images = errors.of_objects ? std::vector<CategoryIndex>() : classes_of_images(d);
  for (std::size_t k = 0; k < p.row_of.size(); ++k) {
    const CategoryIndex given = errors.of_objects ? d.annotations[k].category : of_images[k];
    const ImageIndex image = errors.of_objects ? d.annotations[k].image : to_index<ImageIndex>(k);
    if (p.row_of[k] == Probabilities::no_row || given == none<CategoryIndex> || image == none<ImageIndex>) continue;
    const std::span<const float> row = p.row(p.row_of[k]);
    const auto column = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    errors.record.push_back(static_cast<std::uint32_t>(k));
    errors.image.push_back(image);
    errors.error.push_back(p.category_of[column] != given);
  }
}

/// The score of the prediction that finds each object, by falling score and once each; −1: none does.
struct Finding5 {
  double score = 0;
  bool finds = false;
};
std::vector<double> scores_of_objects(const Dataset& d, const PredictedObjects& predicted,
                                      std::vector<Finding5>& findings) {
  std::vector<double> scores(d.annotations.size(), -1);
  const Dataset::ImageAnnotations of_images = d.image_annotations();
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const auto image = to_index<ImageIndex>(i);
    for (const PredictedObject& one : predicted.of(image)) {
      double most = found_iou;
      AnnotationIndex best = none<AnnotationIndex>;
      bool in_crowd = false;
      for (const AnnotationIndex a : of_images.of(image)) {
        if (d[a].category != one.category || d[a].box_origin == Origin::none) continue;
        const double overlap = iou(d[a].box, one.box);
        if (d[a].flags.is(Flag::crowd)) {
          in_crowd = in_crowd || overlap > 0;
          continue;
        }
        if (overlap < most || scores[to_size(a)] >= 0) continue;
        most = overlap;
        best = a;
      }
      if (best != none<AnnotationIndex>) scores[to_size(best)] = one.score;
      if (best != none<AnnotationIndex> || !in_crowd) findings.push_back({one.score, best != none<AnnotationIndex>});
    }
  }
  return scores;
}

double best_f1_score(std::vector<Finding5> findings, std::uint64_t objects) {
  std::sort(findings.begin(), findings.end(), [](const Finding5& a, const Finding5& b) { return a.score > b.score; });
  double best = -1, at = 0;
  std::uint64_t found = 0;
  for (std::size_t k = 0; k < findings.size(); ++k) {
    found += findings[k].finds;
    if (k + 1 < findings.size() && findings[k + 1].score == findings[k].score) continue;
    const double f1 = 2 * static_cast<double>(found) / static_cast<double>(k + 1 + objects);
    if (f1 > best) best = f1, at = findings[k].score;
  }
  return at;
}

void add_missed(const Evidence& evidence, ModelErrors& errors) {
  const Dataset& d = evidence.dataset;
  const PredictedObjects& predicted = *evidence.predicted;
  std::vector<Finding5> findings;
  const std::vector<double> scores = scores_of_objects(d, predicted, findings);
  errors.of_objects = true;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    if (a.image == none<ImageIndex> || a.category == none<CategoryIndex> || a.flags.is(Flag::crowd)) continue;
    if (a.box_origin == Origin::none || a.box_origin == Origin::unplaced || !predicted.judged[to_size(a.image)])
      continue;
    errors.record.push_back(static_cast<std::uint32_t>(n));
    errors.image.push_back(a.image);
  }
  const double score = best_f1_score(std::move(findings), errors.record.size());
  for (const std::uint32_t n : errors.record) errors.error.push_back(scores[n] < score);
  errors.what = "is missed (no prediction of its class overlaps it by a half with a score of " + measure(score) + ")";
}

/// Items of whole groups, as many as are searched.
void take_sample(ModelErrors& errors, const IndependentGroups& groups) {
  const std::vector<bool> stay = drawn_items(errors.image, groups);
  std::size_t kept = 0;
  for (std::size_t k = 0; k < errors.record.size(); ++k) {
    if (!stay[k]) continue;
    errors.record[kept] = errors.record[k];
    errors.image[kept] = errors.image[k];
    errors.error[kept++] = errors.error[k];
  }
  errors.record.resize(kept);
  errors.image.resize(kept);
  errors.error.resize(kept);
}

}  // namespace

ModelErrors model_errors(const Evidence& evidence) {
  ModelErrors errors;
  if (evidence.probabilities != nullptr)
    add_class_errors(evidence, errors);
  else if (evidence.predicted != nullptr)
    add_missed(evidence, errors);
  return errors;
}

WeakSlices find_weak_slices(const Evidence& evidence, const WeakSliceSettings& settings) {
  const IndependentGroups groups = independent_groups(evidence);
  WeakSlices weak{.errors = model_errors(evidence), .unit = groups.word()};
  weak.of_all = weak.errors.record.size();
  take_sample(weak.errors, groups);
  const ModelErrors& errors = weak.errors;
  const auto is_wanted = [&](const FactorKind& kind) {
    return is_image_condition(kind) || kind.name == "split" ||
           (errors.of_objects ? is_object_condition(kind) && kind.name != "kind" : kind.name == "class");
  };
  weak.factors = factors_of_items(evidence, errors, is_wanted, settings.factors);
  std::vector<std::uint32_t> group;
  for (const ImageIndex i : errors.image) group.push_back(groups.of[to_size(i)]);
  weak.slices = find_slices({.factors = weak.factors,
                             .errors = errors.error,
                             .groups = group,
                             .least = settings.least,
                             .depth = settings.depth,
                             .best = settings.best,
                             .draws = errors.record.size() > many_items ? 39U : 199U});
  return weak;
}

}  // namespace vetset
