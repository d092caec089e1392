#include "python/src/embeddings.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/running.h"

namespace vetset::python {
namespace {

/// Looks into the array's memory, which `given` keeps.
EmbeddingRows rows_of(const FloatRows& given, const nb::object& paths) {
  EmbeddingRows rows{.name = "array", .rows = given.shape(0), .columns = given.shape(1)};
  const std::size_t count = rows.rows * rows.columns;
  rows.lent = {given.data(), count};
  rows.digest = sha256({reinterpret_cast<const char*>(given.data()), count * sizeof(float)});
  if (paths.is_none()) return rows;
  if (nb::isinstance<nb::str>(paths) || !nb::try_cast(paths, rows.paths))
    raise(Error{Code::usage, "embeddings_paths: expected a list of paths, one a row of the array"});
  rows.names = "embeddings_paths";
  return rows;
}

}  // namespace

FloatRows float_rows(std::string_view what, const nb::object& array) {
  return nb::cast<FloatRows>(nb::module_::import_("vetset._arguments").attr("_float_rows")(text(what), array));
}

GivenEmbeddings::GivenEmbeddings(const nb::object& embeddings, const nb::object& paths) {
  if (embeddings.is_none()) {
    if (!paths.is_none()) raise(Error{Code::usage, "embeddings_paths says whose rows embeddings has; give both"});
    return;
  }
  if (!nb::isinstance<nb::str>(embeddings)) {
    array_ = float_rows("embeddings", embeddings);
    rows_ = rows_of(array_, paths);
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
