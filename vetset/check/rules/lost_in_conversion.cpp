#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/statement.h"

namespace vetset {
namespace {

std::string not_run_lost_in_conversion(const Evidence& evidence) {
  return evidence.proof == nullptr ? "needs the proof of a conversion" : "";
}

/// How numbers and lines were spelled, and in which order, teaches nobody anything.
bool is_spelling(Field field) {
  switch (field) {
    case Field::annotation_authored:
    case Field::annotation_lexemes:
    case Field::annotation_order:
    case Field::image_order:
    case Field::category_order:
    case Field::unread:
    case Field::number_style: return true;
    default: return false;
  }
}

/// Fields that teach something, or say what was taught; the others identify records or can be computed again.
bool teaches(Field field) {
  switch (field) {
    case Field::image:
    case Field::category:
    case Field::annotation:
    case Field::annotation_category:
    case Field::annotation_box:
    case Field::annotation_polygon:
    case Field::annotation_mask:
    case Field::annotation_keypoints:
    case Field::annotation_shape:
    case Field::annotation_flags:
    case Field::annotation_score:
    case Field::annotation_track:
    case Field::annotation_group:
    case Field::annotation_attributes:
    case Field::annotation_texts:
    case Field::image_attributes:
    case Field::image_state:
    case Field::track:
    case Field::track_states:
    case Field::relation: return true;
    default: return false;
  }
}

void check_lost_in_conversion(const Evidence& evidence, const Report& report) {
  const Proof& proof = *evidence.proof;
  for (const Difference& line : proof.lines) {
    const bool coarser = line.outcome == Outcome::changed && line.verb == Verb::aggregated;
    if ((line.outcome != Outcome::lost && !coarser) || is_spelling(line.field)) continue;
    report.with(teaches(line.field) ? Severity::warning : Severity::note, EvidenceClass::proof, {},
                proof.from + " → " + proof.to + (coarser ? " made " : " lost ") + std::string(name(line.field)) +
                    (coarser ? " coarser" : "") + " in " + grouped(line.count) + " of " +
                    counted(line.of, "record", "records") + (line.where.empty() ? "" : "; first " + line.where) +
                    (line.before.empty() ? "" : ": " + line.before),
                "keep the source; choose a format that carries it, if it is needed");
  }
}

}  // namespace

extern const Rule lost_in_conversion{.code = "FMT416",
                                     .name = "lost-in-conversion",
                                     .title = "the target of a conversion could not hold what the source said",
                                     .severity = Severity::warning,
                                     .evidence = EvidenceClass::proof,
                                     .check = check_lost_in_conversion,
                                     .not_run = not_run_lost_in_conversion};

}  // namespace vetset
