#include "vetset/check/rule.h"
#include "vetset/check/suspicions.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_doubtful_class(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  report_suspects(
      evidence, report,
      [&](const Suspect& s) {
        return "labelled " + class_name(d, s.given) + ", and a model takes it for " + class_name(d, s.proposed) + " (" +
               measure(s.confidence) + ")";
      },
      "look at it; vetset queue hands all such labels to a labelling tool");
}

}  // namespace

extern const Rule doubtful_class{.code = "LBL120",
                                 .name = "doubtful-class",
                                 .title = "a model takes it for another class than its label says",
                                 .severity = Severity::warning,
                                 .evidence = EvidenceClass::calibrated,
                                 .needs = Needs::probabilities,
                                 .check = check_doubtful_class,
                                 .not_run = no_single_class,
                                 .ranks = true};

}  // namespace vetset
