#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"

namespace vetset {
namespace {

void check_flipped_copy_in_two_splits(const Evidence& evidence, const Report& report) {
  report_leaks(evidence,
               {.kinds = only(LinkKind::flipped),
                .copies = copy_kinds,
                .verb = "is a mirrored or turned copy of",
                .fix = "keep them in one split"},
               report);
}

}  // namespace

extern const Rule flipped_copy_in_two_splits{
    .code = "LEA305",
    .name = "flipped-copy-in-two-splits",
    .title = "an image and its mirror image, or a turned one, are in two splits",
    .severity = Severity::warning,
    .evidence = EvidenceClass::calibrated,
    .needs = Needs::pixels | Needs::links,
    .check = check_flipped_copy_in_two_splits,
    .not_run = near_not_searched};

}  // namespace vetset
