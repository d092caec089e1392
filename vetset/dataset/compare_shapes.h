// Comparison of the shapes of annotations: boxes, polygons, masks, keypoints and the rest. For the comparison only.
#pragma once

#include <span>
#include <string>

#include "vetset/dataset/compare_fields.h"

namespace vetset {

bool used_shapes(const Dataset& d);
bool used_masks(const Dataset& d);

/// Stated boxes in pixels. A derived box says what the shape says: it is compared, but it is never lost, and a stated
/// box that comes back as a derived one has changed, if only by nothing.
Judgement judge_box(const Sides& s, AnnotationIndex before, std::span<const AnnotationIndex> after);
std::string print_box(const Dataset& d, AnnotationIndex i);

/// Polygons: ring by ring where there are as many numbers, else as areas. A mask that came back as polygons, or
/// polygons as a mask, count once, under the field they had in the source.
Judgement judge_polygon(const Sides& s, AnnotationIndex before, std::span<const AnnotationIndex> after);
std::string print_polygon(const Dataset& d, AnnotationIndex i);
Judgement judge_mask(const Sides& s, AnnotationIndex before, std::span<const AnnotationIndex> after);
std::string print_mask(const Dataset& d, AnnotationIndex i);

/// Keypoints: coordinates in pixels. Another number of points, or another visibility, cannot be measured.
Judgement judge_keypoints(const Sides& s, AnnotationIndex before, std::span<const AnnotationIndex> after);
std::string print_keypoints(const Dataset& d, AnnotationIndex i);

/// Lines, points, ellipses, cuboids, rasters: kind by kind, number by number.
Judgement judge_other_shapes(const Sides& s, AnnotationIndex before, std::span<const AnnotationIndex> after);
std::string print_other_shapes(const Dataset& d, AnnotationIndex i);

/// Whether a shape is spelled in a way of its own: an empty list, null, counts as a list.
bool has_spelled_shape(const Dataset& d, AnnotationIndex i);
bool same_shape_spelling(const Sides& s, AnnotationIndex before, AnnotationIndex after);
std::string print_shape_spelling(const Dataset& d, AnnotationIndex i);

}  // namespace vetset
