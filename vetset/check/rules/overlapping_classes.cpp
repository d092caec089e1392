#include "vetset/check/rule.h"
#include "vetset/check/suspicions.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

constexpr double least_share = 0.01;  // of the labels of a class, with 97.5 % certainty

bool is_much(const Suspects::ClassPair& pair) { return pair.low > least_share; }

double share_of(const Suspects::ClassPair& pair) {
  return pair.labels == 0 ? 0 : pair.estimate / static_cast<double>(pair.labels);
}

const Suspects::ClassPair* other_way(const Suspects& suspects, const Suspects::ClassPair& pair) {
  for (const Suspects::ClassPair& other : suspects.pairs)
    if (other.given == pair.meant && other.meant == pair.given) return &other;
  return nullptr;
}

void check_overlapping_classes(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  for (const Suspects::ClassPair& pair : evidence.suspects->pairs) {
    if (!is_much(pair)) continue;
    const Suspects::ClassPair* back = other_way(*evidence.suspects, pair);
    const bool both = back != nullptr && is_much(*back);
    if (both && pair.given > pair.meant) continue;  // one pair, said once
    const std::string first = class_name(d, pair.given), second = class_name(d, pair.meant);
    std::string message = in_percent(share_of(pair)) + " of " + first + " seem to be " + second + " (" +
                          in_percent(pair.low) + " to " + in_percent(pair.high) + ", of " + grouped(pair.labels) + ")";
    message += both ? ", and " + in_percent(share_of(*back)) +
                          " the other way: the two may not be told apart as they are "
                          "defined"
                    : ", and hardly any the other way: labels that are wrong, rather than classes that overlap";
    report.add({.code = report.rule.code,
                .severity = report.rule.severity,
                .evidence = evidence.suspects->out_of_fold ? report.rule.evidence : EvidenceClass::hint,
                .revision = report.rule.revision,
                .where = pair.given,
                .message = std::move(message),
                .score = share_of(pair),
                .fix = both ? "say where one class ends and the other begins, or make them one"
                            : "look at the labels that doubtful-class (LBL120) lists"});
  }
}

}  // namespace

extern const Rule overlapping_classes{.code = "LBL122",
                                      .name = "overlapping-classes",
                                      .title = "one class is often given where another is meant",
                                      .severity = Severity::warning,
                                      .evidence = EvidenceClass::calibrated,
                                      .needs = Needs::probabilities,
                                      .check = check_overlapping_classes,
                                      .not_run = no_single_class,
                                      .ranks = true};

}  // namespace vetset
