#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"

namespace vetset {
namespace {

void check_pixels_in_two_splits(const Evidence& evidence, const Report& report) {
  report_leaks(evidence,
               {.kinds = only(LinkKind::pixels) | LinkKind::coefficients,
                .copies = only(LinkKind::bytes),
                .verb = "shows the very pixels of",
                .fix = "keep both in one split",
                .skip_placeholders = true},
               report);
}

}  // namespace

extern const Rule pixels_in_two_splits{.code = "LEA302",
                                       .name = "pixels-in-two-splits",
                                       .title = "two splits have the same picture, stored in two ways",
                                       .severity = Severity::error,
                                       .evidence = EvidenceClass::proof,
                                       .needs = Needs::pixels | Needs::links,
                                       .check = check_pixels_in_two_splits};

}  // namespace vetset
