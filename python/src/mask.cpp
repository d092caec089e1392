// Run-length masks from Python, as pycocotools has them: dicts with `size` and `counts`, arrays in columns. What takes
// which kinds of input is decided in vetset/pycocotools/mask.py.
#include <nanobind/ndarray.h>
#include <nanobind/stl/string_view.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "python/src/dataset.h"
#include "vetset/dataset/matching.h"
#include "vetset/dataset/rle.h"

namespace vetset::python {
namespace {

using BitmapsIn = nb::ndarray<const std::uint8_t, nb::ndim<3>, nb::f_contig, nb::device::cpu>;
using NumbersIn = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using BoxesIn = nb::ndarray<const double, nb::shape<-1, 4>, nb::c_contig, nb::device::cpu>;
using CountsIn = nb::ndarray<const std::uint32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using BytesIn = nb::ndarray<const std::uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Bitmaps = nb::ndarray<nb::numpy, std::uint8_t, nb::ndim<3>, nb::f_contig>;
using Areas = nb::ndarray<nb::numpy, std::uint32_t, nb::ndim<1>>;
using Boxes = nb::ndarray<nb::numpy, double, nb::shape<-1, 4>>;
using Overlaps = nb::ndarray<nb::numpy, double, nb::ndim<2>, nb::f_contig>;

[[noreturn]] void refuse(const std::string& message) { throw nb::value_error(message.c_str()); }

/// Zeros that an array will own.
template <class T>
T* zeros(std::size_t count) {
  void* const memory = std::calloc(count == 0 ? 1 : count, sizeof(T));
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<T*>(memory);
}
nb::capsule owner(void* memory) {
  return {memory, [](void* p) noexcept { std::free(p); }};
}

/// One mask, taken from its dict.
struct Mask {
  std::uint32_t height = 0, width = 0;
  MaskCounts counts;
  std::uint64_t pixels() const { return std::uint64_t{height} * width; }
};

void check_size(std::uint32_t height, std::uint32_t width) {
  if (std::uint64_t{height} * width > most_mask_pixels)
    refuse("a mask of " + std::to_string(height) + "x" + std::to_string(width) +
           " pixels, expected fewer than 4294967296");
}

/// Counts that make fewer pixels than the mask has leave the rest empty; with more of them it is not a mask.
void read_mask(nb::handle object, Mask& mask) {
  if (!nb::isinstance<nb::dict>(object)) throw nb::type_error("a mask is a dict with 'size' and 'counts'");
  const nb::object size = object["size"], counts = object["counts"];
  if (!nb::isinstance<nb::sequence>(size) || nb::len(size) != 2) refuse("the size of a mask is [height, width]");
  if (!nb::try_cast(size[0], mask.height) || !nb::try_cast(size[1], mask.width))
    refuse("the size of a mask is two whole numbers from 0");
  check_size(mask.height, mask.width);
  std::string_view text;
  if (nb::isinstance<nb::bytes>(counts)) {
    const auto bytes = nb::borrow<nb::bytes>(counts);
    text = {bytes.c_str(), bytes.size()};
  } else if (!nb::isinstance<nb::str>(counts) || !nb::try_cast(counts, text)) {
    throw nb::type_error("the counts of a mask are bytes or text; frPyObjects makes them of a list");
  }
  const Result<std::uint64_t> pixels = counts_of_coco_string(text, mask.counts);
  if (!pixels) refuse(pixels.error().message);
  if (*pixels > mask.pixels())
    refuse("the counts of a mask make " + std::to_string(*pixels) + " pixels, expected at most " +
           std::to_string(mask.height) + "x" + std::to_string(mask.width));
}

std::vector<Mask> read_masks(const nb::list& objects) {
  std::vector<Mask> masks(nb::len(objects));
  for (std::size_t i = 0; i < masks.size(); ++i) read_mask(objects[i], masks[i]);
  return masks;
}

nb::dict dict_of(std::uint32_t height, std::uint32_t width, MaskCountsView counts) {
  const std::string text = coco_string_of(counts);
  nb::list size;
  size.append(height);
  size.append(width);
  nb::dict mask;
  mask["size"] = size;
  mask["counts"] = nb::bytes(text.data(), text.size());
  return mask;
}

nb::list encode(const BitmapsIn& bitmaps) {
  constexpr std::size_t most = 0xffffffffU;
  if (bitmaps.shape(0) > most || bitmaps.shape(1) > most) refuse("a bitmap has at most 4294967295 rows and columns");
  const auto height = static_cast<std::uint32_t>(bitmaps.shape(0)),
             width = static_cast<std::uint32_t>(bitmaps.shape(1));
  check_size(height, width);
  const std::size_t pixels = bitmaps.shape(0) * bitmaps.shape(1);
  nb::list masks;
  MaskCounts counts;
  for (std::size_t i = 0; i < bitmaps.shape(2); ++i) {
    counts_of_bitmap({bitmaps.data() + i * pixels, pixels}, height, width, counts);
    masks.append(dict_of(height, width, counts));
  }
  return masks;
}

Bitmaps decode(const nb::list& objects) {
  const std::size_t count = nb::len(objects);
  Mask mask;
  if (count > 0) read_mask(objects[0], mask);
  const std::uint32_t height = mask.height, width = mask.width;
  const std::size_t pixels = mask.pixels();
  if (pixels > 0 && count > static_cast<std::size_t>(-1) / pixels) throw std::bad_alloc();
  std::uint8_t* const bytes = zeros<std::uint8_t>(pixels * count);
  const nb::capsule keeper = owner(bytes);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) read_mask(objects[i], mask);
    if (mask.height != height || mask.width != width) refuse("masks of several sizes do not make one array");
    std::uint8_t* at = bytes + i * pixels;
    for (std::size_t k = 0; k < mask.counts.size(); at += mask.counts[k++])
      if (k % 2 == 1) std::memset(at, 1, mask.counts[k]);
  }
  return {bytes, {height, width, count}, keeper};
}

nb::dict merge(const nb::list& objects, bool intersect) {
  const std::vector<Mask> masks = read_masks(objects);
  if (masks.empty()) return dict_of(0, 0, {});
  std::vector<MaskCountsView> views;
  for (const Mask& mask : masks) {
    // Masks of several sizes make one without a size.
    if (mask.height != masks[0].height || mask.width != masks[0].width) return dict_of(0, 0, {});
    views.push_back(mask.counts);
  }
  MaskCounts merged;
  merged_counts(views, intersect, merged);
  return dict_of(masks[0].height, masks[0].width, merged);
}

Areas areas(const nb::list& objects) {
  const std::size_t count = nb::len(objects);
  auto* const values = zeros<std::uint32_t>(count);
  const nb::capsule keeper = owner(values);
  Mask mask;
  for (std::size_t i = 0; i < count; ++i) {
    read_mask(objects[i], mask);
    values[i] = static_cast<std::uint32_t>(area(mask.counts));
  }
  return {values, {count}, keeper};
}

Boxes boxes(const nb::list& objects) {
  const std::size_t count = nb::len(objects);
  auto* const values = zeros<double>(4 * count);
  const nb::capsule keeper = owner(values);
  Mask mask;
  for (std::size_t i = 0; i < count; ++i) {
    read_mask(objects[i], mask);
    const Box box = box_of_mask(mask.counts, mask.height);
    const double sides[] = {box.x, box.y, box.width, box.height};
    std::copy(std::begin(sides), std::end(sides), values + 4 * i);
  }
  return {values, {count, 4}, keeper};
}

std::vector<MaskSpans> spans_of(const nb::list& objects) {
  std::vector<MaskSpans> spans(nb::len(objects));
  Mask mask;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    read_mask(objects[i], mask);
    spans[i].assign(mask.counts, mask.height, mask.width);
  }
  return spans;
}

Overlaps mask_ious(const nb::list& detections, const nb::list& objects, const BytesIn& crowd) {
  const std::vector<MaskSpans> rows = spans_of(detections), columns = spans_of(objects);
  if (crowd.shape(0) != columns.size()) refuse("iscrowd has as many values as there are objects");
  auto* const values = zeros<double>(rows.size() * columns.size());
  const nb::capsule keeper = owner(values);
  {
    const nb::gil_scoped_release released;
    for (std::size_t g = 0; g < columns.size(); ++g)
      for (std::size_t d = 0; d < rows.size(); ++d)
        values[g * rows.size() + d] = mask_iou(rows[d], columns[g], crowd.data()[g] != 0);
  }
  return {values, {rows.size(), columns.size()}, keeper};
}

std::vector<Box> boxes_of(const BoxesIn& rows) {
  std::vector<Box> boxes(rows.shape(0));
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const double* const v = rows.data() + 4 * i;
    boxes[i] = {.x = v[0], .y = v[1], .width = v[2], .height = v[3]};
  }
  return boxes;
}

Overlaps ious_of_boxes(const BoxesIn& detections, const BoxesIn& objects, const BytesIn& crowd) {
  const std::vector<Box> rows = boxes_of(detections), columns = boxes_of(objects);
  if (crowd.shape(0) != columns.size()) refuse("iscrowd has as many values as there are objects");
  const std::size_t count = rows.size() * columns.size();
  auto* const values = zeros<double>(count);
  const nb::capsule keeper = owner(values);
  std::vector<double> by_row(count);
  box_ious(rows, columns, {crowd.data(), crowd.shape(0)}, by_row);
  for (std::size_t d = 0; d < rows.size(); ++d)
    for (std::size_t g = 0; g < columns.size(); ++g) values[g * rows.size() + d] = by_row[d * columns.size() + g];
  return {values, {rows.size(), columns.size()}, keeper};
}

nb::dict from_polygon(const NumbersIn& ring, std::uint32_t height, std::uint32_t width) {
  check_size(height, width);
  MaskCounts counts;
  counts_of_polygon({ring.data(), ring.shape(0)}, height, width, counts);
  return dict_of(height, width, counts);
}

nb::list from_boxes(const BoxesIn& rows, std::uint32_t height, std::uint32_t width) {
  check_size(height, width);
  nb::list masks;
  MaskCounts counts;
  for (const Box& box : boxes_of(rows)) {
    counts_of_box(box, height, width, counts);
    masks.append(dict_of(height, width, counts));
  }
  return masks;
}

nb::dict from_counts(const CountsIn& counts, std::uint32_t height, std::uint32_t width) {
  return dict_of(height, width, {counts.data(), counts.shape(0)});
}

nb::dict boundary(nb::handle object, double ratio) {
  Mask mask;
  read_mask(object, mask);
  MaskCounts counts;
  boundary_of_counts(mask.counts, mask.height, mask.width, boundary_distance(mask.height, mask.width, ratio), counts);
  return dict_of(mask.height, mask.width, counts);
}

}  // namespace

void bind_masks(nb::module_& m) {
  constexpr auto value = nb::rv_policy::automatic;
  m.def("encode_masks", &encode, nb::arg("bitmaps"), "Masks of an array of bitmaps, (height, width, n).");
  m.def("decode_masks", &decode, nb::arg("masks"), value, "The array of masks of one size, (height, width, n).");
  m.def("merge_masks", &merge, nb::arg("masks"), nb::arg("intersect"), "The union of masks, or what all share.");
  m.def("mask_areas", &areas, nb::arg("masks"), value, "Pixels of each mask.");
  m.def("mask_boxes", &boxes, nb::arg("masks"), value, "The box around each mask; zeros around one without pixels.");
  m.def("mask_ious", &mask_ious, nb::arg("detections"), nb::arg("objects"), nb::arg("crowd"), value,
        "Intersection over union of every pair of masks, one row a detection.");
  m.def("box_ious", &ious_of_boxes, nb::arg("detections"), nb::arg("objects"), nb::arg("crowd"), value,
        "Intersection over union of every pair of boxes, one row a detection.");
  m.def("mask_of_polygon", &from_polygon, nb::arg("ring"), nb::arg("height"), nb::arg("width"),
        "The mask of a polygon x, y, x, y.");
  m.def("masks_of_boxes", &from_boxes, nb::arg("boxes"), nb::arg("height"), nb::arg("width"), "The mask of each box.");
  m.def("mask_of_counts", &from_counts, nb::arg("counts"), nb::arg("height"), nb::arg("width"),
        "The mask of run lengths as numbers, zeros first.");
  m.def("mask_boundary", &boundary, nb::arg("mask"), nb::arg("ratio"),
        "What of a mask is nearer to its outside than that part of the diagonal.");
}

}  // namespace vetset::python
