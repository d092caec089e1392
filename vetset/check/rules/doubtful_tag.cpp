#include "vetset/check/rule.h"
#include "vetset/check/suspicions.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_doubtful_tag(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  report_suspects(
      evidence, report,
      [&](const Suspect& s) {
        if (s.given == none<CategoryIndex>)
          return "has no tag " + class_name(d, s.proposed) + ", and a model sees it (" + measure(s.confidence) + ")";
        return "has the tag " + class_name(d, s.given) + ", and a model does not see it (" + measure(1 - s.confidence) +
               ")";
      },
      "look at it; where absent tags only mean that nobody looked, leave the rule out");
}

}  // namespace

extern const Rule doubtful_tag{.code = "LBL123",
                               .name = "doubtful-tag",
                               .title = "a model says otherwise of a tag",
                               .severity = Severity::warning,
                               .evidence = EvidenceClass::calibrated,
                               .needs = Needs::probabilities,
                               .check = check_doubtful_tag,
                               .not_run = no_tags,
                               .ranks = true};

}  // namespace vetset
