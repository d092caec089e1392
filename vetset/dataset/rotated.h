// Boxes that are turned: the five numbers of a rotated box, the eight of a quad, and the ways between them and upright
// boxes. Pixels, y down; where two sides meet is a corner.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// Four corners in turn: x1 y1 x2 y2 x3 y3 x4 y4. The numbers of a Kind::quad.
using Corners = std::array<double, 8>;

/// The numbers of a Kind::rotated_box: its centre, its sides before it turns, and by how many degrees it turns
/// clockwise on the screen about its centre.
struct RotatedBox {
  double x = 0, y = 0, width = 0, height = 0, degrees = 0;
};

/// Clockwise on the screen, from the corner that is top-left before the box turns.
Corners corners_of(const RotatedBox& box);
Corners corners_of(const Box& box);
/// The corners of an annotation whose kind is a quad or a rotated box; nothing where it has no such numbers.
std::optional<Corners> turned_corners(const Dataset& d, const Annotation& a);

/// The rectangle of the least area around points x0 y0 x1 y1 …, as OpenCV's minAreaRect finds it: clockwise on the
/// screen from the corner nearest to the top-left. Nothing where there are no points or one is not finite.
std::optional<Corners> smallest_rectangle(std::span<const double> points);
/// An annotation as four corners: its own, those of its outline where that is one ring of four points, else of the
/// smallest rectangle around its outline or mask. Nothing where it has no such shape.
std::optional<Corners> four_corners(const Dataset& d, const Annotation& a);
/// How far the corners are from those of the smallest rectangle around them, at most; 0 for a rectangle.
double skew(const Corners& corners);

/// What four corners in fractions of an image can be. A rectangle that is turned becomes a parallelogram where the
/// image is not square, so rectangles cannot be told from those.
enum class CornerForm : std::uint8_t { upright, turned, other };
CornerForm corner_form(const Corners& corners);

}  // namespace vetset
