#include <algorithm>

#include "vetset/check/raters_found.h"
#include "vetset/check/words.h"
#include "vetset/dataset/rater_agreement.h"

namespace vetset {
namespace {

std::string named(const Dataset& d, CategoryIndex c) {
  return c == none<CategoryIndex> ? "nothing" : quoted(d[c].name);
}

void tell(const Dataset& d, const Contradicted& c, const Report& report) {
  const std::string likely = " (" + measure(c.proposed_probability) + ")";
  const std::string who = "of " + grouped(c.raters) + " raters the consensus ";
  if (c.of != none<CategoryIndex>) {
    const Where where = c.given == none<AnnotationIndex> ? Where(c.image) : Where(c.given);
    report.scored(1 - c.probability, where,
                  who + (c.proposed == none<CategoryIndex> ? "is without " : "has ") + quoted(d[c.of].name) + likely +
                      (c.proposed == none<CategoryIndex> ? ", which the labels have" : ", which the labels lack"),
                  "look which is right");
    return;
  }
  if (c.given == none<AnnotationIndex>) {
    report.scored(1 - c.probability, c.example == none<AnnotationIndex> ? Where(c.image) : Where(c.example),
                  who + "has " + named(d, c.proposed) + " here" + likely + ", where the labels have nothing",
                  "look which is right");
    return;
  }
  report.scored(
      1 - c.probability, c.given,
      who + "says " + named(d, c.proposed) + likely + ", the label says " + named(d, d[c.given].category) + " (" +
          measure(c.probability) + ")",
      c.proposed == none<CategoryIndex> ? "look whether it is there" : "take what the raters say, if it holds");
}

bool ships_labels(const Raters& raters) {
  return std::find(raters.of.begin(), raters.of.end(), Makers::nobody) != raters.of.end();
}

void check_label_against_raters(const Evidence& evidence, const Report& report) {
  const Raters raters = raters_of(evidence);
  for (const Ratings& ratings : {image_ratings(evidence.dataset, raters), object_ratings(evidence.dataset, raters)})
    for (const Contradicted& c : contradicted(ratings, consensus(ratings, raters.names.size())))
      tell(evidence.dataset, c, report);
}

std::string missing_for_label_against_raters(const Evidence& evidence) {
  if (std::string missing = missing_raters(evidence); !missing.empty()) return missing;
  const Raters raters = raters_of(evidence);
  return ships_labels(raters) ? std::string() : "needs labels beside those of raters";
}

}  // namespace

extern const Rule label_against_raters{.code = "LBL152",
                                       .name = "label-against-raters",
                                       .title = "the consensus of raters is not what the label says",
                                       .severity = Severity::warning,
                                       .evidence = EvidenceClass::calibrated,
                                       .check = check_label_against_raters,
                                       .not_run = missing_for_label_against_raters};

}  // namespace vetset
