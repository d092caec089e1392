// COCO JSON: instances, keypoints and captions, in the layouts of Roboflow, MMDetection and COCO itself. After
// cocodataset.org/#format-data and pycocotools 2.0.11. It cannot hold: holes in polygons, rotated boxes, points and
// lines, groups, relations, video tracks, label states of images. Panoptic documents and results are other formats.
#include "vetset/formats/coco/coco.h"

namespace vetset {
namespace {

bool asks_of_holes(const Dataset& d, AnnotationIndex i, const WriteOptions&) { return asks_coco_holes(d, i); }
bool asks_of_rotation(const Dataset& d, AnnotationIndex i, const WriteOptions&) { return asks_coco_rotation(d, i); }

constexpr Policy hole_policies[] = {Policy::bridge, Policy::fill, Policy::drop};
constexpr Policy rotated_policies[] = {Policy::envelope, Policy::polygon, Policy::drop};
constexpr Choice coco_choices[] = {
    {Decision::hole, asks_of_holes, hole_policies,
     "COCO polygons have no holes: a trainer would learn them as objects"},
    {Decision::rotated, asks_of_rotation, rotated_policies,
     "COCO boxes are upright: a trainer would learn the envelope, or the corners as an outline"},
};

}  // namespace

extern const Format coco;
const Format coco{
    .id = "coco",
    .title = "COCO JSON",
    .judge = "pycocotools 2.0.11",
    .tasks = {},
    .carries = coco_carries(),
    .choices = coco_choices,
    .detect = detect_coco,
    .read = read_coco,
    .write = write_coco,
    .carries_for = coco_carries_for,
};

}  // namespace vetset
