// Shapes as numbers, and what is computed from them. Pixels on a continuous plane: the origin is the top-left corner
// of the top-left pixel, which covers [0,1)×[0,1).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/limits.h"
#include "vetset/base/result.h"

namespace vetset {

/// Left edge, top edge, width, height, in pixels (COCO's order).
struct Box {
  double x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Box&) const = default;
};

struct Point {
  double x = 0, y = 0;
  bool operator==(const Point&) const = default;
};

/// A run-length mask as numbers: runs of zeros and ones in turn, beginning with zeros. COCO counts down the columns.
struct Runs {
  std::uint32_t height = 0, width = 0;
  std::vector<std::uint32_t> counts;
  bool operator==(const Runs&) const = default;
};

/// The smallest box around points given as x0 y0 x1 y1 …; nothing where there are none or one is not finite.
std::optional<Box> envelope(std::span<const double> coordinates);
/// Signed area of a ring (shoelace): positive where it turns clockwise on the screen (y down).
double signed_area(std::span<const double> ring);
/// Whether two edges of the ring cross, or one vertex lies on another edge. O(n log n) in the usual case.
bool crosses_itself(std::span<const double> ring);
/// Area of the part that two boxes share, over the area of their union; 0 where both are empty.
double iou(const Box& a, const Box& b);
/// How far the box reaches past an image of that size, in pixels; 0 when it lies inside.
double overreach(const Box& box, double width, double height);

/// COCO's compressed string (maskApi.c, rleFrString) as counts. Malformed text, negative or overflowing counts, or
/// counts that do not sum to height × width are errors.
Result<Runs> runs_of_coco_string(std::string_view text, std::uint32_t height, std::uint32_t width);
/// Counts as COCO's compressed string (maskApi.c, rleToString).
std::string coco_string_of(std::span<const std::uint32_t> counts);
/// Number of ones.
std::uint64_t area(std::span<const std::uint32_t> counts);
/// The tight box of a mask given down the columns; an empty mask gives all zeros (maskApi.c, rleToBbox).
Box box_of_mask(std::span<const std::uint32_t> counts, std::uint32_t height);

/// The outlines of a mask (runs down the columns) along pixel edges, as rings of corner points: outer rings clockwise
/// on the screen, holes the other way; parts joined 4-connected. The rings' signed areas sum to the mask's area
/// exactly. Rings come in the order of their first pixel (column by column).
struct Outline {
  std::vector<double> ring;
  bool hole = false;
  std::uint32_t part = 0;  // which outer ring a hole lies in
};
Result<std::vector<Outline>> outlines(std::span<const std::uint32_t> counts, std::uint32_t height, std::uint32_t width,
                                      const Limits& = {});
/// One ring for several parts or for holes, joined by seams of no width between nearest vertices. The signed area of
/// the result is the sum of the signed areas. The first ring is the one the others are joined to.
std::vector<double> bridged(std::span<const std::span<const double>> rings);

}  // namespace vetset
