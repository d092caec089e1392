// How the points of an outline are written down: those said twice in a row, and rings that enclose nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vetset {

/// Whether a ring x0 y0 x1 y1 … has three different points. A last number without a partner is no point.
bool spans_area(std::span<const double> ring);
/// How often a point is followed by itself. A first point that is written again at the end closes the ring, which is
/// usual, and does not count.
std::uint64_t repeats(std::span<const double> ring);
/// The ring with each of those points said once; a last number without a partner stays.
std::vector<double> without_repeats(std::span<const double> ring);

}  // namespace vetset
