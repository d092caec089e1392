// COCO results: what a detector says, as pycocotools' loadRes takes it. An array of records with image_id, category_id,
// score, and a box, a mask or keypoints. It holds predictions only: images, names and sizes are in the ground truth,
// and without it images and categories are known by their ids alone.
#include "vetset/formats/coco/results.h"

#include <algorithm>

#include "vetset/formats/coco/predict.h"

namespace vetset {
namespace coco_results_parts {
namespace {

constexpr std::string_view tasks[] = {"detect", "segment", "pose"};

bool is_keypoints(const Shape* points) {
  return points != nullptr && points->count > 0 && (points->two || points->count % 3 == 0);
}

std::string_view task_of(const Dataset& d, const WriteOptions& options) {
  if (!options.task.empty() || d.format == "coco-results") return options.task;
  bool masks = true, points = true, any = false;
  for (std::size_t i = 0; i < d.annotations.size() && (masks || points); ++i) {
    const Annotation& a = d.annotations[i];
    if (is_unstated(d.score(to_index<AnnotationIndex>(i)))) continue;
    any = true;
    masks = masks && a.shape != none<ShapeIndex> && d.find_shape(a, ShapeKind::mask) != nullptr;
    points = points && a.shape != none<ShapeIndex> && is_keypoints(d.find_shape(a, ShapeKind::keypoints));
  }
  return !any ? tasks[0] : masks ? tasks[1] : points ? tasks[2] : tasks[0];
}

// What the choices ask.

bool is_new(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return !is_as_read(d, options) && has_record(d, i, options.task);
}
bool asks_score(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return is_unstated(d.score(i)) && is_new(d, i, options);
}
bool asks_crowd(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return d[i].flags.is(Flag::crowd) && is_new(d, i, options);
}
bool asks_rotated(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return is_coco_rotated(d[i]) && options.task == tasks[0] && is_new(d, i, options);
}

constexpr Policy score_policies[] = {Policy::drop, Policy::object};
constexpr Policy crowd_policies[] = {Policy::drop, Policy::object};
constexpr Policy rotated_policies[] = {Policy::envelope, Policy::drop};
constexpr Choice choices[] = {
    {Decision::score, asks_score, score_policies,
     "a result needs a score: what has none is left out, or is said to be certain (score 1)"},
    {Decision::crowd, asks_crowd, crowd_policies, "results have no crowd regions: each would count as one prediction"},
    {Decision::rotated, asks_rotated, rotated_policies, "boxes of results are upright: the box around it is larger"},
};

/// The first record whose id is missing, or is another's as well.
std::optional<std::size_t> without_id(const Dataset& d, const Ids& ids, const std::vector<bool>& used) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    const std::string json = d.id_json(ids, i);
    if (json.empty() || json == "null") return i;
    const auto whole = coco_integer(json);
    if (whole && json != std::to_string(*whole)) return i;  // 1.0 would be read as 1
    all.push_back(json);
  }
  std::sort(all.begin(), all.end());
  const auto twice = std::adjacent_find(all.begin(), all.end());
  if (twice == all.end()) return std::nullopt;
  for (std::size_t i = 0; i < used.size(); ++i)
    if (used[i] && d.id_json(ids, i) == *twice) return i;
  return std::nullopt;
}

std::optional<std::string> refuses(const Dataset& d, const WriteOptions& options) {
  if (is_as_read(d, options)) return std::nullopt;
  std::vector<bool> images(d.images.size()), categories(d.categories.size());
  for (std::size_t i = 0; i < d.annotations.size(); ++i) {
    if (!is_written(d, to_index<AnnotationIndex>(i), options)) continue;
    images[to_size(d.annotations[i].image)] = true;
    categories[to_size(d.annotations[i].category)] = true;
  }
  constexpr std::string_view advice =
      ": results speak by the ids of their ground truth, so write that first with --to coco, and read it";
  if (const auto i = without_id(d, d.image_ids, images))
    return "image " + std::string(d.path(to_index<ImageIndex>(*i))) + " has no id of its own" + std::string(advice);
  if (const auto c = without_id(d, d.category_ids, categories))
    return "class '" + d.categories[*c].name + "' has no id of its own" + std::string(advice);
  return std::nullopt;
}

}  // namespace

bool has_record(const Dataset& d, AnnotationIndex i, std::string_view task) {
  const Annotation& a = d[i];
  if (a.image == none<ImageIndex> || a.category == none<CategoryIndex>) return false;
  if (task == tasks[1]) return a.shape != none<ShapeIndex> && d.find_shape(a, ShapeKind::mask) != nullptr;
  if (task == tasks[2]) return a.shape != none<ShapeIndex> && is_keypoints(d.find_shape(a, ShapeKind::keypoints));
  return coco_box_of(d, a).has_value();
}

bool is_written(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  if (is_as_read(d, options)) return true;
  if (!has_record(d, i, options.task)) return false;
  if (asks_score(d, i, options) && options.policies[Decision::score] != Policy::object) return false;
  if (asks_crowd(d, i, options) && options.policies[Decision::crowd] != Policy::object) return false;
  return !asks_rotated(d, i, options) || options.policies[Decision::rotated] != Policy::drop;
}

}  // namespace coco_results_parts

extern const Format coco_results;
const Format coco_results{
    .id = "coco-results",
    .title = "COCO results",
    .judge = "pycocotools 2.0.11",
    .tasks = coco_results_parts::tasks,
    .carries = coco_results_parts::results_carries(),
    .choices = coco_results_parts::choices,
    .detect = coco_results_parts::detect_results,
    .read = coco_results_parts::read_results,
    .write = coco_results_parts::write_results,
    .refuses = coco_results_parts::refuses,
    .task = coco_results_parts::task_of,
    .carries_for = coco_results_parts::results_carries_for,
    .holds_images = false,
    .predict = coco_results_parts::predict_results,
};

}  // namespace vetset
