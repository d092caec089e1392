// What a list of COCO results carries: predictions and scores, by the ids of images and categories.
#include <algorithm>
#include <map>
#include <tuple>

#include "vetset/formats/coco/results.h"

namespace vetset::coco_results_parts {
namespace {

using Record = std::uint32_t;

AnnotationIndex at(Record i) { return static_cast<AnnotationIndex>(i); }
const Annotation& row(const Dataset& d, Record i) { return d.annotations[i]; }

bool is_copied(const Dataset& d, Record) { return d.splits.size() > 1; }
bool no_box(const Dataset& d, Record i) { return !has_record(d, at(i), "detect"); }
bool no_mask(const Dataset& d, Record i) { return !has_record(d, at(i), "segment"); }
bool no_points(const Dataset& d, Record i) { return !has_record(d, at(i), "pose"); }
bool is_unscored(const Dataset& d, Record i) { return is_unstated(d.score(at(i))); }
bool is_crowd(const Dataset& d, Record i) { return row(d, i).flags.is(Flag::crowd); }
bool is_rotated(const Dataset& d, Record i) { return is_coco_rotated(row(d, i)); }
bool box_stated(const Dataset& d, Record i) { return row(d, i).box_origin == Origin::stated; }
std::size_t shapes_of(const Dataset& d, Record i, ShapeKind kind) {
  std::size_t count = 0;
  for (ShapeIndex s = row(d, i).shape; s != none<ShapeIndex>; s = d[s].next) count += d[s].kind == kind ? 1U : 0U;
  return count;
}
bool many_masks(const Dataset& d, Record i) { return shapes_of(d, i, ShapeKind::mask) > 1; }
bool plain_points(const Dataset& d, Record i) {
  const Shape* const points = coco_keypoints_of(d, row(d, i));
  return points != nullptr && !points->two && shapes_of(d, i, ShapeKind::keypoints) == 1;
}

std::vector<Carry> common_lines() {
  return {
      {.field = Field::split, .verb = Verb::exact},
      {.field = Field::split, .verb = Verb::derived, .note = "images of no split get a list"},
      {.field = Field::split_name, .verb = Verb::rekeyed, .note = "a name that a document can have"},
      {.field = Field::split_role, .verb = Verb::rekeyed, .note = "what the document's name says"},
      {.field = Field::split_members, .verb = Verb::exact},
      {.field = Field::split_categories, .verb = Verb::aggregated, .note = "only classes with results"},
      {.field = Field::category, .verb = Verb::dropped, .note = "a class without results is not named"},
      {.field = Field::category_id, .verb = Verb::exact},
      {.field = Field::category_name, .verb = Verb::rekeyed, .note = "known by its id; names are in the ground truth"},
      {.field = Field::category_order, .verb = Verb::rekeyed, .note = "by id"},
      {.field = Field::image,
       .verb = Verb::rekeyed,
       .when = is_copied,
       .note = "only images with results, once in the list of each split"},
      {.field = Field::image, .verb = Verb::dropped, .note = "an image without results is not named"},
      {.field = Field::image_path, .verb = Verb::rekeyed, .note = "known by its id; names are in the ground truth"},
      {.field = Field::image_id, .verb = Verb::exact},
      {.field = Field::image_order, .verb = Verb::rekeyed, .note = "as results name them"},
      {.field = Field::annotation_order, .verb = Verb::exact},
      {.field = Field::annotation_image, .verb = Verb::exact},
      {.field = Field::annotation_category, .verb = Verb::exact},
      {.field = Field::annotation_score, .verb = Verb::exact},
  };
}

std::vector<Carry> lines_of(std::string_view task, const Policies& policies) {
  std::vector<Carry> lines = common_lines();
  const auto add = [&](Field field, Verb verb, bool (*when)(const Dataset&, Record), std::string_view note) {
    lines.push_back({.field = field, .verb = verb, .when = when, .note = note});
  };
  if (task.empty()) {
    for (const Field field :
         {Field::annotation, Field::annotation_id, Field::annotation_kind, Field::annotation_box,
          Field::annotation_polygon, Field::annotation_mask, Field::annotation_keypoints, Field::annotation_area,
          Field::annotation_crowd, Field::annotation_track, Field::annotation_attributes, Field::annotation_texts,
          Field::annotation_residue, Field::annotation_lexemes, Field::number_style})
      add(field, Verb::exact, nullptr, {});
    return lines;
  }
  const bool boxes = task == "detect", masks = task == "segment";
  add(Field::annotation, Verb::dropped,
      boxes   ? no_box
      : masks ? no_mask
              : no_points,
      boxes   ? "no result without an image, a class and a box"
      : masks ? "no result without an image, a class and a mask"
              : "no result without an image, a class and keypoints");
  if (policies[Decision::score] != Policy::object)
    add(Field::annotation, Verb::refused, is_unscored, "a prediction has a score");
  if (policies[Decision::crowd] != Policy::object)
    add(Field::annotation, Verb::refused, is_crowd, "a crowd is no prediction");
  if (policies[Decision::rotated] == Policy::drop && boxes)
    add(Field::annotation, Verb::refused, is_rotated, "rotated=drop");
  add(Field::annotation, Verb::split, is_copied, "once in the list of each split");
  add(Field::annotation, Verb::exact, nullptr, {});
  add(Field::annotation_kind, Verb::derived, nullptr, "what the task is about");
  if (policies[Decision::score] == Policy::object)
    lines.insert(
        std::find_if(lines.begin(), lines.end(), [](const Carry& c) { return c.field == Field::annotation_score; }),
        {.field = Field::annotation_score, .verb = Verb::defaulted, .when = is_unscored, .note = "certain: 1"});
  if (boxes) {
    add(Field::annotation_box, Verb::exact, box_stated, {});
    add(Field::annotation_box, Verb::derived, nullptr, "around the shape");
  } else if (masks) {
    add(Field::annotation_mask, Verb::aggregated, many_masks, "the first mask");
    add(Field::annotation_mask, Verb::exact, nullptr, {});
  } else {
    add(Field::annotation_keypoints, Verb::exact, plain_points, {});
    add(Field::annotation_keypoints, Verb::encoded, nullptr, "points without visibility are visible");
  }
  return lines;
}

}  // namespace

std::span<const Carry> results_carries() {
  static const std::vector<Carry> lines = lines_of("detect", {});
  return lines;
}

std::span<const Carry> results_carries_for(const WriteOptions& options) {
  using Key = std::tuple<std::string_view, Policy, Policy, Policy>;
  static const std::map<Key, std::vector<Carry>> tables = [] {
    std::map<Key, std::vector<Carry>> all;
    for (const std::string_view task : {"", "detect", "segment", "pose"})
      for (const Policy score : {Policy::drop, Policy::object})
        for (const Policy crowd : {Policy::drop, Policy::object})
          for (const Policy rotated : {Policy::envelope, Policy::drop}) {
            Policies policies;
            policies[Decision::score] = score;
            policies[Decision::crowd] = crowd;
            policies[Decision::rotated] = rotated;
            all.emplace(Key{task, score, crowd, rotated}, lines_of(task, policies));
          }
    return all;
  }();
  const auto chosen = [&](Decision decision, Policy usual, Policy other) {
    return options.policies[decision] == other ? other : usual;
  };
  const auto found = tables.find(Key{options.task, chosen(Decision::score, Policy::drop, Policy::object),
                                     chosen(Decision::crowd, Policy::drop, Policy::object),
                                     chosen(Decision::rotated, Policy::envelope, Policy::drop)});
  return found == tables.end() ? results_carries() : std::span<const Carry>(found->second);
}

}  // namespace vetset::coco_results_parts
