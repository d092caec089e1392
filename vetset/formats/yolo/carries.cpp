// What YOLO carries, declared once a task: the proof of every conversion is held to it, in both directions.
#include <algorithm>
#include <array>
#include <cmath>

#include "vetset/formats/yolo/yolo.h"

namespace vetset::yolo_parts {
namespace {

using When = bool (*)(const Dataset&, std::uint32_t);
using Bound = double (*)(const Dataset&, std::uint32_t);

AnnotationIndex at(std::uint32_t i) { return static_cast<AnnotationIndex>(i); }

// Which records a line is about.

bool no_row(const Dataset& d, std::uint32_t i) { return !has_row(d, at(i)); }
bool is_crowd(const Dataset& d, std::uint32_t i) { return d.annotations[i].flags.is(Flag::crowd); }
bool is_turned(const Dataset& d, std::uint32_t i) { return turns(d, at(i)); }
bool has_shape(const Dataset& d, std::uint32_t i, ShapeKind kind) {
  return d.annotations[i].shape != none<ShapeIndex> && d.find_shape(d.annotations[i], kind) != nullptr;
}
bool has_polygon(const Dataset& d, std::uint32_t i) {
  const Shape* shape =
      d.annotations[i].shape == none<ShapeIndex> ? nullptr : d.find_shape(d.annotations[i], ShapeKind::polygon);
  return shape != nullptr && shape->count > 0;
}
bool one_ring(const Dataset& d, std::uint32_t i) {
  return d.annotations[i].shape != none<ShapeIndex> && is_one_ring(d, at(i)) &&
         d[d.annotations[i].shape].next == none<ShapeIndex>;
}
bool many_rings(const Dataset& d, std::uint32_t i) {
  return (has_polygon(d, i) || has_shape(d, i, ShapeKind::mask)) && !one_ring(d, i);
}
bool no_outline(const Dataset& d, std::uint32_t i) { return !has_polygon(d, i) && !has_shape(d, i, ShapeKind::mask); }
bool no_keypoints(const Dataset& d, std::uint32_t i) { return !has_shape(d, i, ShapeKind::keypoints); }
/// Four corners that a row holds as they are.
bool fitting_corners(const Dataset& d, std::uint32_t i) {
  const Annotation& a = d.annotations[i];
  return a.kind == Kind::quad && a.shape != none<ShapeIndex> && d[a.shape].next == none<ShapeIndex> &&
         turned_corners(d, a) && corners_for(d, a);
}
bool is_cornered(const Dataset& d, std::uint32_t i) { return turned_corners(d, d.annotations[i]).has_value(); }
bool no_shape(const Dataset& d, std::uint32_t i) { return d.annotations[i].shape == none<ShapeIndex>; }
bool states_task(const Dataset& d, std::uint32_t) {
  return d.format == "yolo" && residue_with_task(d, Task::as_read) != d.residue;
}
bool has_task(const Dataset& d, std::uint32_t) {
  return d.format == "yolo" && (d.residue.starts_with("task:") || d.residue.find("\ntask:") != std::string::npos);
}
bool box_not_stated(const Dataset& d, std::uint32_t i) { return d.annotations[i].box_origin != Origin::stated; }
bool fitting_keypoints(const Dataset& d, std::uint32_t i) {
  const Shape* shape = d.find_shape(d.annotations[i], ShapeKind::keypoints);
  const PointShape points{d.categories.empty() ? 0
                                               : std::max(d.categories[0].point_count,
                                                          static_cast<std::uint32_t>(d.categories[0].keypoints.size())),
                          0};
  if (shape == nullptr || shape->two || shape->count != points.count * 3) return false;
  const auto numbers = d.numbers_of(*shape);
  const bool one_size = std::all_of(d.categories.begin(), d.categories.end(), [&](const Category& c) {
    return std::max(c.point_count, static_cast<std::uint32_t>(c.keypoints.size())) <= points.count;
  });
  return one_size && std::all_of(numbers.begin(), numbers.end(), fits_row);
}

// How far numbers may move: rounding of a few operations on fractions, and half a unit of the last decimal twice.

double largest_number(const Dataset& d, std::uint32_t i) {
  const Annotation& a = d.annotations[i];
  double largest = std::abs(a.box.x) + std::abs(a.box.y) + std::abs(a.box.width) + std::abs(a.box.height);
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next) {
    if (d[s].kind == ShapeKind::polygon)
      for (const Ring& r : d.rings_of(d[s]))
        for (const double n : d.coordinates_of(r)) largest = std::max(largest, std::abs(n));
    if (d[s].kind == ShapeKind::keypoints || d[s].kind == ShapeKind::numbers)
      for (const double n : d.numbers_of(d[s])) largest = std::max(largest, std::abs(n));
  }
  return largest;
}

template <int digits>
double fraction_bound(const Dataset& d, std::uint32_t i) {
  const ImageIndex image = d.annotations[i].image;
  if (image == none<ImageIndex>) return 0;
  const double size = std::max(d[image].width, d[image].height);
  const double rounding = 16 * 0x1p-52 * (size + largest_number(d, i));
  return digits < 0 ? rounding : rounding + size * std::pow(10.0, -digits);
}

template <std::size_t... n>
constexpr std::array<Bound, sizeof...(n)> bounds_of(std::index_sequence<n...>) {
  return {fraction_bound<static_cast<int>(n) - 1>...};
}
constexpr int most_digits = 17;
constexpr auto bounds = bounds_of(std::make_index_sequence<most_digits + 2>());

/// What holds for every task.
std::vector<Carry> common_lines() {
  return {
      {.field = Field::split,
       .verb = Verb::defaulted,
       .note = "the loader needs train and val: what is missing is the other one"},
      {.field = Field::split_name, .verb = Verb::rekeyed, .note = "train, val or test by role"},
      {.field = Field::split_role, .verb = Verb::rekeyed, .note = "a trainer needs a train split"},
      {.field = Field::split_members, .verb = Verb::exact},
      {.field = Field::split_categories, .verb = Verb::aggregated, .note = "one list of classes for all splits"},
      {.field = Field::category, .verb = Verb::exact},
      {.field = Field::category_id, .verb = Verb::rekeyed, .note = "a class is numbered by its place"},
      {.field = Field::category_name, .verb = Verb::exact},
      {.field = Field::category_order, .verb = Verb::exact},
      {.field = Field::image, .verb = Verb::exact},
      {.field = Field::image_path,
       .verb = Verb::rekeyed,
       .note = "images/<split>/, names made unlike without their extension"},
      {.field = Field::image_order, .verb = Verb::rekeyed, .note = "images have no order of their own"},
      {.field = Field::image_state, .verb = Verb::derived, .note = "a label file with rows, an empty one, or none"},
      {.field = Field::annotation_image, .verb = Verb::exact},
      {.field = Field::annotation_category, .verb = Verb::exact},
      {.field = Field::annotation_order, .verb = Verb::exact},
  };
}

std::vector<Carry> lines_of(Task task, int digits) {
  std::vector<Carry> lines = common_lines();
  const Bound bound = bounds[static_cast<std::size_t>(std::clamp(digits, -1, most_digits) + 1)];
  const std::string_view fractions = "fractions of the image";
  const auto add = [&](Field field, Verb verb, When when, std::string_view note, Bound within = nullptr) {
    lines.push_back({.field = field, .verb = verb, .when = when, .bound = within, .note = note});
  };
  if (task == Task::as_read) {
    add(Field::dataset_residue, Verb::derived, states_task, "task says what rows of nine numbers are");
    for (const Field field :
         {Field::annotation, Field::annotation_kind, Field::annotation_score, Field::annotation_track,
          Field::annotation_authored, Field::dataset_residue, Field::number_style, Field::unread})
      add(field, Verb::exact, nullptr, {});
    add(Field::annotation_box, Verb::quantised, nullptr, fractions, bound);
    add(Field::annotation_polygon, Verb::quantised, nullptr, fractions, bound);
    add(Field::annotation_keypoints, Verb::quantised, nullptr, fractions, bound);
    add(Field::annotation_shape, Verb::quantised, nullptr, fractions, bound);
    add(Field::category_keypoints, Verb::derived, nullptr, "as many points for every class");
    add(Field::category_flip, Verb::rekeyed, nullptr, "one order for all classes");
    return lines;
  }
  if (task == Task::segment || task == Task::obb)
    add(Field::dataset_residue, Verb::derived, nullptr, "task says what rows are");
  else
    add(Field::dataset_residue, Verb::rekeyed, has_task, "task says what rows are");
  if (task == Task::detect || task == Task::pose)
    add(Field::dataset_residue, Verb::exact, nullptr, "keys of data.yaml");
  add(Field::unread, Verb::exact, nullptr, "lines that are no rows");
  add(Field::annotation_authored, Verb::encoded, nullptr, "rows are written anew");
  add(Field::annotation, Verb::dropped, no_row,
      "no row without a named class, a finite box and an image of a known size");
  add(Field::annotation, Verb::refused, is_crowd, "a crowd would be learned as an object");
  add(Field::annotation, Verb::refused, is_turned, "a turned box would be learned larger");
  if (task == Task::segment) add(Field::annotation, Verb::split, many_rings, "a row is one ring");
  add(Field::annotation, Verb::exact, nullptr, {});
  add(Field::annotation_kind, Verb::derived, nullptr, "the task's kind");
  if (task == Task::segment) {
    add(Field::annotation_box, Verb::derived, nullptr, "the box around the outline");
    add(Field::annotation_polygon, Verb::quantised, one_ring, fractions, bound);
    add(Field::annotation_polygon, Verb::derived, no_outline, "a box becomes its four corners");
    add(Field::annotation_polygon, Verb::encoded, nullptr, "one ring: parts and holes joined by seams");
    add(Field::annotation_mask, Verb::dropped, has_polygon, "the outline beside it is written");
    add(Field::annotation_mask, Verb::encoded, nullptr, "outlines along the pixel edges");
    add(Field::annotation_shape, Verb::encoded, is_cornered, "four corners are an outline");
    return lines;
  }
  if (task == Task::obb) {
    add(Field::annotation_box, Verb::derived, nullptr, "the box around the corners");
    add(Field::annotation_shape, Verb::quantised, fitting_corners, fractions, bound);
    add(Field::annotation_shape, Verb::encoded, is_cornered, "a turned box becomes its four corners");
    add(Field::annotation_shape, Verb::derived, no_shape, "a box becomes its four corners");
    add(Field::annotation_shape, Verb::rekeyed, nullptr, "four corners in place of any other shape");
    add(Field::annotation_polygon, Verb::aggregated, nullptr, "the smallest turned box around it");
    add(Field::annotation_mask, Verb::aggregated, nullptr, "the smallest turned box around it");
    return lines;
  }
  add(Field::annotation_box, Verb::derived, box_not_stated, "the box around the shape");
  add(Field::annotation_box, Verb::quantised, nullptr, fractions, bound);
  if (task == Task::detect) return lines;
  add(Field::annotation_keypoints, Verb::derived, no_keypoints, "points that are not there");
  add(Field::annotation_keypoints, Verb::quantised, fitting_keypoints, fractions, bound);
  add(Field::annotation_keypoints, Verb::encoded, nullptr, "as many points for every class");
  add(Field::category_keypoints, Verb::derived, nullptr, "as many points for every class");
  add(Field::category_flip, Verb::rekeyed, nullptr, "one order for all classes");
  return lines;
}

}  // namespace

std::span<const Carry> yolo_carries(Task task, int digits) {
  constexpr std::size_t tasks = 5, choices = most_digits + 2;
  static const std::vector<std::vector<Carry>> tables = [] {
    std::vector<std::vector<Carry>> all;
    for (std::size_t t = 0; t < tasks; ++t)
      for (int n = -1; n <= most_digits; ++n) all.push_back(lines_of(static_cast<Task>(t), n));
    return all;
  }();
  return tables[static_cast<std::size_t>(task) * choices +
                static_cast<std::size_t>(std::clamp(digits, -1, most_digits) + 1)];
}

}  // namespace vetset::yolo_parts
