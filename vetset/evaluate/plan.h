// What an evaluation goes through, and in which order: the rows of both sides by class, then image, then as the
// reference lists them. Here the faults of records are looked for, and refused or counted.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vetset/base/column.h"
#include "vetset/base/result.h"
#include "vetset/evaluate/coco.h"

namespace vetset {

/// What is needed of a row in the order of the evaluation, where the rows themselves lie far apart.
struct CocoEntry {
  double score = 0;  // of a prediction
  std::uint32_t row = 0, image = 0;
};

/// One side, sorted by class, image and the order of getAnnIds.
struct CocoSide {
  Column<CocoEntry> entries;
  Column<std::uint32_t> outside;   // of each: a bit for every range of areas that it lies outside of
  std::vector<std::size_t> begin;  // of each class, and the end

  std::span<const CocoEntry> of_class(std::size_t k) const { return entries.slice(begin[k], count(k)); }
  std::span<const std::uint32_t> outside_of_class(std::size_t k) const { return outside.slice(begin[k], count(k)); }
  std::size_t count(std::size_t k) const { return begin[k + 1] - begin[k]; }
};

struct EvaluationPlan {
  std::size_t classes = 0;  // 1 without use_categories
  CocoSide truth, predictions;
  std::vector<QuirkFired> quirks;  // in the order of quirks.def

  bool fired(CocoQuirk quirk, bool prediction) const;
};

/// Checks settings and columns, and plans. An error where the mode refuses what a row says.
Result<EvaluationPlan> plan_coco(const CocoInput& input, const CocoSettings& settings);

std::int64_t coco_id(const InstancesView& rows, std::uint32_t row);
bool is_coco_crowd(const InstancesView& truth, std::uint32_t row);
/// Whether an object is ignored whatever its area.
bool coco_ignores(const InstancesView& truth, std::uint32_t row, const CocoSettings& settings);
/// Whether a match with this object reads as none, and whether an object that this prediction takes stays free: the ids
/// that count as 0 in strict mode.
bool is_unnamed(const InstancesView& truth, std::uint32_t row, const CocoSettings& settings);
bool leaves_free(const InstancesView& predictions, std::uint32_t row, const CocoSettings& settings);

/// Of an object, a bit for each range of areas in which it is ignored.
inline std::uint32_t ignored_cases(const InstancesView& truth, std::uint32_t row, std::uint32_t outside,
                                   const CocoSettings& settings) {
  return coco_ignores(truth, row, settings) ? ~std::uint32_t{0} : outside;
}
/// Whether anything is compared at all: not keypoints without classes in strict mode.
bool compares(const CocoSettings& settings);

/// The first so many of `list` that are of the same image as its first.
std::size_t run_of_image(std::span<const CocoEntry> list);

}  // namespace vetset
