// Embeddings as Python gives them: the path of a file, or an array with or without the paths of its rows.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <optional>
#include <string>
#include <string_view>

#include "vetset/vetset.h"

namespace vetset::python {

namespace nb = nanobind;

/// Rows of four-byte floats where they lie, if they lie so (in C order, on the CPU); other floats are converted.
using FloatRows = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
/// A `vetset.Error` that says what was expected, where it is none.
FloatRows float_rows(std::string_view what, const nb::object& array);

class GivenEmbeddings {
 public:
  /// Takes what it needs of the objects, which may be None; needs the interpreter's lock.
  GivenEmbeddings(const nb::object& embeddings, const nb::object& paths);
  /// Nothing where none were given.
  Result<std::optional<Embeddings>> read(const Source& source) const;

 private:
  std::optional<std::string> file_;
  std::string paths_file_;
  FloatRows array_;  // keeps what `rows_` looks into
  std::optional<EmbeddingRows> rows_;
};

}  // namespace vetset::python
