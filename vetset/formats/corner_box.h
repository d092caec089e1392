// What formats have in common whose objects are upright boxes of named classes, said by two corners: which annotations
// have such a box, and what has to be decided about the others.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/formats/format.h"

namespace vetset {

/// The box in pixels, stated or of its shape; nothing where there is none, or where its corners are not numbers that
/// can be written and read again.
std::optional<Box> corner_box_of(const Dataset& d, const Annotation& a);
/// Whether an annotation is an object with such a box, of a class, on an image.
bool has_corner_box(const Dataset& d, AnnotationIndex i);
/// Whether its box is turned, or none: an ellipse, a quadrilateral.
bool is_turned_object(const Dataset& d, AnnotationIndex i);
/// Whether the decisions made leave an object out.
bool drops_corner_box(const Dataset& d, AnnotationIndex i, const Policies& policies);
/// How far a corner and its distance from the other may move where both are written and read again.
double corner_bound(const Dataset& d, std::uint32_t annotation);

/// What the classes are called where a class is known by its name alone: of several that share one, the later ones get
/// a number.
std::vector<std::string> distinct_class_names(const Dataset& d);
/// Whether no other class has its name.
bool has_own_name(const Dataset& d, std::uint32_t category);

// What the choices of such formats ask, of objects that have a box.
bool asks_corner_crowd(const Dataset& d, AnnotationIndex i, const WriteOptions& options);
bool asks_corner_rotated(const Dataset& d, AnnotationIndex i, const WriteOptions& options);
bool asks_corner_keypoints(const Dataset& d, AnnotationIndex i, const WriteOptions& options);
bool asks_corner_score(const Dataset& d, AnnotationIndex i, const WriteOptions& options);
bool asks_corner_track(const Dataset& d, AnnotationIndex i, const WriteOptions& options);
inline constexpr Policy corner_crowd_policies[] = {Policy::drop, Policy::object};
inline constexpr Policy corner_rotated_policies[] = {Policy::envelope, Policy::drop};
inline constexpr Policy corner_keypoint_policies[] = {Policy::box};
inline constexpr Policy corner_drop_only[] = {Policy::drop};

/// A list that says nothing of its own: it names exactly what two or more of the others name together, which share
/// nothing (trainval beside train and val, all.csv beside train.csv and test.csv). For each list whether it is one.
std::vector<bool> unions_of_others(const std::vector<std::vector<ImageIndex>>& lists, std::size_t images);

}  // namespace vetset
