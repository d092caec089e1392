#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"

namespace vetset {
namespace {

void check_sequence_in_two_splits(const Evidence& evidence, const Report& report) {
  report_leaks(evidence,
               {.kinds = only(LinkKind::sequence),
                .copies = copy_kinds,
                .verb = "is of one sequence with",
                .fix = "keep a sequence in one split"},
               report);
}

}  // namespace

extern const Rule sequence_in_two_splits{.code = "LEA308",
                                         .name = "sequence-in-two-splits",
                                         .title = "frames of one sequence are in two splits",
                                         .severity = Severity::warning,
                                         .evidence = EvidenceClass::calibrated,
                                         .needs = Needs::pixels | Needs::links,
                                         .check = check_sequence_in_two_splits};

}  // namespace vetset
