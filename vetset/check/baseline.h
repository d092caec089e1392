// The findings that were there when somebody said "from here on": later checks tell them apart from what is new.
// Schema: docs/schema/baseline-v1.json.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/result.h"

namespace vetset {

struct BaselineEntry {
  std::string code, fingerprint;
  std::string image = {}, annotation = {};  // for people; the fingerprint is what counts
  bool operator==(const BaselineEntry&) const = default;
};
struct Baseline {
  static constexpr int version = 1;
  std::vector<BaselineEntry> findings;                        // by code, image, fingerprint
  std::vector<std::pair<std::string, std::uint64_t>> beyond;  // by code: findings that were counted and not kept
  std::string called =
      {};  // the dataset that they are of, where it was checked just now: "main"; empty: read from a file
};

/// One entry a line, sorted: made for version control.
std::string to_json(const Baseline& baseline, std::string_view program);
Result<Baseline> parse_baseline(std::string_view text);

}  // namespace vetset
