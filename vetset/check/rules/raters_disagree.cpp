#include <algorithm>
#include <vector>

#include "vetset/check/raters_found.h"
#include "vetset/check/words.h"
#include "vetset/dataset/rater_agreement.h"

namespace vetset {
namespace {

std::string_view spoken(std::string_view what) {
  if (what == "image class") return "the class of an image";
  if (what == "image tag") return "which classes an image has";
  if (what == "object class") return "the class of an object";
  if (what == "object") return "which objects there are";
  return "where an object ends";
}

/// The classes that raters agree on least, where that is known to be too little.
std::string worst_classes(const AgreementOf& about) {
  std::vector<const ClassAgreement*> low;
  for (const ClassAgreement& c : about.classes)
    if (reliance(c.alpha, c.interval, about.images) == Reliance::too_low) low.push_back(&c);
  std::stable_sort(low.begin(), low.end(),
                   [](const ClassAgreement* a, const ClassAgreement* b) { return a->alpha < b->alpha; });
  constexpr std::size_t most = 3;
  std::string text;
  for (std::size_t k = 0; k < std::min(low.size(), most); ++k)
    text += (k == 0 ? "; least on " : ", ") + quoted(low[k]->name) + " (" + measure(low[k]->alpha) + ")";
  return text;
}

void check_raters_disagree(const Evidence& evidence, const Report& report) {
  const RaterAgreement agreement = rater_agreement(evidence.dataset, raters_of(evidence), {.details = false});
  for (const AgreementOf& about : agreement.about) {
    const bool low = about.reliance == Reliance::too_low;
    const bool below_firm = about.reliance == Reliance::tentative && about.interval.high < firm_alpha;
    if (!low && !below_firm) continue;
    report.with(low ? Severity::warning : Severity::note, EvidenceClass::calibrated, {},
                "raters agree on " + std::string(spoken(about.what)) + " by α " + measure(about.alpha) + " (" +
                    measure(about.interval.low) + " to " + measure(about.interval.high) + " at 95 %), over " +
                    counted(about.units, about.what.starts_with("image") ? "image" : "object",
                            about.what.starts_with("image") ? "images" : "objects") +
                    (low ? ": below 0.667, too little to build on" : ": below 0.8, enough for tentative conclusions") +
                    worst_classes(about),
                "make the guideline clearer where they differ; `vetset agreement` says where");
  }
}

}  // namespace

extern const Rule raters_disagree{.code = "LBL150",
                                  .name = "raters-disagree",
                                  .title = "raters agree too little beyond chance",
                                  .severity = Severity::warning,
                                  .evidence = EvidenceClass::calibrated,
                                  .check = check_raters_disagree,
                                  .not_run = missing_raters};

}  // namespace vetset
