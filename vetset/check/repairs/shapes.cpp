// Repairs of boxes and outlines.
#include <algorithm>
#include <cmath>

#include "vetset/check/repair.h"
#include "vetset/check/words.h"
#include "vetset/dataset/clip.h"
#include "vetset/dataset/rings.h"

namespace vetset {
namespace {

using Rings = std::vector<std::pair<std::vector<double>, RingRole>>;

const AnnotationIndex* annotation_of(const Finding& finding) { return std::get_if<AnnotationIndex>(&finding.where); }

/// What of an annotation lies in its image.
struct Part {
  bool boxed = false;  // it has a box, or an outline
  std::optional<Box> box = {};
  Rings rings = {};
  bool cut = false;  // something lies outside
};

Part part_inside(const Dataset& d, const Annotation& a) {
  Part part;
  const Image& image = d[a.image];
  const double width = image.width, height = image.height;
  if (a.box_origin == Origin::stated) {
    part.boxed = true;
    part.box = clipped(a.box, width, height);
    part.cut = overreach(a.box, width, height) > 0;
  }
  if (const Shape* shape = d.find_shape(a, ShapeKind::polygon)) {
    part.boxed = true;
    for (const Ring& ring : d.rings_of(*shape)) {
      const std::span<const double> numbers = d.coordinates_of(ring);
      const std::optional<Box> around = envelope(numbers);
      const bool inside = around && overreach(*around, width, height) <= 0;
      part.cut = part.cut || !inside;
      part.rings.emplace_back(
          inside ? std::vector<double>(numbers.begin(), numbers.end()) : clipped(numbers, width, height), ring.role);
    }
  }
  return part;
}

bool is_gone(const Dataset& d, const Annotation& a, const Part& part) {
  if (d.find_shape(a, ShapeKind::polygon) != nullptr)
    return std::none_of(part.rings.begin(), part.rings.end(), [](const auto& ring) { return !ring.first.empty(); });
  return part.boxed && !part.box;
}

bool can_be_cut(const Dataset& d, AnnotationIndex i) {
  const Annotation& a = d[i];
  if (a.box_origin == Origin::unplaced) return false;  // of an image whose size is not known
  if (a.image == none<ImageIndex> || d[a.image].width == 0 || d[a.image].height == 0) return false;
  // A turned box that is cut is no box any more; a mask lies in its image by its nature.
  if (a.kind == Kind::rotated_box || a.kind == Kind::quad || d.find_shape(a, ShapeKind::mask) != nullptr) return false;
  if (a.box_origin == Origin::stated &&
      !(std::isfinite(a.box.x + a.box.y + a.box.width + a.box.height) && a.box.width > 0 && a.box.height > 0))
    return false;  // FMT408's
  return true;
}

void clip(const Evidence&, const Finding& finding, Workbench& bench) {
  const AnnotationIndex* i = annotation_of(finding);
  const Dataset& d = bench.dataset();
  if (i == nullptr || bench.is_dropped(*i) || !can_be_cut(d, *i)) return;
  const Part part = part_inside(d, d[*i]);
  if (!part.cut || is_gone(d, d[*i], part)) return;
  if (d[*i].box_origin == Origin::stated && !part.box) return;  // box and outline are not of one object
  const std::string what = "cut at the image's edge: " + finding.message;
  if (!part.rings.empty())
    bench.set_rings(*i, part.rings, part.box ? &*part.box : nullptr, what);
  else
    bench.set_box(*i, *part.box, what);
}

void drop_what_is_outside(const Evidence&, const Finding& finding, Workbench& bench) {
  const AnnotationIndex* i = annotation_of(finding);
  const Dataset& d = bench.dataset();
  if (i == nullptr || bench.is_dropped(*i) || !can_be_cut(d, *i)) return;
  if (const Part part = part_inside(d, d[*i]); part.cut && is_gone(d, d[*i], part))
    bench.drop(*i, "lies wholly outside its image: " + finding.message);
}

/// Whether a box and an outline stand beside rings without area: those are drop-flat-ring's, and the object stays.
bool has_area_beside_flat_rings(const Dataset& d, const Annotation& a) {
  const Shape* shape = d.find_shape(a, ShapeKind::polygon);
  if (shape == nullptr || d[a.shape].next != none<ShapeIndex>) return false;
  if (a.box_origin == Origin::stated &&
      !(std::isfinite(a.box.x + a.box.y + a.box.width + a.box.height) && a.box.width > 0 && a.box.height > 0))
    return false;
  bool outer = false;
  for (const Ring& ring : d.rings_of(*shape)) {
    const std::span<const double> numbers = d.coordinates_of(ring);
    if (!numbers.empty() && !envelope(numbers)) return false;  // not finite
    outer = outer || (ring.role == RingRole::outer && spans_area(numbers));
  }
  return outer;
}

void drop_fault(const Evidence& evidence, const Finding& finding, Workbench& bench) {
  const AnnotationIndex* i = annotation_of(finding);
  // A box that another repair has changed is another one: if it still has no area, the next round tells.
  if (i == nullptr || !(bench.dataset()[*i].box == evidence.dataset[*i].box)) return;
  if (!has_area_beside_flat_rings(evidence.dataset, evidence.dataset[*i])) bench.drop(*i, finding.message);
}

/// Boxes of files with other rows become outlines of four corners: a trainer makes the same boxes of them, and the
/// outlines beside them stay.
void one_kind_in(std::span<const AnnotationIndex> rows, Workbench& bench) {
  std::vector<AnnotationIndex> boxes;
  bool outlines = false;
  for (const AnnotationIndex a : rows) {
    const Dataset& d = bench.dataset();
    if (d.find_shape(d[a], ShapeKind::keypoints) != nullptr) return;  // points cannot be made of a box
    if (d.find_shape(d[a], ShapeKind::polygon) != nullptr)
      outlines = true;
    else if (d[a].box_origin == Origin::stated && d[a].shape == none<ShapeIndex>)
      boxes.push_back(a);
    else
      return;
  }
  if (!outlines) return;
  for (const AnnotationIndex a : boxes)
    bench.box_to_polygon(a, "box written as an outline of its four corners, as other rows of its file are outlines");
}

void one_kind(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  const Dataset::ImageAnnotations annotations = evidence.dataset.image_annotations();
  for (const Finding& finding : findings)
    if (const AnnotationIndex* i = annotation_of(finding);
        i != nullptr && evidence.dataset[*i].image != none<ImageIndex>)
      one_kind_in(annotations.of(evidence.dataset[*i].image), bench);
}

void box_from_shape(const Evidence&, const Finding& finding, Workbench& bench) {
  const AnnotationIndex* i = annotation_of(finding);
  if (i == nullptr || bench.is_dropped(*i)) return;
  const Dataset& d = bench.dataset();
  if (const std::optional<Box> tight = shape_box(d, d[*i])) bench.set_box(*i, *tight, finding.message);
}

}  // namespace

extern const Repair clip_to_image{"FMT407", "clip-to-image", "cut boxes and outlines at the image's edge", true,
                                  each<clip>};
extern const Repair drop_outside{"FMT407", "drop-outside", "drop objects that lie wholly outside their image", false,
                                 each<drop_what_is_outside>};
extern const Repair drop_degenerate{"FMT408", "drop-degenerate", "drop boxes and outlines without area", false,
                                    each<drop_fault>};
extern const Repair rows_of_one_kind{"FMT422", "rows-of-one-kind",
                                     "write boxes as outlines where a label file has outlines, too", true, one_kind};
extern const Repair box_of_shape{"LBL116", "box-of-shape", "compute a box from its outline or mask", false,
                                 each<box_from_shape>};

}  // namespace vetset
