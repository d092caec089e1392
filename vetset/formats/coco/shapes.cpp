// What COCO makes of an annotation: which of its shapes is written, and what is computed where nothing was stated.
#include <algorithm>

#include "vetset/formats/coco/coco.h"

namespace vetset {
namespace {

template <class Test>
bool any_ring(const Dataset& d, const Annotation& a, const Test& test) {
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next) {
    if (d[s].kind != ShapeKind::polygon) continue;
    const auto rings = d.rings_of(d[s]);
    if (std::any_of(rings.begin(), rings.end(), test)) return true;
  }
  return false;
}

}  // namespace

std::optional<ShapeKind> coco_segmentation_of(const Dataset& d, const Annotation& a) {
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next)
    if (const ShapeKind kind = d[s].kind;
        kind == ShapeKind::polygon || kind == ShapeKind::mask || kind == ShapeKind::nothing)
      return kind;
  return {};
}

const Shape* coco_keypoints_of(const Dataset& d, const Annotation& a) { return d.find_shape(a, ShapeKind::keypoints); }

bool has_coco_holes(const Dataset& d, const Annotation& a) {
  return any_ring(d, a, [](const Ring& r) { return r.role == RingRole::hole; });
}

bool has_coco_open_rings(const Dataset& d, const Annotation& a) {
  return any_ring(d, a, [](const Ring& r) { return !r.closed; });
}

bool is_coco_rotated(const Annotation& a) {
  switch (a.kind) {
    case Kind::rotated_box:
    case Kind::quad:
    case Kind::ellipse:
    case Kind::circle:
    case Kind::cuboid_2d:
    case Kind::cuboid_3d: return true;
    default: return false;
  }
}

std::optional<Box> coco_box_of(const Dataset& d, const Annotation& a) {
  if (a.box_origin == Origin::stated) return a.box;
  if (is_native_coco(d) || a.box_origin == Origin::unplaced) return {};
  if (a.box_origin == Origin::derived) return a.box;
  return a.shape == none<ShapeIndex> ? std::nullopt : shape_box(d, a);
}

std::optional<Corners> coco_outline_of(const Dataset& d, const Annotation& a, const Policies& policies) {
  return policies[Decision::rotated] == Policy::polygon ? turned_corners(d, a) : std::nullopt;
}

std::optional<double> coco_area_of(const Dataset& d, AnnotationIndex i, const Policies& policies) {
  if (const double stated = d.area(i); !is_unstated(stated)) return stated;
  if (is_native_coco(d)) return {};
  const Annotation& a = d[i];
  const auto box = coco_box_of(d, a);
  if (!box) return {};
  if (coco_segmentation_of(d, a) || coco_outline_of(d, a, policies))
    if (const auto area = shape_area(d, a)) return area;
  return box->width * box->height;
}

Kind coco_kind_of(const Dataset& d, AnnotationIndex i) {
  const Annotation& a = d[i];
  if (const Shape* const points = coco_keypoints_of(d, a); points != nullptr && points->count > 0)
    return Kind::keypoints;
  if (!d.text_rows.empty()) {
    const auto texts = d.texts_of(i);
    if (std::any_of(texts.begin(), texts.end(), [](const TextRow& row) { return row.role == TextRole::caption; }))
      return Kind::caption;
  }
  const auto segmentation = coco_segmentation_of(d, a);
  if (segmentation == ShapeKind::mask) return Kind::mask;
  if (segmentation == ShapeKind::polygon && any_ring(d, a, [](const Ring& r) { return r.count > 0; }))
    return Kind::polygon;
  if (coco_box_of(d, a)) return Kind::box;
  return a.category == none<CategoryIndex> ? Kind::unspecified : Kind::tag;
}

bool asks_coco_holes(const Dataset& d, AnnotationIndex i) {
  const Annotation& a = d[i];
  if (is_native_coco(d) || a.image == none<ImageIndex> || a.shape == none<ShapeIndex>) return false;
  return coco_segmentation_of(d, a) == ShapeKind::polygon && has_coco_holes(d, a);
}

bool asks_coco_rotation(const Dataset& d, AnnotationIndex i) {
  return !is_native_coco(d) && d[i].image != none<ImageIndex> && is_coco_rotated(d[i]);
}

bool coco_leaves_out(const Dataset& d, AnnotationIndex i, const Policies& policies) {
  if (is_native_coco(d)) return false;
  if (d[i].image == none<ImageIndex>) return true;
  if (policies[Decision::rotated] == Policy::drop && asks_coco_rotation(d, i)) return true;
  return policies[Decision::hole] == Policy::drop && asks_coco_holes(d, i);
}

}  // namespace vetset
