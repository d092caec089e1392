#include "python/src/evaluate_rows.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <unordered_map>

#include "python/src/dataset.h"
#include "python/src/running.h"
#include "vetset/evaluate/coco_stream.h"

namespace vetset::python {
namespace {

template <class T>
using In = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using InRows = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <class T>
using Out = nb::ndarray<nb::numpy, const T, nb::ndim<1>>;
using OutRows = nb::ndarray<nb::numpy, const double, nb::ndim<2>>;

/// Shows the memory of `values`; the column must not be written to.
template <class T>
void look_into(Column<T>& column, const T* values, std::size_t count) {
  const std::span<const T> shown(values, count);
  column.expect(shown);
  column.append(shown);
}

void expect_rows(const char* what, std::size_t found, std::size_t expected) {
  if (found != expected)
    raise(Error{Code::usage,
                std::string(what) + " has " + std::to_string(found) + " rows, expected " + std::to_string(expected)});
}

/// Names by number, in the order in which they appear, and the position of each row's.
void number_ids(const In<std::int64_t>& ids, Column<std::uint32_t>& positions, std::vector<PredictedName>& names) {
  std::unordered_map<std::int64_t, std::uint32_t> known;
  positions.reserve(ids.size());
  std::int64_t last = 0;
  std::uint32_t at = no_number;
  for (std::size_t row = 0; row < ids.size(); ++row) {
    const std::int64_t id = ids.data()[row];
    if (at == no_number || id != last) {
      const auto [found, is_new] = known.try_emplace(id, static_cast<std::uint32_t>(names.size()));
      if (is_new) names.push_back({.id = id, .first = row});
      at = found->second;
      last = id;
    }
    positions.push_back(at);
  }
}

void take_names(const In<std::uint32_t>& rows, const std::vector<std::string>& given, bool tokens,
                Column<std::uint32_t>& positions, std::vector<PredictedName>& names) {
  for (const std::string& text : given) {
    PredictedName name;
    (tokens ? name.token : name.name) = text;
    if (tokens) name.id = Ids::odd;
    names.push_back(std::move(name));
  }
  std::vector<bool> seen(names.size(), false);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const std::uint32_t at = rows.data()[row];
    VETSET_ASSERT(at < names.size(), "positions are of names that are given");
    if (!seen[at]) names[at].first = row;
    seen[at] = true;
    positions.push_back(at);
  }
}

/// How rows name their images, or their classes: whole numbers, or positions in a list of names.
struct NamesIn {
  std::optional<In<std::int64_t>> ids;
  std::optional<In<std::uint32_t>> positions;
  std::vector<std::string> names;
  bool tokens = false;  // the names are ids that are texts

  void into(Column<std::uint32_t>& rows, std::vector<PredictedName>& list) const {
    if (ids)
      number_ids(*ids, rows, list);
    else
      take_names(*positions, names, tokens, rows, list);
  }
};
NamesIn names_in(const nb::tuple& given) {
  NamesIn in;
  const nb::object first = given[0];
  in.names = nb::cast<std::vector<std::string>>(given[1]);
  in.tokens = nb::cast<bool>(given[2]);
  if (in.names.empty())
    in.ids = nb::cast<In<std::int64_t>>(first);
  else
    in.positions = nb::cast<In<std::uint32_t>>(first);
  return in;
}

/// Rows of columns. What is None is not there; arrays are looked into, so they must stay as they are.
CocoRows rows_of_columns(const nb::tuple& image, const nb::tuple& category, const nb::object& box,
                         const nb::object& score, const nb::object& area, const nb::object& keypoints) {
  CocoRows rows;
  Instances& to = rows.said.rows;
  names_in(image).into(to.image, rows.said.images);
  names_in(category).into(to.category, rows.said.categories);
  const std::size_t count = to.image.size();
  expect_rows("category", to.category.size(), count);
  std::uint8_t said = 0;
  const auto numbers = [&](const nb::object& given, const char* what, Column<double>& column, Said bit) {
    if (given.is_none()) return;
    const auto values = nb::cast<In<double>>(given);
    expect_rows(what, values.size(), count);
    look_into(column, values.data(), values.size());
    rows.keep.push_back(given);
    said |= static_cast<std::uint8_t>(bit);
  };
  numbers(score, "score", to.score, Said::score);
  numbers(area, "area", to.area, Said::area);
  if (!box.is_none()) {
    const auto values = nb::cast<InRows>(box);
    expect_rows("bbox", values.shape(0), count);
    if (values.shape(1) != 4)
      raise(Error{Code::usage, "bbox has " + std::to_string(values.shape(1)) +
                                   " numbers a row, expected 4: left, top, width, height"});
    static_assert(sizeof(Box) == 4 * sizeof(double));
    look_into(to.box, reinterpret_cast<const Box*>(values.data()), count);
    rows.keep.push_back(box);
    said |= static_cast<std::uint8_t>(Said::box);
  }
  if (!keypoints.is_none()) {
    const auto values = nb::cast<InRows>(keypoints);
    expect_rows("keypoints", values.shape(0), count);
    if (values.shape(1) % 3 != 0 || values.shape(1) == 0)
      raise(Error{Code::usage, "keypoints have " + std::to_string(values.shape(1)) +
                                   " numbers a row, expected three a point: x, y, visibility"});
    look_into(to.keypoints, values.data(), values.size());
    rows.keep.push_back(keypoints);
    to.points = static_cast<std::uint32_t>(values.shape(1) / 3);
    said |= static_cast<std::uint8_t>(Said::keypoints);
  }
  to.said.resize(count, said);
  rows.said.records = count;
  rows.said.first_said = said;
  rows.said.format = "arrays";
  return rows;
}

std::string_view bytes_or_text(nb::handle value) {
  if (PyBytes_Check(value.ptr()))
    return {PyBytes_AS_STRING(value.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(value.ptr()))};
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(value.ptr(), &size);
  if (text == nullptr) throw nb::python_error();
  return {text, static_cast<std::size_t>(size)};
}

/// Gives the rows masks: a list with a value a row, None, (height, width, counts as COCO's compressed string), or
/// polygons as a JSON text.
void set_masks(CocoRows& rows, const nb::list& masks) {
  Instances& to = rows.said.rows;
  expect_rows("segmentation", masks.size(), to.size());
  to.mask.clear();
  for (std::size_t row = 0; row < masks.size(); ++row) {
    const nb::handle given = masks[row];
    MaskText mask{.begin = to.mask_text.size()};
    if (nb::isinstance<nb::tuple>(given)) {
      const auto parts = nb::borrow<nb::tuple>(given);
      mask.height = nb::cast<std::uint32_t>(parts[0]);
      mask.width = nb::cast<std::uint32_t>(parts[1]);
      const std::string_view text = bytes_or_text(parts[2]);
      mask.size = static_cast<std::uint32_t>(text.size());
      to.mask_text.append(std::span(text.data(), text.size()));
    } else if (!given.is_none()) {
      const std::string_view text = bytes_or_text(given);
      rows.said.outlines.push_back({row, to.mask_text.size(), static_cast<std::uint32_t>(text.size())});
      to.mask_text.append(std::span(text.data(), text.size()));
    }
    if (!given.is_none()) to.said[row] |= static_cast<std::uint8_t>(Said::mask);
    to.mask.push_back(mask);
  }
  if (!to.said.empty()) rows.said.first_said = to.said[0];
}

/// Names that an object has no row for stay named: an image without detections was seen nevertheless.
void name_images(CocoRows& rows, const In<std::int64_t>& ids) {
  std::unordered_map<std::string, bool> known;
  for (const PredictedName& image : rows.said.images) known.emplace(key_of(image), true);
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (PredictedName name{.id = ids.data()[i]}; known.emplace(key_of(name), true).second)
      rows.said.images.push_back(std::move(name));
}
void name_image_texts(CocoRows& rows, const std::vector<std::string>& names, bool tokens) {
  std::unordered_map<std::string, bool> known;
  for (const PredictedName& image : rows.said.images) known.emplace(key_of(image), true);
  for (const std::string& text : names) {
    PredictedName name;
    (tokens ? name.token : name.name) = text;
    if (tokens) name.id = Ids::odd;
    if (known.emplace(key_of(name), true).second) rows.said.images.push_back(std::move(name));
  }
}

/// Ids of a list of names; None where one is not a whole number.
nb::object ids_of(const std::vector<PredictedName>& names) {
  std::vector<std::int64_t> ids;
  for (const PredictedName& name : names) {
    if (name.id == Ids::absent || name.id == Ids::odd) return nb::none();
    ids.push_back(name.id);
  }
  const std::size_t count = ids.size();
  return nb::cast(array_of<nb::ndarray<nb::numpy, std::int64_t, nb::ndim<1>>>(std::move(ids), {count}));
}
nb::list names_of(const std::vector<PredictedName>& names) {
  nb::list all;
  for (const PredictedName& name : names) {
    if (name.id == Ids::odd)
      all.append(nb::make_tuple(text(name.token), true));
    else
      all.append(nb::make_tuple(text(name.name), false));
  }
  return all;
}

template <class T>
Out<T> view_of(const Column<T>& column, nb::handle owner) {
  static const T nothing{};
  return {column.empty() ? &nothing : column.data(), {column.size()}, owner};
}
OutRows view_of_rows(const double* first, std::size_t rows, std::size_t columns, nb::handle owner) {
  static const double nothing = 0;
  return {rows == 0 ? &nothing : first, {rows, columns}, owner};
}

nb::object text_of_mask(const CocoRows& rows, std::size_t row) {
  const Instances& from = rows.said.rows;
  if (from.mask.empty()) return nb::none();
  const MaskText& mask = from.mask[row];
  if (mask.height == 0 && mask.width == 0) return nb::none();
  return nb::make_tuple(mask.height, mask.width, nb::bytes(from.mask_text.data() + mask.begin, mask.size));
}

/// Masks, and polygons as JSON, in the form that `set_masks` takes; None where no row has one.
nb::object masks_of(const CocoRows& rows) {
  const Instances& from = rows.said.rows;
  if (from.mask.empty() && rows.said.outlines.empty()) return nb::none();
  nb::list all;
  for (std::size_t row = 0; row < from.size(); ++row) all.append(text_of_mask(rows, row));
  for (const PredictedOutline& outline : rows.said.outlines)
    all[outline.row] = nb::str(from.mask_text.data() + outline.begin, outline.size);
  return all;
}

/// The columns of a stream, as a dict that can be pickled.
nb::dict columns_of(const CocoRows& rows, nb::handle owner) {
  const Instances& from = rows.said.rows;
  nb::dict columns;
  columns["image"] = nb::cast(view_of(from.image, owner));
  columns["category"] = nb::cast(view_of(from.category, owner));
  columns["bbox"] =
      from.box.empty() ? nb::object(nb::none()) : nb::cast(view_of_rows(&from.box.data()->x, from.size(), 4, owner));
  columns["score"] = from.score.empty() ? nb::object(nb::none()) : nb::cast(view_of(from.score, owner));
  columns["area"] = from.area.empty() ? nb::object(nb::none()) : nb::cast(view_of(from.area, owner));
  columns["keypoints"] =
      from.keypoints.empty()
          ? nb::object(nb::none())
          : nb::cast(view_of_rows(from.keypoints.data(), from.size(), std::size_t{3} * from.points, owner));
  columns["segmentation"] = masks_of(rows);
  columns["image_ids"] = ids_of(rows.said.images);
  columns["image_names"] = names_of(rows.said.images);
  columns["category_ids"] = ids_of(rows.said.categories);
  columns["category_names"] = names_of(rows.said.categories);
  return columns;
}

struct PyStream {
  CocoStream stream;
};

void bind_stream(nb::module_& m) {
  nb::class_<PyStream>(m, "CocoStream", "Predictions that come image by image, in any order.")
      .def(nb::init<>())
      .def(
          "add",
          [](PyStream& self, const CocoRows& rows) {
            if (auto done = self.stream.add(rows.said); !done) raise(done.error());
          },
          nb::arg("rows"))
      .def(
          "merge",
          [](PyStream& self, const PyStream& other) {
            if (auto done = self.stream.merge(other.stream); !done) raise(done.error());
          },
          nb::arg("other"))
      .def(
          "rows", [](const PyStream& self) { return CocoRows{self.stream.all(), {}}; },
          "All rows, by the names of their images.")
      .def_prop_ro("images", [](const PyStream& self) { return self.stream.images(); })
      .def("__len__", [](const PyStream& self) { return self.stream.rows(); });
}

}  // namespace

void bind_evaluate_rows(nb::module_& m) {
  nb::class_<CocoRows>(m, "CocoRows", "Objects or predictions in lean columns.")
      .def_static("of_columns", &rows_of_columns, nb::arg("image"), nb::arg("category"), nb::arg("bbox").none(),
                  nb::arg("score").none(), nb::arg("area").none(), nb::arg("keypoints").none())
      .def("set_masks", &set_masks, nb::arg("masks"))
      .def("name_images", &name_images, nb::arg("ids"))
      .def("name_image_texts", &name_image_texts, nb::arg("names"), nb::arg("tokens"))
      .def(
          "columns", [](nb::handle self) { return columns_of(nb::cast<const CocoRows&>(self), self); },
          nb::sig("def columns(self) -> dict[str, typing.Any]"),
          "Views of the columns, and the names; None: not there.")
      .def_prop_ro(
          "said",
          [](const CocoRows& rows) {
            unsigned all = 0xff;
            for (const std::uint8_t said : rows.said.rows.said) all &= said;
            return all;
          },
          "What every row says: 1 a box, 2 a mask, 4 keypoints, 8 a score, 16 an area, 32 whether it is a crowd.")
      .def_prop_ro("first_said", [](const CocoRows& rows) { return static_cast<unsigned>(rows.said.first_said); })
      .def_prop_ro("points", [](const CocoRows& rows) { return rows.said.rows.points; })
      .def_prop_ro(
          "image_ids", [](const CocoRows& rows) { return ids_of(rows.said.images); },
          nb::sig("def image_ids(self) -> typing.Any"),
          "Of the images that rows name; None where one is no whole number.")
      .def_prop_ro(
          "category_ids", [](const CocoRows& rows) { return ids_of(rows.said.categories); },
          nb::sig("def category_ids(self) -> typing.Any"))
      .def("__len__", [](const CocoRows& rows) { return rows.said.rows.size(); });
  bind_stream(m);
}

}  // namespace vetset::python
