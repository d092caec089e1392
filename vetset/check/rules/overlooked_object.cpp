#include "vetset/check/rule.h"
#include "vetset/check/suspicions.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_overlooked_object(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  report_suspects(
      evidence, report,
      [&](const Suspect& s) {
        return "no box is around what a model takes for " + class_name(d, s.proposed) + " (" + measure(s.confidence) +
               ") at " + box_text(s.box);
      },
      "look there; draw the box, or declare the class incomplete in this image");
}

}  // namespace

extern const Rule overlooked_object{.code = "LBL130",
                                    .name = "overlooked-object",
                                    .title = "a model sees an object that no box is around",
                                    .severity = Severity::warning,
                                    .evidence = EvidenceClass::calibrated,
                                    .needs = Needs::predictions,
                                    .check = check_overlooked_object,

                                    .ranks = true};

}  // namespace vetset
