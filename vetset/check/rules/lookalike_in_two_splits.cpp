#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"

namespace vetset {
namespace {

void check_lookalike_in_two_splits(const Evidence& evidence, const Report& report) {
  report_leaks(evidence,
               {.kinds = only(LinkKind::embedding),
                .verb = "lies in the embedding closer than images of one split do to",
                .fix = "look at both: one scene, or two of a kind"},
               report);
}

}  // namespace

// The links are drawn where a distance is below the first percentile of those inside training: a quantile of the data,
// as no cosine means the same in two embeddings.
extern const Rule lookalike_in_two_splits{.code = "LEA314",
                                          .name = "lookalike-in-two-splits",
                                          .title = "images of two splits are nearly one in an embedding",
                                          .severity = Severity::note,
                                          .evidence = EvidenceClass::calibrated,
                                          .needs = Needs::embeddings | Needs::links,
                                          .check = check_lookalike_in_two_splits};

}  // namespace vetset
