#include "vetset/check/rule.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/instance_masks.h"

namespace vetset {
namespace {

std::optional<std::string> mask_fault(const Dataset& d, const Mask& mask, const Image* image) {
  if (auto wrong = runs_fault(d, mask)) return wrong;
  return image == nullptr ? std::nullopt : size_fault(mask, *image);
}

void check_invalid_mask(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.masks.empty()) return;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    const Image* image = a.image == none<ImageIndex> ? nullptr : &d[a.image];
    for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next) {
      if (d[s].kind != ShapeKind::mask) continue;
      for (const Mask& mask : d.masks.slice(d[s].begin, d[s].count))
        if (auto fault = mask_fault(d, mask, image))
          report(to_index<AnnotationIndex>(n), std::move(*fault), "encode the mask again, at its image's size");
    }
  }
}

}  // namespace

extern const Rule invalid_mask{.code = "FMT412",
                               .name = "invalid-mask",
                               .title = "a run-length mask does not add up, or is not its image's size",
                               .severity = Severity::error,
                               .evidence = EvidenceClass::proof,
                               .check = check_invalid_mask};

}  // namespace vetset
