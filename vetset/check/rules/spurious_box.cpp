#include "vetset/check/rule.h"
#include "vetset/check/suspicions.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_spurious_box(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  report_suspects(
      evidence, report,
      [&](const Suspect& s) {
        return "a model that finds nine in ten of this class sees no " + class_name(d, s.given) + " here";
      },
      "look at it; take the box out where nothing is there");
}

}  // namespace

extern const Rule spurious_box{.code = "LBL133",
                               .name = "spurious-box",
                               .title = "a model sees nothing in a box",
                               .severity = Severity::note,
                               .evidence = EvidenceClass::calibrated,
                               .needs = Needs::predictions,
                               .check = check_spurious_box,

                               .ranks = true};

}  // namespace vetset
