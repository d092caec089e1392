// What VOC carries, field by field. A dataset that came from VOC comes back as its files were; one from elsewhere gets
// what the devkit's readers ask for.
#include <algorithm>

#include "vetset/formats/corner_box.h"
#include "vetset/formats/names.h"
#include "vetset/formats/voc/voc.h"

namespace vetset::voc_parts {
namespace {

using Record = std::uint32_t;
AnnotationIndex at(Record i) { return static_cast<AnnotationIndex>(i); }

bool native(const Dataset& d, Record) { return is_native(d); }
bool no_object(const Dataset& d, Record i) { return !is_written(d, at(i)); }
bool kept(const Dataset& d, Record i) { return keeps_object(d, at(i)); }
bool crowd(const Dataset& d, Record i) { return d.annotations[i].flags.is(Flag::crowd); }
bool turned(const Dataset& d, Record i) { return is_turned_object(d, at(i)); }
bool box_not_stated(const Dataset& d, Record i) { return d.annotations[i].box_origin != Origin::stated; }
bool list_named(const Dataset& d, Record i) {
  const std::string& name = d.splits[i].name;
  const bool once =
      std::count_if(d.splits.begin(), d.splits.end(), [&](const Split& s) { return s.name == name; }) == 1;
  return is_native(d) || (once && !name.empty() && name != usual_union && as_word(name) == name);
}
bool size_stated(const Dataset& d, Record i) { return is_native(d) || d.images[i].size_origin == SizeOrigin::stated; }

constexpr Carry lines[] = {
    {.field = Field::dataset_residue, .verb = Verb::exact, .when = native},
    {.field = Field::split, .verb = Verb::exact},
    {.field = Field::split_name, .verb = Verb::exact, .when = list_named},
    {.field = Field::split_name, .verb = Verb::rekeyed, .note = "a name that a list can have"},
    {.field = Field::split_role, .verb = Verb::exact, .when = list_named},
    {.field = Field::split_role, .verb = Verb::rekeyed, .note = "as its name says"},
    {.field = Field::split_members, .verb = Verb::exact},
    {.field = Field::split_categories, .verb = Verb::aggregated, .note = "one list of classes for all splits"},
    {.field = Field::category, .verb = Verb::exact},
    {.field = Field::category_id, .verb = Verb::dropped, .note = "a class is known by its name"},
    {.field = Field::category_name, .verb = Verb::exact, .when = has_own_name},
    {.field = Field::category_name, .verb = Verb::rekeyed, .note = "classes of one name get a number"},
    {.field = Field::category_order, .verb = Verb::exact},
    {.field = Field::image, .verb = Verb::exact},
    {.field = Field::image_path, .verb = Verb::rekeyed, .note = "JPEGImages/, names made unlike without extension"},
    {.field = Field::image_id, .verb = Verb::dropped, .note = "an image is known by its name"},
    {.field = Field::image_order, .verb = Verb::rekeyed, .note = "images have no order of their own"},
    {.field = Field::image_size, .verb = Verb::exact, .when = size_stated},
    {.field = Field::image_size, .verb = Verb::derived, .note = "from the header of the image"},
    {.field = Field::image_state,
     .verb = Verb::derived,
     .note = "every image gets a file; one without objects is labelled as empty"},
    {.field = Field::image_residue, .verb = Verb::exact, .when = native},
    {.field = Field::image_residue, .verb = Verb::derived, .note = "folder, source and segmented, as VOC has them"},
    {.field = Field::annotation,
     .verb = Verb::dropped,
     .when = no_object,
     .note = "no object without a named class, a finite box and an image"},
    {.field = Field::annotation, .verb = Verb::exact, .when = kept},
    {.field = Field::annotation, .verb = Verb::refused, .when = crowd, .note = "a crowd would be learned as an object"},
    {.field = Field::annotation, .verb = Verb::refused, .when = turned, .note = "a turned box would be learned larger"},
    {.field = Field::annotation, .verb = Verb::exact},
    {.field = Field::annotation_order, .verb = Verb::exact},
    {.field = Field::annotation_image, .verb = Verb::exact},
    {.field = Field::annotation_category, .verb = Verb::exact},
    {.field = Field::annotation_kind, .verb = Verb::exact, .when = kept},
    {.field = Field::annotation_kind, .verb = Verb::derived, .note = "a box"},
    {.field = Field::annotation_box, .verb = Verb::exact, .when = kept},
    {.field = Field::annotation_box, .verb = Verb::derived, .when = box_not_stated, .note = "the box around the shape"},
    {.field = Field::annotation_box, .verb = Verb::quantised, .bound = corner_bound, .note = "corners"},
    {.field = Field::annotation_flags, .verb = Verb::exact, .when = native},
    {.field = Field::annotation_flags,
     .verb = Verb::derived,
     .note = "truncated, difficult and occluded; the first two are 0 where not said"},
    {.field = Field::annotation_attributes, .verb = Verb::exact},
    {.field = Field::annotation_residue, .verb = Verb::exact, .when = native},
};

bool asks_crowd(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return !keeps_object(d, i) && asks_corner_crowd(d, i, options);
}
bool asks_rotated(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return !keeps_object(d, i) && asks_corner_rotated(d, i, options);
}

const Choice choices[] = {
    {Decision::crowd, asks_crowd, corner_crowd_policies,
     "VOC has no crowd regions: a trainer would learn them as objects"},
    {Decision::rotated, asks_rotated, corner_rotated_policies, "VOC boxes do not turn: the box around it is larger"},
    {Decision::keypoints, asks_corner_keypoints, corner_keypoint_policies, "VOC has no keypoints: the box stays"},
    {Decision::score, asks_corner_score, corner_drop_only,
     "VOC has no scores: a prediction would be learned as the truth"},
    {Decision::track, asks_corner_track, corner_drop_only, "VOC has no tracks"},
};

}  // namespace

std::span<const Carry> voc_carries() { return lines; }
std::span<const Choice> voc_choices() { return choices; }

}  // namespace vetset::voc_parts
