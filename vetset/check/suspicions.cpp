#include "vetset/check/suspicions.h"

#include <cmath>

#include "vetset/check/words.h"
#include "vetset/dataset/predicted_objects.h"
#include "vetset/dataset/probabilities.h"

namespace vetset {

void report_suspects(const Evidence& evidence, const Report& report,
                     const std::function<std::string(const Suspect&)>& message, const std::string& fix) {
  for (const Suspect& suspect : evidence.suspects->rows) {
    if (suspect.code != report.rule.code || !suspect.flagged) continue;
    Where where = suspect.image;
    if (suspect.annotation != none<AnnotationIndex>) where = suspect.annotation;
    report.add({.code = report.rule.code,
                .severity = report.rule.severity,
                .evidence = evidence.suspects->out_of_fold ? report.rule.evidence : EvidenceClass::hint,
                .revision = report.rule.revision,
                .where = where,
                .message = message(suspect),
                .score = suspect.score,
                .fix = fix});
  }
}

std::string class_name(const Dataset& d, CategoryIndex category) {
  return category == none<CategoryIndex> ? "nothing" : quoted(d[category].name);
}

std::string box_text(const Box& box) {
  const auto whole = [](double value) { return measure(std::round(value)); };
  return whole(box.width) + "x" + whole(box.height) + " at " + whole(box.x) + "," + whole(box.y);
}

std::string no_single_class(const Evidence& evidence) {
  if (evidence.probabilities == nullptr) return "needs --probabilities";
  return evidence.probabilities->several ? "needs one class an image" : std::string();
}

std::string no_tags(const Evidence& evidence) {
  if (evidence.probabilities == nullptr) return "needs --probabilities";
  return evidence.probabilities->several ? std::string() : "needs images with several tags";
}

std::string no_predicted_masks(const Evidence& evidence) {
  if (evidence.predictions == nullptr) return "needs --predictions";
  return evidence.predictions->rows.mask.empty() ? "needs predicted masks" : std::string();
}

}  // namespace vetset
