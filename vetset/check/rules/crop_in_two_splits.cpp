#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"

namespace vetset {
namespace {

void check_crop_in_two_splits(const Evidence& evidence, const Report& report) {
  report_leaks(evidence,
               {.kinds = only(LinkKind::cropped),
                .copies = copy_kinds,
                .verb = "shares a part with",
                .fix = "keep them in one split"},
               report);
}

}  // namespace

extern const Rule crop_in_two_splits{.code = "LEA306",
                                     .name = "crop-in-two-splits",
                                     .title = "one image shows a part of another, in two splits",
                                     .severity = Severity::warning,
                                     .evidence = EvidenceClass::calibrated,
                                     .needs = Needs::pixels | Needs::links,
                                     .check = check_crop_in_two_splits,
                                     .not_run = near_not_searched};

}  // namespace vetset
