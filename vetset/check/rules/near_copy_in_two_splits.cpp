#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"

namespace vetset {
namespace {

void check_near_copy_in_two_splits(const Evidence& evidence, const Report& report) {
  report_leaks(evidence,
               {.kinds = only(LinkKind::near),
                .copies = copy_kinds,
                .verb = "is a near-duplicate of",
                .fix = "keep them in one split",
                .tells_of_sequences = true,
                .tells_what_was_searched = true},
               report);
}

}  // namespace

extern const Rule near_copy_in_two_splits{.code = "LEA304",
                                          .name = "near-copy-in-two-splits",
                                          .title = "near-duplicates are in two splits",
                                          .severity = Severity::warning,
                                          .evidence = EvidenceClass::calibrated,
                                          .needs = Needs::pixels | Needs::links,
                                          .check = check_near_copy_in_two_splits,
                                          .not_run = near_not_searched};

}  // namespace vetset
