#include "vetset/check/raters_found.h"
#include "vetset/check/words.h"
#include "vetset/dataset/consensus.h"

namespace vetset {
namespace {

void judge(const Raters& raters, const Ratings& ratings, const Report& report) {
  const bool objects = ratings.by == RatedBy::object;
  for (const RaterStanding& s : rater_standings(ratings, raters.names.size())) {
    if (!s.deviates()) continue;
    std::string message = quoted(raters.names[s.rater]) + " agrees with the other raters in " + in_percent(s.agrees) +
                          " of " + grouped(s.units) + (objects ? " objects" : " ratings") +
                          "; about the same ones those agree with each other in " + in_percent(s.others);
    if (s.missed > 0) message += "; drew nothing where most others did: " + grouped(s.missed);
    if (s.alone > 0) message += "; drew what nobody else did: " + grouped(s.alone);
    report.scored(s.others - s.agrees, {}, std::move(message), "look at their labels, and at what they were told");
  }
}

void check_deviant_rater(const Evidence& evidence, const Report& report) {
  const Raters raters = raters_of(evidence);
  judge(raters, image_ratings(evidence.dataset, raters), report);
  judge(raters, object_ratings(evidence.dataset, raters), report);
}

std::string missing_for_deviant_rater(const Evidence& evidence) {
  if (std::string missing = missing_raters(evidence); !missing.empty()) return missing;
  const Raters raters = raters_of(evidence);
  for (std::size_t i = 0; i < evidence.dataset.images.size(); ++i)
    if (raters.of_image(to_index<ImageIndex>(i)).size() > 2) return {};
  return "needs three raters of one image";
}

}  // namespace

extern const Rule deviant_rater{.code = "LBL151",
                                .name = "deviant-rater",
                                .title = "a rater differs from the others more than they do among themselves",
                                .severity = Severity::warning,
                                .evidence = EvidenceClass::calibrated,
                                .check = check_deviant_rater,
                                .not_run = missing_for_deviant_rater};

}  // namespace vetset
