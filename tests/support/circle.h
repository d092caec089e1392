// Embeddings in the plane: one a given angle, in radians, of unit length.
#pragma once

#include <cmath>
#include <vector>

#include "vetset/dataset/embeddings.h"

namespace vetset {

inline Embeddings on_circle(const std::vector<double>& angles) {
  Embeddings e{.name = "e.npy", .dimension = 2, .known = std::vector<bool>(angles.size(), true)};
  for (const double angle : angles) {
    e.values.push_back(static_cast<float>(std::cos(angle)));
    e.values.push_back(static_cast<float>(std::sin(angle)));
  }
  return e;
}

}  // namespace vetset
