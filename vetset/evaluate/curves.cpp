// The reference makes a curve of every prediction, lifts it from the right so that it falls, and reads it where the
// recall first reaches each of 101 thresholds. All of that can be had from the hits alone:
// - Between two hits the count of hits stands still and that of errors grows, so precision does not rise (in floating
//   point too: sums and quotients are monotone). The lifted curve at a hit is therefore the greatest precision of that
//   hit and those after it; at the first prediction it is the greatest of all hits.
// - Recall rises at hits only, so a threshold above 0 is first reached at a hit, one of 0 at the first prediction.
// Errors are counted for all thresholds at once: every prediction whose area lies inside the range, less those that are
// covered at a threshold, that is matched or ignored there. Outside the range nothing is an error.
#include "vetset/evaluate/curves.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace vetset {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

}  // namespace

void CocoCurves::assign(const CocoSettings& settings, std::size_t thresholds_at_hand) {
  thresholds = thresholds_at_hand;
  recalls = settings.recall_thresholds.size();
  areas = settings.areas.size();
  limits = settings.max_detections.size();
  precision.assign(thresholds * recalls * areas * limits, -1);
  scores.assign(precision.size(), -1);
  recall.assign(thresholds * areas * limits, -1);
}

void CocoCurveMaker::find_hits(const CocoCounted& counted, std::size_t area, std::size_t thresholds) {
  const std::size_t limits = settings_.max_detections.size();

  if (hits_.size() < thresholds * limits) hits_.resize(thresholds * limits);
  for (std::vector<Hit>& hits : hits_) hits.clear();
  inside_.assign(limits, 0);
  covered_.assign(thresholds * limits, 0);
  for (std::size_t place = 0; place < counted.outcomes.size(); ++place) {
    const std::size_t level = counted.levels[place];
    const bool inside = (counted.outside[place] >> area & 1) == 0;
    inside_[level] += inside ? 1 : 0;
    const GreedyOutcome outcome = counted.outcomes[place];
    const unsigned hit = outcome.matched & ~static_cast<unsigned>(outcome.ignored);
    for (unsigned rest = outcome.matched | outcome.ignored; rest != 0; rest &= rest - 1) {
      const auto t = static_cast<std::size_t>(std::countr_zero(rest));
      std::uint64_t* covered = covered_.data() + t * limits;
      if (inside) ++covered[level];
      if ((hit >> t & 1) == 0) continue;
      std::uint64_t errors = 0;
      for (std::size_t m = 0; m < limits; ++m) {
        errors += inside_[m] - covered[m];
        if (m < level) continue;
        hits_[t * limits + m].push_back({static_cast<std::uint32_t>(errors), static_cast<std::uint32_t>(place)});
      }
    }
  }
}

void CocoCurveMaker::find_needed(std::uint64_t objects, std::size_t most) {
  const std::vector<double>& thresholds = settings_.recall_thresholds;
  const auto all = static_cast<double>(objects);
  const auto recall = [&](std::uint64_t hits) { return static_cast<double>(hits) / all; };
  needed_.assign(thresholds.size(), never);
  for (std::size_t r = 0; r < thresholds.size(); ++r) {
    const double threshold = thresholds[r];
    if (recall(most) < threshold) continue;
    auto hits = threshold <= 0 ? std::uint64_t{0} : static_cast<std::uint64_t>(std::min(threshold * all, 1e15));
    while (hits > 0 && recall(hits - 1) >= threshold) --hits;
    while (recall(hits) < threshold) ++hits;
    needed_[r] = hits;
  }
}

void CocoCurveMaker::lift(const std::vector<Hit>& hits) {
  lifted_.resize(hits.size());
  double greatest = 0;
  for (std::size_t i = hits.size(); i-- > 0;) {
    const auto right = static_cast<double>(i + 1);
    greatest = std::max(greatest, right / (static_cast<double>(hits[i].errors) + right + epsilon));
    lifted_[i] = greatest;
  }
}

void CocoCurveMaker::sample(const CocoCounted& counted, std::size_t area, CocoCurves& out) {
  for (std::size_t t = 0; t < out.thresholds; ++t)
    for (std::size_t m = 0; m < out.limits; ++m) {
      const std::vector<Hit>& hits = hits_[t * out.limits + m];
      lift(hits);
      const std::size_t column = area * out.limits + m, step = out.areas * out.limits;
      out.recall[t * step + column] = static_cast<double>(hits.size()) / static_cast<double>(counted.objects);
      double* precision = out.precision.data() + t * out.recalls * step + column;
      double* scores = out.scores.data() + t * out.recalls * step + column;
      const bool any = !counted.levels.empty() && settings_.max_detections[m] > 0;
      bool reached = any;
      for (std::size_t r = 0; r < out.recalls; ++r) {
        const std::uint64_t needed = needed_[r];
        reached = reached && needed <= hits.size();  // the reference stops at the first that is not reached
        const std::size_t hit = needed > 0 ? needed - 1 : 0;
        precision[r * step] = reached && !hits.empty() ? lifted_[hit] : 0;
        scores[r * step] = reached ? counted.scores[needed > 0 ? hits[hit].place : 0] : 0;
      }
    }
}

void CocoCurveMaker::make(const CocoCounted& counted, std::size_t area, CocoCurves& out) {
  if (counted.objects == 0) return;  // stays -1
  find_hits(counted, area, out.thresholds);
  find_needed(counted.objects, counted.outcomes.size());
  sample(counted, area, out);
}

}  // namespace vetset
