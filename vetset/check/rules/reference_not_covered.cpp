#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "vetset/base/random.h"
#include "vetset/base/statistics.h"
#include "vetset/check/embedded.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/reference_coverage.h"

namespace vetset {
namespace {

constexpr std::size_t fewest = 20, most = 1000;  // images of each side, one a group
constexpr double least_effect = 0.05;            // below the usual coverage

struct Judged {
  const SplitPair* pair = nullptr;
  ReferenceCoverage seen;
  std::size_t images = 0;
};

Judged judge(const Evidence& evidence, const IndependentGroups& groups, const SplitPair& pair) {
  const std::vector<ImageIndex> other = images_of(pair, Side::from), base = images_of(pair, Side::minus);
  Judged judged{.pair = &pair};
  if (other.empty() || base.empty()) return judged;
  std::vector<ImageIndex> reference = embedded_images(evidence, groups, most, other);
  std::vector<ImageIndex> covering = embedded_images(evidence, groups, most, base);
  judged.images = std::min(reference.size(), covering.size());  // as many of each, so that chance is known
  if (judged.images < fewest) return judged;
  reference = embedded_images(evidence, groups, judged.images, other);
  covering = embedded_images(evidence, groups, judged.images, base);
  judged.seen = reference_coverage(*evidence.embeddings, reference, covering, {});
  return judged;
}

std::string not_run_reference_not_covered(const Evidence& evidence) {
  const std::string missing = needs_two_splits(evidence);
  return missing.empty() ? needs_embedded(evidence, 2 * fewest) : missing;
}

void check_reference_not_covered(const Evidence& evidence, const Report& report) {
  const IndependentGroups groups = independent_groups(evidence);
  const std::vector<SplitPair> pairs = split_pairs(evidence.dataset);
  std::vector<Judged> all;
  std::vector<double> chances;
  for (const SplitPair& pair : pairs) {
    all.push_back(judge(evidence, groups, pair));
    chances.push_back(all.back().seen.chance);
  }
  const std::vector<double> q = false_discovery_rates(chances);
  for (std::size_t k = 0; k < all.size(); ++k) {
    const ReferenceCoverage& seen = all[k].seen;
    if (q[k] > 0.05 || seen.coverage >= seen.low || seen.coverage > seen.usual - least_effect) continue;
    report.scored(seen.usual - seen.coverage, {},
                  quoted(all[k].pair->base) + " covers " + measure(seen.coverage) + " of " +
                      quoted(all[k].pair->other) + " in the embedding; two halves of both together drawn at random " +
                      measure(seen.usual) + " (99 of 100 at least " + measure(seen.low) + ", " + q_text(q[k]) +
                      "); with radii clipped at the median " + measure(seen.clipped) + " against " +
                      measure(seen.clipped_usual) + ", density " + measure(seen.density) + " against " +
                      measure(seen.density_usual) + "; " +
                      counted(all[k].images, std::string(groups.word()), std::string(groups.word()) + "s") +
                      " of each, 5 neighbours, " + embedding_name(*evidence.embeddings),
                  "COV211 names what is missing");
  }
}

}  // namespace

extern const Rule reference_not_covered{.code = "COV212",
                                        .name = "reference-not-covered",
                                        .title = "training covers less of a split than chance would, by an embedding",
                                        .severity = Severity::warning,
                                        .evidence = EvidenceClass::calibrated,
                                        .needs = Needs::embeddings,
                                        .check = check_reference_not_covered,
                                        .not_run = not_run_reference_not_covered};

}  // namespace vetset
