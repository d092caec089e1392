#include "vetset/evaluate/plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vetset/evaluate/areas.h"
#include "vetset/evaluate/repeated_ids.h"

namespace vetset {
namespace {

using Rows = Column<std::uint32_t>;

constexpr std::int64_t last_exact_integer = std::int64_t{1} << 53;

bool is_strict(const CocoSettings& settings) { return settings.mode == CocoMode::strict; }
bool needs_masks(IouType type) { return type == IouType::segm || type == IouType::boundary; }

/// Sorts rows by `key` below `keys`, stably; leaves what is sorted as it is.
template <class Key>
void sort_rows(Rows& rows, std::size_t keys, const Key& key) {
  const auto in_order = [&] {
    for (std::size_t i = 1; i < rows.size(); ++i)
      if (key(rows[i]) < key(rows[i - 1])) return false;
    return true;
  };
  if (in_order()) return;
  std::vector<std::size_t> place(keys + 1);
  for (const std::uint32_t row : rows) ++place[key(row) + 1];
  for (std::size_t k = 0; k < keys; ++k) place[k + 1] += place[k];
  Rows sorted(rows.size());
  for (const std::uint32_t row : rows) sorted[place[key(row)]++] = row;
  rows = std::move(sorted);
}

/// One side's rows that are evaluated, by image and, without categories, by category before the file's order.
struct Selection {
  Rows rows;
  std::uint64_t replaced = 0;  // rows in whose place another of the same id is evaluated, or would be
  std::uint64_t first_replaced = 0;
};
Selection select(const InstancesView& view, const CocoInput& input, const CocoSettings& settings) {
  Selection chosen;
  const bool by_class = settings.use_categories;
  const auto has_place = [&](std::uint32_t row) {
    return view.image[row] != no_number && view.category[row] != no_number;
  };
  const std::vector<RepeatedId> repeated = repeated_ids(view);
  const bool replaces = is_strict(settings) && !repeated.empty();
  chosen.rows.reserve(view.count);
  for (std::uint32_t row = 0; row < view.count; ++row)
    if (has_place(row) || (replaces && !by_class && view.image[row] != no_number)) chosen.rows.push_back(row);
  const auto image = [&](std::uint32_t row) { return view.image[row]; };
  for (const RepeatedId& id : repeated) {
    if (!has_place(id.row)) continue;
    if (chosen.replaced++ == 0) chosen.first_replaced = id.row;
  }
  if (replaces) {
    sort_rows(chosen.rows, input.images, image);
    std::size_t kept = 0;
    for (const std::uint32_t row : chosen.rows) {
      const auto found = std::lower_bound(repeated.begin(), repeated.end(), row,
                                          [](const RepeatedId& id, std::uint32_t r) { return id.row < r; });
      const std::uint32_t now = found != repeated.end() && found->row == row ? found->last : row;
      if (has_place(now)) chosen.rows[kept++] = now;
    }
    chosen.rows.resize(kept);
  }
  if (!by_class) sort_rows(chosen.rows, input.categories, [&](std::uint32_t row) { return view.category[row]; });
  sort_rows(chosen.rows, input.images, image);
  return chosen;
}

/// Entries by class; the last of several sorts, so that rows are read in the order of their images.
CocoSide side_of(const InstancesView& view, const Rows& rows, std::size_t classes, bool by_class, const Areas& areas,
                 std::span<const CocoAreaRange> ranges) {
  CocoSide side;
  side.begin.assign(classes + 1, 0);
  const auto class_of = [&](std::uint32_t row) { return by_class ? view.category[row] : std::size_t{0}; };
  for (const std::uint32_t row : rows) ++side.begin[class_of(row) + 1];
  for (std::size_t k = 0; k < classes; ++k) side.begin[k + 1] += side.begin[k];
  side.entries.resize(rows.size());
  side.outside.resize(rows.size());
  std::vector<std::size_t> place(side.begin.begin(), side.begin.end() - 1);
  for (const std::uint32_t row : rows) {
    const std::size_t at = place[class_of(row)]++;
    side.entries[at] = {.score = view.score.empty() ? 0 : view.score[row], .row = row, .image = view.image[row]};
    // As the reference asks: what is not a number lies outside of nothing.
    const double area = areas.at(row);
    for (std::size_t a = 0; a < ranges.size(); ++a)
      if (area < ranges[a].low || area > ranges[a].high) side.outside[at] |= 1U << a;
  }
  return side;
}

/// Looks through rows for what a quirk or a refusal is about.
struct Found {
  std::uint64_t count = 0, first = std::numeric_limits<std::uint64_t>::max();
  void add(std::uint32_t row) {
    ++count;
    first = std::min<std::uint64_t>(first, row);
  }
};
template <class Asks>
Found find(const CocoSide& side, const Asks& asks) {
  Found found;
  for (const CocoEntry& entry : side.entries)
    if (asks(entry.row)) found.add(entry.row);
  return found;
}

Error refusal(const char* side, const Found& found, const std::string& what) {
  const std::string others = found.count > 1 ? " (and " + std::to_string(found.count - 1) + " more)" : std::string();
  const std::uint64_t line = std::min<std::uint64_t>(found.first + 1, std::numeric_limits<std::uint32_t>::max());
  return Error{Code::refused, what + others, side, static_cast<std::uint32_t>(line)};
}

bool says(const InstancesView& view, std::uint32_t row, Said what) {
  return view.said.empty() || has(view.said[row], what);
}
bool marked(const InstancesView& view, std::uint32_t row, Mark mark) {
  return !view.marks.empty() && has(view.marks[row], mark);
}
bool has_mask(const InstancesView& view, std::uint32_t row) {
  return !view.mask.empty() && (view.mask[row].height != 0 || view.mask[row].width != 0);
}

/// Notes quirks, and refuses what the mode refuses.
class Faults {
 public:
  Faults(const CocoInput& input, const CocoSettings& settings, EvaluationPlan& plan)
      : truth_(input.truth), predictions_(input.predictions), settings_(settings), plan_(plan) {}

  Result<void> of_truth() {
    const auto about_truth = [&](const auto& asks) { return find(plan_.truth, asks); };
    note_ids(truth_, plan_.truth, false);
    note(CocoQuirk::ignore_overwritten, about_truth([&](std::uint32_t row) {
           return marked(truth_, row, Mark::ignore) && !is_coco_crowd(truth_, row) && !without_points(row);
         }));
    const Found no_crowd = about_truth([&](std::uint32_t row) { return !says(truth_, row, Said::crowd); });
    if (no_crowd.count > 0 && strict())
      return refusal("truth", no_crowd, "an object has no 'iscrowd', where pycocotools stops with KeyError");
    note(CocoQuirk::missing_crowd, no_crowd);
    const Found no_area = about_truth(
        [&](std::uint32_t row) { return !says(truth_, row, Said::area) && !coco_ignores(truth_, row, settings_); });
    if (no_area.count > 0 && strict())
      return refusal("truth", no_area, "an object has no 'area', where pycocotools stops with KeyError");
    note(CocoQuirk::missing_area, no_area);
    if (needs_masks(settings_.iou_type)) {
      const Found of_four = about_truth([&](std::uint32_t row) { return marked(truth_, row, Mark::polygon_of_four); });
      if (of_four.count > 0 && strict())
        return refusal("truth", of_four, "a polygon has four numbers, where pycocotools stops with TypeError");
      note(CocoQuirk::polygon_of_four, of_four);
    }
    if (!strict()) return {};
    if (settings_.iou_type == IouType::bbox || settings_.iou_type == IouType::keypoints) {
      const Found none = about_truth([&](std::uint32_t row) { return !says(truth_, row, Said::box); });
      if (none.count > 0)
        return refusal("truth", none, "an object has no 'bbox', where pycocotools stops with KeyError");
    }
    if (needs_masks(settings_.iou_type)) {
      const Found none = about_truth([&](std::uint32_t row) { return !has_mask(truth_, row); });
      if (none.count > 0)
        return refusal("truth", none, "an object has no 'segmentation', where pycocotools stops with KeyError");
    }
    return {};
  }

  Result<void> of_predictions() {
    if (predictions_.count == 0) {
      if (strict())
        return Error{Code::refused, "there are no predictions, where pycocotools stops with IndexError", "predictions"};
      note(CocoQuirk::no_predictions, {.count = 1, .first = 0}, true);
    }
    note_ids(predictions_, plan_.predictions, true);
    const auto about_them = [&](const auto& asks) { return find(plan_.predictions, asks); };
    const Found no_score = about_them([&](std::uint32_t row) { return !says(predictions_, row, Said::score); });
    if (no_score.count > 0) return refusal("predictions", no_score, "a prediction has no score");
    const Found nan = about_them([&](std::uint32_t row) { return std::isnan(predictions_.score[row]); });
    if (nan.count > 0 && !strict()) return refusal("predictions", nan, "the score of a prediction is not a number");
    note(CocoQuirk::nan_score, nan, true);
    note(CocoQuirk::infinite_score, about_them([&](std::uint32_t row) { return std::isinf(predictions_.score[row]); }),
         true);
    if (needs_masks(settings_.iou_type)) {
      if (const Found none = about_them([&](std::uint32_t row) { return !has_mask(predictions_, row); });
          none.count > 0 && strict())
        return refusal("predictions", none, "a prediction has no mask");
      if (predictions_.count > 0 && !predictions_.said.empty() && has(predictions_.said[0], Said::box))
        note(CocoQuirk::mask_box, about_them([&](std::uint32_t row) {
               return has_mask(predictions_, row) && has(predictions_.said[row], Said::box);
             }),
             true);
    }
    if (strict() && settings_.iou_type == IouType::keypoints) VETSET_DO(areas_of_compared());
    Found unknown;
    for (std::uint32_t row = 0; row < predictions_.count; ++row)
      if (predictions_.category[row] == no_number && predictions_.image[row] != no_number) unknown.add(row);
    if (settings_.use_categories) note(CocoQuirk::unknown_category, unknown, true);
    return {};
  }

  void of_settings() {
    const std::uint32_t usual = settings_.iou_type == IouType::keypoints ? 20 : 100;
    if (std::find(settings_.max_detections.begin(), settings_.max_detections.end(), usual) ==
        settings_.max_detections.end())
      note(CocoQuirk::detections_limit, {.count = 1, .first = 0});
    if (settings_.iou_type == IouType::keypoints && !settings_.use_categories)
      note(CocoQuirk::keypoints_without_categories, {.count = 1, .first = 0});
  }

  void replaced(const Selection& chosen, bool prediction) {
    note(CocoQuirk::duplicate_id, {.count = chosen.replaced, .first = chosen.first_replaced}, prediction);
  }

  void finish() {
    std::stable_sort(plan_.quirks.begin(), plan_.quirks.end(),
                     [](const QuirkFired& a, const QuirkFired& b) { return a.quirk < b.quirk; });
  }

 private:
  bool strict() const { return is_strict(settings_); }
  /// Similarities of keypoints need the areas of ignored objects too, where there is anything to compare them with.
  Result<void> areas_of_compared() const {
    Found no_area;
    for (std::size_t k = 0; k < plan_.classes && compares(settings_); ++k)
      for (const CocoEntry& object : plan_.truth.of_class(k)) {
        if (says(truth_, object.row, Said::area)) continue;
        const std::span<const CocoEntry> others = plan_.predictions.of_class(k);
        if (std::any_of(others.begin(), others.end(), [&](const CocoEntry& e) { return e.image == object.image; }))
          no_area.add(object.row);
      }
    if (no_area.count == 0) return {};
    return refusal("truth", no_area, "an object has no 'area', where pycocotools stops with KeyError");
  }
  bool without_points(std::uint32_t row) const {
    return settings_.iou_type == IouType::keypoints && marked(truth_, row, Mark::no_keypoints);
  }
  void note(CocoQuirk quirk, Found found, bool prediction = false) {
    if (found.count > 0)
      plan_.quirks.push_back({.quirk = quirk, .count = found.count, .prediction = prediction, .first = found.first});
  }
  void note_ids(const InstancesView& view, const CocoSide& side, bool prediction) {
    if (view.id.empty()) return;
    note(CocoQuirk::zero_id, find(side, [&](std::uint32_t row) { return view.id[row] == 0; }), prediction);
    note(CocoQuirk::big_id,
         find(side,
              [&](std::uint32_t row) {
                return view.id[row] > last_exact_integer || view.id[row] < -last_exact_integer;
              }),
         prediction);
  }

  const InstancesView& truth_;
  const InstancesView& predictions_;
  const CocoSettings& settings_;
  EvaluationPlan& plan_;
};

}  // namespace

bool EvaluationPlan::fired(CocoQuirk quirk, bool prediction) const {
  return std::any_of(quirks.begin(), quirks.end(),
                     [&](const QuirkFired& f) { return f.quirk == quirk && f.prediction == prediction; });
}

std::int64_t coco_id(const InstancesView& rows, std::uint32_t row) {
  return rows.id.empty() ? std::int64_t{row} + 1 : rows.id[row];
}
bool is_coco_crowd(const InstancesView& truth, std::uint32_t row) { return marked(truth, row, Mark::crowd); }
bool coco_ignores(const InstancesView& truth, std::uint32_t row, const CocoSettings& settings) {
  if (is_coco_crowd(truth, row)) return true;
  if (settings.iou_type == IouType::keypoints && marked(truth, row, Mark::no_keypoints)) return true;
  return !is_strict(settings) && marked(truth, row, Mark::ignore);
}
bool is_unnamed(const InstancesView& truth, std::uint32_t row, const CocoSettings& settings) {
  return is_strict(settings) && coco_id(truth, row) == 0;
}
bool leaves_free(const InstancesView& predictions, std::uint32_t row, const CocoSettings& settings) {
  return is_strict(settings) && coco_id(predictions, row) <= 0;
}

bool compares(const CocoSettings& settings) {
  return settings.use_categories || settings.iou_type != IouType::keypoints || !is_strict(settings);
}

std::size_t run_of_image(std::span<const CocoEntry> list) {
  std::size_t n = 0;
  while (n < list.size() && list[n].image == list[0].image) ++n;
  return n;
}

Result<EvaluationPlan> plan_coco(const CocoInput& input, const CocoSettings& settings) {
  VETSET_DO(check_coco_input(input, settings));
  EvaluationPlan plan{.classes = settings.use_categories ? input.categories : 1};
  Faults faults(input, settings, plan);
  {
    const Selection chosen = select(input.truth, input, settings);
    VETSET_TRY(const Areas areas, truth_areas(input.truth, settings));
    plan.truth = side_of(input.truth, chosen.rows, plan.classes, settings.use_categories, areas, settings.areas);
    faults.replaced(chosen, false);
  }
  VETSET_DO(faults.of_truth());
  {
    const Selection chosen = select(input.predictions, input, settings);
    VETSET_TRY(const Areas areas, predicted_areas(input.predictions, settings));
    plan.predictions =
        side_of(input.predictions, chosen.rows, plan.classes, settings.use_categories, areas, settings.areas);
    faults.replaced(chosen, true);
  }
  VETSET_DO(faults.of_predictions());
  faults.of_settings();
  faults.finish();
  return plan;
}

}  // namespace vetset
