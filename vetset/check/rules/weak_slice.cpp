#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/check/model_errors.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

constexpr double least_effect = 1.2;  // error over the mean of all
constexpr std::size_t told = 5;
constexpr std::uint64_t fewest = 100;  // items

/// Whether all conditions of one are among those of the other.
bool is_inside(const Slice& slice, const Slice& wider) {
  return std::all_of(wider.levels.begin(), wider.levels.end(), [&](const FactorLevel& level) {
    return std::find(slice.levels.begin(), slice.levels.end(), level) != slice.levels.end();
  });
}

std::string not_run_weak_slice(const Evidence& evidence) {
  return evidence.probabilities == nullptr && evidence.predicted == nullptr ? "needs --predictions or --probabilities"
                                                                            : "";
}

void check_weak_slice(const Evidence& evidence, const Report& report) {
  const WeakSlices weak = find_weak_slices(evidence, {});
  if (weak.slices.items < fewest) return;
  std::vector<const Slice*> said;
  for (const Slice& slice : weak.slices.best) {
    if (slice.chance > 0.05 || slice.error < least_effect * weak.slices.error || said.size() == told) continue;
    // What lies inside a slice that was told, or around it, says the same again.
    if (std::any_of(said.begin(), said.end(),
                    [&](const Slice* other) { return is_inside(slice, *other) || is_inside(*other, slice); }))
      continue;
    said.push_back(&slice);
    report.scored(slice.score, {},
                  "where " + slice_name(slice.levels, weak.factors) + ", " + in_percent(slice.error) + " of " +
                      counted(slice.items, weak.errors.of_objects ? "object" : "image",
                              weak.errors.of_objects ? "objects" : "images") +
                      " " + weak.errors.what + ", of all " + grouped(weak.slices.items) + " " +
                      in_percent(weak.slices.error) + " (" +
                      counted(slice.groups, std::string(weak.unit), std::string(weak.unit) + "s") +
                      "; errors dealt out at random make such a slice with a chance of " + measure(slice.chance) + ")",
                  "look at the labels there first, then collect more like it");
  }
}

}  // namespace

extern const Rule weak_slice{.code = "COV219",
                             .name = "weak-slice",
                             .title = "a model's errors gather where images or objects are of one kind",
                             .severity = Severity::warning,
                             .evidence = EvidenceClass::calibrated,
                             .check = check_weak_slice,
                             .not_run = not_run_weak_slice};

}  // namespace vetset
