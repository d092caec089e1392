#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"

namespace vetset {
namespace {

void check_siblings_in_two_splits(const Evidence& evidence, const Report& report) {
  report_leaks(evidence,
               {.kinds = only(LinkKind::augmented),
                .copies = copy_kinds,
                .verb = "is made of one photo with",
                .fix = "split first, augment afterwards"},
               report);
}

}  // namespace

extern const Rule siblings_in_two_splits{.code = "LEA307",
                                         .name = "siblings-in-two-splits",
                                         .title = "versions made of one photo are in two splits",
                                         .severity = Severity::warning,
                                         .evidence = EvidenceClass::calibrated,
                                         .needs = Needs::pixels | Needs::links,
                                         .check = check_siblings_in_two_splits};

}  // namespace vetset
