// Segmentations that are no plain lists of numbers: both spellings of RLE, null, NaN among coordinates, and what is
// none of COCO's forms.
#include <algorithm>

#include "vetset/formats/coco/coco.h"

namespace vetset {
namespace {

/// The members of an RLE, as they stand.
struct RleText {
  std::string_view counts, size;
  bool others = false;  // keys that RLE does not have
};

RleText rle_text(std::string_view json, const Limits& limits) {
  RleText rle;
  JsonCursor in(json, limits.depth);
  for (in.enter_object(); in.next_member();) {
    const bool counts = in.key() == "counts";
    const bool size = in.key() == "size";
    const std::string_view value = in.skip();
    if (counts) rle.counts = value;
    if (size) rle.size = value;
    rle.others = rle.others || !(counts || size);
  }
  rle.others = rle.others || !in.repeated_keys().empty();
  return rle;
}

/// Whole numbers from 0 to 2^32−1, spelled as such; nothing where one is anything else.
std::optional<std::vector<std::uint32_t>> whole_numbers(std::string_view json) {
  std::vector<std::uint32_t> numbers;
  JsonCursor in(json);
  if (in.type() != JsonType::array) return {};
  for (in.enter_array(); in.next_element();) {
    if (in.type() != JsonType::number) return {};
    const NumberText n = in.read_number();
    if (!n.fits_int64 || n.whole < 0 || n.whole > 0xffffffffLL) return {};
    numbers.push_back(static_cast<std::uint32_t>(n.whole));
  }
  if (in.failed()) return {};
  return numbers;
}

CocoSegmentation wrong_rle(std::string what) { return {.verbatim = true, .code = "FMT412", .what = std::move(what)}; }

CocoSegmentation read_rle(std::string_view json, Dataset& d, const Limits& limits) {
  const RleText rle = rle_text(json, limits);
  if (rle.counts.empty() || rle.size.empty()) return wrong_rle("the RLE lacks \"counts\" or \"size\"");
  const auto size = whole_numbers(rle.size);
  if (!size || size->size() != 2) return wrong_rle("the size of the RLE is not [height, width]");
  Runs runs{.height = (*size)[0], .width = (*size)[1], .counts = {}};
  const std::uint64_t pixels = std::uint64_t{runs.height} * runs.width;
  if (pixels > limits.mask_pixels)
    return wrong_rle("the RLE has " + std::to_string(pixels) + " pixels, more than are read");
  CocoSegmentation found{.verbatim = rle.others};
  Spelling spelling = Spelling::counts_list;
  if (rle.counts.front() == '"') {
    JsonCursor in(rle.counts);
    const std::string text(in.read_string());
    auto decoded = runs_of_coco_string(text, runs.height, runs.width);
    if (!decoded) return wrong_rle("the RLE cannot be decoded: " + decoded.error().message);
    runs = *std::move(decoded);
    spelling = Spelling::counts_string;
    found.verbatim = found.verbatim || coco_string_of(runs.counts) != text;
  } else {
    auto counts = whole_numbers(rle.counts);
    if (!counts) return wrong_rle("the counts of the RLE are not whole numbers from 0");
    std::uint64_t sum = 0;
    for (const std::uint32_t count : *counts) sum += count;
    if (sum != pixels) {
      return wrong_rle("the counts of the RLE sum to " + std::to_string(sum) + ", expected " +
                       std::to_string(runs.height) + "×" + std::to_string(runs.width) + " = " + std::to_string(pixels));
    }
    runs.counts = *std::move(counts);
  }
  found.shape = Shape{.begin = d.masks.size(), .count = 1, .kind = ShapeKind::mask, .spelling = spelling};
  d.masks.push_back({.begin = d.runs.size(),
                     .count = static_cast<std::uint32_t>(runs.counts.size()),
                     .height = runs.height,
                     .width = runs.width});
  d.runs.append(runs.counts);
  return found;
}

/// Coordinates of a list that the fast reader refused; NaN and Infinity are numbers here.
bool take_ring(JsonCursor& in, Dataset& d, CocoNumbers& numbers) {
  const std::uint64_t begin = d.coordinates.size();
  for (in.enter_array(); in.next_element();) {
    if (in.type() != JsonType::number) return false;
    const std::size_t at = in.offset();
    const std::uint32_t odd_before = in.odd_numbers();
    const NumberText n = in.read_number();
    if (in.failed()) return false;
    d.coordinates.push_back(n.value);
    const std::string_view text = in.text().substr(at, n.length);
    double again = 0;
    if (in.odd_numbers() == odd_before) {
      numbers.read_one(text.data(), text.data() + text.size(), again);
    } else {
      ++numbers.slot;
    }
  }
  d.rings.push_back({.begin = begin, .count = static_cast<std::uint32_t>(d.coordinates.size() - begin)});
  return !in.failed();
}

bool take_rings(JsonCursor& in, Dataset& d, CocoNumbers& numbers, Spelling& spelling) {
  const std::string_view inside = in.text().substr(1);
  const std::size_t first = inside.find_first_not_of(" \n\r\t");
  if (first != std::string_view::npos && inside[first] != '[') {
    spelling = Spelling::flat_list;
    return take_ring(in, d, numbers);
  }
  for (in.enter_array(); in.next_element();)
    if (in.type() != JsonType::array || !take_ring(in, d, numbers)) return false;
  return !in.failed();
}

}  // namespace

CocoSegmentation read_coco_segmentation(std::string_view json, Dataset& d, CocoNumbers& numbers, const Limits& limits) {
  constexpr const char* expected = "the segmentation is neither a list of polygons nor an RLE";
  JsonCursor in(json, limits.depth);
  switch (in.type()) {
    case JsonType::null: return {.shape = Shape{.kind = ShapeKind::nothing, .spelling = Spelling::null}};
    case JsonType::object: return read_rle(json, d, limits);
    case JsonType::array: break;
    default: return {.verbatim = true, .code = "FMT411", .what = expected};
  }
  const std::size_t rings = d.rings.size();
  const std::size_t coordinates = d.coordinates.size();
  Shape shape{.begin = rings, .kind = ShapeKind::polygon};
  if (!take_rings(in, d, numbers, shape.spelling)) {
    d.rings.resize(rings);
    d.coordinates.resize(coordinates);
    numbers.odd.clear();
    return {.verbatim = true, .code = "FMT411", .what = expected};
  }
  shape.count = static_cast<std::uint32_t>(d.rings.size() - rings);
  if (shape.count == 0) shape.spelling = Spelling::empty_list;
  return {.shape = shape};
}

}  // namespace vetset
