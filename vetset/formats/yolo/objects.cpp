// Annotations as label rows: which task a dataset is for, and what one object looks like in it.
#include <algorithm>
#include <cmath>

#include "vetset/formats/per_image.h"
#include "vetset/formats/yolo/yolo.h"

namespace vetset::yolo_parts {
namespace {

bool all_fit(std::span<const double> numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double n) { return fits_row(n); });
}

bool all_fit(const Box& b) { return fits_row(b.x) && fits_row(b.y) && fits_row(b.width) && fits_row(b.height); }

/// The object's box in pixels, stated or of its shape; nothing where it has none that a row could hold.
std::optional<Box> box_of(const Dataset& d, const Annotation& a) {
  if (a.box_origin == Origin::unplaced) return std::nullopt;
  if (a.box_origin != Origin::none) return all_fit(a.box) ? std::optional(a.box) : std::nullopt;
  const std::optional<Box> around = shape_box(d, a);
  return around && all_fit(*around) ? around : std::nullopt;
}

using Ring2 = std::vector<double>;
/// One part of an object: its outer ring first, then its holes, which turn the other way.
using Part = std::vector<Ring2>;

void turn(Ring2& ring) {
  for (std::size_t i = 0, j = ring.size(); i + 2 < j; i += 2) {
    j -= 2;
    std::swap(ring[i], ring[j]);
    std::swap(ring[i + 1], ring[j + 1]);
  }
}

std::vector<Part> polygon_parts(const Dataset& d, const Shape& shape) {
  std::vector<Part> parts;
  for (const Ring& r : d.rings_of(shape)) {
    const std::span<const double> numbers = d.coordinates_of(r);
    if (numbers.size() < 6 || numbers.size() % 2 != 0 || !all_fit(numbers)) continue;
    Ring2 ring(numbers.begin(), numbers.end());
    if (r.role == RingRole::outer || parts.empty()) {
      parts.push_back({std::move(ring)});
      continue;
    }
    if (signed_area(ring) * signed_area(parts.back().front()) > 0) turn(ring);
    parts.back().push_back(std::move(ring));
  }
  return parts;
}

Result<std::vector<Part>> mask_parts(const Dataset& d, const Mask& mask, const Limits& limits) {
  VETSET_TRY(std::vector<Outline> lines, outlines(d.counts_of(mask), mask.height, mask.width, limits));
  std::vector<Part> parts;
  std::vector<std::size_t> place;  // of each part number, in the order of outer rings
  for (Outline& o : lines)
    if (!o.hole) {
      place.resize(std::max<std::size_t>(place.size(), o.part + std::size_t{1}), 0);
      place[o.part] = parts.size();
      parts.push_back({std::move(o.ring)});
    }
  for (Outline& o : lines)
    if (o.hole && o.part < place.size()) parts[place[o.part]].push_back(std::move(o.ring));
  return parts;
}

/// The outline of an object as parts; empty where it has none.
Result<std::vector<Part>> parts_of(const Dataset& d, const Annotation& a, const Limits& limits) {
  if (const Shape* polygon = d.find_shape(a, ShapeKind::polygon))
    if (std::vector<Part> outer = polygon_parts(d, *polygon); !outer.empty()) return outer;
  std::vector<Part> parts;
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next) {
    if (d[s].kind != ShapeKind::mask) continue;
    VETSET_TRY(std::vector<Part> more, mask_parts(d, d.masks[d[s].begin], limits));
    std::move(more.begin(), more.end(), std::back_inserter(parts));
  }
  if (!parts.empty()) return parts;
  if (const auto corners = turned_corners(d, a); corners && all_fit(*corners))
    return std::vector<Part>{{Ring2(corners->begin(), corners->end())}};
  return std::vector<Part>{};
}

bool has_ring(const Dataset& d, const Annotation& a) {
  const Shape* polygon = a.shape == none<ShapeIndex> ? nullptr : d.find_shape(a, ShapeKind::polygon);
  if (polygon == nullptr) return false;
  const auto rings = d.rings_of(*polygon);
  return std::any_of(rings.begin(), rings.end(), [](const Ring& r) { return r.count >= 6; });
}
bool has_outline(const Dataset& d, const Annotation& a) {
  return has_ring(d, a) || (a.shape != none<ShapeIndex> && d.find_shape(a, ShapeKind::mask) != nullptr) ||
         turned_corners(d, a).has_value();
}

/// Numbers of one row, as fractions of the image.
class RowText {
 public:
  RowText(std::string_view class_number, const Image& image, int digits)
      : text_(class_number), width_(image.width), height_(image.height), digits_(digits) {}

  void number(double value) {
    text_ += ' ';
    if (digits_ >= 0)
      append_fixed(text_, value, static_cast<unsigned>(digits_));
    else
      append_number(text_, value);
  }
  void box(const Box& b) {
    number((b.x + b.width / 2) / width_);
    number((b.y + b.height / 2) / height_);
    number(b.width / width_);
    number(b.height / height_);
  }
  void points(std::span<const double> ring) {
    for (std::size_t i = 0; i + 1 < ring.size(); i += 2) {
      number(ring[i] / width_);
      number(ring[i + 1] / height_);
    }
  }
  void visibility(double v) {
    text_ += ' ';
    append_number(text_, v);
  }
  double width() const { return width_; }
  double height() const { return height_; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  double width_, height_;
  int digits_;
};

std::vector<double> bridged_rings(const std::vector<const Ring2*>& rings) {
  std::vector<std::span<const double>> spans;
  for (const Ring2* r : rings) spans.emplace_back(*r);
  return bridged(spans);
}

/// One ring for a part, its holes joined to it or filled.
Ring2 ring_of(const Part& part, Policy hole) {
  if (part.size() == 1 || hole == Policy::fill) return part.front();
  std::vector<const Ring2*> rings;
  for (const Ring2& r : part) rings.push_back(&r);
  return bridged_rings(rings);
}

Policy or_first(Policy chosen, Policy first) { return chosen == Policy::unset ? first : chosen; }

/// The rings that an object is written as.
std::vector<Ring2> rings_to_write(std::vector<Part> parts, const Policies& policies, bool crowd) {
  const Policy hole = or_first(policies[Decision::hole], Policy::bridge);
  const Policy several =
      crowd ? Policy::bridge : or_first(policies[Decision::parts], Policy::bridge);  // a crowd is one thing
  std::vector<Ring2> rings;
  for (const Part& part : parts) rings.push_back(ring_of(part, hole));
  if (rings.size() <= 1 || several == Policy::split) return rings;
  const auto size = [](const Ring2& r) { return std::abs(signed_area(r)); };
  if (several == Policy::largest) {
    const auto largest =
        std::max_element(rings.begin(), rings.end(), [&](const Ring2& a, const Ring2& b) { return size(a) < size(b); });
    return {std::move(*largest)};
  }
  std::vector<const Ring2*> joined;
  for (Ring2& r : rings) {
    if (signed_area(r) * signed_area(rings.front()) < 0) turn(r);
    joined.push_back(&r);
  }
  return {bridged_rings(joined)};
}

std::string segment_row(RowText row, std::span<const double> ring) {
  row.points(ring);
  return row.take();
}

std::string pose_row(const Dataset& d, const Annotation& a, const Box& box, PointShape points, RowText row) {
  row.box(box);
  const Shape* shape = d.find_shape(a, ShapeKind::keypoints);
  const std::span<const double> numbers = shape == nullptr ? std::span<const double>() : d.numbers_of(*shape);
  const std::size_t stride = shape != nullptr && shape->two ? 2 : 3;
  for (std::size_t p = 0; p < points.count; ++p) {
    const bool there = (p + 1) * stride <= numbers.size() && all_fit(numbers.subspan(p * stride, stride));
    row.number(there ? numbers[p * stride] / row.width() : 0);
    row.number(there ? numbers[p * stride + 1] / row.height() : 0);
    if (points.numbers == 3) row.visibility(!there ? 0 : stride == 3 ? numbers[p * stride + 2] : 2);
  }
  return row.take();
}

}  // namespace

bool has_row(const Dataset& d, AnnotationIndex i) {
  const Annotation& a = d[i];
  if (a.image == none<ImageIndex> || a.category == none<CategoryIndex> || !is_object(a.kind)) return false;
  const Image& image = d[a.image];
  return image.width > 0 && image.height > 0 && box_of(d, a).has_value();
}

bool turns(const Dataset& d, AnnotationIndex i) { return is_turned(d[i].kind); }

bool is_one_ring(const Dataset& d, AnnotationIndex i) {
  const Shape* shape = d.find_shape(d[i], ShapeKind::polygon);
  if (shape == nullptr || shape->count != 1 || shape->spelling == Spelling::null) return false;
  const Ring& ring = d.rings[shape->begin];
  return ring.role == RingRole::outer && ring.closed && ring.count >= 6 && ring.count % 2 == 0 &&
         all_fit(d.coordinates_of(ring));
}

namespace {

// What the choices ask.

bool is_written(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return !keeps_row(d, i, options) && has_row(d, i);
}
bool dropped_as_crowd(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return d[i].flags.is(Flag::crowd) && options.policies[Decision::crowd] != Policy::object;
}
bool asks_crowd(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return d[i].flags.is(Flag::crowd) && is_written(d, i, options);
}
template <class Ask>
bool asks_of_parts(const Dataset& d, AnnotationIndex i, const WriteOptions& options, Ask ask) {
  const Annotation& a = d[i];
  if (options.task != "segment" || a.shape == none<ShapeIndex> || a.flags.is(Flag::crowd)) return false;
  const Shape* polygon = d.find_shape(a, ShapeKind::polygon);
  if (polygon != nullptr && polygon->count == 1) return false;
  if (polygon == nullptr && d.find_shape(a, ShapeKind::mask) == nullptr) return false;
  if (!is_written(d, i, options)) return false;
  const Result<std::vector<Part>> parts = parts_of(d, a, options.limits);
  return parts && ask(*parts);
}
bool asks_hole(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return asks_of_parts(d, i, options, [](const std::vector<Part>& parts) {
    return std::any_of(parts.begin(), parts.end(), [](const Part& p) { return p.size() > 1; });
  });
}
bool asks_parts(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return asks_of_parts(d, i, options, [](const std::vector<Part>& parts) { return parts.size() > 1; });
}
bool asks_rotated(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  if (!is_turned(d[i].kind) || !is_written(d, i, options)) return false;
  const bool holds_corners = options.task == "obb" || options.task == "segment" || options.task.empty();
  return !holds_corners || !turned_corners(d, d[i]);
}
bool asks_keypoints(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  const Annotation& a = d[i];
  return a.shape != none<ShapeIndex> && d.find_shape(a, ShapeKind::keypoints) != nullptr && is_written(d, i, options) &&
         !dropped_as_crowd(d, i, options) && !options.task.empty() && options.task != "pose";
}
bool asks_score(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return !is_unstated(d.score(i)) && is_written(d, i, options);
}
bool asks_track(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return !d.track_ids.empty() && !d.track_ids[to_size(i)].empty() && is_written(d, i, options);
}

constexpr Policy crowd_policies[] = {Policy::drop, Policy::object};
constexpr Policy hole_policies[] = {Policy::bridge, Policy::fill};
constexpr Policy parts_policies[] = {Policy::bridge, Policy::split, Policy::largest};
constexpr Policy rotated_policies[] = {Policy::envelope, Policy::drop};
constexpr Policy keypoint_policies[] = {Policy::box};
constexpr Policy drop_only[] = {Policy::drop};

const Choice choices[] = {
    {Decision::crowd, asks_crowd, crowd_policies, "YOLO has no crowd regions: a trainer would learn them as objects"},
    {Decision::hole, asks_hole, hole_policies, "a YOLO row is one ring: a hole is joined to it by a seam, or filled"},
    {Decision::parts, asks_parts, parts_policies,
     "a YOLO row is one ring: parts are joined by seams, or become objects of their own"},
    {Decision::rotated, asks_rotated, rotated_policies, "these YOLO rows do not turn: the box around it is larger"},
    {Decision::keypoints, asks_keypoints, keypoint_policies,
     "points are only in YOLO pose rows, which every object would need: its box stays"},
    {Decision::score, asks_score, drop_only, "YOLO labels have no scores: a prediction would be learned as the truth"},
    {Decision::track, asks_track, drop_only,
     "YOLO labels have no tracks: a sixth number makes trainers drop the image"},
};

}  // namespace

std::string_view name(Task task) {
  constexpr std::string_view names[] = {"", "detect", "segment", "pose", "obb"};
  return names[static_cast<std::size_t>(task)];
}

std::optional<Task> task_of(const Dataset& d, const WriteOptions& options) {
  if (!options.task.empty()) {
    for (const Task task : {Task::detect, Task::segment, Task::pose, Task::obb})
      if (options.task == name(task)) return task;
    return std::nullopt;
  }
  if (d.format == "yolo" && options.digits < 0) return Task::as_read;
  bool any = false, all_points = true, all_outlines = true, any_corners = false, all_corners = true;
  for (const Annotation& a : d.annotations) {
    if (a.flags.is(Flag::crowd) || !is_object(a.kind)) continue;
    any = true;
    all_points = all_points && a.shape != none<ShapeIndex> && d.find_shape(a, ShapeKind::keypoints) != nullptr;
    all_outlines = all_outlines && has_outline(d, a);
    const bool corners = turned_corners(d, a).has_value();
    any_corners = any_corners || corners;
    all_corners = all_corners && (corners || a.kind == Kind::box);
    if (!all_points && !all_outlines && !all_corners) return Task::detect;
  }
  if (!any) return Task::detect;
  if (any_corners && all_corners) return Task::obb;
  return all_points ? Task::pose : all_outlines ? Task::segment : Task::detect;
}

PointShape points_of(const Dataset& d) {
  PointShape points{.count = 0, .numbers = 2};
  for (const Category& c : d.categories)
    points.count = std::max({points.count, c.point_count, static_cast<std::uint32_t>(c.keypoints.size())});
  for (const Annotation& a : d.annotations) {
    const Shape* shape = a.shape == none<ShapeIndex> ? nullptr : d.find_shape(a, ShapeKind::keypoints);
    if (shape == nullptr) continue;
    if (!shape->two) points.numbers = 3;
    points.count = std::max(points.count, shape->count / (shape->two ? 2 : 3));
  }
  for (const Category& c : d.categories)
    if (c.point_count > 0 && c.points_have_visibility) points.numbers = 3;
  return points;
}

bool keeps_row(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  const bool of_rows = d.format == "yolo" || d.format == "darknet";
  if (!of_rows || d.authored_text(i).empty() || options.digits >= 0) return false;
  const Kind kind = d[i].kind;
  if (options.task == "detect") {  // without a sixth number
    const bool tracked = !d.track_ids.empty() && !d.track_ids[to_size(i)].empty();
    return kind == Kind::box && is_unstated(d.score(i)) && !tracked;
  }
  if (options.task == "segment") return kind == Kind::polygon;
  if (options.task == "pose") return kind == Kind::keypoints;
  if (options.task == "obb") return kind == Kind::quad;
  return true;
}

Result<std::vector<std::string>> rows_of(const Dataset& d, AnnotationIndex i, Task task, PointShape points,
                                         std::string_view class_number, const WriteOptions& options) {
  std::vector<std::string> rows;
  if (keeps_row(d, i, options)) return std::vector<std::string>{std::string(d.authored_text(i))};
  const Annotation& a = d[i];
  if (!is_written(d, i, options) || dropped_as_crowd(d, i, options)) return rows;
  if (options.policies[Decision::rotated] == Policy::drop && asks_rotated(d, i, options)) return rows;
  const Image& image = d[a.image];
  const RowText row(class_number, image, options.digits);
  const Box box = *box_of(d, a);
  if (task == Task::as_read)
    task = a.kind == Kind::polygon     ? Task::segment
           : a.kind == Kind::keypoints ? Task::pose
           : a.kind == Kind::quad      ? Task::obb
                                       : Task::detect;
  if (task == Task::detect) {
    RowText text = row;
    text.box(box);
    rows.push_back(text.take());
    return rows;
  }
  if (task == Task::pose) {
    rows.push_back(pose_row(d, a, box, points, row));
    return rows;
  }
  if (task == Task::obb) {
    rows.push_back(segment_row(row, corners_for(d, a).value_or(corners_of(box))));
    return rows;
  }
  VETSET_TRY(std::vector<Part> parts, parts_of(d, a, options.limits));
  if (parts.empty()) {  // a box among outlines
    rows.push_back(segment_row(row, corners_of(box)));
    return rows;
  }
  for (const Ring2& ring : rings_to_write(std::move(parts), options.policies, a.flags.is(Flag::crowd)))
    rows.push_back(segment_row(row, ring));
  return rows;
}

std::span<const Choice> yolo_choices() { return choices; }

}  // namespace vetset::yolo_parts
