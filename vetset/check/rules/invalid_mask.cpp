#include <optional>
#include <string>
#include <utility>

#include "vetset/check/mask_readings.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/instance_masks.h"

namespace vetset {
namespace {

std::optional<std::string> mask_fault(const Dataset& d, const Mask& mask, const Image* image) {
  if (auto wrong = runs_fault(d, mask)) return wrong;
  return image == nullptr ? std::nullopt : size_fault(mask, *image);
}

/// How a mask that adds up was counted along the rows: its box is that of the rows, and not that of the columns.
std::optional<std::string> rows_fault(const Dataset& d, const Annotation& a, const Mask& mask) {
  const std::optional<MaskReading> reading = reading_that_fits(d, a, mask);
  if (!reading || !reading->along_rows) return {};
  return "runs go along the rows, expected down the columns: read along the rows, the mask's box overlaps the stated "
         "one by " +
         measure(100 * reading->fits) + " %, and by " + measure(100 * reading->as_is) + " % as it is";
}

void check_invalid_mask(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.masks.empty()) return;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    const Image* image = a.image == none<ImageIndex> ? nullptr : &d[a.image];
    bool sound = true;
    for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next) {
      if (d[s].kind != ShapeKind::mask) continue;
      for (const Mask& mask : d.masks.slice(d[s].begin, d[s].count))
        if (auto fault = mask_fault(d, mask, image)) {
          sound = false;
          report(to_index<AnnotationIndex>(n), std::move(*fault), "encode the mask again, at its image's size");
        }
    }
    const Mask* const mask = sound ? only_mask(d, a) : nullptr;
    if (mask == nullptr) continue;
    if (auto fault = rows_fault(d, a, *mask))
      report.with(Severity::warning, EvidenceClass::hint, to_index<AnnotationIndex>(n), std::move(*fault),
                  "encode the mask again, column by column");
  }
}

}  // namespace

extern const Rule invalid_mask{
    .code = "FMT412",
    .name = "invalid-mask",
    .title = "a run-length mask does not add up, is not its image's size, or goes along the rows",
    .severity = Severity::error,
    .evidence = EvidenceClass::proof,
    .check = check_invalid_mask};

}  // namespace vetset
