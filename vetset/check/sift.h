// What is left of findings once a team has said what it knows already: rules that are off for some paths, waivers with
// a reason and an end, and a baseline. Nothing is hidden in silence: all that is taken out is counted.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/check/baseline.h"
#include "vetset/dataset/finding.h"

namespace vetset {

/// A rule's severity, as a user wants it.
struct SeverityChoice {
  std::string rule;                  // code, beginning of codes, or name
  std::optional<Severity> severity;  // empty: the rule is off
};

/// Patterns with '/' are matched against whole paths, others against file names.
struct PathIgnore {
  std::string path;                // pattern (base/glob.h)
  std::vector<std::string> rules;  // codes, beginnings of codes, or names
};

/// Somebody answers for these findings, for a reason and until a day.
struct Waiver {
  std::string rule;             // code, beginning of codes, or name
  std::string path = {};        // pattern of image or file; empty: any
  std::string annotation = {};  // pattern of the annotation's id; empty: any
  std::string reason = {};      // never empty
  std::string by = {};          // who answers for it
  std::string until = {};       // last day, YYYY-MM-DD; empty: no end
  std::string origin = {};      // where it is written: "vetset.toml:7"
};
struct WaiverResult {
  Waiver waiver;
  std::uint64_t count = 0;  // findings that it takes out; of an expired one, that it would
  bool expired = false;
};

struct Exceptions {
  std::vector<PathIgnore> paths = {};
  std::vector<Waiver> waivers = {};
  std::optional<Baseline> baseline = {};
};

struct Sifted {
  std::vector<Finding> findings;                                  // that count, in their order
  std::vector<std::pair<std::string_view, std::uint64_t>> taken;  // by code: findings taken out
  std::uint64_t by_path = 0, waived = 0, in_baseline = 0;
  std::vector<WaiverResult> waivers;  // all, in their order
  std::vector<BaselineEntry> gone;    // of the baseline: found no more, by rules that ran
};
/// `today` decides what has expired; `ran` says whether a rule looked.
Sifted sift(const Dataset& d, std::vector<Finding> findings, const Exceptions& exceptions, std::string_view today,
            const std::function<bool(std::string_view code)>& ran);

/// All of these findings as a baseline.
Baseline baseline_of(const Dataset& d, const std::vector<Finding>& findings);

}  // namespace vetset
