#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"

namespace vetset {
namespace {

void check_place_in_two_splits(const Evidence& evidence, const Report& report) {
  report_leaks(evidence,
               {.kinds = only(LinkKind::place_time),
                .copies = copy_kinds,
                .verb = "was taken at the place and time of",
                .fix = "keep a visit in one split"},
               report);
}

}  // namespace

extern const Rule place_in_two_splits{.code = "LEA310",
                                      .name = "place-in-two-splits",
                                      .title = "images of two splits were taken at one place within minutes",
                                      .severity = Severity::warning,
                                      .evidence = EvidenceClass::calibrated,
                                      .needs = Needs::pixels | Needs::links,
                                      .check = check_place_in_two_splits};

}  // namespace vetset
