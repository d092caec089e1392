#include "vetset/check/frames.h"

#include <algorithm>
#include <optional>

namespace vetset {
namespace {

/// Whether all of an image's annotations lie in a frame of that size.
std::optional<Box> placed_box(const Dataset& d, const Annotation& a) {
  return a.box_origin == Origin::stated ? a.box : shape_box(d, a);
}

bool fits(const Dataset& d, std::span<const AnnotationIndex> annotations, double width, double height) {
  constexpr double tolerance = 0.5;  // rounding to whole pixels is not a fault
  return std::all_of(annotations.begin(), annotations.end(), [&](AnnotationIndex i) {
    const std::optional<Box> box = placed_box(d, d[i]);
    return !box || overreach(*box, width, height) <= tolerance;
  });
}

}  // namespace

bool has_places(const Dataset& d, std::span<const AnnotationIndex> annotations) {
  return std::any_of(annotations.begin(), annotations.end(),
                     [&](AnnotationIndex i) { return placed_box(d, d[i]).has_value() || !d.authored_text(i).empty(); });
}

Frame frame_of(const Dataset& d, const Facts& facts, std::span<const AnnotationIndex> annotations) {
  const bool fractions = std::any_of(annotations.begin(), annotations.end(),
                                     [&](AnnotationIndex a) { return !d.authored_text(a).empty(); });
  if (facts.orientation < 5 || facts.width == facts.height || fractions || !has_places(d, annotations))
    return Frame::undecided;
  const bool stored = fits(d, annotations, facts.width, facts.height);
  const bool shown = fits(d, annotations, facts.shown_width(), facts.shown_height());
  if (stored == shown) return stored ? Frame::undecided : Frame::neither;
  return stored ? Frame::stored : Frame::shown;
}

Frame stated_frame(const Image& image, const Facts& facts) {
  if (image.size_origin != SizeOrigin::stated || facts.width == facts.height || facts.orientation < 5)
    return Frame::undecided;
  if (image.width == facts.width && image.height == facts.height) return Frame::stored;
  if (image.width == facts.shown_width() && image.height == facts.shown_height()) return Frame::shown;
  return Frame::undecided;
}

}  // namespace vetset
