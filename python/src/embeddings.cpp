#include "python/src/embeddings.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/running.h"

namespace vetset::python {
namespace {

using Rows = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

EmbeddingRows rows_of(const nb::object& array, const nb::object& paths) {
  Rows given;
  if (!nb::try_cast(array, given))
    raise(Error{Code::usage, "embeddings: expected the path of a file, or an array of floats of two dimensions"});
  EmbeddingRows rows{.name = "array", .rows = given.shape(0), .columns = given.shape(1)};
  const std::size_t count = rows.rows * rows.columns;
  rows.values.assign(given.data(), given.data() + count);
  rows.digest = sha256({reinterpret_cast<const char*>(given.data()), count * sizeof(float)});
  if (paths.is_none()) return rows;
  if (nb::isinstance<nb::str>(paths) || !nb::try_cast(paths, rows.paths))
    raise(Error{Code::usage, "embeddings_paths: expected a list of paths, one a row of the array"});
  rows.names = "embeddings_paths";
  return rows;
}

}  // namespace

GivenEmbeddings::GivenEmbeddings(const nb::object& embeddings, const nb::object& paths) {
  if (embeddings.is_none()) {
    if (!paths.is_none()) raise(Error{Code::usage, "embeddings_paths says whose rows embeddings has; give both"});
    return;
  }
  if (!nb::isinstance<nb::str>(embeddings)) {
    rows_ = rows_of(embeddings, paths);
    return;
  }
  file_ = nb::cast<std::string>(embeddings);
  if (paths.is_none()) return;
  if (!nb::isinstance<nb::str>(paths))
    raise(Error{Code::usage, "embeddings_paths: expected a file with one path a line, as embeddings is a file"});
  paths_file_ = nb::cast<std::string>(paths);
}

Result<std::optional<Embeddings>> GivenEmbeddings::read(const Source& source) const {
  if (!file_ && !rows_) return std::optional<Embeddings>();
  VETSET_TRY(Embeddings embeddings,
             file_ ? read_embeddings(source, *file_, paths_file_) : embeddings_of(source.dataset, *rows_));
  return std::optional<Embeddings>(std::move(embeddings));
}

}  // namespace vetset::python
