// The parts of an outline or a mask: which of them are specks and pinholes. What a rule tells and its repair mends.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

struct OutlineParts {
  std::vector<std::uint32_t> small_rings;  // of a polygon: numbers of the outer rings that are specks
  std::uint64_t specks = 0, pinholes = 0;
  double largest_speck = 0;  // pixels
  double raggedness = 0;     // length of the edge over that of its box
};
/// Of the first polygon or mask of an annotation; nothing where it has none, or too many pixels.
OutlineParts outline_parts(const Dataset& d, const Annotation& a);

}  // namespace vetset
