#include "vetset/evaluate/overlaps.h"

#include <algorithm>

#include "vetset/dataset/matching.h"
#include "vetset/evaluate/plan.h"

namespace vetset {
namespace {

constexpr std::size_t numbers_a_point = 3;

void take_boxes(const InstancesView& view, std::span<const std::uint32_t> rows, std::vector<Box>& out) {
  out.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = view.box[rows[i]];
}

void take_points(const InstancesView& view, std::span<const std::uint32_t> rows, std::vector<double>& out) {
  const std::size_t numbers = view.points * numbers_a_point;
  out.resize(rows.size() * numbers);
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::copy_n(view.keypoints.data() + rows[i] * numbers, numbers, out.data() + i * numbers);
}

/// Masks made ready, and their boundaries where `edge_ratio` is above 0.
Result<void> take_masks(const InstancesView& view, std::span<const std::uint32_t> rows, const char* side,
                        double edge_ratio, std::vector<MaskSpans>& masks, std::vector<MaskSpans>& edges) {
  if (masks.size() < rows.size()) masks.resize(rows.size());
  if (edge_ratio > 0 && edges.size() < rows.size()) edges.resize(rows.size());
  MaskCounts counts, edge;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const MaskText& mask = view.mask[rows[i]];
    auto read = counts_of_coco_string(view.text(mask), mask.height, mask.width, counts);
    if (!read) return Error{Code::malformed, read.error().message, side, rows[i] + 1};
    masks[i].assign(counts, mask.height, mask.width);
    if (edge_ratio <= 0) continue;
    boundary_of_counts(counts, mask.height, mask.width, boundary_distance(mask.height, mask.width, edge_ratio), edge);
    edges[i].assign(edge, mask.height, mask.width);
  }
  return {};
}

}  // namespace

Result<std::span<const double>> CocoOverlaps::of(std::span<const std::uint32_t> predictions,
                                                 std::span<const std::uint32_t> objects) {
  crowd_.resize(objects.size());
  for (std::size_t g = 0; g < objects.size(); ++g) crowd_[g] = is_coco_crowd(input_.truth, objects[g]) ? 1 : 0;
  overlaps_.resize(predictions.size() * objects.size());
  switch (settings_.iou_type) {
    case IouType::bbox: of_boxes(predictions, objects); break;
    case IouType::keypoints: of_keypoints(predictions, objects); break;
    case IouType::segm:
    case IouType::boundary: VETSET_DO(of_masks(predictions, objects)); break;
  }
  return std::span<const double>(overlaps_);
}

void CocoOverlaps::of_boxes(std::span<const std::uint32_t> predictions, std::span<const std::uint32_t> objects) {
  take_boxes(input_.predictions, predictions, detection_boxes_);
  take_boxes(input_.truth, objects, object_boxes_);
  box_ious(detection_boxes_, object_boxes_, crowd_, overlaps_);
}

void CocoOverlaps::of_keypoints(std::span<const std::uint32_t> predictions, std::span<const std::uint32_t> objects) {
  take_points(input_.predictions, predictions, detection_points_);
  take_points(input_.truth, objects, object_points_);
  take_boxes(input_.truth, objects, object_boxes_);
  object_areas_.resize(objects.size());
  for (std::size_t g = 0; g < objects.size(); ++g) {
    const Box& box = object_boxes_[g];
    object_areas_[g] = input_.truth.area.empty() ? box.width * box.height : input_.truth.area[objects[g]];
  }
  keypoint_similarities(detection_points_, object_points_, object_areas_, object_boxes_, settings_.sigmas, overlaps_);
}

Result<void> CocoOverlaps::of_masks(std::span<const std::uint32_t> predictions,
                                    std::span<const std::uint32_t> objects) {
  const bool edges = settings_.iou_type == IouType::boundary;
  const double ratio = edges ? settings_.boundary_ratio : 0;
  VETSET_DO(take_masks(input_.predictions, predictions, "predictions", ratio, detections_, detection_edges_));
  VETSET_DO(take_masks(input_.truth, objects, "truth", ratio, objects_, object_edges_));
  for (std::size_t d = 0; d < predictions.size(); ++d)
    for (std::size_t g = 0; g < objects.size(); ++g) {
      const bool crowd = crowd_[g] != 0;
      double overlap = mask_iou(detections_[d], objects_[g], crowd);
      if (edges && !crowd) overlap = std::min(overlap, mask_iou(detection_edges_[d], object_edges_[g], false));
      overlaps_[d * objects.size() + g] = overlap;
    }
  return {};
}

}  // namespace vetset
