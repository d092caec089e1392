#include "vetset/check/rule.h"
#include "vetset/check/suspicions.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_misplaced_box(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  report_suspects(
      evidence, report,
      [&](const Suspect& s) {
        return "a model places this " + class_name(d, s.given) + " at " + box_text(s.box) + " (" +
               measure(s.confidence) + ")";
      },
      "look at it; draw the box anew where it is off");
}

}  // namespace

extern const Rule misplaced_box{.code = "LBL132",
                                .name = "misplaced-box",
                                .title = "a model places the object elsewhere",
                                .severity = Severity::warning,
                                .evidence = EvidenceClass::calibrated,
                                .needs = Needs::predictions,
                                .check = check_misplaced_box,

                                .ranks = true};

}  // namespace vetset
