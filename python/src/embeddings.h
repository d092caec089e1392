// Embeddings as Python gives them: the path of a file, or an array with or without the paths of its rows.
#pragma once

#include <nanobind/nanobind.h>

#include <optional>
#include <string>

#include "vetset/vetset.h"

namespace vetset::python {

namespace nb = nanobind;

class GivenEmbeddings {
 public:
  /// Takes what it needs of the objects, which may be None; needs the interpreter's lock.
  GivenEmbeddings(const nb::object& embeddings, const nb::object& paths);
  /// Nothing where none were given.
  Result<std::optional<Embeddings>> read(const Source& source) const;

 private:
  std::optional<std::string> file_;
  std::string paths_file_;
  std::optional<EmbeddingRows> rows_;
};

}  // namespace vetset::python
