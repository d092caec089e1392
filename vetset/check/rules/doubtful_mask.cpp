#include "vetset/check/rule.h"
#include "vetset/check/suspicions.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_doubtful_mask(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  report_suspects(
      evidence, report,
      [&](const Suspect& s) {
        return in_percent(s.score / s.confidence) + " of the pixels of this " + class_name(d, s.given) +
               " are not as a model draws it (" + measure(s.confidence) + ")";
      },
      "look at its outline");
}

}  // namespace

extern const Rule doubtful_mask{.code = "LBL140",
                                .name = "doubtful-mask",
                                .title = "a model draws an object with other pixels",
                                .severity = Severity::warning,
                                .evidence = EvidenceClass::calibrated,
                                .needs = Needs::predictions,
                                .check = check_doubtful_mask,
                                .not_run = no_predicted_masks,
                                .ranks = true};

}  // namespace vetset
