#include "vetset/dataset/dataset.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "vetset/base/result.h"
#include "vetset/dataset/rotated.h"

namespace vetset {
namespace {

template <class Enum, std::size_t count>
std::string_view name_in(const std::array<std::string_view, count>& names, Enum value) {
  const auto i = static_cast<std::size_t>(value);
  return i < count ? names[i] : std::string_view("?");
}

/// The rows of a sorted column whose key is `wanted`.
template <class Row, class Key, class KeyOf>
std::span<const Row> rows_of(const Column<Row>& rows, const Key& wanted, KeyOf key_of) {
  const Row* const begin =
      std::partition_point(rows.begin(), rows.end(), [&](const Row& row) { return key_of(row) < wanted; });
  const Row* const end = std::partition_point(begin, rows.end(), [&](const Row& row) { return key_of(row) == wanted; });
  return {begin, end};
}

template <class Row>
std::span<const Row> rows_of_owner(const Column<Row>& rows, Owner owner, std::size_t index) {
  if (rows.empty()) return {};
  return rows_of(rows, std::pair(owner, static_cast<std::uint32_t>(index)),
                 [](const Row& row) { return std::pair(row.owner, row.index); });
}

template <class Row>
std::span<const Row> rows_of_annotation(const Column<Row>& rows, AnnotationIndex i) {
  if (rows.empty()) return {};
  return rows_of(rows, i, [](const Row& row) { return row.annotation; });
}

/// Groups rows by a key below `keys`: row r of group k stands at begin[k] and after, rows in their order.
template <class Index, class KeyOf, class ValueOf>
void group_by(std::size_t rows, std::size_t keys, KeyOf key_of, ValueOf value_of, Column<std::uint32_t>& begin,
              Column<Index>& grouped) {
  VETSET_ASSERT(keys < to_size(none<ImageIndex>), "an index has 32 bits");
  begin = Column<std::uint32_t>(keys + 1);
  std::uint32_t total = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t key = key_of(r);
    if (key >= keys) continue;
    ++begin[key + 1];
    ++total;
  }
  for (std::size_t k = 0; k < keys; ++k) begin[k + 1] += begin[k];
  Column<std::uint32_t> next = begin;
  grouped = Column<Index>(total);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t key = key_of(r);
    if (key < keys) grouped[next[key]++] = value_of(r);
  }
}

}  // namespace

std::string_view name(Flag flag) {
  static constexpr std::array<std::string_view, flag_count> names{
      "crowd",     "difficult", "occluded", "truncated", "outside",   "ignore",   "group_of",
      "depiction", "inside",    "verified", "negative",  "generated", "keyframe", "locked"};
  return name_in(names, flag);
}

std::string_view name(Kind kind) {
  static constexpr std::array<std::string_view, 18> names{
      "unspecified", "tag",    "box",       "rotated_box", "quad", "polygon", "polyline", "point", "keypoints",
      "ellipse",     "circle", "cuboid_2d", "cuboid_3d",   "mask", "segment", "caption",  "text",  "relation"};
  return name_in(names, kind);
}

std::string_view name(ShapeKind kind) {
  static constexpr std::array<std::string_view, 7> names{"nothing",   "polygon", "polyline", "mask",
                                                         "keypoints", "numbers", "raster"};
  return name_in(names, kind);
}

std::string_view name(ImageState state) {
  static constexpr std::array<std::string_view, 5> names{"not_said", "labelled", "labelled_empty", "unlabelled",
                                                         "skipped"};
  return name_in(names, state);
}

std::string_view name(SplitRole role) {
  static constexpr std::array<std::string_view, 5> names{"unspecified", "train", "val", "test", "other"};
  return name_in(names, role);
}

std::string_view name(Owner owner) {
  static constexpr std::array<std::string_view, 7> names{"dataset", "split",      "licence", "category",
                                                         "image",   "annotation", "track"};
  return name_in(names, owner);
}

std::string_view name(TextRole role) {
  static constexpr std::array<std::string_view, 7> names{"caption", "transcription", "description", "prefix",
                                                         "suffix",  "turn",          "comment"};
  return name_in(names, role);
}

Text Dataset::add_text(std::string_view bytes) {
  VETSET_ASSERT(bytes.size() <= std::numeric_limits<std::uint32_t>::max(), "limits keep every record below 4 GiB");
  const Text text{.begin = texts.size(), .size = static_cast<std::uint32_t>(bytes.size())};
  texts.append(std::span(bytes.data(), bytes.size()));
  return text;
}

const Shape* Dataset::find_shape(const Annotation& a, ShapeKind kind) const {
  for (ShapeIndex i = a.shape; i != none<ShapeIndex>; i = shapes[to_size(i)].next)
    if (shapes[to_size(i)].kind == kind) return &shapes[to_size(i)];
  return nullptr;
}

std::string Dataset::id_json(const Ids& ids, std::size_t i) const {
  const std::int64_t number = ids[i];
  if (number == Ids::absent) return {};
  if (number != Ids::odd) return std::to_string(number);
  const auto owner = static_cast<std::uint32_t>(i);
  const auto found = rows_of(ids.tokens, owner, [](const Ids::Token& token) { return token.owner; });
  return found.empty() ? std::string() : std::string(text(found.front().json));
}

std::span<const Residue> Dataset::residues_of(Owner owner, std::size_t index) const {
  return rows_of_owner(residues, owner, index);
}

std::span<const Attribute> Dataset::attributes_of(Owner owner, std::size_t index) const {
  return rows_of_owner(attributes, owner, index);
}

std::span<const TextRow> Dataset::texts_of(AnnotationIndex i) const { return rows_of_annotation(text_rows, i); }

std::span<const Dangling> Dataset::dangling_of(AnnotationIndex i) const { return rows_of_annotation(dangling, i); }

std::span<const Lexeme> Dataset::lexemes_of(AnnotationIndex i) const { return rows_of_annotation(lexemes, i); }

std::span<const Membership> Dataset::members(SplitIndex i) const {
  return rows_of(memberships, i, [](const Membership& membership) { return membership.split; });
}

Dataset::ImageSplits Dataset::image_splits() const {
  ImageSplits grouped;
  group_by(
      memberships.size(), images.size(), [&](std::size_t r) { return to_size(memberships[r].image); },
      [&](std::size_t r) { return memberships[r].split; }, grouped.begin, grouped.splits);
  return grouped;
}

Dataset::ImageAnnotations Dataset::image_annotations() const {
  ImageAnnotations grouped;
  group_by(
      annotations.size(), images.size(), [&](std::size_t r) { return to_size(annotations[r].image); },
      [](std::size_t r) { return to_index<AnnotationIndex>(r); }, grouped.begin, grouped.annotations);
  return grouped;
}

namespace {

/// The role that one word says; `unspecified` for a word that says none.
SplitRole role_of_word(std::string_view word) {
  constexpr std::pair<std::string_view, SplitRole> words[] = {
      {"train", SplitRole::train}, {"training", SplitRole::train}, {"val", SplitRole::val},
      {"valid", SplitRole::val},   {"validation", SplitRole::val}, {"dev", SplitRole::val},
      {"test", SplitRole::test},   {"testing", SplitRole::test}};
  for (const auto& [known, role] : words)
    if (known == word) return role;
  return SplitRole::unspecified;
}

}  // namespace

SplitRole split_role(std::string_view name) {
  if (name.empty()) return SplitRole::unspecified;
  // "train2017", "instances_val2017", "Test-dev": the first word of letters that is a role.
  std::string word;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    const char c = i < name.size() ? name[i] : ' ';
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower >= 'a' && lower <= 'z') {
      word += lower;
      continue;
    }
    if (const SplitRole role = role_of_word(word); role != SplitRole::unspecified) return role;
    word.clear();
  }
  return SplitRole::other;
}

namespace {

double ring_area(std::span<const double> ring) {
  const double area = signed_area(ring);
  return area < 0 ? -area : area;
}

/// Grows `box` so that it holds `other`.
void unite(std::optional<Box>& box, const std::optional<Box>& other) {
  if (!other) return;
  if (!box) {
    box = other;
    return;
  }
  const double x = std::min(box->x, other->x), y = std::min(box->y, other->y);
  const double right = std::max(box->x + box->width, other->x + other->width);
  const double bottom = std::max(box->y + box->height, other->y + other->height);
  box = Box{.x = x, .y = y, .width = right - x, .height = bottom - y};
}

std::optional<Box> box_of_keypoints(std::span<const double> numbers, bool two) {
  const std::size_t step = two ? 2 : 3;
  std::vector<double> labelled;
  for (std::size_t i = 0; i + step <= numbers.size(); i += step)
    if (two || numbers[i + 2] > 0) labelled.insert(labelled.end(), {numbers[i], numbers[i + 1]});
  return envelope(labelled);
}

}  // namespace

std::optional<double> shape_area(const Dataset& d, const Annotation& a) {
  std::optional<double> total;
  for (ShapeIndex i = a.shape; i != none<ShapeIndex>; i = d[i].next) {
    const Shape& shape = d[i];
    if (shape.kind == ShapeKind::polygon) {
      double sum = 0;
      for (const Ring& ring : d.rings_of(shape))
        sum += ring.role == RingRole::hole ? -ring_area(d.coordinates_of(ring)) : ring_area(d.coordinates_of(ring));
      total = total.value_or(0) + sum;
    } else if (shape.kind == ShapeKind::mask) {
      for (const Mask& mask : d.masks.slice(shape.begin, shape.count))
        total = total.value_or(0) + static_cast<double>(area(d.counts_of(mask)));
    } else if (shape.kind == ShapeKind::numbers) {
      if (const auto corners = turned_corners(d, a)) total = total.value_or(0) + ring_area(*corners);
    }
  }
  return total;
}

std::optional<Box> shape_box(const Dataset& d, const Annotation& a) {
  std::optional<Box> region, points;
  for (ShapeIndex i = a.shape; i != none<ShapeIndex>; i = d[i].next) {
    const Shape& shape = d[i];
    switch (shape.kind) {
      case ShapeKind::polygon:
      case ShapeKind::polyline:
        for (const Ring& ring : d.rings_of(shape))
          if (ring.role == RingRole::outer) unite(region, envelope(d.coordinates_of(ring)));
        break;
      case ShapeKind::mask:
        for (const Mask& mask : d.masks.slice(shape.begin, shape.count))
          if (area(d.counts_of(mask)) > 0) unite(region, box_of_mask(d.counts_of(mask), mask.height));
        break;
      case ShapeKind::keypoints: unite(points, box_of_keypoints(d.numbers_of(shape), shape.two)); break;
      case ShapeKind::numbers:
        if (const auto corners = turned_corners(d, a)) unite(region, envelope(*corners));
        if (a.kind == Kind::point) unite(region, envelope(d.numbers_of(shape)));
        break;
      case ShapeKind::nothing:
      case ShapeKind::raster: break;
    }
  }
  return region ? region : points;
}

}  // namespace vetset
