#include <cmath>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/statement.h"

namespace vetset {
namespace {

std::string not_run_coordinate_drift(const Evidence& evidence) {
  return evidence.proof == nullptr ? "needs the proof of a conversion" : "";
}

void check_coordinate_drift(const Evidence& evidence, const Report& report) {
  const Proof& proof = *evidence.proof;
  for (const Difference& line : proof.lines) {
    if (line.outcome != Outcome::changed || line.unit != "px" || !(line.largest > evidence.settings.drift_px)) continue;
    // A shape that another was put in place of has not drifted; what that cost is FMT416's.
    if (line.verb != Verb::exact && line.verb != Verb::quantised) continue;
    report.scored(line.largest, {},
                  proof.from + " → " + proof.to + " moved " + std::string(name(line.field)) + " in " +
                      grouped(line.count) + " of " + counted(line.of, "record", "records") + ", by up to " +
                      measure(line.largest) + " px; first " + line.where,
                  "convert again with more digits");
  }
}

}  // namespace

extern const Rule coordinate_drift{.code = "FMT415",
                                   .name = "coordinate-drift",
                                   .title = "a conversion moved coordinates by more than half a pixel",
                                   .severity = Severity::warning,
                                   .evidence = EvidenceClass::proof,
                                   .check = check_coordinate_drift,
                                   .not_run = not_run_coordinate_drift};

}  // namespace vetset
