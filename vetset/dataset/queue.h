// A review queue: which suspects people shall look at, why, and how likely each was to be chosen. All of the first so
// many, and of the rest a seeded sample from runs of the ranking, so that answers speak for all suspects.
// Schema: docs/schema/queue-v1.json.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/dataset/answers.h"
#include "vetset/dataset/forecast.h"
#include "vetset/dataset/statement.h"
#include "vetset/dataset/suspects.h"

namespace vetset {

/// One thing to look at: an object, something that may be one, or a whole image.
struct QueueItem {
  std::string key;                        // stays the same while the record does
  std::vector<std::string> codes;         // of the rules that suspect it; the first gave it its rank
  std::uint64_t rank = 0;                 // from 1, among all suspects
  double score = 0;                       // the rule's
  double inclusion = 1;                   // how likely it was to get into the queue
  double least = 0, most = 1;             // chances of being wrong, before anybody looked
  std::string image;                      // path, as the dataset has it
  std::string annotation = {};            // id as JSON; empty: it has none, or there is no annotation
  bool object = true;                     // false: there is no annotation yet
  std::string given = {}, proposed = {};  // classes
  Box box = {};                           // that is proposed; no area: none
  double confidence = 0;                  // of the prediction that speaks for it

  bool has_box() const { return box.width > 0 && box.height > 0; }
};

struct Queue {
  static constexpr int version = 1;
  std::string program;                  // "vetset 0.1.0"
  std::string labels_id;                // of the dataset that was looked at
  std::string format;                   // its id
  Counts counts;                        //
  std::vector<FileDigest> predictions;  // what the suspicion rests on
  bool out_of_fold = false;
  std::uint64_t looked_at = 0, suspects = 0;
  std::uint64_t seed = 0;
  std::vector<Stratum> strata;  // the first is whole
  std::vector<Forecast> forecasts;
  std::vector<QueueItem> items;  // by rank
};

/// Suspects in one order, each record once. Scores of several rules cannot be compared, so their first ones come first,
/// then their second ones. A score that is no number is an error.
struct RankedSuspect {
  const Suspect* suspect = nullptr;
  std::vector<std::string_view> codes;
};
Result<std::vector<RankedSuspect>> rank(const Suspects& suspects);

/// Which ranks get into the queue: strata, and their ranks.
struct QueuePlan {
  std::vector<Stratum> strata;
  std::vector<std::uint64_t> ranks;  // rising
};
QueuePlan plan_queue(std::uint64_t suspects, std::uint64_t top, std::uint64_t sample, std::uint64_t seed);

/// Canonical JSON (RFC 8785).
std::string to_json(const Queue& queue);
Result<Queue> parse_queue(std::string_view text);

}  // namespace vetset
