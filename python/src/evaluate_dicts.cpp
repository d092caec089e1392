// COCO annotations as Python holds them, lists of dicts, read into columns. What is not as the format has it gives no
// columns: the caller then goes the way of the reference, record by record.
#include <nanobind/nanobind.h>

#include <optional>
#include <string>

#include "python/src/evaluate_rows.h"
#include "python/src/running.h"

namespace vetset::python {
namespace {

/// A key that many dicts are asked for.
class Key {
 public:
  explicit Key(const char* name) : name_(name), text_(nb::steal(PyUnicode_InternFromString(name))) {}
  const char* name() const { return name_; }
  nb::handle text() const { return text_; }
  /// The value, or nothing where the dict has no such key.
  nb::handle of(nb::handle dict) const {
    PyObject* value = PyDict_GetItemWithError(dict.ptr(), text_.ptr());
    if (value == nullptr && PyErr_Occurred() != nullptr) throw nb::python_error();
    return value;
  }

 private:
  const char* name_;
  nb::object text_;
};

std::optional<double> number_of(nb::handle value) {
  if (!value.is_valid()) return std::nullopt;
  if (PyFloat_Check(value.ptr())) return PyFloat_AS_DOUBLE(value.ptr());
  const double number = PyFloat_AsDouble(value.ptr());
  if (number != -1.0 || PyErr_Occurred() == nullptr) return number;
  PyErr_Clear();
  return std::nullopt;
}

std::optional<std::int64_t> integer_of(nb::handle value) {
  if (!value.is_valid() || !PyIndex_Check(value.ptr())) return std::nullopt;
  const long long number = PyLong_AsLongLong(value.ptr());
  if (number != -1 || PyErr_Occurred() == nullptr) return number;
  PyErr_Clear();
  return std::nullopt;
}

/// Appends the numbers of a sequence; false where there are not `count`, or one is none.
bool append_numbers(nb::handle values, std::size_t count, double* out) {
  if (!values.is_valid() || PyUnicode_Check(values.ptr()) || PyBytes_Check(values.ptr())) return false;
  const nb::object fast = nb::steal(PySequence_Fast(values.ptr(), ""));
  if (!fast.is_valid()) {
    PyErr_Clear();
    return false;
  }
  if (PySequence_Fast_GET_SIZE(fast.ptr()) != static_cast<Py_ssize_t>(count)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = number_of(PySequence_Fast_GET_ITEM(fast.ptr(), static_cast<Py_ssize_t>(i)));
    if (!number) return false;
    out[i] = *number;
  }
  return true;
}

struct Keys {
  Key id{"id"}, image_id{"image_id"}, category_id{"category_id"}, bbox{"bbox"}, area{"area"}, score{"score"},
      iscrowd{"iscrowd"}, num_keypoints{"num_keypoints"}, keypoints{"keypoints"}, segmentation{"segmentation"},
      counts{"counts"}, size{"size"};
};

/// What is read of the dicts, and how far it came.
struct Wanted {
  bool truth = false, boxes = false, masks = false;
  std::size_t points = 0;  // keypoints an object; 0: not asked for
};

class DictReader {
 public:
  DictReader(nb::dict images, nb::dict categories, const Wanted& wanted)
      : images_(std::move(images)), categories_(std::move(categories)), wanted_(wanted) {
    rows_.said.rows.points = static_cast<std::uint32_t>(wanted.points);
  }

  /// False where the record is not as the format has it.
  bool read(nb::handle record) {
    if (!PyDict_Check(record.ptr())) return false;
    const std::uint32_t image = position(images_, asked(record, keys_.image_id));
    if (image == no_number) return true;
    const std::uint32_t category = position(categories_, asked(record, keys_.category_id));
    if (category == no_number) return true;
    const auto id = integer_of(asked(record, keys_.id));
    if (!id) return false;
    Instances& to = rows_.said.rows;
    said_ = marks_ = 0;
    if (!(wanted_.truth ? read_object(record) : read_prediction(record)) || !read_place(record)) return false;
    to.image.push_back(image);
    to.category.push_back(category);
    to.id.push_back(*id);
    to.said.push_back(said_);
    to.marks.push_back(marks_);
    return true;
  }

  CocoRows take() {
    rows_.said.records = rows_.said.rows.size();
    if (!rows_.said.rows.said.empty()) rows_.said.first_said = rows_.said.rows.said[0];
    rows_.said.format = "coco";
    return std::move(rows_);
  }

 private:
  static std::uint32_t position(const nb::dict& of, nb::handle key) {
    PyObject* value = PyDict_GetItemWithError(of.ptr(), key.ptr());
    if (value != nullptr) return static_cast<std::uint32_t>(PyLong_AsUnsignedLong(value));
    if (PyErr_Occurred() != nullptr) throw nb::python_error();
    return no_number;
  }

  /// A value that must be there; where it is not, the reference raises KeyError, too.
  nb::handle asked(nb::handle record, const Key& key) const {
    const nb::handle value = key.of(record);
    if (value.is_valid()) return value;
    std::string which(wanted_.truth ? "an object" : "a prediction");
    if (const nb::handle id = keys_.id.of(record); id.is_valid())
      which += " with id " + std::string(nb::str(id).c_str());
    if (const nb::handle image = keys_.image_id.of(record); image.is_valid())
      which += " of image " + std::string(nb::str(image).c_str());
    throw nb::key_error((which + " has no '" + key.name() + "'").c_str());
  }

  void say(Said bit) { said_ |= static_cast<std::uint8_t>(bit); }

  bool read_object(nb::handle record) {
    const nb::handle crowd = asked(record, keys_.iscrowd);
    if (!PyLong_Check(crowd.ptr())) return false;
    if (PyObject_IsTrue(crowd.ptr()) == 1) marks_ |= static_cast<std::uint8_t>(Mark::crowd);
    say(Said::crowd);
    if (wanted_.points != 0) {
      const auto count = number_of(asked(record, keys_.num_keypoints));
      if (!count) return false;
      if (*count == 0) marks_ |= static_cast<std::uint8_t>(Mark::no_keypoints);
    }
    return read_area(record);
  }

  bool read_prediction(nb::handle record) {
    const auto score = number_of(asked(record, keys_.score));
    if (!score || !read_area(record)) return false;
    rows_.said.rows.score.push_back(*score);
    say(Said::score);
    return true;
  }

  bool read_area(nb::handle record) {
    const auto area = number_of(asked(record, keys_.area));
    if (!area) return false;
    rows_.said.rows.area.push_back(*area);
    say(Said::area);
    return true;
  }

  bool read_place(nb::handle record) {
    Instances& to = rows_.said.rows;
    Box box;
    const nb::handle stated = wanted_.boxes ? asked(record, keys_.bbox) : keys_.bbox.of(record);
    const bool has_box = append_numbers(stated, 4, &box.x);
    if (has_box) say(Said::box);
    if (!has_box && (wanted_.boxes || (wanted_.points != 0 && wanted_.truth))) return false;
    to.box.push_back(box);
    if (wanted_.masks && !read_mask(asked(record, keys_.segmentation))) return false;
    if (wanted_.points == 0) return true;
    const std::size_t count = 3 * wanted_.points;
    to.keypoints.resize(to.keypoints.size() + count);
    say(Said::keypoints);
    return append_numbers(keys_.keypoints.of(record), count, to.keypoints.end() - count);
  }

  bool read_mask(nb::handle given) {
    if (!PyDict_Check(given.ptr())) return false;
    double size[2];
    const nb::handle counts = keys_.counts.of(given);
    if (!counts.is_valid() || !append_numbers(keys_.size.of(given), 2, size)) return false;
    const bool fits = size[0] >= 0 && size[1] >= 0 && size[0] < no_number && size[1] < no_number;
    std::string_view text;
    if (PyBytes_Check(counts.ptr())) {
      text = {PyBytes_AS_STRING(counts.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(counts.ptr()))};
    } else {
      Py_ssize_t length = 0;
      const char* first = PyUnicode_Check(counts.ptr()) ? PyUnicode_AsUTF8AndSize(counts.ptr(), &length) : nullptr;
      if (first == nullptr) return false;
      text = {first, static_cast<std::size_t>(length)};
    }
    if (!fits || text.size() >= no_number) return false;
    Instances& to = rows_.said.rows;
    to.mask.push_back({.begin = to.mask_text.size(),
                       .size = static_cast<std::uint32_t>(text.size()),
                       .height = static_cast<std::uint32_t>(size[0]),
                       .width = static_cast<std::uint32_t>(size[1])});
    to.mask_text.append(std::span(text.data(), text.size()));
    say(Said::mask);
    return true;
  }

  nb::dict images_, categories_;
  Wanted wanted_;
  Keys keys_;
  CocoRows rows_;
  std::uint8_t said_ = 0, marks_ = 0;
};

/// Rows of the records whose image and category are keys of `images` and `categories`, which give their numbers; None
/// where a record is not as the format has it.
std::optional<CocoRows> rows_of_dicts(const nb::list& records, const nb::dict& images, const nb::dict& categories,
                                      bool truth, bool boxes, bool masks, std::size_t points) {
  DictReader reader(images, categories, {.truth = truth, .boxes = boxes, .masks = masks, .points = points});
  for (const nb::handle record : records)
    if (!reader.read(record)) return std::nullopt;
  return reader.take();
}

nb::object checked(PyObject* made) {
  if (made == nullptr) throw nb::python_error();
  return nb::steal(made);
}

/// Holds the collector of cycles back while many lists are made that are in none.
class NoCollection {
 public:
  NoCollection() : was_on_(PyGC_Disable() == 1) {}
  NoCollection(const NoCollection&) = delete;
  NoCollection& operator=(const NoCollection&) = delete;
  ~NoCollection() {
    if (was_on_) PyGC_Enable();
  }

 private:
  bool was_on_;
};

/// What loadRes does to results with boxes: the area, the number of the record, no crowd, and four corners where there
/// is no mask. Numbers are added and multiplied as Python does it, whatever they are.
void complete_boxes(const nb::list& records) {
  const Key bbox("bbox"), segmentation("segmentation"), area("area"), id("id"), iscrowd("iscrowd");
  const nb::int_ none(0);
  const NoCollection held;
  std::size_t number = 0;
  for (const nb::handle record : records) {
    const nb::object box = record[bbox.text()];
    nb::object side[4];
    for (Py_ssize_t i = 0; i < 4; ++i) side[i] = checked(PySequence_GetItem(box.ptr(), i));
    const auto& [x, y, width, height] = side;
    const int has_mask = PySequence_Contains(record.ptr(), segmentation.text().ptr());
    if (has_mask < 0) throw nb::python_error();
    if (has_mask == 0) {
      const nb::object right = checked(PyNumber_Add(x.ptr(), width.ptr()));
      const nb::object bottom = checked(PyNumber_Add(y.ptr(), height.ptr()));
      const nb::object corners = checked(PyList_New(8));
      Py_ssize_t at = 0;
      for (const nb::object* corner : {&x, &y, &x, &bottom, &right, &bottom, &right, &y})
        PyList_SET_ITEM(corners.ptr(), at++, nb::object(*corner).release().ptr());
      const nb::object rings = checked(PyList_New(1));
      PyList_SET_ITEM(rings.ptr(), 0, nb::object(corners).release().ptr());
      record[segmentation.text()] = rings;
    }
    record[area.text()] = checked(PyNumber_Multiply(width.ptr(), height.ptr()));
    record[id.text()] = nb::int_(++number);
    record[iscrowd.text()] = none;
  }
}

}  // namespace

void bind_evaluate_dicts(nb::module_& m) {
  m.def("coco_complete_boxes", &complete_boxes, nb::arg("records"),
        nb::sig("def coco_complete_boxes(records: list[dict[str, typing.Any]]) -> None"));
  m.def(
      "coco_rows_of_dicts",
      [](const nb::list& records, const nb::dict& images, const nb::dict& categories, bool truth, bool boxes,
         bool masks, std::size_t points) -> nb::object {
        auto rows = rows_of_dicts(records, images, categories, truth, boxes, masks, points);
        return rows ? nb::cast(*std::move(rows)) : nb::object(nb::none());
      },
      nb::arg("records"), nb::arg("images"), nb::arg("categories"), nb::arg("truth"), nb::arg("boxes"),
      nb::arg("masks"), nb::arg("points"),
      nb::sig("def coco_rows_of_dicts(records: list[dict[str, typing.Any]], images: dict[typing.Any, int], categories: "
              "dict[typing.Any, int], truth: bool, boxes: bool, masks: bool, points: int) -> CocoRows | None"));
}

}  // namespace vetset::python
