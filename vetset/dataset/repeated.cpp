#include "vetset/dataset/repeated.h"

#include <algorithm>
#include <cstring>

namespace vetset {
namespace {

bool same_number(double a, double b) { return a == b || (is_unstated(a) && is_unstated(b)); }

template <class T>
bool same_values(std::span<const T> a, std::span<const T> b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

bool same_shape(const Dataset& d, const Shape& a, const Shape& b) {
  if (a.kind != b.kind || a.count != b.count) return false;
  if (a.kind == ShapeKind::polygon || a.kind == ShapeKind::polyline) {
    const auto left = d.rings_of(a), right = d.rings_of(b);
    for (std::size_t k = 0; k < left.size(); ++k)
      if (left[k].role != right[k].role || !same_values(d.coordinates_of(left[k]), d.coordinates_of(right[k])))
        return false;
    return true;
  }
  if (a.kind == ShapeKind::mask) {
    for (std::uint32_t k = 0; k < a.count; ++k) {
      const Mask &left = d.masks[a.begin + k], &right = d.masks[b.begin + k];
      if (left.height != right.height || !same_values(d.counts_of(left), d.counts_of(right))) return false;
    }
    return true;
  }
  return a.kind == ShapeKind::nothing || same_values(d.numbers_of(a), d.numbers_of(b));
}

bool same_shapes(const Dataset& d, const Annotation& a, const Annotation& b) {
  ShapeIndex s = a.shape, t = b.shape;
  for (; s != none<ShapeIndex> && t != none<ShapeIndex>; s = d[s].next, t = d[t].next)
    if (!same_shape(d, d[s], d[t])) return false;
  return s == t;
}

/// Texts and attributes by what they say; where they stand does not matter.
bool same_words(const Dataset& d, AnnotationIndex a, AnnotationIndex b) {
  const auto texts_a = d.texts_of(a), texts_b = d.texts_of(b);
  if (!std::equal(
          texts_a.begin(), texts_a.end(), texts_b.begin(), texts_b.end(),
          [&](const TextRow& x, const TextRow& y) { return x.role == y.role && d.text(x.text) == d.text(y.text); }))
    return false;
  const auto said_a = d.attributes_of(Owner::annotation, to_size(a)),
             said_b = d.attributes_of(Owner::annotation, to_size(b));
  return std::equal(said_a.begin(), said_a.end(), said_b.begin(), said_b.end(),
                    [&](const Attribute& x, const Attribute& y) {
                      return d.text(x.key) == d.text(y.key) && d.text(x.value) == d.text(y.value);
                    });
}

/// Brings equal annotations together; unequal ones may be neighbours too.
bool quick_less(const Annotation& a, const Annotation& b) {
  if (a.category != b.category) return a.category < b.category;
  return std::memcmp(&a.box, &b.box, sizeof a.box) < 0;
}

/// So many annotations of one class and box are compared with each other, in an image made to exhaust the machine.
constexpr std::size_t look_back = 256;

}  // namespace

bool same_annotation(const Dataset& d, AnnotationIndex i, AnnotationIndex j) {
  const Annotation &a = d[i], &b = d[j];
  if (a.category != b.category || a.layer != b.layer || a.kind != b.kind || !(a.flags == b.flags)) return false;
  if (a.box_origin != b.box_origin || !same_number(d.score(i), d.score(j))) return false;
  if (a.box_origin == Origin::unplaced ? d.authored_text(i) != d.authored_text(j) : !(a.box == b.box)) return false;
  if (!d.track_ids.empty() && d.text(d.track_ids[to_size(i)]) != d.text(d.track_ids[to_size(j)])) return false;
  return same_shapes(d, a, b) && same_words(d, i, j);
}

void for_each_repeated(const Dataset& d, const Dataset::ImageAnnotations& annotations,
                       const std::function<void(AnnotationIndex, AnnotationIndex)>& found) {
  std::vector<AnnotationIndex> order;
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    const auto of_image = annotations.of(to_index<ImageIndex>(n));
    if (of_image.size() < 2) continue;
    order.assign(of_image.begin(), of_image.end());
    std::stable_sort(order.begin(), order.end(),
                     [&](AnnotationIndex a, AnnotationIndex b) { return quick_less(d[a], d[b]); });
    for (std::size_t k = 1; k < order.size(); ++k) {
      // Back through those that sort as equal, to the nearest that says the same.
      const std::size_t furthest = k > look_back ? k - look_back : 0;
      for (std::size_t j = k; j-- > furthest && !quick_less(d[order[j]], d[order[k]]);) {
        if (!same_annotation(d, order[j], order[k])) continue;
        found(order[j], order[k]);
        break;
      }
    }
  }
}

namespace {

/// Groups of at least two of the images, by `key`, then in dataset order.
template <class Key>
std::vector<std::vector<ImageIndex>> equal_by(std::vector<ImageIndex> images, Key&& key) {
  std::stable_sort(images.begin(), images.end(), [&](ImageIndex a, ImageIndex b) { return key(a) < key(b); });
  std::vector<std::vector<ImageIndex>> groups;
  for (std::size_t begin = 0, end = 0; begin < images.size(); begin = end) {
    for (end = begin + 1; end < images.size() && key(images[end]) == key(images[begin]);) ++end;
    if (end - begin > 1)
      groups.emplace_back(images.begin() + static_cast<std::ptrdiff_t>(begin),
                          images.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return groups;
}

}  // namespace

std::vector<std::vector<ImageIndex>> equal_files(std::span<const Facts> facts) {
  std::vector<ImageIndex> images;
  for (std::size_t i = 0; i < facts.size(); ++i)
    if (facts[i].has_digest) images.push_back(to_index<ImageIndex>(i));
  return equal_by(std::move(images), [&](ImageIndex i) -> const Digest& { return facts[to_size(i)].digest; });
}

std::vector<std::vector<ImageIndex>> equal_pixels(std::span<const PixelFacts> pixels) {
  std::vector<ImageIndex> images;
  for (std::size_t i = 0; i < pixels.size(); ++i)
    if (pixels[i].decoded()) images.push_back(to_index<ImageIndex>(i));
  return equal_by(std::move(images), [&](ImageIndex i) -> const Hash128& { return pixels[to_size(i)].pixels; });
}

std::vector<std::vector<ImageIndex>> equal_images(std::span<const Facts> facts, std::span<const PixelFacts> pixels) {
  if (pixels.empty()) return equal_files(facts);
  // Files of equal bytes have equal pixels, if any: groups by bytes join groups by pixels whole, or stand alone.
  std::vector<std::vector<ImageIndex>> groups = equal_pixels(pixels);
  for (std::vector<ImageIndex>& files : equal_files(facts))
    if (!pixels[to_size(files.front())].decoded()) groups.push_back(std::move(files));
  std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.front() < b.front(); });
  return groups;
}

}  // namespace vetset
