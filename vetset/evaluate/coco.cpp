// One class after the other: its predictions are ranked, matched image by image, and counted; then all of it is
// forgotten. Classes are independent, and within a class the images are, so threads take either.
#include "vetset/evaluate/coco.h"

#include <algorithm>
#include <optional>

#include "vetset/dataset/matching.h"
#include "vetset/evaluate/curves.h"
#include "vetset/evaluate/overlaps.h"
#include "vetset/evaluate/plan.h"
#include "vetset/evaluate/ranking.h"

namespace vetset {
namespace {

constexpr std::size_t images_a_piece = 64, classes_a_piece = 4;
constexpr std::size_t worth_sharing = 20000;  // predictions of a class that several threads share

/// Thresholds are taken sixteen at a time.
struct Chunk {
  std::size_t first = 0;
  std::span<const double> thresholds;
};

/// What one class takes, kept from class to class.
class ClassEvaluation {
 public:
  ClassEvaluation(const CocoInput& input, const CocoSettings& settings, const EvaluationPlan& plan)
      : input_(input), settings_(settings), plan_(plan) {}

  Result<void> run(std::size_t k, const Chunk& chunk, const Pool& pool) {
    predictions_ = plan_.predictions.of_class(k);
    truth_ = plan_.truth.of_class(k);
    ranking_.assign(predictions_, truth_, settings_.max_detections);
    gather(k);
    outcomes_.assign(settings_.areas.size() * ranking_.size(), {});
    if (compares(settings_)) VETSET_DO(match(chunk, pool));
    curves_.assign(settings_, chunk.thresholds.size());
    count(pool);
    return {};
  }
  const CocoCurves& curves() const { return curves_; }
  /// Objects of the last class that count in the first range of areas.
  std::uint64_t objects() const { return counted_objects_[0]; }

 private:
  void gather(std::size_t k) {
    outside_.resize(ranking_.size());
    scores_.resize(ranking_.size());
    const std::span<const std::uint32_t> outside = plan_.predictions.outside_of_class(k);
    for (std::size_t place = 0; place < ranking_.size(); ++place) {
      outside_[place] = outside[ranking_.entry(place)];
      scores_[place] = predictions_[ranking_.entry(place)].score;
    }
    ignored_.resize(truth_.size());
    counted_objects_.assign(settings_.areas.size(), 0);
    for (std::size_t g = 0; g < truth_.size(); ++g) {
      ignored_[g] = ignored_cases(input_.truth, truth_[g].row, plan_.truth.outside_of_class(k)[g], settings_);
      for (std::size_t a = 0; a < settings_.areas.size(); ++a) counted_objects_[a] += ~ignored_[g] >> a & 1U;
    }
  }

  Result<void> match(const Chunk& chunk, const Pool& pool) {
    const std::span<const CocoRanking::Tile> tiles = ranking_.tiles();
    const std::size_t grain = pool.threads() == 1 ? tiles.size() : images_a_piece;
    std::vector<std::optional<Error>> errors(grain == 0 ? 1 : tiles.size() / grain + 1);
    pool.for_ranges(tiles.size(), grain, [&](std::size_t begin, std::size_t end) {
      auto matched = match_tiles(tiles.subspan(begin, end - begin), chunk);
      if (!matched) errors[begin / grain] = std::move(matched).error();
    });
    for (std::optional<Error>& error : errors)
      if (error) return std::move(*error);
    return {};
  }

  Result<void> match_tiles(std::span<const CocoRanking::Tile> tiles, const Chunk& chunk) {
    CocoOverlaps overlaps(input_, settings_);
    GreedyMatcher matcher(chunk.thresholds, static_cast<unsigned>(settings_.areas.size()));
    std::vector<std::uint32_t> predictions, objects;
    std::vector<std::uint8_t> leaves, unnamed;
    const bool zero_truth = settings_.mode == CocoMode::strict && plan_.fired(CocoQuirk::zero_id, false);
    const bool given_ids = settings_.mode == CocoMode::strict && !input_.predictions.id.empty();
    for (const CocoRanking::Tile& tile : tiles) {
      const std::span<const std::uint32_t> places = ranking_.places(tile);
      predictions.clear();
      objects.clear();
      for (const std::uint32_t place : places) predictions.push_back(predictions_[ranking_.entry(place)].row);
      for (std::size_t g = 0; g < tile.truths; ++g) objects.push_back(truth_[tile.first_truth + g].row);
      leaves.clear();
      unnamed.clear();
      if (given_ids)
        for (const std::uint32_t row : predictions)
          leaves.push_back(leaves_free(input_.predictions, row, settings_) ? 1 : 0);
      if (zero_truth)
        for (const std::uint32_t row : objects) unnamed.push_back(is_unnamed(input_.truth, row, settings_) ? 1 : 0);
      VETSET_TRY(const std::span<const double> values, overlaps.of(predictions, objects));
      matcher.match({.detections = predictions.size(),
                     .objects = objects.size(),
                     .overlaps = values,
                     .crowd = overlaps.crowd(),
                     .ignored = std::span<const std::uint32_t>(ignored_).subspan(tile.first_truth, tile.truths),
                     .leaves = leaves,
                     .unnamed = unnamed},
                    [&](std::size_t d, unsigned a, GreedyOutcome outcome) {
                      outcomes_[a * ranking_.size() + places[d]] = outcome;
                    });
    }
    return {};
  }

  void count(const Pool& pool) {
    const std::size_t n = ranking_.size();
    const std::size_t areas = settings_.areas.size();
    pool.for_ranges(areas, pool.threads() == 1 ? areas : 1, [&](std::size_t begin, std::size_t end) {
      CocoCurveMaker own(settings_);
      CocoCurveMaker& maker = pool.threads() == 1 ? maker_ : own;
      for (std::size_t a = begin; a < end; ++a)
        maker.make({.levels = ranking_.levels(),
                    .outside = outside_,
                    .scores = scores_,
                    .outcomes = std::span<const GreedyOutcome>(outcomes_).subspan(a * n, n),
                    .objects = counted_objects_[a]},
                   a, curves_);
    });
  }

  const CocoInput& input_;
  const CocoSettings& settings_;
  const EvaluationPlan& plan_;
  std::span<const CocoEntry> predictions_, truth_;
  CocoRanking ranking_;
  std::vector<std::uint32_t> outside_;          // by place
  std::vector<double> scores_;                  // by place
  std::vector<std::uint32_t> ignored_;          // of the class's objects
  std::vector<std::uint64_t> counted_objects_;  // by range of areas
  std::vector<GreedyOutcome> outcomes_;         // [A, places]
  CocoCurves curves_;
  CocoCurveMaker maker_{settings_};
};

/// Puts the arrays of one class into those of all.
void place_curves(const CocoCurves& curves, std::size_t k, const Chunk& chunk, CocoResult& result) {
  const std::size_t row = curves.areas * curves.limits;
  const auto place = [&](const std::vector<double>& from, std::size_t samples, std::vector<double>& to) {
    for (std::size_t t = 0; t < curves.thresholds; ++t)
      for (std::size_t r = 0; r < samples; ++r)
        std::copy_n(from.data() + (t * samples + r) * row, row,
                    to.data() + (((chunk.first + t) * samples + r) * result.categories + k) * row);
  };
  place(curves.precision, curves.recalls, result.precision);
  place(curves.scores, curves.recalls, result.scores);
  place(curves.recall, 1, result.recall);
}

Result<void> evaluate_chunk(const CocoInput& input, const EvaluationPlan& plan, const Chunk& chunk, const Pool& pool,
                            CocoResult& result) {
  std::vector<std::optional<Error>> errors(plan.classes);
  const auto run = [&](ClassEvaluation& evaluation, std::size_t k, const Pool& threads) {
    auto done = evaluation.run(k, chunk, threads);
    if (!done) {
      errors[k] = std::move(done).error();
      return;
    }
    result.category_objects[k] = evaluation.objects();
    place_curves(evaluation.curves(), k, chunk, result);
  };
  const Pool alone;
  const auto is_shared = [&](std::size_t k) {
    return pool.threads() > 1 && plan.predictions.of_class(k).size() >= worth_sharing;
  };
  pool.for_ranges(plan.classes, pool.threads() == 1 ? plan.classes : classes_a_piece,
                  [&](std::size_t begin, std::size_t end) {
                    ClassEvaluation evaluation(input, result.settings, plan);
                    for (std::size_t k = begin; k < end; ++k)
                      if (!is_shared(k)) run(evaluation, k, alone);
                  });
  ClassEvaluation evaluation(input, result.settings, plan);
  for (std::size_t k = 0; k < plan.classes; ++k)
    if (is_shared(k)) run(evaluation, k, pool);
  for (std::optional<Error>& error : errors)
    if (error) return std::move(*error);
  return {};
}

}  // namespace

Result<CocoResult> evaluate_coco(const CocoInput& input, const CocoSettings& settings, const Pool& pool) {
  VETSET_TRY(const EvaluationPlan plan, plan_coco(input, settings));
  CocoResult result{.settings = settings, .categories = plan.classes, .quirks = plan.quirks};
  const std::size_t columns = plan.classes * settings.areas.size() * settings.max_detections.size();
  const std::size_t thresholds = settings.iou_thresholds.size();
  result.precision.assign(thresholds * settings.recall_thresholds.size() * columns, -1);
  result.scores.assign(result.precision.size(), -1);
  result.recall.assign(thresholds * columns, -1);
  result.images = input.images;
  result.objects = plan.truth.entries.size();
  result.detections = plan.predictions.entries.size();
  result.category_objects.assign(plan.classes, 0);
  const std::span<const double> all = result.settings.iou_thresholds;
  for (std::size_t first = 0; first < thresholds; first += GreedyMatcher::most_thresholds) {
    const std::size_t count = std::min(GreedyMatcher::most_thresholds, thresholds - first);
    VETSET_DO(evaluate_chunk(input, plan, {.first = first, .thresholds = all.subspan(first, count)}, pool, result));
  }
  result.lines = coco_lines(result);
  return result;
}

}  // namespace vetset
