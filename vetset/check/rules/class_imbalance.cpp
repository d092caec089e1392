#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

/// How many classes of equal size would be as mixed: e to the entropy.
double effective_classes(const std::vector<std::uint64_t>& counts, double all) {
  double entropy = 0;
  for (const std::uint64_t count : counts)
    if (count > 0) entropy -= static_cast<double>(count) / all * std::log(static_cast<double>(count) / all);
  return std::exp(entropy);
}

void check_class_imbalance(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  std::vector<std::uint64_t> counts(d.categories.size());
  std::uint64_t all = 0;
  for (const Annotation& a : d.annotations)
    if (a.category != none<CategoryIndex> && !a.flags.is(Flag::crowd)) ++counts[to_size(a.category)], ++all;
  std::size_t used = 0, largest = 0, smallest = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) continue;  // LBL110
    if (used == 0 || counts[c] > counts[largest]) largest = c;
    if (used == 0 || counts[c] < counts[smallest]) smallest = c;
    ++used;
  }
  if (used < 2) return;
  const double ratio = static_cast<double>(counts[largest]) / static_cast<double>(counts[smallest]);
  const bool starved =
      static_cast<double>(counts[smallest]) * static_cast<double>(used) < 0.1 * static_cast<double>(all);
  if (ratio < evidence.settings.class_imbalance && !starved) return;
  report.scored(ratio, to_index<CategoryIndex>(smallest),
                quoted(d.categories[largest].name) + " has " + grouped(counts[largest]) + " objects, " +
                    quoted(d.categories[smallest].name) + " " + grouped(counts[smallest]) + ": " +
                    measure(std::round(ratio)) + " to 1; " + grouped(used) + " classes are as mixed as " +
                    measure(std::round(effective_classes(counts, static_cast<double>(all)) * 10) / 10) + " equal ones",
                "collect more of the rare ones, or weigh them");
}

}  // namespace

extern const Rule class_imbalance{.code = "COV201",
                                  .name = "class-imbalance",
                                  .title = "some classes have far fewer objects than others",
                                  .severity = Severity::note,
                                  .evidence = EvidenceClass::proof,
                                  .check = check_class_imbalance};

}  // namespace vetset
