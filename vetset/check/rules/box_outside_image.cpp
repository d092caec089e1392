#include <algorithm>
#include <cmath>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/rotated.h"

namespace vetset {
namespace {

constexpr double tolerance = 0.5;  // rounding to whole pixels is not a fault

/// How far the points of a ring reach past the image.
double ring_overreach(std::span<const double> points, const Image& image) {
  double past = 0;
  for (std::size_t k = 0; k + 1 < points.size(); k += 2)
    past = std::max({past, -points[k], -points[k + 1], points[k] - image.width, points[k + 1] - image.height});
  return past;
}

/// How far the labelled points reach past the image; points that are not labelled say nothing.
double keypoint_overreach(const Dataset& d, const Shape& shape, const Image& image) {
  const std::span<const double> numbers = d.numbers_of(shape);
  const std::size_t step = shape.two ? 2 : 3;
  double past = 0;
  for (std::size_t k = 0; k + step <= numbers.size(); k += step)
    if (shape.two ? numbers[k] != 0 || numbers[k + 1] != 0 : numbers[k + 2] > 0)
      past = std::max({past, -numbers[k], -numbers[k + 1], numbers[k] - image.width, numbers[k + 1] - image.height});
  return past;
}

struct Past {
  double pixels = 0;
  const char* part = "";
};

Past past_image(const Dataset& d, const Annotation& a, const Image& image) {
  Past worst;
  const auto take = [&](double pixels, const char* part) {
    if (std::isfinite(pixels) && pixels > worst.pixels) worst = {pixels, part};
  };
  if (a.box_origin == Origin::stated) take(overreach(a.box, image.width, image.height), "box");
  if (const std::optional<Corners> corners = turned_corners(d, a)) take(ring_overreach(*corners, image), "turned box");
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next) {
    const Shape& shape = d[s];
    if (shape.kind == ShapeKind::polygon || shape.kind == ShapeKind::polyline)
      for (const Ring& ring : d.rings_of(shape))
        take(ring_overreach(d.coordinates_of(ring), image), shape.kind == ShapeKind::polygon ? "polygon" : "line");
    if (shape.kind == ShapeKind::keypoints) take(keypoint_overreach(d, shape, image), "keypoint");
  }
  return worst;
}

void check_box_outside_image(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    if (a.image == none<ImageIndex>) continue;
    const Image& image = d[a.image];
    if (image.width == 0 || image.height == 0) continue;
    const Past past = past_image(d, a, image);
    if (past.pixels <= tolerance) continue;
    report.scored(past.pixels, to_index<AnnotationIndex>(n),
                  std::string(past.part) + " reaches " + measure(past.pixels) + " px past the image, which is " +
                      std::to_string(image.width) + "x" + std::to_string(image.height),
                  "cut it at the image's edge, if it was made on this image");
  }
}

}  // namespace

extern const Rule box_outside_image{.code = "FMT407",
                                    .name = "box-outside-image",
                                    .title = "a box, outline or keypoint reaches past its image",
                                    .severity = Severity::warning,
                                    .evidence = EvidenceClass::proof,
                                    .check = check_box_outside_image};

}  // namespace vetset
