// How two aligned pictures agree, block by block: a change of light, of compression or of size leaves the detail of
// every block as it was, a logo breaks some blocks, and another picture breaks nearly all.
#pragma once

#include <cstddef>

#include "vetset/scan/confirm_align.h"

namespace vetset {

/// Only blocks that can tell pictures apart are counted: those whose detail (what is left without the mean and the
/// slope of light) varies in two directions, as a straight edge fits every other straight edge.
struct BlockAgreement {
  std::size_t telling = 0;   // blocks with such detail in both pictures
  std::size_t agreeing = 0;  // of those, the correlated ones
  std::size_t lone = 0;      // blocks with detail in one picture, where the other is plain
  double correlation = 0;    // ZNCC of all samples that both frames have, −1 to 1
  double coverage = 0;       // share of the square that lies in both frames

  /// Logarithm of how much likelier this is for two versions of one picture than for two pictures that look alike.
  double evidence() const;
  /// The share of what there is to compare that agrees; 0 where there is nothing.
  double share() const;
};
/// Over side × side samples; a block may be off by `search` samples.
BlockAgreement agreement(const Pyramid& a, const AffineMap& first, const Pyramid& b, const AffineMap& second,
                         std::size_t side, std::ptrdiff_t search);

}  // namespace vetset
