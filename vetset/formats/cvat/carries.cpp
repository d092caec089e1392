// What CVAT carries, field by field. It holds nearly every shape that people draw; it has no crowds, no holes, no
// licences; ids, scores, layers, tracks and marks ride along as attributes.
#include <algorithm>

#include "vetset/formats/corner_box.h"
#include "vetset/formats/cvat/cvat.h"

namespace vetset::cvat_parts {
namespace {

using Record = std::uint32_t;

AnnotationIndex at(Record i) { return static_cast<AnnotationIndex>(i); }
const Annotation& row(const Dataset& d, Record i) { return d.annotations[i]; }
ToolForm form(const Dataset& d, Record i) { return written_form(d, at(i)); }

bool native(const Dataset& d, Record) { return is_native(d); }
bool copied(const Dataset& d, Record) { return d.splits.size() > 1; }
bool size_stated(const Dataset& d, Record i) { return d.images[i].size_origin == SizeOrigin::stated; }
bool keeps_id(const Dataset& d, Record i) { return is_native(d) && d.image_ids[i] >= 0; }

bool points_listed(const Dataset& d, Record i) {
  const Category& c = d.categories[i];
  return c.has_keypoints && c.point_count == 0 && c.points_have_visibility;
}

bool no_shape(const Dataset& d, Record i) { return form(d, i) == ToolForm::none; }
bool crowd(const Dataset& d, Record i) { return row(d, i).flags.is(Flag::crowd); }
bool in_parts(const Dataset& d, Record i) { return form(d, i) == ToolForm::polygon && has_drawn_parts(d, row(d, i)); }
bool placed_category(const Dataset& d, Record i) { return row(d, i).category != none<CategoryIndex>; }

bool kind_kept(const Dataset& d, Record i) {
  const Kind kind = row(d, i).kind;
  switch (form(d, i)) {
    case ToolForm::tag: return kind == Kind::tag;
    case ToolForm::box: return kind == Kind::box;
    case ToolForm::rotated: return drawn_rotated(d, row(d, i))->degrees != 0;
    case ToolForm::polygon: return kind == Kind::polygon;
    case ToolForm::polyline: return kind == Kind::polyline;
    case ToolForm::point: return kind == Kind::point;
    case ToolForm::points:
    case ToolForm::skeleton: return kind == Kind::keypoints;
    case ToolForm::ellipse: return kind == Kind::ellipse;
    case ToolForm::mask: return kind == Kind::mask;
    case ToolForm::cuboid: return kind == Kind::cuboid_2d;
    default: return false;
  }
}

bool is_box(const Dataset& d, Record i) {
  return form(d, i) == ToolForm::box && row(d, i).box_origin == Origin::stated;
}
/// Nothing of it has a place on the image.
bool no_box(const Dataset& d, Record i) {
  switch (form(d, i)) {
    case ToolForm::tag: return true;
    case ToolForm::mask: return area(d.counts_of(d.masks[d.find_shape(row(d, i), ShapeKind::mask)->begin])) == 0;
    case ToolForm::skeleton: {
      const Shape& shape = *d.find_shape(row(d, i), ShapeKind::keypoints);
      if (shape.two) return false;
      const auto n = d.numbers_of(shape);
      for (std::size_t k = 2; k < n.size(); k += 3)
        if (n[k] > 0) return false;
      return true;
    }
    default: return false;
  }
}

bool polygon_second(const Dataset& d, Record i) {
  return shapes_of(d, row(d, i), ShapeKind::polygon) > 0 && form(d, i) != ToolForm::polygon;
}
bool one_ring(const Dataset& d, Record i) { return is_one_drawn_ring(d, row(d, i)); }
bool mask_second(const Dataset& d, Record i) {
  return shapes_of(d, row(d, i), ShapeKind::mask) > 0 && form(d, i) != ToolForm::mask;
}
bool many_masks(const Dataset& d, Record i) { return shapes_of(d, row(d, i), ShapeKind::mask) > 1; }
bool points_second(const Dataset& d, Record i) {
  const ToolForm f = form(d, i);
  return shapes_of(d, row(d, i), ShapeKind::keypoints) > 0 && f != ToolForm::skeleton && f != ToolForm::points;
}
bool points_plain(const Dataset& d, Record i) {
  const Shape* const shape =
      row(d, i).shape == none<ShapeIndex> ? nullptr : d.find_shape(row(d, i), ShapeKind::keypoints);
  if (shape == nullptr || shapes_of(d, row(d, i), ShapeKind::keypoints) > 1) return false;
  if (form(d, i) == ToolForm::points) return true;
  if (shape->two) return false;
  const auto n = d.numbers_of(*shape);
  for (std::size_t k = 2; k < n.size(); k += 3)
    if (n[k] != 0 && n[k] != 1 && n[k] != 2) return false;
  return true;
}

/// Shapes of numbers and lines, as they are drawn.
bool shape_kept(const Dataset& d, Record i) {
  const Annotation& a = row(d, i);
  const std::size_t others =
      shapes_of(d, a, ShapeKind::numbers) + shapes_of(d, a, ShapeKind::polyline) + shapes_of(d, a, ShapeKind::raster);
  if (others != 1) return false;
  switch (form(d, i)) {
    case ToolForm::polyline: {
      const Shape& shape = *d.find_shape(a, ShapeKind::polyline);
      return shape.count == 1 && !d.rings_of(shape).front().closed;
    }
    case ToolForm::ellipse: return a.kind == Kind::ellipse && drawn_ellipse(d, a)->degrees.value_or(1) != 0;
    case ToolForm::point:
    case ToolForm::cuboid: return true;
    default: return false;
  }
}
bool shape_turned(const Dataset& d, Record i) {
  return form(d, i) == ToolForm::rotated && drawn_rotated(d, row(d, i))->degrees != 0 &&
         shapes_of(d, row(d, i), ShapeKind::numbers) == 1;
}
bool shape_encoded(const Dataset& d, Record i) {
  const Annotation& a = row(d, i);
  const ToolForm f = form(d, i);
  return f == ToolForm::polyline || f == ToolForm::ellipse || (f == ToolForm::polygon && a.kind == Kind::quad) ||
         (f == ToolForm::rotated && drawn_rotated(d, a)->degrees != 0);
}

/// Whether its marks say whether it is occluded, or need not.
bool occlusion_said(const Dataset& d, Record i) {
  return is_native(d) || form(d, i) == ToolForm::tag || row(d, i).flags[Flag::occluded] != Tristate::not_said;
}

bool score_written(const Dataset& d, Record i) { return !is_unstated(d.score(at(i))); }
bool group_numbered(const Dataset& d, Record i) { return group_of(d, at(i)).has_value(); }
bool layer_named(const Dataset& d, Record i) {
  return row(d, i).layer < d.layers.size() && !d.layers[row(d, i).layer].empty();
}

constexpr Carry lines[] = {
    {.field = Field::dataset_residue,
     .verb = Verb::derived,
     .note = "the head of the document: as it was while it says the same labels, else written anew"},
    {.field = Field::split, .verb = Verb::exact},
    {.field = Field::split_name, .verb = Verb::rekeyed, .note = "a name that a folder can have"},
    {.field = Field::split_role, .verb = Verb::rekeyed, .note = "what the subset's name says"},
    {.field = Field::split_members, .verb = Verb::exact},
    {.field = Field::split_categories, .verb = Verb::aggregated, .note = "one list of labels for all subsets"},
    {.field = Field::category, .verb = Verb::exact},
    {.field = Field::category_id, .verb = Verb::dropped, .note = "a label is known by its name"},
    {.field = Field::category_name, .verb = Verb::exact, .when = has_own_name},
    {.field = Field::category_name, .verb = Verb::rekeyed, .note = "labels of one name get a number"},
    {.field = Field::category_order, .verb = Verb::exact},
    {.field = Field::category_keypoints, .verb = Verb::exact, .when = points_listed},
    {.field = Field::category_keypoints, .verb = Verb::derived, .note = "points are listed by name"},
    {.field = Field::category_skeleton, .verb = Verb::exact},
    {.field = Field::image, .verb = Verb::split, .when = copied, .note = "once in the subset of each split"},
    {.field = Field::image, .verb = Verb::exact},
    {.field = Field::image_path, .verb = Verb::rekeyed, .note = "images/, with a folder for each subset"},
    {.field = Field::image_id, .verb = Verb::exact, .when = keeps_id},
    {.field = Field::image_id, .verb = Verb::rekeyed, .note = "frames are numbered from 0"},
    {.field = Field::image_order, .verb = Verb::exact},
    {.field = Field::image_size, .verb = Verb::exact, .when = size_stated},
    {.field = Field::image_size, .verb = Verb::derived, .note = "from the header of the image"},
    {.field = Field::image_residue, .verb = Verb::exact, .when = native},
    {.field = Field::annotation,
     .verb = Verb::dropped,
     .when = no_shape,
     .note = "no shape without a label, an image and finite numbers"},
    {.field = Field::annotation,
     .verb = Verb::refused,
     .when = crowd,
     .note = "people would take a crowd for one object"},
    {.field = Field::annotation, .verb = Verb::split, .when = copied, .note = "once in the subset of each split"},
    {.field = Field::annotation,
     .verb = Verb::split,
     .when = in_parts,
     .note = "a polygon for each part, in one group"},
    {.field = Field::annotation, .verb = Verb::exact},
    {.field = Field::annotation_id, .verb = Verb::exact, .note = "attribute vetset_id"},
    {.field = Field::annotation_order, .verb = Verb::exact},
    {.field = Field::annotation_image, .verb = Verb::exact},
    {.field = Field::annotation_category, .verb = Verb::exact, .when = placed_category},
    {.field = Field::annotation_kind, .verb = Verb::exact, .when = kind_kept},
    {.field = Field::annotation_kind, .verb = Verb::derived, .note = "what CVAT draws"},
    {.field = Field::annotation_box, .verb = Verb::dropped, .when = no_box, .note = "nothing of it is on the image"},
    {.field = Field::annotation_box, .verb = Verb::quantised, .when = is_box, .bound = corner_bound, .note = "corners"},
    {.field = Field::annotation_box, .verb = Verb::derived, .note = "around the shape"},
    {.field = Field::annotation_polygon,
     .verb = Verb::dropped,
     .when = polygon_second,
     .note = "an object is one shape: another one stands for it"},
    {.field = Field::annotation_polygon, .verb = Verb::exact, .when = one_ring},
    {.field = Field::annotation_polygon,
     .verb = Verb::encoded,
     .note = "holes are joined by seams or filled, parts drawn one by one or the largest, by decision"},
    {.field = Field::annotation_mask,
     .verb = Verb::dropped,
     .when = mask_second,
     .note = "an object is one shape: another one stands for it"},
    {.field = Field::annotation_mask, .verb = Verb::aggregated, .when = many_masks, .note = "the first mask"},
    {.field = Field::annotation_mask, .verb = Verb::exact},
    {.field = Field::annotation_keypoints,
     .verb = Verb::dropped,
     .when = points_second,
     .note = "an object is one shape: another one stands for it"},
    {.field = Field::annotation_keypoints, .verb = Verb::exact, .when = points_plain},
    {.field = Field::annotation_keypoints, .verb = Verb::encoded, .note = "points without visibility are visible"},
    {.field = Field::annotation_shape, .verb = Verb::exact, .when = shape_kept},
    {.field = Field::annotation_shape,
     .verb = Verb::quantised,
     .when = shape_turned,
     .bound = drawn_bound,
     .note = "corners before it turns"},
    {.field = Field::annotation_shape,
     .verb = Verb::encoded,
     .when = shape_encoded,
     .note = "circles as ellipses, quadrilaterals as polygons, closed lines with their first point again"},
    {.field = Field::annotation_shape, .verb = Verb::dropped},
    {.field = Field::annotation_flags, .verb = Verb::exact, .when = occlusion_said, .note = "attribute vetset_marks"},
    {.field = Field::annotation_flags, .verb = Verb::derived, .note = "not occluded where that is not said"},
    {.field = Field::annotation_score, .verb = Verb::exact, .when = score_written, .note = "attribute vetset_score"},
    {.field = Field::annotation_track, .verb = Verb::exact, .note = "attribute vetset_track"},
    {.field = Field::annotation_group, .verb = Verb::exact, .when = group_numbered},
    {.field = Field::annotation_group, .verb = Verb::rekeyed, .when = in_parts, .note = "the parts of one object"},
    {.field = Field::annotation_group, .verb = Verb::dropped, .note = "a group is a number from 1"},
    {.field = Field::annotation_layer, .verb = Verb::exact, .when = layer_named, .note = "attribute vetset_layer"},
    {.field = Field::annotation_attributes, .verb = Verb::exact},
    {.field = Field::annotation_residue, .verb = Verb::exact, .when = native},
};

using Asks = ToolQuestions<written_form>;

const Choice choices[] = {
    {Decision::crowd, Asks::crowd, tool_crowd_policies,
     "CVAT has no crowd regions: people would take them for single objects"},
    {Decision::hole, Asks::hole, tool_hole_policies,
     "a CVAT polygon is one ring: a hole is joined to it by a seam, or filled"},
    {Decision::parts, Asks::parts, tool_parts_policies,
     "a CVAT polygon is one ring: an object of several parts becomes several of one group, or its largest part"},
};

}  // namespace

std::span<const Carry> cvat_carries() { return lines; }
std::span<const Carry> cvat_carries_for(const WriteOptions& options) {
  static const std::vector<Carry> as_objects = without_refusals(lines);
  return options.policies[Decision::crowd] == Policy::object ? std::span<const Carry>(as_objects) : lines;
}
std::span<const Choice> cvat_choices() { return choices; }

}  // namespace vetset::cvat_parts
