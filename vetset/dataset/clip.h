// Cutting shapes at the edges of their image.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "vetset/dataset/geometry.h"

namespace vetset {

/// The part of a box that lies in an image of that size; nothing where none does, or only a line.
std::optional<Box> clipped(const Box& box, double width, double height);

/// The part of a ring x0 y0 x1 y1 … that lies in an image of that size (Sutherland and Hodgman, "Reentrant polygon
/// clipping", CACM 17(1), 1974): parts of a concave ring stay joined along the edge. Empty where nothing is left.
std::vector<double> clipped(std::span<const double> ring, double width, double height);

}  // namespace vetset
