// A repair ends what a rule finds: one change of one record, named, listed, and undone from the list. `Repair` values
// live in repairs/; repairs.def lists them in the order in which they are tried.
#pragma once

#include <span>
#include <string_view>

#include "vetset/check/rule.h"
#include "vetset/dataset/workbench.h"

namespace vetset {

struct Repair {
  std::string_view code;   // of the rule whose findings it ends
  std::string_view name;   // "clip-to-image"
  std::string_view title;  // "cut boxes and outlines at the image's edge"
  /// Safe: what the labels say of the pictures stays. Unsafe ones drop something or follow a guess; only on request.
  bool safe;
  /// Mends what the findings of the rule say, and leaves alone what this repair is not for. `bench.dataset()` is the
  /// dataset as repaired so far; `evidence.dataset` what the findings were made of. Both have the same indices.
  void (*apply)(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench);
};

/// `One` on each finding, for repairs that look at nothing but their record.
template <void (*One)(const Evidence&, const Finding&, Workbench&)>
void each(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  for (const Finding& finding : findings) One(evidence, finding, bench);
}

/// Every repair, in order.
std::span<const Repair* const> repairs();

}  // namespace vetset
