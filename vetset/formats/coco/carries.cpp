// What COCO carries, field by field. A dataset that came from COCO comes back whole; one from elsewhere gets what COCO
// asks for: ids, areas, boxes, iscrowd.
#include <algorithm>

#include "vetset/formats/coco/coco.h"

namespace vetset {
namespace {

using Record = std::uint32_t;

AnnotationIndex annotation(Record i) { return static_cast<AnnotationIndex>(i); }
const Annotation& row(const Dataset& d, Record i) { return d.annotations[i]; }

bool coco_native(const Dataset& d, Record) { return is_native_coco(d); }
bool coco_residues(const Dataset& d, Record) { return writes_coco_residue(d); }

bool coco_split_named(const Dataset& d, Record i) {
  if (is_native_coco(d)) return true;
  const std::string& name = d.splits[i].name;
  const bool once =
      std::count_if(d.splits.begin(), d.splits.end(), [&](const Split& s) { return s.name == name; }) == 1;
  return once && !path_problem("annotations/" + name) && coco_split_of(coco_document_of(name)).name == name &&
         name.find('/') == std::string::npos && name.find(':') == std::string::npos && name.size() <= 150;
}
bool coco_lists_all(const Dataset& d, Record) { return d.category_listings.empty(); }

bool coco_points_named(const Dataset& d, Record i) {
  const Category& c = d.categories[i];
  return is_native_coco(d) || (c.has_keypoints && c.point_count == 0 && c.points_have_visibility);
}

bool coco_size_stated(const Dataset& d, Record i) {
  return is_native_coco(d) || d.images[i].size_origin == SizeOrigin::stated;
}

bool coco_rotated(const Dataset& d, Record i) { return asks_coco_rotation(d, annotation(i)); }
bool coco_holed(const Dataset& d, Record i) { return asks_coco_holes(d, annotation(i)); }
bool coco_unplaced(const Dataset& d, Record i) { return !is_native_coco(d) && row(d, i).image == none<ImageIndex>; }
bool coco_copied(const Dataset& d, Record) { return !is_native_coco(d) && d.splits.size() > 1; }
bool coco_no_id(const Dataset& d, Record i) { return d.annotation_ids[i] == Ids::absent; }
bool coco_placed_category(const Dataset& d, Record i) {
  return is_native_coco(d) || row(d, i).category != none<CategoryIndex>;
}
bool coco_kind_kept(const Dataset& d, Record i) {
  return is_native_coco(d) || coco_kind_of(d, annotation(i)) == row(d, i).kind;
}
bool coco_kind_unsaid(const Dataset& d, Record i) { return row(d, i).kind == Kind::unspecified; }
bool coco_turned(const Dataset& d, Record i) { return turned_corners(d, row(d, i)).has_value(); }
bool coco_kind_lost(const Dataset& d, Record i) {
  return coco_kind_of(d, annotation(i)) == Kind::unspecified && !coco_turned(d, i);
}

bool coco_box_stated(const Dataset& d, Record i) { return is_native_coco(d) || row(d, i).box_origin == Origin::stated; }
bool coco_box_none(const Dataset& d, Record i) { return !coco_box_of(d, row(d, i)); }

std::size_t shapes_of(const Dataset& d, Record i, ShapeKind kind) {
  std::size_t count = 0;
  for (ShapeIndex s = row(d, i).shape; s != none<ShapeIndex>; s = d[s].next) count += d[s].kind == kind ? 1U : 0U;
  return count;
}
bool coco_polygon_plain(const Dataset& d, Record i) {
  if (is_native_coco(d)) return true;
  const Annotation& a = row(d, i);
  return coco_segmentation_of(d, a) == ShapeKind::polygon && !has_coco_holes(d, a) && !has_coco_open_rings(d, a);
}
bool coco_polygon_second(const Dataset& d, Record i) {
  return shapes_of(d, i, ShapeKind::polygon) > 0 && coco_segmentation_of(d, row(d, i)) != ShapeKind::polygon;
}
bool coco_mask_second(const Dataset& d, Record i) {
  return shapes_of(d, i, ShapeKind::mask) > 0 && coco_segmentation_of(d, row(d, i)) != ShapeKind::mask;
}
bool coco_many_masks(const Dataset& d, Record i) { return shapes_of(d, i, ShapeKind::mask) > 1; }
bool coco_points_plain(const Dataset& d, Record i) {
  if (is_native_coco(d)) return true;
  const Shape* const points = coco_keypoints_of(d, row(d, i));
  return points == nullptr || (!points->two && shapes_of(d, i, ShapeKind::keypoints) == 1);
}
bool coco_points_there(const Dataset& d, Record i) {
  return !is_native_coco(d) && coco_keypoints_of(d, row(d, i)) != nullptr;
}

bool coco_area_stated(const Dataset& d, Record i) {
  return is_native_coco(d) || !is_unstated(d.area(annotation(i))) || !coco_area_of(d, annotation(i));
}
bool coco_crowd_said(const Dataset& d, Record i) {
  return is_native_coco(d) || row(d, i).flags[Flag::crowd] != Tristate::not_said;
}
bool coco_one_caption(const Dataset& d, Record i) {
  const auto texts = d.texts_of(annotation(i));
  return texts.size() == 1 && texts[0].role == TextRole::caption;
}
bool coco_some_caption(const Dataset& d, Record i) {
  const auto texts = d.texts_of(annotation(i));
  return std::any_of(texts.begin(), texts.end(), [](const TextRow& t) { return t.role == TextRole::caption; });
}

constexpr Carry lines[] = {
    {.field = Field::split, .verb = Verb::exact},
    {.field = Field::split, .verb = Verb::derived, .note = "images of no split get a document"},
    {.field = Field::split_name, .verb = Verb::exact, .when = coco_split_named},
    {.field = Field::split_name, .verb = Verb::rekeyed, .note = "a name that a document can have"},
    {.field = Field::split_role, .verb = Verb::exact},
    {.field = Field::split_info, .verb = Verb::exact},
    {.field = Field::split_residue, .verb = Verb::exact, .when = coco_residues},
    {.field = Field::split_members, .verb = Verb::exact},
    {.field = Field::split_categories, .verb = Verb::exact, .when = coco_lists_all},
    {.field = Field::split_categories, .verb = Verb::encoded, .note = "a document lists what its annotations name"},
    {.field = Field::licence, .verb = Verb::exact},
    {.field = Field::licence, .verb = Verb::derived, .note = "each document lists the licences of its images"},
    {.field = Field::licence_id, .verb = Verb::exact, .when = coco_native},
    {.field = Field::licence_id, .verb = Verb::rekeyed, .note = "kept where all are whole numbers from 1, else 1…n"},
    {.field = Field::licence_name, .verb = Verb::exact},
    {.field = Field::licence_residue, .verb = Verb::exact, .when = coco_residues},
    {.field = Field::category, .verb = Verb::exact},
    {.field = Field::category_id, .verb = Verb::exact, .when = coco_native},
    {.field = Field::category_id, .verb = Verb::rekeyed, .note = "kept where all are whole numbers from 1, else 1…n"},
    {.field = Field::category_name, .verb = Verb::exact},
    {.field = Field::category_order, .verb = Verb::exact},
    {.field = Field::category_supercategory, .verb = Verb::exact},
    {.field = Field::category_keypoints, .verb = Verb::exact, .when = coco_points_named},
    {.field = Field::category_keypoints,
     .verb = Verb::derived,
     .note = "points are listed by name, and have visibility"},
    {.field = Field::category_skeleton, .verb = Verb::exact},
    {.field = Field::category_flip, .verb = Verb::dropped, .note = "COCO has no mirror order"},
    {.field = Field::category_residue, .verb = Verb::exact, .when = coco_residues},
    {.field = Field::image, .verb = Verb::split, .when = coco_copied, .note = "once in the document of each split"},
    {.field = Field::image, .verb = Verb::exact},
    {.field = Field::image_path, .verb = Verb::exact, .when = coco_native},
    {.field = Field::image_path, .verb = Verb::rekeyed, .note = "below images/"},
    {.field = Field::image_id, .verb = Verb::exact, .when = coco_native},
    {.field = Field::image_id, .verb = Verb::rekeyed, .note = "kept where all are whole numbers from 1, else 1…n"},
    {.field = Field::image_order, .verb = Verb::exact},
    {.field = Field::image_size, .verb = Verb::exact, .when = coco_size_stated},
    {.field = Field::image_size, .verb = Verb::derived, .note = "from the header of the image"},
    {.field = Field::image_state, .verb = Verb::dropped},
    {.field = Field::image_licence, .verb = Verb::exact},
    {.field = Field::image_residue, .verb = Verb::exact, .when = coco_residues},
    {.field = Field::image_attributes, .verb = Verb::exact},
    {.field = Field::annotation,
     .verb = Verb::dropped,
     .when = coco_unplaced,
     .note = "a COCO annotation needs its image"},
    {.field = Field::annotation,
     .verb = Verb::split,
     .when = coco_copied,
     .note = "once in the document of each split"},
    {.field = Field::annotation, .verb = Verb::exact},
    {.field = Field::annotation_id, .verb = Verb::exact, .when = coco_native},
    {.field = Field::annotation_id, .verb = Verb::derived, .when = coco_no_id, .note = "1…n"},
    {.field = Field::annotation_id, .verb = Verb::rekeyed, .note = "kept where all are whole numbers from 1, else 1…n"},
    {.field = Field::annotation_order, .verb = Verb::exact},
    {.field = Field::annotation_image, .verb = Verb::exact},
    {.field = Field::annotation_category, .verb = Verb::exact, .when = coco_placed_category},
    {.field = Field::annotation_category, .verb = Verb::dropped, .note = "no such category"},
    {.field = Field::annotation_kind, .verb = Verb::exact, .when = coco_kind_kept},
    {.field = Field::annotation_kind, .verb = Verb::derived, .when = coco_kind_unsaid},
    {.field = Field::annotation_kind, .verb = Verb::dropped, .when = coco_kind_lost},
    {.field = Field::annotation_kind,
     .verb = Verb::aggregated,
     .note = "COCO has boxes, polygons, masks, keypoints, captions"},
    {.field = Field::annotation_box, .verb = Verb::exact, .when = coco_box_stated},
    {.field = Field::annotation_box, .verb = Verb::dropped, .when = coco_box_none},
    {.field = Field::annotation_box, .verb = Verb::derived, .note = "around the shape"},
    {.field = Field::annotation_polygon,
     .verb = Verb::dropped,
     .when = coco_polygon_second,
     .note = "COCO has one segmentation: the mask stands first"},
    {.field = Field::annotation_polygon, .verb = Verb::exact, .when = coco_polygon_plain},
    {.field = Field::annotation_polygon,
     .verb = Verb::encoded,
     .note = "holes are joined by seams or filled, by decision; rings are closed"},
    {.field = Field::annotation_mask,
     .verb = Verb::dropped,
     .when = coco_mask_second,
     .note = "COCO has one segmentation: the outline stands first"},
    {.field = Field::annotation_mask,
     .verb = Verb::aggregated,
     .when = coco_many_masks,
     .note = "COCO has one segmentation: the first mask"},
    {.field = Field::annotation_mask, .verb = Verb::exact},
    {.field = Field::annotation_keypoints, .verb = Verb::exact, .when = coco_points_plain},
    {.field = Field::annotation_keypoints, .verb = Verb::encoded, .note = "points without visibility are visible"},
    {.field = Field::annotation_shape, .verb = Verb::dropped, .note = "its envelope is the bbox"},
    {.field = Field::annotation_area, .verb = Verb::exact, .when = coco_area_stated},
    {.field = Field::annotation_area, .verb = Verb::derived, .note = "of the shape, else of the box"},
    {.field = Field::annotation_crowd, .verb = Verb::exact, .when = coco_crowd_said},
    {.field = Field::annotation_crowd, .verb = Verb::defaulted, .note = "iscrowd 0"},
    {.field = Field::annotation_flags, .verb = Verb::dropped},
    {.field = Field::annotation_score, .verb = Verb::exact},
    {.field = Field::annotation_track, .verb = Verb::exact},
    {.field = Field::annotation_group, .verb = Verb::dropped},
    {.field = Field::annotation_layer, .verb = Verb::dropped},
    {.field = Field::annotation_attributes, .verb = Verb::exact},
    {.field = Field::annotation_texts, .verb = Verb::exact, .when = coco_one_caption},
    {.field = Field::annotation_texts,
     .verb = Verb::aggregated,
     .when = coco_some_caption,
     .note = "the first caption only"},
    {.field = Field::annotation_texts, .verb = Verb::dropped},
    {.field = Field::annotation_residue, .verb = Verb::derived, .when = coco_points_there, .note = "num_keypoints"},
    {.field = Field::annotation_residue, .verb = Verb::exact, .when = coco_residues},
    {.field = Field::annotation_lexemes, .verb = Verb::exact},
    {.field = Field::number_style,
     .verb = Verb::encoded,
     .note = "told again from the numbers, which are spelled as they were"},
};

/// The declaration, and before it what is decided otherwise.
std::vector<Carry> lines_with(Policy rotated, Policy holes) {
  std::vector<Carry> all;
  if (rotated == Policy::drop)
    all.push_back({.field = Field::annotation, .verb = Verb::refused, .when = coco_rotated, .note = "rotated=drop"});
  if (rotated == Policy::polygon)
    all.push_back({.field = Field::annotation_shape,
                   .verb = Verb::encoded,
                   .when = coco_turned,
                   .note = "its corners are the segmentation"});
  if (holes == Policy::drop)
    all.push_back({.field = Field::annotation, .verb = Verb::refused, .when = coco_holed, .note = "hole=drop"});
  all.insert(all.end(), std::begin(lines), std::end(lines));
  return all;
}

}  // namespace

std::span<const Carry> coco_carries() { return lines; }

std::span<const Carry> coco_carries_for(const WriteOptions& options) {
  constexpr Policy rotated[] = {Policy::envelope, Policy::polygon, Policy::drop};
  constexpr Policy holes[] = {Policy::bridge, Policy::drop};
  static const std::vector<std::vector<Carry>> tables = [&] {
    std::vector<std::vector<Carry>> all;
    for (const Policy r : rotated)
      for (const Policy h : holes) all.push_back(lines_with(r, h));
    return all;
  }();
  const auto* const at = std::find(std::begin(rotated), std::end(rotated), options.policies[Decision::rotated]);
  const std::size_t row = at == std::end(rotated) ? 0 : static_cast<std::size_t>(at - std::begin(rotated));
  return tables[2 * row + (options.policies[Decision::hole] == Policy::drop ? 1U : 0U)];
}

}  // namespace vetset
