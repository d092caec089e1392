// What labelling tools draw: the one form that an annotation takes in a tool, and what has to be decided about it. The
// formats of such tools (CVAT, Label Studio) share these answers, so that the same object looks the same in each.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vetset/dataset/rotated.h"
#include "vetset/formats/format.h"

namespace vetset {

enum class ToolForm : std::uint8_t {
  none,      // nothing that a tool could draw
  tag,       // of the whole image
  caption,   // text of the whole image
  box,       // upright
  rotated,   // five numbers of a RotatedBox
  polygon,   // one ring or several
  polyline,  // one open line
  point,     // one
  points,    // several of one object, without names
  skeleton,  // points with names and visibility
  ellipse,   // centre, radii, and degrees where it turns
  mask,      // pixels of the image
  cuboid,    // eight corners on the image
};

/// The form that an annotation takes. It has an image; whether it has a class is the caller's matter.
ToolForm form_of(const Dataset& d, AnnotationIndex i);
/// The upright box of an annotation whose form is `box`.
std::optional<Box> drawn_box(const Dataset& d, const Annotation& a);
/// ToolForm::rotated as what it is.
std::optional<RotatedBox> drawn_rotated(const Dataset& d, const Annotation& a);
/// ToolForm::ellipse: centre x y, radii x y, degrees; nothing where it has no such numbers.
struct DrawnEllipse {
  double x = 0, y = 0, rx = 0, ry = 0;
  std::optional<double> degrees = {};
};
std::optional<DrawnEllipse> drawn_ellipse(const Dataset& d, const Annotation& a);
/// ToolForm::polygon as the rings that are drawn one by one, by the decisions about holes and parts.
std::vector<std::vector<double>> drawn_rings(const Dataset& d, const Annotation& a, const Policies& policies);
/// ToolForm::polyline, its first point written again where it was closed.
std::vector<double> drawn_line(const Dataset& d, const Annotation& a);
/// The box around an ellipse.
Box box_of(const DrawnEllipse& e);

/// How many shapes of a kind an annotation has.
std::size_t shapes_of(const Dataset& d, const Annotation& a, ShapeKind kind);
/// Whether all of a polygon is one ring that closes and has no hole.
bool is_one_drawn_ring(const Dataset& d, const Annotation& a);
/// Whether a polygon is drawn as several rings, where all parts are.
bool has_drawn_parts(const Dataset& d, const Annotation& a);
bool has_drawn_holes(const Dataset& d, const Annotation& a);
/// How far a number of an annotation may move where corners or centres are computed with it and back.
double drawn_bound(const Dataset& d, std::uint32_t annotation);

/// The names of the points of each class: those it lists, made unlike, and "point_3" where its skeletons have more.
std::vector<std::vector<std::string>> point_names(const Dataset& d,
                                                  const std::function<bool(AnnotationIndex)>& is_skeleton);

// Masks as bitmaps that run along the rows of a box of pixels.
struct PixelBox {
  std::uint64_t left = 0, top = 0, width = 0, height = 0;
};
/// Gives an annotation a mask of its image, of one byte a pixel of the box, which lies inside.
void append_mask(Dataset& d, Annotation& a, std::span<const std::uint8_t> ones, const PixelBox& where,
                 std::uint32_t width, std::uint32_t height);
/// The other way; all ones lie in the box.
std::vector<std::uint8_t> ones_within(std::span<const std::uint32_t> counts, std::uint32_t height,
                                      const PixelBox& where);

// What the choices of such formats ask.
inline constexpr Policy tool_hole_policies[] = {Policy::bridge, Policy::fill};
inline constexpr Policy tool_parts_policies[] = {Policy::split, Policy::largest};
inline constexpr Policy tool_crowd_policies[] = {Policy::drop, Policy::object};

/// Whether they are asked of an annotation; `written_form` says as what the tool's format writes it.
template <ToolForm (*written_form)(const Dataset&, AnnotationIndex)>
struct ToolQuestions {
  static bool crowd(const Dataset& d, AnnotationIndex i, const WriteOptions&) {
    return d[i].flags.is(Flag::crowd) && written_form(d, i) != ToolForm::none;
  }
  static bool hole(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
    return is_kept(d, i, options) && has_drawn_holes(d, d[i]);
  }
  static bool parts(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
    return is_kept(d, i, options) && has_drawn_parts(d, d[i]);
  }

 private:
  static bool is_kept(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
    return !(d[i].flags.is(Flag::crowd) && options.policies[Decision::crowd] != Policy::object) &&
           written_form(d, i) == ToolForm::polygon;
  }
};
/// What is carried where crowds become objects: nothing is refused then.
std::vector<Carry> without_refusals(std::span<const Carry> lines);

/// At the end of reading: rows of images stand before rows of annotations, by image; columns that say nothing go.
void finish_columns(Dataset& d, std::vector<Residue> of_images);

}  // namespace vetset
