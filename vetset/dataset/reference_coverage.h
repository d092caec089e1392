// How much of a reference some images cover in an embedding: coverage and density (Naeem et al. 2020), beside what two
// random halves of both would show. Without that these are numbers that look good and say nothing.
#pragma once

#include <cstdint>
#include <span>

#include "vetset/dataset/embeddings.h"

namespace vetset {

struct CoverageSettings {
  unsigned neighbours = 5;  // k: a ball around an image of the reference reaches to its k-th nearest one there
  unsigned draws = 199;     // random halves
  std::uint64_t seed = 1;
};

/// Of values with "usual", the median of random halves stands beside them.
struct ReferenceCoverage {
  double coverage = 0, usual = 0;         // share of the reference whose ball holds an image
  double low = 0;                         // 99 of 100 random halves have at least so much
  double chance = 1;                      // how often random halves have at most so much
  double density = 0, density_usual = 0;  // balls that hold an image, over k: 1 where both are alike, no upper bound
  double clipped = 0, clipped_usual = 0;  // coverage with balls no larger than the median one: outliers of the
                                          // reference make none that hold everything
};
/// More images of the reference than k are needed, and one of the others.
ReferenceCoverage reference_coverage(const Embeddings& e, std::span<const ImageIndex> reference,
                                     std::span<const ImageIndex> covering, const CoverageSettings& settings);

}  // namespace vetset
