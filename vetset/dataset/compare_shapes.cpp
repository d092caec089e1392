// Shapes are compared where they lie: the usual pair, one polygon each, costs one memcmp a ring and builds nothing.
#include "vetset/dataset/compare_shapes.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include "vetset/dataset/geometry.h"
#include "vetset/dataset/rotated.h"

namespace vetset {

namespace {

using A = AnnotationIndex;
using Numbers = std::span<const double>;

/// How far two rows of numbers of one length are apart at most. Equal bytes are equal numbers, and the usual case.
double apart(Numbers a, Numbers b) {
  if (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0) return 0;
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, distance(a[i], b[i]));
  return largest;
}

/// Calls `visit` with each shape of an annotation until it says false.
template <class Visit>
void each_shape(const Dataset& d, A i, Visit visit) {
  for (ShapeIndex at = d[i].shape; at != none<ShapeIndex>; at = d[at].next)
    if (!visit(d[at])) return;
}

template <bool (*counts)(const Shape&)>
bool has(const Dataset& d, A i) {
  bool found = false;
  each_shape(d, i, [&](const Shape& shape) { return !(found = counts(shape)); });
  return found;
}
template <bool (*counts)(const Shape&)>
bool any_has(const Dataset& d, std::span<const A> many) {
  return std::any_of(many.begin(), many.end(), [&](A i) { return has<counts>(d, i); });
}

bool is_polygon(const Shape& s) { return s.kind == ShapeKind::polygon && s.count > 0; }
bool is_mask(const Shape& s) { return s.kind == ShapeKind::mask && s.count > 0; }
bool is_keypoints(const Shape& s) { return s.kind == ShapeKind::keypoints; }
bool is_other(const Shape& s) {
  return (s.kind == ShapeKind::polyline || s.kind == ShapeKind::numbers || s.kind == ShapeKind::raster) && s.count > 0;
}

/// The next shape from `at` on that counts.
template <bool (*counts)(const Shape&)>
const Shape* next_shape(const Dataset& d, ShapeIndex& at) {
  while (at != none<ShapeIndex>) {
    const Shape& shape = d[at];
    at = shape.next;
    if (counts(shape)) return &shape;
  }
  return nullptr;
}

double ring_areas(const Dataset& d, A i) {
  double sum = 0;
  each_shape(d, i, [&](const Shape& shape) {
    if (!is_polygon(shape)) return true;
    for (const Ring& ring : d.rings_of(shape)) {
      const double area = std::fabs(signed_area(d.coordinates_of(ring)));
      sum += ring.role == RingRole::hole ? -area : area;
    }
    return true;
  });
  return sum;
}

double mask_areas(const Dataset& d, A i) {
  double sum = 0;
  each_shape(d, i, [&](const Shape& shape) {
    if (is_mask(shape)) sum += static_cast<double>(area(d.counts_of(d.masks[shape.begin])));
    return true;
  });
  return sum;
}

/// Four corners enclose a region, as polygons and masks do: each can take the form of another.
bool is_turned(const Dataset& d, A i) { return turned_corners(d, d[i]).has_value(); }
bool any_turned(const Dataset& d, std::span<const A> many) {
  return std::any_of(many.begin(), many.end(), [&](A i) { return is_turned(d, i); });
}

double region_area(const Dataset& d, A i) {
  if (has<is_mask>(d, i)) return mask_areas(d, i);
  if (has<is_polygon>(d, i)) return ring_areas(d, i);
  const auto corners = turned_corners(d, d[i]);
  return corners ? std::fabs(signed_area(*corners)) : 0;
}

Judgement other_form(const Sides& s, A before, std::span<const A> after) {
  double sum = 0;
  for (const A a : after) sum += region_area(s.after, a);
  return {.counted = true,
          .form = true,
          .outcome = Outcome::changed,
          .magnitude = distance(region_area(s.before, before), sum)};
}

// Polygons.

std::vector<const Ring*> rings_of(const Dataset& d, A i) {
  std::vector<const Ring*> rings;
  each_shape(d, i, [&](const Shape& shape) {
    if (is_polygon(shape))
      for (const Ring& ring : d.rings_of(shape)) rings.push_back(&ring);
    return true;
  });
  return rings;
}

bool same_form(const Ring& a, const Ring& b) { return a.count == b.count && a.role == b.role && a.closed == b.closed; }

/// The largest distance between rings of the same form; nothing where their forms differ.
std::optional<double> rings_apart(const Dataset& in_a, std::span<const Ring* const> a, const Dataset& in_b,
                                  std::span<const Ring* const> b) {
  if (a.size() != b.size()) return std::nullopt;
  for (std::size_t k = 0; k < a.size(); ++k)
    if (!same_form(*a[k], *b[k])) return std::nullopt;
  double largest = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    largest = std::max(largest, apart(in_a.coordinates_of(*a[k]), in_b.coordinates_of(*b[k])));
  return largest;
}

/// The usual case without building anything: one polygon on both sides.
std::optional<double> single_polygons_apart(const Sides& s, A before, A after) {
  const ShapeIndex i = s.before[before].shape, j = s.after[after].shape;
  if (i == none<ShapeIndex> || j == none<ShapeIndex>) return std::nullopt;
  const Shape &a = s.before[i], &b = s.after[j];
  if (a.next != none<ShapeIndex> || b.next != none<ShapeIndex> || !is_polygon(a) || !is_polygon(b)) return std::nullopt;
  if (a.count != b.count) return std::nullopt;
  const std::span<const Ring> rings_a = s.before.rings_of(a), rings_b = s.after.rings_of(b);
  double largest = 0;
  for (std::size_t k = 0; k < rings_a.size(); ++k) {
    if (!same_form(rings_a[k], rings_b[k])) return std::nullopt;
    largest = std::max(largest, apart(s.before.coordinates_of(rings_a[k]), s.after.coordinates_of(rings_b[k])));
  }
  return largest;
}

std::optional<double> polygons_apart(const Sides& s, A before, std::span<const A> after) {
  const std::vector<const Ring*> rings = rings_of(s.before, before);
  // Several copies of the whole, or its parts in turn.
  std::optional<double> copies = 0.0;
  std::vector<const Ring*> together;
  for (const A a : after) {
    const std::vector<const Ring*> part = rings_of(s.after, a);
    if (const auto one = rings_apart(s.before, rings, s.after, part); copies && one)
      copies = std::max(*copies, *one);
    else
      copies.reset();
    together.insert(together.end(), part.begin(), part.end());
  }
  return copies ? copies : rings_apart(s.before, rings, s.after, together);
}

// Masks.

std::vector<const Mask*> masks_of(const Dataset& d, A i) {
  std::vector<const Mask*> masks;
  each_shape(d, i, [&](const Shape& shape) {
    if (is_mask(shape)) masks.push_back(&d.masks[shape.begin]);
    return true;
  });
  return masks;
}

/// How many pixels two masks of one size differ in. Runs cut otherwise ([3,0,2] for [5]) are the same pixels.
std::uint64_t differing_pixels(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  std::uint64_t differing = 0, left_a = 0, left_b = 0;
  std::size_t i = 0, j = 0;
  bool one_a = true, one_b = true;  // the first run is of zeros
  while (true) {
    while (left_a == 0 && i < a.size()) left_a = a[i++], one_a = !one_a;
    while (left_b == 0 && j < b.size()) left_b = b[j++], one_b = !one_b;
    if (left_a == 0 && left_b == 0) return differing;
    const std::uint64_t step = left_a == 0 ? left_b : left_b == 0 ? left_a : std::min(left_a, left_b);
    const bool in_a = left_a > 0 && one_a, in_b = left_b > 0 && one_b;
    if (in_a != in_b) differing += step;
    left_a -= std::min(step, left_a);
    left_b -= std::min(step, left_b);
  }
}

double masks_apart(const Dataset& in_a, const Mask& a, const Dataset& in_b, const Mask& b) {
  const auto runs_a = in_a.counts_of(a), runs_b = in_b.counts_of(b);
  if (a.height != b.height || a.width != b.width) return Judgement::unmeasurable;
  if (std::equal(runs_a.begin(), runs_a.end(), runs_b.begin(), runs_b.end())) return 0;
  return static_cast<double>(differing_pixels(runs_a, runs_b));
}

// Other shapes.

/// The numbers of a shape; of lines those of all rings, one after the other.
double others_apart(const Dataset& in_a, const Shape& a, const Dataset& in_b, const Shape& b) {
  if (a.kind != b.kind || a.count != b.count) return Judgement::unmeasurable;
  if (a.kind != ShapeKind::polyline) return apart(in_a.numbers_of(a), in_b.numbers_of(b));
  const std::span<const Ring> x = in_a.rings_of(a), y = in_b.rings_of(b);
  double largest = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    if (!same_form(x[k], y[k])) return Judgement::unmeasurable;
    largest = std::max(largest, apart(in_a.coordinates_of(x[k]), in_b.coordinates_of(y[k])));
  }
  return largest;
}

double keypoints_apart(const Dataset& in_a, const Shape& a, const Dataset& in_b, const Shape& b) {
  if (a.count != b.count || a.two != b.two) return Judgement::unmeasurable;
  const Numbers x = in_a.numbers_of(a), y = in_b.numbers_of(b);
  const double largest = apart(x, y);
  if (largest == 0 || a.two) return largest;
  for (std::size_t k = 2; k < x.size(); k += 3)
    if (!same_number(x[k], y[k])) return Judgement::unmeasurable;
  return largest;
}

/// Shapes that count, one by one.
template <bool (*counts)(const Shape&), double (*differ)(const Dataset&, const Shape&, const Dataset&, const Shape&)>
Judgement shapes_apart(const Sides& s, A before, A after) {
  ShapeIndex i = s.before[before].shape, j = s.after[after].shape;
  double largest = 0;
  while (true) {
    const Shape *a = next_shape<counts>(s.before, i), *b = next_shape<counts>(s.after, j);
    if (a == nullptr && b == nullptr) return Judgement::apart(largest);
    if (a == nullptr || b == nullptr) return Judgement::same(false);
    largest = std::max(largest, differ(s.before, *a, s.after, *b));
  }
}

// Boxes.

Numbers numbers_of(const Box& box) { return {&box.x, 4}; }

/// The box around the boxes of all parts.
Box around(const Dataset& d, std::span<const A> parts) {
  Box all = d[parts.front()].box;
  for (const A part : parts.subspan(1)) {
    const Box& box = d[part].box;
    const double right = std::max(all.x + all.width, box.x + box.width);
    const double bottom = std::max(all.y + all.height, box.y + box.height);
    all.x = std::min(all.x, box.x);
    all.y = std::min(all.y, box.y);
    all.width = right - all.x;
    all.height = bottom - all.y;
  }
  return all;
}

/// Where an unplaced row says its object is: what follows the class, which is another field's.
std::string_view place_of_row(std::string_view row) {
  const std::size_t blank = row.find(' ');
  return blank == std::string_view::npos ? row : row.substr(blank);
}

bool says_box(Origin origin) { return origin == Origin::stated || origin == Origin::unplaced; }

}  // namespace

bool used_shapes(const Dataset& d) { return !d.shapes.empty(); }
bool used_masks(const Dataset& d) { return !d.masks.empty(); }

Judgement judge_box(const Sides& s, A before, std::span<const A> after) {
  const Origin was = s.before[before].box_origin, is = s.after[after.front()].box_origin;
  if (is == Origin::none) return says_box(was) ? Judgement::of(Outcome::lost) : Judgement::nothing();
  if (was == Origin::none) return says_box(is) ? Judgement::of(Outcome::added) : Judgement::nothing();
  if (was == Origin::unplaced || is == Origin::unplaced)
    return Judgement::same(was == is && place_of_row(s.before.authored_text(before)) ==
                                            place_of_row(s.after.authored_text(after.front())));
  if (was == Origin::derived && is == Origin::stated) return Judgement::of(Outcome::added);
  double largest = apart(numbers_of(s.before[before].box), numbers_of(s.after[after.front()].box));
  if (largest != 0 && after.size() > 1) {
    const Box box = around(s.after, after);
    largest = apart(numbers_of(s.before[before].box), numbers_of(box));
  }
  Judgement j = Judgement::apart(largest);
  if (was != is) j.outcome = Outcome::changed;  // no longer stated
  return j;
}

std::string print_box(const Dataset& d, A i) {
  const Origin origin = d[i].box_origin;
  if (origin == Origin::none) return "";
  if (origin == Origin::unplaced) return "unplaced " + std::string(d.authored_text(i));
  return "[" + print_numbers(numbers_of(d[i].box)) + "]" + (origin == Origin::derived ? " from its shape" : "");
}

Judgement judge_polygon(const Sides& s, A before, std::span<const A> after) {
  if (after.size() == 1)
    if (const auto largest = single_polygons_apart(s, before, after.front())) return Judgement::apart(*largest);
  const bool was = has<is_polygon>(s.before, before), is = any_has<is_polygon>(s.after, after);
  if (!was && !is) return Judgement::nothing();
  if (!was) {  // the form that a mask or four corners took is no addition
    const bool form = (has<is_mask>(s.before, before) && !any_has<is_mask>(s.after, after)) ||
                      (is_turned(s.before, before) && !any_turned(s.after, after));
    return form ? Judgement::nothing() : Judgement::of(Outcome::added);
  }
  if (!is) {
    const bool form = (any_has<is_mask>(s.after, after) && !has<is_mask>(s.before, before)) ||
                      (any_turned(s.after, after) && !is_turned(s.before, before));
    return form ? other_form(s, before, after) : Judgement::of(Outcome::lost);
  }
  if (const auto largest = polygons_apart(s, before, after)) return Judgement::apart(*largest);
  return other_form(s, before, after);
}

std::string print_polygon(const Dataset& d, A i) {
  const std::vector<const Ring*> rings = rings_of(d, i);
  if (rings.empty()) return print_mask(d, i);
  std::size_t points = 0, holes = 0;
  for (const Ring* ring : rings) points += ring->count / 2, holes += ring->role == RingRole::hole ? 1 : 0;
  return std::to_string(rings.size()) + (rings.size() == 1 ? " ring" : " rings") +
         (holes > 0 ? " (" + std::to_string(holes) + " of them holes)" : "") + ", " + std::to_string(points) +
         " points: [" + print_numbers(d.coordinates_of(*rings.front()), 6) + "]";
}

Judgement judge_mask(const Sides& s, A before, std::span<const A> after) {
  const bool was = has<is_mask>(s.before, before), is = any_has<is_mask>(s.after, after);
  if (!was && !is) return Judgement::nothing();
  if (!was)
    return has<is_polygon>(s.before, before) && !any_has<is_polygon>(s.after, after) ? Judgement::nothing()
                                                                                     : Judgement::of(Outcome::added);
  if (!is) {
    const bool form = (any_has<is_polygon>(s.after, after) && !has<is_polygon>(s.before, before)) ||
                      (any_turned(s.after, after) && !is_turned(s.before, before));
    return form ? other_form(s, before, after) : Judgement::of(Outcome::lost);
  }
  const std::vector<const Mask*> masks = masks_of(s.before, before);
  double largest = 0;
  for (const A a : after) {
    const std::vector<const Mask*> other = masks_of(s.after, a);
    if (masks.size() != other.size()) return other_form(s, before, after);
    for (std::size_t k = 0; k < masks.size(); ++k)
      largest = std::max(largest, masks_apart(s.before, *masks[k], s.after, *other[k]));
  }
  return Judgement::apart(largest);
}

std::string print_mask(const Dataset& d, A i) {
  const std::vector<const Mask*> masks = masks_of(d, i);
  if (masks.empty()) return has<is_polygon>(d, i) ? print_polygon(d, i) : "";
  std::uint64_t pixels = 0;
  for (const Mask* mask : masks) pixels += area(d.counts_of(*mask));
  return std::to_string(masks.front()->width) + "×" + std::to_string(masks.front()->height) + " mask of " +
         std::to_string(pixels) + " pixels";
}

Judgement judge_keypoints(const Sides& s, A before, std::span<const A> after) {
  return judge_said<A, has<is_keypoints>, shapes_apart<is_keypoints, keypoints_apart>>(s, before, after);
}

std::string print_keypoints(const Dataset& d, A i) {
  std::string out;
  each_shape(d, i, [&](const Shape& shape) {
    if (!is_keypoints(shape)) return true;
    out =
        std::to_string(shape.count / (shape.two ? 2 : 3)) + " points: [" + print_numbers(d.numbers_of(shape), 6) + "]";
    return false;
  });
  return out;
}

Judgement judge_other_shapes(const Sides& s, A before, std::span<const A> after) {
  const bool was = is_turned(s.before, before), is = any_turned(s.after, after);
  // Corners that became an outline, and an outline or mask that became corners, which has been counted there.
  if (was && !any_has<is_other>(s.after, after) && any_has<is_polygon>(s.after, after) &&
      !has<is_polygon>(s.before, before))
    return other_form(s, before, after);
  if (is && !has<is_other>(s.before, before) && (has<is_polygon>(s.before, before) || has<is_mask>(s.before, before)) &&
      !any_has<is_polygon>(s.after, after) && !any_has<is_mask>(s.after, after))
    return Judgement::nothing();
  if (was && is && s.before[before].kind != s.after[after.front()].kind) return other_form(s, before, after);
  return judge_said<A, has<is_other>, shapes_apart<is_other, others_apart>>(s, before, after);
}

std::string print_other_shapes(const Dataset& d, A i) {
  std::string out;
  each_shape(d, i, [&](const Shape& shape) {
    if (!is_other(shape)) return true;
    if (shape.kind != ShapeKind::polyline) {
      out = "[" + print_numbers(d.numbers_of(shape)) + "]";
    } else {
      out = std::to_string(shape.count) + (shape.count == 1 ? " line: [" : " lines: [") +
            print_numbers(d.coordinates_of(d.rings_of(shape).front())) + "]";
    }
    return false;
  });
  return out;
}

bool has_spelled_shape(const Dataset& d, A i) {
  bool found = false;
  each_shape(d, i, [&](const Shape& shape) {
    found = shape.spelling != Spelling::usual || shape.kind == ShapeKind::nothing;
    return !found;
  });
  return found;
}

bool same_shape_spelling(const Sides& s, A before, A after) {
  ShapeIndex i = s.before[before].shape, j = s.after[after].shape;
  while (i != none<ShapeIndex> && j != none<ShapeIndex>) {
    const Shape &a = s.before[i], &b = s.after[j];
    if (a.spelling != b.spelling || a.kind != b.kind) return false;
    i = a.next;
    j = b.next;
  }
  return i == j;
}

std::string print_shape_spelling(const Dataset& d, A i) {
  static constexpr std::string_view words[] = {
      "", "one flat list", "an empty list", "null", "counts as a list", "counts as a string", "whole numbers"};
  std::string out;
  each_shape(d, i, [&](const Shape& shape) {
    const std::string_view word =
        shape.kind == ShapeKind::nothing ? words[3] : words[static_cast<std::size_t>(shape.spelling)];
    if (!word.empty()) out += (out.empty() ? "" : ", ") + std::string(word);
    return true;
  });
  return out;
}

}  // namespace vetset
