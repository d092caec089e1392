// What Label Studio carries, field by field. Coordinates are percents of the image; attributes ride in the `meta` of a
// region; annotators and models are layers.
#include <algorithm>

#include "vetset/formats/corner_box.h"
#include "vetset/formats/labelstudio/labelstudio.h"

namespace vetset::labelstudio_parts {
namespace {

using Record = std::uint32_t;

AnnotationIndex at(Record i) { return static_cast<AnnotationIndex>(i); }
const Annotation& row(const Dataset& d, Record i) { return d.annotations[i]; }
ToolForm form(const Dataset& d, Record i) { return written_form(d, at(i)); }

bool native(const Dataset& d, Record) { return is_native(d); }
bool no_members(const Dataset& d, Record i) { return d.members(static_cast<SplitIndex>(i)).empty(); }
bool split_named(const Dataset& d, Record i) {
  const std::string& name = d.splits[i].name;
  return !name.empty() &&
         std::count_if(d.splits.begin(), d.splits.end(), [&](const Split& s) { return s.name == name; }) == 1;
}
bool size_stated(const Dataset& d, Record i) { return d.images[i].size_origin == SizeOrigin::stated; }
bool category_numbered(const Dataset& d, Record i) {
  return d.category_ids[i] != Ids::absent && d.category_ids[i] != Ids::odd;
}
bool points_listed(const Dataset& d, Record i) {
  const Category& c = d.categories[i];
  return c.has_keypoints && c.point_count == 0 && c.points_have_visibility;
}

bool no_result(const Dataset& d, Record i) { return form(d, i) == ToolForm::none; }
bool crowd(const Dataset& d, Record i) { return row(d, i).flags.is(Flag::crowd); }
bool in_parts(const Dataset& d, Record i) { return form(d, i) == ToolForm::polygon && has_drawn_parts(d, row(d, i)); }
bool placed_category(const Dataset& d, Record i) {
  return row(d, i).category != none<CategoryIndex> && form(d, i) != ToolForm::caption;
}

bool kept(const Dataset& d, Record i) { return keeps_value(d, at(i)); }
bool kind_kept(const Dataset& d, Record i) {
  if (kept(d, i)) return true;
  const Kind kind = row(d, i).kind;
  switch (form(d, i)) {
    case ToolForm::tag: return kind == Kind::tag;
    case ToolForm::caption: return kind == Kind::caption;
    case ToolForm::box: return kind == Kind::box;
    case ToolForm::rotated: return drawn_rotated(d, row(d, i))->degrees != 0;
    case ToolForm::polygon: return kind == Kind::polygon;
    case ToolForm::polyline: return kind == Kind::polyline;
    case ToolForm::point: return kind == Kind::point;
    case ToolForm::skeleton: return kind == Kind::keypoints;
    case ToolForm::ellipse: return kind == Kind::ellipse;
    case ToolForm::mask: return kind == Kind::mask;
    default: return false;
  }
}

bool is_box(const Dataset& d, Record i) {
  const ToolForm f = form(d, i);
  return (f == ToolForm::box || f == ToolForm::skeleton) && row(d, i).box_origin == Origin::stated;
}
/// Nothing of it has a place on the image.
bool no_box(const Dataset& d, Record i) {
  const ToolForm f = form(d, i);
  if (f == ToolForm::tag || f == ToolForm::caption) return true;
  return f == ToolForm::mask && area(d.counts_of(d.masks[d.find_shape(row(d, i), ShapeKind::mask)->begin])) == 0;
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
  return shapes_of(d, row(d, i), ShapeKind::keypoints) > 0 && form(d, i) != ToolForm::skeleton;
}
bool points_plain(const Dataset& d, Record i) {
  const Annotation& a = row(d, i);
  return shapes_of(d, a, ShapeKind::keypoints) == 1 && !d.find_shape(a, ShapeKind::keypoints)->two;
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
    case ToolForm::rotated: return drawn_rotated(d, a)->degrees != 0;
    case ToolForm::point: return true;
    default: return false;
  }
}
bool shape_encoded(const Dataset& d, Record i) {
  const Annotation& a = row(d, i);
  const ToolForm f = form(d, i);
  return f == ToolForm::polyline || f == ToolForm::ellipse || (f == ToolForm::polygon && a.kind == Kind::quad) ||
         (f == ToolForm::rotated && drawn_rotated(d, a)->degrees != 0);
}

bool moves_layer(const Dataset& d, Record i) { return row(d, i).layer == 0 && !written_layer(d, at(i)).empty(); }
bool layer_named(const Dataset& d, Record i) {
  return row(d, i).layer < d.layers.size() && !d.layers[row(d, i).layer].empty();
}
bool one_caption(const Dataset& d, Record i) {
  const auto texts = d.texts_of(at(i));
  return form(d, i) != ToolForm::caption || (texts.size() == 1 && texts[0].role == TextRole::caption);
}

constexpr Carry lines[] = {
    {.field = Field::dataset_residue,
     .verb = Verb::derived,
     .note = "the labelling config: as it was while it lists the same labels, else written anew"},
    {.field = Field::split, .verb = Verb::dropped, .when = no_members, .note = "no task names it"},
    {.field = Field::split, .verb = Verb::exact},
    {.field = Field::split_name, .verb = Verb::exact, .when = split_named},
    {.field = Field::split_name, .verb = Verb::rekeyed, .note = "names that are unlike"},
    {.field = Field::split_role, .verb = Verb::rekeyed, .note = "what its name says"},
    {.field = Field::split_members, .verb = Verb::exact},
    {.field = Field::split_categories, .verb = Verb::aggregated, .note = "one config for all splits"},
    {.field = Field::category, .verb = Verb::exact},
    {.field = Field::category_id, .verb = Verb::exact, .when = category_numbered},
    {.field = Field::category_id, .verb = Verb::dropped, .note = "a label's number is a whole one"},
    {.field = Field::category_name, .verb = Verb::exact, .when = has_own_name},
    {.field = Field::category_name, .verb = Verb::rekeyed, .note = "labels of one name get a number"},
    {.field = Field::category_order, .verb = Verb::exact},
    {.field = Field::category_supercategory, .verb = Verb::exact},
    {.field = Field::category_keypoints, .verb = Verb::exact, .when = points_listed},
    {.field = Field::category_keypoints, .verb = Verb::derived, .note = "points are listed by name"},
    {.field = Field::category_skeleton, .verb = Verb::exact},
    {.field = Field::image, .verb = Verb::exact},
    {.field = Field::image_path, .verb = Verb::rekeyed, .note = "below images/"},
    {.field = Field::image_id, .verb = Verb::exact, .when = native},
    {.field = Field::image_id, .verb = Verb::rekeyed, .note = "tasks are numbered from 1"},
    {.field = Field::image_order, .verb = Verb::rekeyed, .note = "an image of several splits is one task"},
    {.field = Field::image_size, .verb = Verb::exact, .when = size_stated},
    {.field = Field::image_size, .verb = Verb::derived, .note = "from the header of the image"},
    {.field = Field::image_state, .verb = Verb::derived, .note = "what the annotations of its task say"},
    {.field = Field::image_residue, .verb = Verb::exact, .when = native},
    {.field = Field::annotation,
     .verb = Verb::dropped,
     .when = no_result,
     .note = "no result without a label, an image of known size and finite numbers"},
    {.field = Field::annotation,
     .verb = Verb::refused,
     .when = crowd,
     .note = "people would take a crowd for one object"},
    {.field = Field::annotation, .verb = Verb::split, .when = in_parts, .note = "a polygon for each part"},
    {.field = Field::annotation, .verb = Verb::exact},
    {.field = Field::annotation_id,
     .verb = Verb::rekeyed,
     .note = "kept where those of an annotator are unlike; tags of one image share a result"},
    {.field = Field::annotation_order, .verb = Verb::rekeyed, .note = "by annotator, predictions last"},
    {.field = Field::annotation_image, .verb = Verb::exact},
    {.field = Field::annotation_category, .verb = Verb::exact, .when = placed_category},
    {.field = Field::annotation_kind, .verb = Verb::exact, .when = kind_kept},
    {.field = Field::annotation_kind, .verb = Verb::derived, .note = "what Label Studio draws"},
    {.field = Field::annotation_box, .verb = Verb::exact, .when = kept},
    {.field = Field::annotation_box, .verb = Verb::dropped, .when = no_box, .note = "nothing of it is on the image"},
    {.field = Field::annotation_box, .verb = Verb::quantised, .when = is_box, .bound = drawn_bound, .note = "percents"},
    {.field = Field::annotation_box, .verb = Verb::derived, .note = "around the shape"},
    {.field = Field::annotation_polygon,
     .verb = Verb::dropped,
     .when = polygon_second,
     .note = "an object is one shape: another one stands for it"},
    {.field = Field::annotation_polygon, .verb = Verb::exact, .when = kept},
    {.field = Field::annotation_polygon,
     .verb = Verb::quantised,
     .when = one_ring,
     .bound = drawn_bound,
     .note = "percents"},
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
    {.field = Field::annotation_keypoints,
     .verb = Verb::quantised,
     .when = points_plain,
     .bound = drawn_bound,
     .note = "percents"},
    {.field = Field::annotation_keypoints, .verb = Verb::encoded, .note = "points without visibility are visible"},
    {.field = Field::annotation_shape,
     .verb = Verb::quantised,
     .when = shape_kept,
     .bound = drawn_bound,
     .note = "percents"},
    {.field = Field::annotation_shape,
     .verb = Verb::encoded,
     .when = shape_encoded,
     .note = "circles as ellipses, quadrilaterals as polygons, closed lines with their first point again"},
    {.field = Field::annotation_shape, .verb = Verb::dropped},
    {.field = Field::annotation_flags, .verb = Verb::exact, .note = "meta of the region"},
    {.field = Field::annotation_score, .verb = Verb::exact},
    {.field = Field::annotation_layer,
     .verb = Verb::derived,
     .when = moves_layer,
     .note = "what has a score stands among the predictions"},
    {.field = Field::annotation_layer, .verb = Verb::exact, .when = layer_named},
    {.field = Field::annotation_attributes, .verb = Verb::exact, .note = "meta of the region"},
    {.field = Field::annotation_texts, .verb = Verb::exact, .when = one_caption},
    {.field = Field::annotation_texts, .verb = Verb::aggregated, .note = "one text of the image"},
    {.field = Field::annotation_residue, .verb = Verb::exact, .when = native},
    {.field = Field::annotation_authored, .verb = Verb::exact, .when = kept},
    {.field = Field::annotation_authored, .verb = Verb::encoded, .note = "a region that was edited is written anew"},
};

using Asks = ToolQuestions<written_form>;

const Choice choices[] = {
    {Decision::crowd, Asks::crowd, tool_crowd_policies,
     "Label Studio has no crowd regions: people would take them for single objects"},
    {Decision::hole, Asks::hole, tool_hole_policies,
     "a Label Studio polygon is one ring: a hole is joined to it by a seam, or filled"},
    {Decision::parts, Asks::parts, tool_parts_policies,
     "a Label Studio polygon is one ring: an object of several parts becomes several, or its largest part"},
};

}  // namespace

std::span<const Carry> labelstudio_carries() { return lines; }
std::span<const Carry> labelstudio_carries_for(const WriteOptions& options) {
  static const std::vector<Carry> as_objects = without_refusals(lines);
  return options.policies[Decision::crowd] == Policy::object ? std::span<const Carry>(as_objects) : lines;
}
std::span<const Choice> labelstudio_choices() { return choices; }

}  // namespace vetset::labelstudio_parts
