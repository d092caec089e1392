// What all column namespaces have: a length, an Arrow stream, a Parquet file; and columns of texts.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>

#include "python/src/dataset.h"
#include "python/src/running.h"
#include "vetset/dataset/tables.h"

namespace vetset::python {
namespace {

/// The capsule of the Arrow PyCapsule interface, around a stream that `make` gives.
nb::capsule stream_capsule(const std::function<Result<Stream>()>& make) {
  Stream stream = run(nb::none(), [&](const Progress&) { return make(); });
  return nb::capsule(stream.release(), "arrow_array_stream",
                     [](void* p) noexcept { StreamDeleter{}(static_cast<ArrowArrayStream*>(p)); });
}

TableRows column_of(const Texts& texts) {
  TableRows made = text_table(texts.name, texts.count, texts.at);
  return {made.count, [source = texts.source, inner = std::move(made.rows)](std::uint64_t begin, std::uint64_t end) {
            return inner(begin, end);
          }};
}

nb::object item(const Texts& texts, Py_ssize_t i) {
  const auto count = static_cast<Py_ssize_t>(texts.count);
  if (i < 0) i += count;
  if (i < 0 || i >= count) throw nb::index_error("no such row");
  return text(texts.at(static_cast<std::uint64_t>(i)));
}

nb::list items(const Texts& texts, const nb::slice& slice) {
  const auto [start, stop, step, length] = slice.compute(texts.count);
  nb::list found;
  for (std::size_t n = 0; n < length; ++n) found.append(item(texts, start + static_cast<Py_ssize_t>(n) * step));
  return found;
}

/// What every class of rows offers: a length, an Arrow stream, data frames, a Parquet file. `rows_of(object)` makes the
/// table.
template <class Class, class Of>
void bind_rows(nb::class_<Class>& bound, Of rows_of) {
  bound.def("__len__", [rows_of](const Class& r) { return rows_of(r).count; })
      .def(
          "__arrow_c_stream__",
          [rows_of](const Class& r, const nb::object&) {
            return stream_capsule([&] { return export_stream(rows_of(r)); });
          },
          nb::arg("requested_schema") = nb::none(),
          "The rows as an Arrow stream: pyarrow.table(rows), polars.DataFrame(rows), pandas and DuckDB take it.")
      .def(
          "to_arrow", [](const nb::object& self) { return nb::module_::import_("vetset._frames").attr("arrow")(self); },
          nb::sig("def to_arrow(self) -> typing.Any"), "The rows as a pyarrow.Table; needs pyarrow.")
      .def(
          "to_pandas",
          [](const nb::object& self) { return nb::module_::import_("vetset._frames").attr("pandas")(self); },
          nb::sig("def to_pandas(self) -> typing.Any"),
          "The rows as a pandas.DataFrame; needs pandas and pyarrow. Whole numbers that some rows lack become floats.")
      .def(
          "to_polars",
          [](const nb::object& self) { return nb::module_::import_("vetset._frames").attr("polars")(self); },
          nb::sig("def to_polars(self) -> typing.Any"), "The rows as a polars.DataFrame; needs polars.")
      .def(
          "to_parquet",
          [rows_of](const Class& r, const std::filesystem::path& path, const nb::object& progress) {
            run(progress, [&](const Progress& p) -> Result<bool> {
              VETSET_DO(write_parquet(rows_of(r), path.string(), p));
              return true;
            });
          },
          nb::arg("path"), nb::arg("progress") = nb::none(),
          nb::sig("def to_parquet(self, path: str | os.PathLike[str], progress: collections.abc.Callable[[str, int, "
                  "int], object] | None = None) -> None"),
          "Writes the rows to a Parquet file, whole or not at all.");
}

}  // namespace

void bind_tables(nb::module_& m) {
  auto rows =
      nb::class_<Rows>(m, "Rows", "Rows of a dataset: columns as NumPy views, and the whole as an Arrow table.");
  bind_rows(rows, [](const Rows& r) { return r.rows(); });
  auto table = nb::class_<Frame>(m, "Table", "Rows of a report: findings, edits, differences.");
  bind_rows(table, [](const Frame& f) { return f.rows; });
  table.def("__repr__", [](const Frame& f) { return "<vetset.Table of " + std::to_string(f.rows.count) + " rows>"; });

  nb::class_<Texts>(m, "Texts", "A column of texts: a sequence of str, and an Arrow column.")
      .def("__len__", [](const Texts& t) { return t.count; })
      .def("__getitem__", &item, nb::arg("row"), nb::sig("def __getitem__(self, row: int, /) -> str"))
      .def("__getitem__", &items, nb::arg("rows"), nb::sig("def __getitem__(self, rows: slice, /) -> list[str]"))
      .def(
          "__arrow_c_stream__",
          [](const Texts& t, const nb::object&) { return stream_capsule([&] { return export_column(column_of(t)); }); },
          nb::arg("requested_schema") = nb::none(), "The texts as an Arrow stream: pyarrow.chunked_array(texts).")
      .def("__repr__",
           [](const Texts& t) { return "<vetset.Texts " + t.name + ", " + std::to_string(t.count) + " rows>"; });
}

}  // namespace vetset::python
