// Thresholds at even distances, to the bit as NumPy makes them.
#pragma once

#include <vector>

namespace vetset {

/// NumPy's linspace: steps from the start, and the end as it is. `count` is 2 or more.
inline std::vector<double> evenly_spaced(double from, double to, unsigned count) {
  std::vector<double> values(count);
  const double step = (to - from) / (count - 1);
  for (unsigned i = 0; i < count; ++i) values[i] = i * step + from;
  values.back() = to;
  return values;
}

}  // namespace vetset
