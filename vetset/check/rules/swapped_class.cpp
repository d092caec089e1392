#include "vetset/check/rule.h"
#include "vetset/check/suspicions.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_swapped_class(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  report_suspects(
      evidence, report,
      [&](const Suspect& s) {
        return "labelled " + class_name(d, s.given) + ", and a model sees " + class_name(d, s.proposed) + " there (" +
               measure(s.confidence) + ")";
      },
      "look at it; keep the class that is right");
}

}  // namespace

extern const Rule swapped_class{.code = "LBL131",
                                .name = "swapped-class",
                                .title = "a model sees another class in a box",
                                .severity = Severity::warning,
                                .evidence = EvidenceClass::calibrated,
                                .needs = Needs::predictions,
                                .check = check_swapped_class,

                                .ranks = true};

}  // namespace vetset
