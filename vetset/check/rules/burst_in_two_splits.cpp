#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"

namespace vetset {
namespace {

void check_burst_in_two_splits(const Evidence& evidence, const Report& report) {
  report_leaks(evidence,
               {.kinds = only(LinkKind::burst),
                .copies = copy_kinds,
                .verb = "was taken in one burst with",
                .fix = "keep a burst in one split"},
               report);
}

}  // namespace

extern const Rule burst_in_two_splits{.code = "LEA309",
                                      .name = "burst-in-two-splits",
                                      .title = "one camera took images of two splits within two seconds",
                                      .severity = Severity::warning,
                                      .evidence = EvidenceClass::calibrated,
                                      .needs = Needs::pixels | Needs::links,
                                      .check = check_burst_in_two_splits};

}  // namespace vetset
