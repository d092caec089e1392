#include <algorithm>
#include <cmath>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

/// The shorter side of a box in pixels that are left of it at the training resolution; images are never made larger
/// than they are, as that adds no detail. Nothing where there is no such side.
std::optional<double> side_in_training(const Dataset& d, const Annotation& a, double image_size) {
  if (a.image == none<ImageIndex> || a.flags.is(Flag::crowd)) return {};
  if (a.kind == Kind::point || a.kind == Kind::polyline || a.kind == Kind::rotated_box || a.kind == Kind::quad)
    return {};  // no box, or one whose sides are not the object's
  const Image& image = d[a.image];
  const double longer = std::max(image.width, image.height);
  const std::optional<Box> box = longer > 0 ? box_of(d, a) : std::nullopt;
  if (!box || !(box->width > 0) || !(box->height > 0)) return {};  // FMT408
  return std::min(box->width, box->height) * std::min(1.0, image_size / longer);
}

void check_tiny_object(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const double image_size = evidence.settings.image_size;
  std::uint64_t small = 0, measured = 0;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const std::optional<double> side = side_in_training(d, d.annotations[n], image_size);
    if (!side) continue;
    ++measured;
    if (*side < evidence.settings.small_side) ++small;
    if (*side < evidence.settings.tiny_side)
      report(to_index<AnnotationIndex>(n),
             "shorter side is " + measure(*side) + " px when images are " + measure(image_size) + " px long",
             "train at a larger size or on tiles; drop it if it cannot be seen");
  }
  if (small > 0)
    report.with(Severity::note, EvidenceClass::proof, {},
                grouped(small) + " of " + counted(measured, "box has", "boxes have") + " a side shorter than " +
                    measure(evidence.settings.small_side) + " px when images are " + measure(image_size) + " px long",
                "train at a larger size or on tiles, if these matter");
}

}  // namespace

extern const Rule tiny_object{.code = "LBL112",
                              .name = "tiny-object",
                              .title = "an object is too small to be learned at the training resolution",
                              .severity = Severity::warning,
                              .evidence = EvidenceClass::proof,
                              .check = check_tiny_object};

}  // namespace vetset
