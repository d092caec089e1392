#include "vetset/check/rule.h"
#include "vetset/check/suspicions.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_unlike_its_neighbours(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  report_suspects(
      evidence, report,
      [&](const Suspect& s) {
        return "labelled " + class_name(d, s.given) + "; of its nearest in the embedding " + in_percent(s.confidence) +
               " are " + class_name(d, s.proposed) + ", " + in_percent(1 - s.score) + " are what it is";
      },
      "look at it beside its neighbours");
}

}  // namespace

extern const Rule unlike_its_neighbours{.code = "LBL121",
                                        .name = "unlike-its-neighbours",
                                        .title = "most of what resembles it is labelled otherwise",
                                        .severity = Severity::warning,
                                        .evidence = EvidenceClass::hint,
                                        .needs = Needs::embeddings,
                                        .check = check_unlike_its_neighbours,

                                        .ranks = true};

}  // namespace vetset
