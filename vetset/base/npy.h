// NumPy's file of one array (.npy, versions 1 to 3): two dimensions of little-endian floats, in C or Fortran order.
// Nothing in it is executed; arrays of objects, integers or structures are refused.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"

namespace vetset {

/// Numbers by row. NaN and infinities are kept, and a double beyond the range of a float is an infinity.
struct NpyTable {
  std::size_t rows = 0, columns = 0;
  std::vector<float> values;
};
/// A double as a float; an infinity where it is beyond the range.
float narrowed(double value);
/// Takes no more memory than four bytes a number that is there. A file that ends early, or does not end, is an error.
Result<NpyTable> parse_npy(std::string_view bytes);

/// The same where it lies, without a copy: of four-byte floats by row that are aligned; else `values` is empty, and
/// `parse_npy` makes them.
struct NpyView {
  std::size_t rows = 0, columns = 0;
  std::span<const float> values = {};
};
Result<NpyView> view_npy(std::string_view bytes);

}  // namespace vetset
