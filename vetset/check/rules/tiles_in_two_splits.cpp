#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"

namespace vetset {
namespace {

void check_tiles_in_two_splits(const Evidence& evidence, const Report& report) {
  report_leaks(evidence,
               {.kinds = only(LinkKind::tile),
                .copies = copy_kinds,
                .verb = "is a tile of one image with",
                .fix = "split by what the tiles were cut from"},
               report);
}

}  // namespace

extern const Rule tiles_in_two_splits{.code = "LEA312",
                                      .name = "tiles-in-two-splits",
                                      .title = "tiles of one image are in two splits",
                                      .severity = Severity::warning,
                                      .evidence = EvidenceClass::proof,
                                      .needs = Needs::pixels | Needs::links,
                                      .check = check_tiles_in_two_splits};

}  // namespace vetset
