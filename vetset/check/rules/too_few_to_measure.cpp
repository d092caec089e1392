#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/base/statistics.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

constexpr double recall = 0.9;

/// Half the width of Wilson's 95 % interval for a share p seen in n trials.
double wilson_half_width(double p, double n) {
  const Interval interval = wilson_interval(p * n, n);
  return (interval.high - interval.low) / 2;
}

/// The least number of objects with which a recall of 0.9 is known to within `half_width`.
std::uint64_t objects_needed(double half_width) {
  std::uint64_t low = 1, high = 100'000'000;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (wilson_half_width(recall, static_cast<double>(middle)) <= half_width)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

void check_too_few_to_measure(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const std::uint64_t needed = objects_needed(evidence.settings.recall_half_width);
  for (const SplitClasses& split : classes_by_split(d)) {
    if (split.role != SplitRole::val && split.role != SplitRole::test) continue;
    std::size_t present = 0, few = 0, fewest = 0;
    for (std::size_t c = 0; c < split.objects.size(); ++c) {
      if (split.objects[c] == 0) continue;  // COV203
      if (present == 0 || split.objects[c] < split.objects[fewest]) fewest = c;
      ++present;
      few += split.objects[c] < needed;
    }
    if (few == 0) continue;
    const std::uint64_t least = split.objects[fewest];
    report(to_index<CategoryIndex>(fewest),
           grouped(few) + " of " + counted(present, "class", "classes") + " in " + quoted(split.name) +
               " have fewer than " + grouped(needed) + " objects; with the " + grouped(least) + " of " +
               quoted(d.categories[fewest].name) + " a recall of 0.9 is known to within " +
               measure(wilson_half_width(recall, static_cast<double>(least))),
           "evaluate on more, or say the interval beside the number");
  }
}

}  // namespace

// Every small set has it, so it is a note.
extern const Rule too_few_to_measure{.code = "COV202",
                                     .name = "too-few-to-measure",
                                     .title = "an evaluation split has too few objects of a class for a firm number",
                                     .severity = Severity::note,
                                     .evidence = EvidenceClass::proof,
                                     .check = check_too_few_to_measure};

}  // namespace vetset
