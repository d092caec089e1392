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
  const std::string expected =
      std::string(what) + ": expected the path of a file, or an array of floats of two dimensions, a row an image";
  FloatRows rows;
  nb::object found = array;
  if (!nb::hasattr(array, "dtype")) {  // lists and the like: NumPy makes an array of them
    if (nb::isinstance<nb::sequence>(array) || nb::hasattr(array, "__array__")) {
      try {
        found = nb::module_::import_("numpy").attr("asarray")(array);
      } catch (const nb::python_error&) {
        raise(Error{Code::usage, expected + "; the rows are not of one length, or hold no numbers"});
      }
    } else {
      raise(Error{Code::usage, expected + ", found " + nb::cast<std::string>(found.type().attr("__name__"))});
    }
  }
  const std::string type = nb::cast<std::string>(nb::str(found.attr("dtype")));
  if (type.find("float") == std::string::npos) raise(Error{Code::usage, expected + "; found one of " + type});
  const auto shape = nb::cast<std::vector<std::size_t>>(nb::object(found.attr("shape")));
  if (shape.size() != 2) {
    std::string text;
    for (const std::size_t n : shape) text += (text.empty() ? "" : ", ") + std::to_string(n);
    raise(Error{Code::usage, expected + "; found one of shape (" + text + ")"});
  }
  if (!nb::try_cast(found, rows))
    raise(Error{Code::usage, expected + ", in the memory of the CPU; found " +
                                 nb::cast<std::string>(found.type().attr("__name__")) + " of " + type});
  return rows;
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
