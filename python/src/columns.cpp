// The columns of a dataset as NumPy arrays that look into the dataset itself: nothing is copied, nothing can be
// written, and whoever holds an array holds the dataset.
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstddef>

#include "python/src/dataset.h"
#include "python/src/running.h"

namespace vetset::python {
namespace {

template <class T>
using Array = nb::ndarray<nb::numpy, const T, nb::ndim<1>>;
using Boxes = nb::ndarray<nb::numpy, const double, nb::shape<-1, 4>>;
using Int8s = nb::ndarray<nb::numpy, std::int8_t, nb::ndim<1>>;

/// An array has its keeper; the object that it is asked of need not keep it too.
constexpr auto value = nb::rv_policy::automatic;

nb::capsule keeper(const Shared& source) {
  return {new Shared(source), [](void* p) noexcept { delete static_cast<Shared*>(p); }};
}

/// One member of each row of a column, as T: `sizeof` and alignment agree, so the array may step from row to row.
template <class T, class Row, class Member>
Array<T> member_of(const Shared& source, const Column<Row>& rows, Member Row::* member) {
  static_assert(sizeof(T) == sizeof(Member) && sizeof(Row) % sizeof(T) == 0);
  static const T nothing{};
  const T* first = rows.empty() ? &nothing : reinterpret_cast<const T*>(&(rows.data()->*member));
  return {first, {rows.size()}, keeper(source), {sizeof(Row) / sizeof(T)}};
}

/// A dense column; None where the source has no such values.
template <class T>
std::optional<Array<T>> dense(const Shared& source, const Column<T>& values) {
  if (values.empty()) return std::nullopt;
  return Array<T>(values.data(), {values.size()}, keeper(source));
}

Boxes boxes_of(const Annotations& a) {
  static const Box nothing;
  const Column<Annotation>& rows = a.dataset().annotations;
  static_assert(offsetof(Box, width) == 2 * sizeof(double) && sizeof(Box) == 4 * sizeof(double));
  const Box* first = rows.empty() ? &nothing : &rows.data()->box;
  return {&first->x, {rows.size(), 4}, keeper(a.source), {sizeof(Annotation) / sizeof(double), 1}};
}

Int8s flag_of(const Annotations& a, const std::string& wanted) {
  std::string known;
  for (unsigned n = 0; n < flag_count; ++n) {
    const Flag flag = static_cast<Flag>(n);
    known += (known.empty() ? "" : ", ") + std::string(name(flag));
    if (name(flag) != wanted) continue;
    const Column<Annotation>& rows = a.dataset().annotations;
    auto values = std::make_unique<std::int8_t[]>(rows.size() + 1);
    for (std::size_t i = 0; i < rows.size(); ++i)
      values[i] = static_cast<std::int8_t>(static_cast<int>(rows[i].flags[flag]) - 1);
    std::int8_t* data = values.release();
    return {data, {rows.size()}, nb::capsule(data, [](void* p) noexcept { delete[] static_cast<std::int8_t*>(p); })};
  }
  raise(Error{Code::usage, "no mark is called '" + wanted + "'; known are: " + known});
}

/// Texts of the rows of a namespace: `at(dataset, row)`.
template <class Of>
Texts texts_of_rows(const Rows& rows, std::uint64_t count, std::string_view name, Of at) {
  return {rows.source, count, std::string(name), [d = &rows.dataset(), at](std::uint64_t i) -> std::string_view {
            return at(*d, static_cast<std::size_t>(i));
          }};
}

/// The names of Kind or ImageState, by value: they count from 0 without a gap up to `last`.
template <class Enum>
nb::tuple names_up_to(Enum last) {
  nb::list names;
  for (unsigned n = 0; n <= static_cast<unsigned>(last); ++n) names.append(text(name(static_cast<Enum>(n))));
  return nb::tuple(names);
}

void bind_images(nb::module_& m) {
  nb::class_<Images, Rows>(m, "Images", "The images of a dataset, one a row.")
      .def_prop_ro(
          "id", [](const Images& v) { return dense(v.source, v.dataset().image_ids.numbers); },
          "Ids as the source gives them; None where it gives none. Text ids are in the table.", value)
      .def_prop_ro(
          "width",
          [](const Images& v) { return member_of<std::uint32_t>(v.source, v.dataset().images, &Image::width); },
          "Pixels; 0 where not known.", value)
      .def_prop_ro(
          "height",
          [](const Images& v) { return member_of<std::uint32_t>(v.source, v.dataset().images, &Image::height); },
          "Pixels; 0 where not known.", value)
      .def_prop_ro(
          "state", [](const Images& v) { return member_of<std::uint8_t>(v.source, v.dataset().images, &Image::state); },
          "What the source says of the labels: a number that `vetset.image_states` names.", value)
      .def_prop_ro(
          "path",
          [](const Images& v) {
            return texts_of_rows(v, v.dataset().images.size(), "path",
                                 [](const Dataset& d, std::size_t i) { return d.text(d.images[i].path); });
          },
          "Path as the source names it.", value)
      .def_prop_ro(
          "media",
          [](const Images& v) {
            return texts_of_rows(v, v.dataset().images.size(), "media",
                                 [](const Dataset& d, std::size_t i) { return d.text(d.images[i].media); });
          },
          "Path of the image file in the dataset; empty where it was not found.", value);
}

void bind_annotations(nb::module_& m) {
  const auto column = [](auto type, auto member) {
    return
        [member](const Annotations& v) { return member_of<decltype(type)>(v.source, v.dataset().annotations, member); };
  };
  nb::class_<Annotations, Rows>(m, "Annotations", "The annotations of a dataset, one a row.")
      .def_prop_ro("box", &boxes_of,
                   "Left, top, width, height in pixels, one row an annotation; zeros where `box_origin` is 0.", value)
      .def_prop_ro("image", column(std::uint32_t{}, &Annotation::image), "Row of the image; 0xffffffff: none.", value)
      .def_prop_ro("category", column(std::uint32_t{}, &Annotation::category), "Row of the category; 0xffffffff: none.",
                   value)
      .def_prop_ro("flags", column(std::uint32_t{}, &Annotation::flags),
                   "All marks, two bits each; `flag` gives one of them.", value)
      .def_prop_ro("kind", column(std::uint8_t{}, &Annotation::kind), "A number that `vetset.kinds` names.", value)
      .def_prop_ro("box_origin", column(std::uint8_t{}, &Annotation::box_origin),
                   "0: no box, 1: stated, 2: computed from the shape, 3: unplaced.", value)
      .def_prop_ro("layer", column(std::uint16_t{}, &Annotation::layer), "Annotator or model; 0 where not said.", value)
      .def_prop_ro("order", column(std::uint32_t{}, &Annotation::order), "Number of the record in its file, from 0.",
                   value)
      .def_prop_ro(
          "id", [](const Annotations& v) { return dense(v.source, v.dataset().annotation_ids.numbers); },
          "Ids as the source gives them; None where it gives none.", value)
      .def_prop_ro(
          "area", [](const Annotations& v) { return dense(v.source, v.dataset().areas); },
          "Areas as stated, NaN where not; None where the source states none.", value)
      .def_prop_ro(
          "score", [](const Annotations& v) { return dense(v.source, v.dataset().scores); },
          "Scores, NaN where there is none; None where the source has none.", value)
      .def("flag", &flag_of, nb::arg("name"), "One mark of every annotation: 1 yes, 0 no, -1 not said. A new array.");
}

void bind_the_rest(nb::module_& m) {
  nb::class_<Categories, Rows>(m, "Categories", "The categories of a dataset, one a row.")
      .def_prop_ro(
          "id", [](const Categories& v) { return dense(v.source, v.dataset().category_ids.numbers); },
          "Ids as the source gives them; None where it gives none.", value)
      .def_prop_ro("name", [](const Categories& v) {
        return texts_of_rows(v, v.dataset().categories.size(), "name",
                             [](const Dataset& d, std::size_t i) -> std::string_view { return d.categories[i].name; });
      });
  nb::class_<Splits, Rows>(m, "Splits", "The splits of a dataset, one a row; two documents of one name are two rows.")
      .def_prop_ro("name",
                   [](const Splits& v) {
                     return texts_of_rows(
                         v, v.dataset().splits.size(), "name",
                         [](const Dataset& d, std::size_t i) -> std::string_view { return d.splits[i].name; });
                   })
      .def_prop_ro(
          "role",
          [](const Splits& v) {
            return texts_of_rows(v, v.dataset().splits.size(), "role",
                                 [](const Dataset& d, std::size_t i) { return vetset::name(d.splits[i].role); });
          },
          "What the name means: train, val, test, other, or unspecified.");
  const auto member = [](auto which) {
    return [which](const Memberships& v) { return member_of<std::uint32_t>(v.source, v.dataset().memberships, which); };
  };
  nb::class_<Memberships, Rows>(m, "Memberships", "Which image is in which split; an image may be in several.")
      .def_prop_ro("split", member(&Membership::split), "Row of the split.", value)
      .def_prop_ro("image", member(&Membership::image), "Row of the image.", value)
      .def_prop_ro("order", member(&Membership::order), "Place in the split, from 0.", value);
}

}  // namespace

void bind_columns(nb::module_& m) {
  bind_images(m);
  bind_annotations(m);
  bind_the_rest(m);
  m.attr("kinds") = names_up_to(Kind::relation);
  m.attr("image_states") = names_up_to(ImageState::skipped);
}

}  // namespace vetset::python
