// Precision and recall of one class and range of areas, at all thresholds and limits (COCOeval.accumulate).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vetset/dataset/matching.h"
#include "vetset/evaluate/coco.h"

namespace vetset {

/// Predictions of a class in the order in which they are counted.
struct CocoCounted {
  std::span<const std::uint8_t> levels;    // the first limit under which each counts
  std::span<const std::uint32_t> outside;  // a bit for every range of areas that each lies outside of
  std::span<const double> scores;
  std::span<const GreedyOutcome> outcomes;  // in this range of areas
  std::uint64_t objects = 0;                // that count
};

/// Arrays of one class for the thresholds at hand: [T,R,A,M], [T,A,M], [T,R,A,M].
struct CocoCurves {
  std::size_t thresholds = 0, recalls = 0, areas = 0, limits = 0;
  std::vector<double> precision, recall, scores;

  void assign(const CocoSettings& settings, std::size_t thresholds_at_hand);
};

/// Fills the part of one range of areas; keeps its memory from call to call.
class CocoCurveMaker {
 public:
  explicit CocoCurveMaker(const CocoSettings& settings) : settings_(settings) {}
  void make(const CocoCounted& counted, std::size_t area, CocoCurves& out);

 private:
  /// A prediction that is right, and how many before it are wrong. Precision rises only there, so no more is kept.
  struct Hit {
    std::uint32_t errors, place;
  };
  void find_hits(const CocoCounted& counted, std::size_t area, std::size_t thresholds);
  void find_needed(std::uint64_t objects, std::size_t most);
  void lift(const std::vector<Hit>& hits);
  void sample(const CocoCounted& counted, std::size_t area, CocoCurves& out);

  const CocoSettings& settings_;
  std::vector<std::vector<Hit>> hits_;           // [T, M]
  std::vector<std::uint64_t> inside_, covered_;  // [M], [T, M]: predictions by their level
  std::vector<double> lifted_;                   // precision of each hit, or of a later one where that is greater
  std::vector<std::uint64_t> needed_;            // [R]: hits from which on the recall reaches a threshold
};

}  // namespace vetset
