// Left and right points of a pose: which are a pair, and whether two pairs stand crosswise.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// "right_eye" for "left_eye"; also behind, and by one letter: "eye_left", "l_eye".
struct Sided {
  std::string other;
  bool left = false;
};
std::optional<Sided> sided(std::string_view point);

struct SidedPair {
  std::uint32_t left = 0, right = 0;
};
/// Points whose names differ by their side alone.
std::vector<SidedPair> sided_pairs(const std::vector<std::string>& names);

/// Two pairs that an edge of the skeleton ties on each side, such as shoulders and hips.
struct Limbs {
  SidedPair near{}, far{};
};
std::vector<Limbs> limbs_of(const Category& category);

/// How long both limbs are as they are labelled, over how long they were with the far points exchanged: 0.8 where they
/// lie side by side, above 1 where they cross. `points` are x, y, visibility. Nothing where a point is not labelled, or
/// a pair stands so close, as from the side, that left and right cannot be told.
std::optional<double> symmetry_cost(const Limbs& limbs, std::span<const double> points);

}  // namespace vetset
