// What the rules about raters share: who they are, and what is missing where they say nothing.
#pragma once

#include <string>

#include "vetset/check/rule.h"
#include "vetset/dataset/raters.h"

namespace vetset {

/// As `raters-by` says, else whoever the dataset names.
inline Raters raters_of(const Evidence& evidence) {
  return raters_or_nobody(evidence.dataset, evidence.settings.raters_by);
}

/// Why nothing can be said of raters here; empty: it can.
inline std::string missing_raters(const Evidence& evidence) {
  const auto& by = evidence.settings.raters_by;
  const auto raters = raters_by(evidence.dataset, by.empty() ? std::string_view() : by.front());
  if (!raters) return "raters-by: " + raters.error().message;
  return raters->shared_images() > 0 ? std::string() : "needs two raters of one image";
}

}  // namespace vetset
