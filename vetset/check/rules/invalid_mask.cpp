#include <numeric>

#include "vetset/check/rule.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

std::string size_text(std::uint64_t height, std::uint64_t width) {
  return std::to_string(height) + " by " + std::to_string(width);
}

std::optional<std::string> mask_fault(const Dataset& d, const Mask& mask, const Image* image) {
  const std::span<const std::uint32_t> counts = d.counts_of(mask);
  const std::uint64_t covered = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  const std::uint64_t pixels = std::uint64_t{mask.height} * mask.width;
  if (covered != pixels)
    return "runs cover " + std::to_string(covered) + " pixels; expected " + std::to_string(pixels) + " (" +
           size_text(mask.height, mask.width) + ")";
  if (image == nullptr || image->width == 0 || image->height == 0) return {};
  if (mask.height == image->height && mask.width == image->width) return {};
  const bool swapped = mask.height == image->width && mask.width == image->height;
  return "mask is " + size_text(mask.height, mask.width) + " (height by width), its image is " +
         size_text(image->height, image->width) + (swapped ? ": height and width are swapped" : "");
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
