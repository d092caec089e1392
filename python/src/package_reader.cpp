// Packages read sample by sample: what `vetset.Package` is a layer over. What may take long runs as `run` has it; a
// single sample is read in the calling thread, without the interpreter's lock.
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cmath>
#include <limits>

#include "python/src/dataset.h"
#include "python/src/running.h"
#include "vetset/base/table_rows.h"
#include "vetset/image/decode.h"
#include "vetset/image/draw.h"
#include "vetset/image/picture.h"
#include "vetset/package/package.h"

namespace vetset::python {
namespace {

using Picture = nb::ndarray<nb::numpy, std::uint8_t, nb::shape<-1, -1, 3>>;
using Boxes = nb::ndarray<nb::numpy, double, nb::shape<-1, 4>>;
using Numbers = nb::ndarray<nb::numpy, std::int64_t, nb::ndim<1>>;

/// `_core.PackageCore`, and what reads from it.
struct OpenPackage {
  std::shared_ptr<const Package> package;
};
struct PackageTable {
  std::shared_ptr<const Package> package;
  std::string name;
  const RowGroups* rows;
};
/// The annotations of one sample.
struct Marks {
  std::shared_ptr<const Table> rows;
  std::size_t count = 0;
};

template <class Operation>
auto released(Operation&& operation) {
  std::optional<decltype(operation())> outcome;
  {
    const nb::gil_scoped_release unlocked;
    outcome.emplace(operation());
  }
  return value_or_raise(*std::move(outcome));
}

/// An array that keeps the vector its values are in.
template <class Array, class Vector>
Array array_of(Vector values, std::initializer_list<std::size_t> shape) {
  auto* const kept = new Vector(std::move(values));
  return Array(kept->data(), shape, nb::capsule(kept, [](void* p) noexcept { delete static_cast<Vector*>(p); }));
}

OpenPackage open_package(const std::string& path, bool check, const std::string& images_dir, std::uint64_t cached,
                         unsigned threads) {
  PackageOptions options{.verify = check, .images_dir = images_dir, .cached = cached, .threads = threads};
  return {run(nb::none(), [&](const Progress&) -> Result<std::shared_ptr<const Package>> {
    VETSET_TRY(std::unique_ptr<Package> opened, Package::open(path, options));
    return std::shared_ptr<const Package>(std::move(opened));
  })};
}

PackageTable table_of(const OpenPackage& p, const std::string& name) {
  const RowGroups* const rows = run(nb::none(), [&](const Progress&) { return p.package->table(name); });
  return {p.package, name, rows};
}

nb::capsule stream_of(const PackageTable& t) {
  Stream stream = released([&] { return export_groups(*t.rows); });
  return nb::capsule(stream.release(), "arrow_array_stream",
                     [](void* s) noexcept { StreamDeleter{}(static_cast<ArrowArrayStream*>(s)); });
}

/// The texts of a column, None where a row has none.
nb::list texts_in(const PackageTable& t, const std::string& column) {
  nb::list found;
  for (std::size_t group = 0; group < t.rows->ends().size(); ++group) {
    const Table rows = released([&] { return t.rows->read(group, {column}); });
    const TableColumn* const named = column_named(rows, column);
    const TextColumn* const texts = texts_of(named);
    if (texts == nullptr)
      raise(Error{Code::malformed, "the table " + t.name + " has no column " + column + " of texts"});
    for (std::size_t i = 0; i < texts->ends.size(); ++i)
      found.append(is_missing(*named, i) ? nb::object(nb::none()) : text(text_at(*texts, i)));
  }
  return found;
}

nb::bytes as_bytes(const Bytes& bytes) { return nb::bytes(bytes.data(), bytes.size()); }

Picture image_of(const OpenPackage& p, const PackedSample& s, std::optional<bool> turned) {
  Raster rgb = released([&]() -> Result<Raster> {
    VETSET_TRY(const Bytes bytes, p.package->bytes(s));
    const Decoded decoded = decode_image(bytes);
    if (decoded.status != DecodeStatus::ok)
      return Error{Code::malformed, "the image of sample " + s.key + " is " + std::string(name(decoded.status)) +
                                        (decoded.reason.empty() ? "" : ": " + decoded.reason)};
    if (!turned) return picture_of(bytes, decoded, s.width, s.height);
    return *turned ? picture_of(bytes, decoded, 0, 0) : as_rgb(decoded.raster);
  });
  const std::size_t height = rgb.height, width = rgb.width;
  return array_of<Picture>(std::move(rgb.samples), {height, width, 3});
}

// Cells as Python's values.
nb::object value_at(const std::vector<std::int64_t>& v, std::size_t i) { return nb::int_(v[i]); }
nb::object value_at(const std::vector<std::uint32_t>& v, std::size_t i) { return nb::int_(v[i]); }
nb::object value_at(const std::vector<double>& v, std::size_t i) { return nb::float_(v[i]); }
nb::object value_at(const std::vector<bool>& v, std::size_t i) { return nb::bool_(bool(v[i])); }
nb::object value_at(const TextColumn& v, std::size_t i) { return text(text_at(v, i)); }
template <class Values>
nb::list value_at(const ListColumn<Values>& v, std::size_t i) {
  nb::list values;
  for (std::size_t k = i == 0 ? 0 : v.ends[i - 1]; k < v.ends[i]; ++k) values.append(value_at(v.values, k));
  return values;
}

nb::dict record_of(const Marks& m, std::size_t row) {
  if (row >= m.count) throw nb::index_error("no such annotation");
  nb::dict record;
  for (const TableColumn& column : *m.rows)
    if (!is_missing(column, row))
      record[text(column.name)] =
          std::visit([&](const auto& values) -> nb::object { return value_at(values, row); }, column.values);
  return record;
}

/// A column of texts, None where a row has none.
nb::list cells_of(const Marks& m, const std::string& column) {
  const TableColumn* const named = column_named(*m.rows, column);
  const TextColumn* const texts = texts_of(named);
  nb::list found;
  for (std::size_t i = 0; i < m.count; ++i)
    found.append(texts == nullptr || is_missing(*named, i) ? nb::object(nb::none()) : text(text_at(*texts, i)));
  return found;
}

Boxes boxes_of(const Marks& m) {
  std::vector<double> boxes(m.count * 4, std::numeric_limits<double>::quiet_NaN());
  const char* const names[] = {"x", "y", "width", "height"};
  for (std::size_t k = 0; k < 4; ++k) {
    const TableColumn* const column = column_named(*m.rows, names[k]);
    const auto* const values = column == nullptr ? nullptr : std::get_if<std::vector<double>>(&column->values);
    for (std::size_t i = 0; values != nullptr && i < m.count; ++i)
      if (!is_missing(*column, i)) boxes[i * 4 + k] = (*values)[i];
  }
  return array_of<Boxes>(std::move(boxes), {m.count, 4});
}

Marks marks_of(const OpenPackage& p, const PackedSample& s) {
  auto rows = std::make_shared<const Table>(released([&] { return p.package->annotations(s.key); }));
  const std::size_t count = rows->empty() ? 0 : rows->front().missing.size();
  return {std::move(rows), count};
}

Frame frame_of(const Marks& m) {
  return {{m.count, [rows = m.rows](std::uint64_t begin, std::uint64_t end) { return slice_of(*rows, begin, end); }}};
}

/// Each statement as (path, kind, hint of its key, predicate as JSON, whether it is about this very manifest).
nb::list evidence_of(const OpenPackage& p) {
  nb::list found;
  for (const Attestation& a : run(nb::none(), [&](const Progress&) { return p.package->evidence(); })) {
    const Statement& s = a.bundle.statement;
    found.append(nb::make_tuple(text(a.path), text(kind_of(s.predicate_type)), text(a.bundle.hint), text(s.predicate),
                                s.subject == p.package->id()));
  }
  return found;
}

}  // namespace

void bind_open_package(nb::module_& m) {
  nb::class_<PackedSample>(m, "SampleCore", "One row of the table of samples.")
      .def_ro("row", &PackedSample::row)
      .def_prop_ro(
          "key", [](const PackedSample& s) { return text(s.key); }, nb::sig("def key(self) -> str"))
      .def_prop_ro(
          "path", [](const PackedSample& s) { return text(s.path); }, nb::sig("def path(self) -> str"))
      .def_prop_ro(
          "splits",
          [](const PackedSample& s) {
            nb::list names;
            for (const std::string& split : s.splits) names.append(text(split));
            return names;
          },
          nb::sig("def splits(self) -> list[str]"))
      .def_prop_ro(
          "state", [](const PackedSample& s) { return text_or_none(s.state); },
          nb::sig("def state(self) -> str | None"))
      .def_ro("width", &PackedSample::width)
      .def_ro("height", &PackedSample::height)
      .def_prop_ro(
          "media", [](const PackedSample& s) { return text_or_none(s.media); },
          nb::sig("def media(self) -> str | None"))
      .def_prop_ro(
          "shard", [](const PackedSample& s) { return text_or_none(s.shard); },
          nb::sig("def shard(self) -> str | None"))
      .def_ro("offset", &PackedSample::offset)
      .def_prop_ro(
          "size", [](const PackedSample& s) { return s.digest ? std::optional(s.size) : std::nullopt; },
          "Of the image in bytes; None where it was not at hand.")
      .def_prop_ro(
          "sha256", [](const PackedSample& s) { return s.digest ? std::optional(s.digest->hex()) : std::nullopt; },
          "Of the image's bytes, in hexadecimal digits; None where it was not at hand.");

  nb::class_<PackageTable>(m, "PackageTable", "A table of a package; nothing of it is read before it is asked for.")
      .def_ro("name", &PackageTable::name)
      .def_prop_ro("columns", [](const PackageTable& t) { return t.rows->columns(); })
      .def("__len__", [](const PackageTable& t) { return t.rows->rows(); })
      .def(
          "__arrow_c_stream__", [](const PackageTable& t, const nb::object&) { return stream_of(t); },
          nb::arg("requested_schema") = nb::none(),
          "The rows as an Arrow stream: pyarrow.table(rows), polars.DataFrame(rows), pandas and DuckDB take it.")
      .def("texts", &texts_in, nb::arg("column"), nb::sig("def texts(self, column: str) -> list[str | None]"),
           "A column of texts as a list; None where a row has none.")
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
      .def("__repr__", [](const PackageTable& t) {
        return "<vetset.PackageTable " + t.name + ", " + std::to_string(t.rows->rows()) + " rows>";
      });

  nb::class_<Marks>(m, "AnnotationsCore", "The annotations of one sample.")
      .def("__len__", [](const Marks& marks) { return marks.count; })
      .def("record", &record_of, nb::arg("row"), nb::sig("def record(self, row: int) -> dict[str, typing.Any]"))
      .def("texts", &cells_of, nb::arg("column"), nb::sig("def texts(self, column: str) -> list[str | None]"))
      .def_prop_ro("boxes", &boxes_of, nb::rv_policy::automatic)
      .def_prop_ro("table", &frame_of);

  nb::class_<OpenPackage>(m, "PackageCore", "An open package; use `vetset.Package`.")
      .def_prop_ro(
          "manifest", [](const OpenPackage& p) { return text(p.package->manifest_json()); },
          nb::sig("def manifest(self) -> str"))
      .def_prop_ro("package_id", [](const OpenPackage& p) { return p.package->id().text(); })
      .def_prop_ro("dataset_id", [](const OpenPackage& p) { return p.package->manifest().dataset_id.text(); })
      .def_prop_ro("labels_id", [](const OpenPackage& p) { return p.package->manifest().labels_id.text(); })
      .def_prop_ro("form", [](const OpenPackage& p) { return std::string(name(p.package->manifest().form)); })
      .def("table_names",
           [](const OpenPackage& p) { return run(nb::none(), [&](const Progress&) { return p.package->tables(); }); })
      .def("table", &table_of, nb::arg("name"))
      .def("samples",
           [](const OpenPackage& p) { return run(nb::none(), [&](const Progress&) { return p.package->samples(); }); })
      .def(
          "sample",
          [](const OpenPackage& p, std::uint64_t row) { return released([&] { return p.package->sample(row); }); },
          nb::arg("row"))
      .def(
          "find_key",
          [](const OpenPackage& p, const std::string& key) {
            return released([&] { return p.package->find_key(key); });
          },
          nb::arg("key"))
      .def(
          "find_path",
          [](const OpenPackage& p, const std::string& path) {
            return released([&] { return p.package->find_path(path); });
          },
          nb::arg("path"))
      .def(
          "of_split",
          [](const OpenPackage& p, const std::string& split) {
            const std::vector<std::uint64_t> rows =
                run(nb::none(), [&](const Progress&) { return p.package->of_split(split); });
            return array_of<Numbers>(std::vector<std::int64_t>(rows.begin(), rows.end()), {rows.size()});
          },
          nb::arg("split"), nb::rv_policy::automatic)
      .def(
          "bytes",
          [](const OpenPackage& p, const PackedSample& s) {
            return as_bytes(released([&] { return p.package->bytes(s); }));
          },
          nb::arg("sample"))
      .def("image", &image_of, nb::arg("sample"), nb::arg("turned").none(), nb::rv_policy::automatic)
      .def("annotations", &marks_of, nb::arg("sample"))
      .def(
          "file",
          [](const OpenPackage& p, const std::string& path) {
            return as_bytes(run(nb::none(), [&](const Progress&) { return p.package->file(path); }));
          },
          nb::arg("path"))
      .def("evidence", &evidence_of, nb::sig("def evidence(self) -> list[tuple[str, str, str, str, bool]]"));

  m.def("open_package", &open_package, nb::arg("path"), nb::arg("verify"), nb::arg("images_dir"), nb::arg("cached"),
        nb::arg("threads"));
}

}  // namespace vetset::python
