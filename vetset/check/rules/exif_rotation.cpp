#include <algorithm>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"

namespace vetset {
namespace {

/// Whether all of an image's annotations lie in a frame of that size.
bool fits(const Dataset& d, std::span<const AnnotationIndex> annotations, double width, double height) {
  constexpr double tolerance = 0.5;  // rounding to whole pixels is not a fault
  return std::all_of(annotations.begin(), annotations.end(), [&](AnnotationIndex i) {
    const Annotation& a = d[i];
    std::optional<Box> box = shape_box(d, a);
    if (a.box_origin == Origin::stated) box = a.box;
    return !box || overreach(*box, width, height) <= tolerance;
  });
}

/// Which of the two frames the annotations were made in, as far as their numbers tell. Fractions of the image fit both.
std::string frame_of(const Dataset& d, ImageIndex i, const Facts& facts, std::span<const AnnotationIndex> annotations) {
  if (facts.width == facts.height) return "the image is square, so the annotations fit both";
  const Image& image = d[i];
  const bool fractions = std::any_of(annotations.begin(), annotations.end(),
                                     [&](AnnotationIndex a) { return !d.authored_text(a).empty(); });
  if (annotations.empty() || fractions) return "its annotations do not tell which of the two they were made in";
  const bool stored = fits(d, annotations, facts.width, facts.height);
  const bool shown = fits(d, annotations, facts.shown_width(), facts.shown_height());
  if (stored && !shown) return "its annotations lie in the stored frame only";
  if (shown && !stored) return "its annotations lie in the shown frame only";
  if (image.size_origin == SizeOrigin::stated && stored && shown) {
    if (image.width == facts.width && image.height == facts.height) return "its record states the stored size";
    if (image.width == facts.shown_width() && image.height == facts.shown_height())
      return "its record states the shown size";
  }
  return stored ? "its annotations fit both" : "its annotations fit neither";
}

void check_exif_rotation(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  std::optional<Dataset::ImageAnnotations> annotations;  // made for the first rotated image
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    const Facts& facts = evidence.facts[n];
    if (facts.orientation <= 1 || facts.width == 0) continue;
    const auto i = to_index<ImageIndex>(n);
    std::string message = "EXIF orientation " + std::to_string(facts.orientation) + ": ";
    if (facts.orientation < 5) {
      message += "readers that obey it show the image turned or mirrored, others do not";
    } else {
      if (!annotations) annotations = d.image_annotations();
      message += "stored " + std::to_string(facts.width) + "x" + std::to_string(facts.height) + ", shown " +
                 std::to_string(facts.shown_width()) + "x" + std::to_string(facts.shown_height()) + "; " +
                 frame_of(d, i, facts, annotations->of(i));
    }
    report(i, std::move(message), "turn the pixels, drop the tag, and label what is then seen");
  }
}

}  // namespace

extern const Rule exif_rotation{.code = "FMT406",
                                .name = "exif-rotation",
                                .title = "an image is stored turned; readers differ in what they show",
                                .severity = Severity::warning,
                                .evidence = EvidenceClass::proof,
                                .needs = Needs::headers,
                                .check = check_exif_rotation};

}  // namespace vetset
