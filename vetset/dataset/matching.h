// Which detection is which object: overlaps of all pairs, and COCO's greedy matching. Exact to the bit, so that
// metrics, label checks, differences and merges agree.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "vetset/dataset/geometry.h"

namespace vetset {

/// Intersection over union of every pair, one row a detection (maskApi.c, bbIou): no +1, 0 where they only touch, over
/// the detection's area alone where the object is a crowd. `crowd` is empty or has a value an object; `out` has
/// detections × objects numbers.
void box_ious(std::span<const Box> detections, std::span<const Box> objects, std::span<const std::uint8_t> crowd,
              std::span<double> out);

/// COCO's object keypoint similarity of every pair (cocoeval.py, computeOks), one row a detection. Points are x y v;
/// the areas and boxes are the objects'. `sigmas` has one value a point, in units of the object's scale.
void keypoint_similarities(std::span<const double> detections, std::span<const double> objects,
                           std::span<const double> areas, std::span<const Box> boxes, std::span<const double> sigmas,
                           std::span<double> out);

/// Adds as NumPy does: in pairs of blocks, so that a sum of many numbers has NumPy's last bit.
double pairwise_sum(std::span<const double> values);

/// Detections and objects of one image and class. Detections come in falling order of their scores; each takes the
/// object that it overlaps most and that is still free, one that counts before one that is ignored.
struct GreedyTile {
  std::size_t detections = 0, objects = 0;
  std::span<const double> overlaps;            // one row a detection
  std::span<const std::uint8_t> crowd;         // of an object: many detections may have it
  std::span<const std::uint32_t> ignored;      // of an object: bit a is set where it is ignored in case a
  std::span<const std::uint8_t> leaves = {};   // of a detection: what it takes stays free; empty: none does
  std::span<const std::uint8_t> unnamed = {};  // of an object: who takes it counts as unmatched; empty: none is
};

inline constexpr std::uint32_t no_object = 0xffffffffU;
/// The object of each detection at one threshold and in one case, or `no_object` (cocoeval.py, evaluateImg). Equality
/// with the threshold is enough; of equal overlaps the last object wins.
void match_greedily(const GreedyTile& tile, double threshold, unsigned ignore_case, std::span<std::uint32_t> object_of);

/// What became of a detection, a bit for each threshold.
struct GreedyOutcome {
  std::uint16_t matched = 0;  // to a named object
  std::uint16_t ignored = 0;  // to an object that is ignored
};
/// The same for up to 16 thresholds and several cases in one sweep.
class GreedyMatcher {
 public:
  static constexpr std::size_t most_thresholds = 16;
  static constexpr unsigned most_cases = 32;
  GreedyMatcher(std::span<const double> thresholds, unsigned cases);
  /// Calls `tell(detection, ignore_case, outcome)` for those that are matched at any threshold.
  template <class Tell>
  void match(const GreedyTile& tile, Tell&& tell) {
    begin(tile);
    for (std::size_t d = 0; d < tile.detections; ++d) {
      if (!find_candidates(tile, d)) continue;
      for (unsigned a = 0; a < cases_; ++a) {
        const GreedyOutcome outcome = has_nan_ ? outcome_by_threshold(d, a) : take(tile, d, a);
        if ((outcome.matched | outcome.ignored) != 0) tell(d, a, outcome);
      }
    }
  }

 private:
  struct Candidate {
    double overlap;
    std::uint32_t object;
    std::uint16_t reached;  // thresholds
  };
  void begin(const GreedyTile& tile);
  bool find_candidates(const GreedyTile& tile, std::size_t detection);
  GreedyOutcome take(const GreedyTile& tile, std::size_t detection, unsigned ignore_case);
  GreedyOutcome outcome_by_threshold(std::size_t detection, unsigned ignore_case) const;

  std::vector<double> thresholds_;                            // as they were given
  std::array<double, most_thresholds> rising_{};              // those that count, sorted; the rest never reached
  std::array<std::uint16_t, most_thresholds + 1> reached_{};  // by how many of them an overlap reaches
  unsigned cases_;
  std::vector<std::uint16_t> taken_;  // [objects, cases]
  std::vector<Candidate> candidates_;
  bool has_nan_ = false;
  std::vector<GreedyOutcome> slow_;  // [detections, cases], where an overlap is not a number
};

}  // namespace vetset
