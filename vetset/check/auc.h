// How well a score tells one class from the rest, and how much of that is chance.
#pragma once

#include <cstdint>
#include <span>

namespace vetset {

/// Items of one score: how many are of the class, how many are not.
struct Scored {
  double score = 0;
  std::uint64_t positive = 0, negative = 0;
};
/// The share of pairs (one of the class, one not) in which the former scores higher, ties as a half; 0.5 where either
/// is missing. Reorders the items.
double area_under_curve(std::span<Scored> items);

/// How likely an area at least as large is where the score says nothing: the normal limit of Mann and Whitney's test.
double chance_of(double area, std::uint64_t positive, std::uint64_t negative);

}  // namespace vetset
