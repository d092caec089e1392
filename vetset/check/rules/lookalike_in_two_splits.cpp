#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

std::string not_compared(const Evidence& evidence) {
  if (evidence.hints == nullptr || !evidence.hints->embedding) return "needs --embeddings";
  const EmbeddingSearch& search = *evidence.hints->embedding;
  if (search.null >= EmbeddingSearch::fewest) return {};
  return "needs embeddings of " + std::to_string(EmbeddingSearch::fewest) + " images " +
         (search.between_splits ? "of training " : "") + "that are no copies, found " + grouped(search.null);
}

void check_lookalike_in_two_splits(const Evidence& evidence, const Report& report) {
  const EmbeddingSearch& search = *evidence.hints->embedding;
  if (search.between_splits && search.below > 0)
    report.with(Severity::note, EvidenceClass::calibrated, {}, share_of(search));
  Evidence seen = evidence;
  seen.links = evidence.hints;
  report_leaks(seen,
               {.kinds = only(LinkKind::embedding),
                .verb = "is unusually near in the embedding to",
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
                                          .needs = Needs::embeddings,
                                          .check = check_lookalike_in_two_splits,
                                          .not_run = not_compared};

}  // namespace vetset
