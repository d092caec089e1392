// COCOeval.evalImgs, one record at a time, by the plain way: each threshold by itself.
#include <algorithm>

#include "vetset/dataset/matching.h"
#include "vetset/evaluate/coco.h"
#include "vetset/evaluate/overlaps.h"
#include "vetset/evaluate/plan.h"
#include "vetset/evaluate/ranking.h"

namespace vetset {
namespace {

/// An entry with the bits of the ranges of areas that it lies outside of.
struct Listed {
  CocoEntry entry;
  std::uint32_t outside = 0;
};

/// The entries of one image, in order.
std::vector<Listed> of_image(const CocoSide& side, std::size_t k, std::size_t image) {
  const std::span<const CocoEntry> entries = side.of_class(k);
  const auto begin = std::lower_bound(entries.begin(), entries.end(), image,
                                      [](const CocoEntry& e, std::size_t i) { return e.image < i; });
  const auto end =
      std::upper_bound(begin, entries.end(), image, [](std::size_t i, const CocoEntry& e) { return i < e.image; });
  std::vector<Listed> listed;
  for (auto e = begin; e != end; ++e)
    listed.push_back({*e, side.outside_of_class(k)[static_cast<std::size_t>(e - entries.begin())]});
  return listed;
}

std::vector<std::uint32_t> rows_of(const std::vector<Listed>& listed) {
  std::vector<std::uint32_t> rows;
  for (const Listed& l : listed) rows.push_back(l.entry.row);
  return rows;
}

}  // namespace

struct CocoImages::State {
  CocoInput input;
  CocoSettings settings;
  EvaluationPlan plan;

  double id(bool truth, std::uint32_t row) const {
    if (settings.mode == CocoMode::corrected) return static_cast<double>(row) + 1;
    return static_cast<double>(coco_id(truth ? input.truth : input.predictions, row));
  }
  Result<CocoImage> make(const std::vector<Listed>& truth, std::vector<Listed> predictions, std::size_t area) const;
};

Result<CocoImage> CocoImages::State::make(const std::vector<Listed>& truth, std::vector<Listed> predictions,
                                          std::size_t area) const {
  std::stable_sort(predictions.begin(), predictions.end(), [](const Listed& a, const Listed& b) {
    return falling_key(a.entry.score) < falling_key(b.entry.score);
  });
  predictions.resize(std::min<std::size_t>(predictions.size(), settings.max_detections.back()));
  const std::vector<std::uint32_t> objects = rows_of(truth), detections = rows_of(predictions);
  const std::size_t thresholds = settings.iou_thresholds.size(), n = detections.size(), count = objects.size();

  CocoImage image;
  CocoOverlaps maker(input, settings);
  std::span<const double> overlaps;
  const bool compared = compares(settings) && n > 0 && count > 0;
  if (compared) {
    VETSET_TRY(overlaps, maker.of(detections, objects));
    image.overlaps.assign(overlaps.begin(), overlaps.end());
  }
  std::vector<std::uint32_t> ignored;
  std::vector<std::uint8_t> unnamed, leaves;
  for (const Listed& object : truth) {
    ignored.push_back(ignored_cases(input.truth, object.entry.row, object.outside, settings));
    unnamed.push_back(is_unnamed(input.truth, object.entry.row, settings) ? 1 : 0);
  }
  for (const std::uint32_t row : detections) leaves.push_back(leaves_free(input.predictions, row, settings) ? 1 : 0);

  // Objects that are ignored come last.
  std::vector<std::size_t> order(count), place(count);
  for (std::size_t g = 0; g < count; ++g) order[g] = g;
  const auto is_ignored = [&](std::size_t g) { return (ignored[g] >> area & 1) != 0; };
  std::stable_partition(order.begin(), order.end(), [&](std::size_t g) { return !is_ignored(g); });
  for (std::size_t i = 0; i < count; ++i) {
    place[order[i]] = i;
    image.truth.push_back(objects[order[i]]);
    image.truth_ignored.push_back(is_ignored(order[i]) ? 1 : 0);
  }
  image.predictions.assign(detections.begin(), detections.end());
  image.truth_matches.assign(thresholds * count, 0);
  image.prediction_matches.assign(thresholds * n, 0);
  image.prediction_ignored.assign(thresholds * n, 0);

  std::vector<std::uint32_t> object_of(n, no_object);
  for (std::size_t t = 0; t < thresholds; ++t) {
    if (compared)
      match_greedily({.detections = n,
                      .objects = count,
                      .overlaps = overlaps,
                      .crowd = maker.crowd(),
                      .ignored = ignored,
                      .leaves = leaves,
                      .unnamed = unnamed},
                     settings.iou_thresholds[t], static_cast<unsigned>(area), object_of);
    for (std::size_t d = 0; d < n; ++d) {
      const std::uint32_t g = object_of[d];
      double& match = image.prediction_matches[t * n + d];
      bool ignore = false;
      if (g != no_object) {
        match = id(true, objects[g]);
        image.truth_matches[t * count + place[g]] = id(false, detections[d]);
        ignore = is_ignored(g);
      }
      ignore = ignore || (match == 0 && (predictions[d].outside >> area & 1) != 0);
      image.prediction_ignored[t * n + d] = ignore ? 1 : 0;
    }
  }
  return image;
}

CocoImages::CocoImages(std::unique_ptr<State> state) : state_(std::move(state)) {}
CocoImages::CocoImages(CocoImages&&) noexcept = default;
CocoImages& CocoImages::operator=(CocoImages&&) noexcept = default;
CocoImages::~CocoImages() = default;

Result<CocoImages> CocoImages::open(const CocoInput& input, const CocoSettings& settings) {
  auto state = std::make_unique<State>(State{.input = input, .settings = settings, .plan = {}});
  VETSET_TRY(state->plan, plan_coco(state->input, state->settings));
  return CocoImages(std::move(state));
}

Result<std::optional<CocoImage>> CocoImages::at(std::size_t image, std::size_t category, std::size_t area) const {
  VETSET_ASSERT(category < state_->plan.classes && area < state_->settings.areas.size(),
                "the caller knows how many there are");
  const std::vector<Listed> truth = of_image(state_->plan.truth, category, image);
  std::vector<Listed> predictions = of_image(state_->plan.predictions, category, image);
  if (truth.empty() && predictions.empty()) return std::optional<CocoImage>();
  VETSET_TRY(CocoImage made, state_->make(truth, std::move(predictions), area));
  return std::optional<CocoImage>(std::move(made));
}

}  // namespace vetset
