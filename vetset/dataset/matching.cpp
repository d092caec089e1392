#include "vetset/dataset/matching.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "vetset/base/result.h"

namespace vetset {
namespace {

/// A threshold of 1 is reached by boxes that are equal but for rounding.
double effective(double threshold) { return std::min(threshold, 1 - 1e-10); }

/// fmax and fmin of C: the other where one is not a number.
double larger(double a, double b) { return a > b || b != b ? a : b; }
double smaller(double a, double b) { return a < b || b != b ? a : b; }

/// NumPy's maximum: not a number where one is not.
double at_least_zero(double value) { return value > 0 || value != value ? value : 0; }

constexpr std::size_t numbers_a_point = 3;
constexpr double vanishing = 746;  // exp(-746) is 0, which takes the library long to say

}  // namespace

void box_ious(std::span<const Box> detections, std::span<const Box> objects, std::span<const std::uint8_t> crowd,
              std::span<double> out) {
  VETSET_ASSERT(out.size() == detections.size() * objects.size(), "there is a place for every pair");
  double* place = out.data();
  for (const Box& d : detections) {
    const double d_right = d.width + d.x, d_bottom = d.height + d.y, d_area = d.width * d.height;
    for (std::size_t g = 0; g < objects.size(); ++g, ++place) {
      const Box& o = objects[g];
      *place = 0;
      const double width = smaller(d_right, o.width + o.x) - larger(d.x, o.x);
      if (width <= 0) continue;
      const double height = smaller(d_bottom, o.height + o.y) - larger(d.y, o.y);
      if (height <= 0) continue;
      const double shared = width * height;
      const bool is_crowd = !crowd.empty() && crowd[g] != 0;
      *place = shared / (is_crowd ? d_area : d_area + o.width * o.height - shared);
    }
  }
}

double pairwise_sum(std::span<const double> values) {
  constexpr std::size_t lanes = 8, block = 128;
  const std::size_t n = values.size();
  if (n < lanes) return std::accumulate(values.begin(), values.end(), 0.0);
  if (n > block) {
    std::size_t half = n / 2;
    half -= half % lanes;
    return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
  }
  std::array<double, lanes> sum{};
  std::copy_n(values.begin(), lanes, sum.begin());
  std::size_t i = lanes;
  for (; i < n - n % lanes; i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) sum[k] += values[i + k];
  double total = ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
  for (; i < n; ++i) total += values[i];
  return total;
}

void keypoint_similarities(std::span<const double> detections, std::span<const double> objects,
                           std::span<const double> areas, std::span<const Box> boxes, std::span<const double> sigmas,
                           std::span<double> out) {
  const std::size_t points = sigmas.size(), numbers = numbers_a_point * points;
  VETSET_ASSERT(points > 0 && objects.size() == areas.size() * numbers && boxes.size() == areas.size() &&
                    out.size() * numbers == detections.size() * areas.size(),
                "every object has its points, an area, a box, and a place in every row");
  std::vector<double> variances(points), terms;
  for (std::size_t k = 0; k < points; ++k) variances[k] = (sigmas[k] * 2) * (sigmas[k] * 2);
  const std::size_t rows = detections.size() / numbers;
  for (std::size_t g = 0; g < areas.size(); ++g) {
    const double* object = objects.data() + g * numbers;
    const Box& box = boxes[g];
    bool any_visible = false;
    for (std::size_t k = 0; k < points; ++k) any_visible |= object[numbers_a_point * k + 2] > 0;
    const double left = box.x - box.width, right = box.x + box.width * 2;
    const double top = box.y - box.height, bottom = box.y + box.height * 2;
    const double scale = areas[g] + std::numeric_limits<double>::epsilon();
    for (std::size_t d = 0; d < rows; ++d) {
      const double* detection = detections.data() + d * numbers;
      terms.clear();
      for (std::size_t k = 0; k < points; ++k) {
        const double x = detection[numbers_a_point * k], y = detection[numbers_a_point * k + 1];
        double dx, dy;
        if (any_visible) {
          if (!(object[numbers_a_point * k + 2] > 0)) continue;
          dx = x - object[numbers_a_point * k];
          dy = y - object[numbers_a_point * k + 1];
        } else {  // how far the point lies outside the object's box made three times as large
          dx = at_least_zero(left - x) + at_least_zero(x - right);
          dy = at_least_zero(top - y) + at_least_zero(y - bottom);
        }
        const double far = (dx * dx + dy * dy) / variances[k] / scale / 2;
        terms.push_back(far > vanishing ? 0 : std::exp(-far));
      }
      out[d * areas.size() + g] = pairwise_sum(terms) / static_cast<double>(terms.size());
    }
  }
}

void match_greedily(const GreedyTile& tile, double threshold, unsigned ignore_case,
                    std::span<std::uint32_t> object_of) {
  std::vector<std::uint8_t> taken(tile.objects);
  const auto is_ignored = [&](std::size_t g) { return (tile.ignored[g] >> ignore_case & 1) != 0; };
  for (std::size_t d = 0; d < tile.detections; ++d) {
    double best = effective(threshold);
    std::uint32_t found = no_object;
    for (const bool ignored : {false, true}) {
      if (ignored && found != no_object) break;
      for (std::size_t g = 0; g < tile.objects; ++g) {
        if (is_ignored(g) != ignored || (taken[g] != 0 && tile.crowd[g] == 0)) continue;
        const double overlap = tile.overlaps[d * tile.objects + g];
        if (overlap < best) continue;  // what is not a number is not less
        best = overlap;
        found = static_cast<std::uint32_t>(g);
      }
    }
    object_of[d] = found;
    if (found != no_object && (tile.leaves.empty() || tile.leaves[d] == 0)) taken[found] = 1;
  }
}

GreedyMatcher::GreedyMatcher(std::span<const double> thresholds, unsigned cases)
    : thresholds_(thresholds.begin(), thresholds.end()), cases_(cases) {
  VETSET_ASSERT(thresholds.size() <= most_thresholds && cases <= most_cases, "outcomes have a bit for each");
  std::array<std::size_t, most_thresholds> order{};
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(thresholds.size());
  std::iota(order.begin(), end, std::size_t{0});
  std::stable_sort(order.begin(), end, [&](std::size_t a, std::size_t b) { return thresholds[a] < thresholds[b]; });
  rising_.fill(std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < thresholds.size(); ++i) {
    rising_[i] = effective(thresholds[order[i]]);
    reached_[i + 1] = static_cast<std::uint16_t>(reached_[i] | 1U << order[i]);
  }
}

void GreedyMatcher::begin(const GreedyTile& tile) {
  taken_.assign(tile.objects * cases_, 0);
  has_nan_ = std::any_of(tile.overlaps.begin(), tile.overlaps.end(), [](double v) { return v != v; });
  if (!has_nan_) return;
  // What is not a number wins at every threshold and loses to everything after it: no order of candidates says that.
  slow_.assign(tile.detections * cases_, {});
  std::vector<std::uint32_t> object_of(tile.detections);
  for (unsigned a = 0; a < cases_; ++a)
    for (std::size_t t = 0; t < thresholds_.size(); ++t) {
      match_greedily(tile, thresholds_[t], a, object_of);
      for (std::size_t d = 0; d < tile.detections; ++d) {
        const std::uint32_t g = object_of[d];
        if (g == no_object) continue;
        GreedyOutcome& outcome = slow_[d * cases_ + a];
        const auto bit = static_cast<std::uint16_t>(1U << t);
        if (tile.unnamed.empty() || tile.unnamed[g] == 0) outcome.matched |= bit;
        if ((tile.ignored[g] >> a & 1) != 0) outcome.ignored |= bit;
      }
    }
}

/// The objects that the detection overlaps enough, the best first; of equal ones the last.
bool GreedyMatcher::find_candidates(const GreedyTile& tile, std::size_t detection) {
  if (has_nan_) return true;
  candidates_.clear();
  const double* row = tile.overlaps.data() + detection * tile.objects;
  for (std::size_t g = 0; g < tile.objects; ++g) {
    const double overlap = row[g];
    if (overlap < rising_[0]) continue;
    std::size_t reached = 0;
    for (const double threshold : rising_) reached += overlap >= threshold ? 1 : 0;
    candidates_.push_back({overlap, static_cast<std::uint32_t>(g), reached_[std::min(reached, thresholds_.size())]});
    for (std::size_t i = candidates_.size() - 1; i > 0 && candidates_[i - 1].overlap <= overlap; --i)
      std::swap(candidates_[i - 1], candidates_[i]);
  }
  return !candidates_.empty();
}

GreedyOutcome GreedyMatcher::take(const GreedyTile& tile, std::size_t detection, unsigned ignore_case) {
  GreedyOutcome outcome;
  std::uint16_t wanted = reached_[thresholds_.size()];
  const bool leaves = !tile.leaves.empty() && tile.leaves[detection] != 0;
  for (const bool ignored : {false, true})
    for (const Candidate& c : candidates_) {
      if (((tile.ignored[c.object] >> ignore_case & 1) != 0) != ignored) continue;
      std::uint16_t& taken = taken_[c.object * cases_ + ignore_case];
      auto got = static_cast<std::uint16_t>(wanted & c.reached);
      if (tile.crowd[c.object] == 0) got = static_cast<std::uint16_t>(got & ~taken);
      if (got == 0) continue;
      wanted = static_cast<std::uint16_t>(wanted & ~got);
      if (!leaves) taken |= got;
      if (tile.unnamed.empty() || tile.unnamed[c.object] == 0) outcome.matched |= got;
      if (ignored) outcome.ignored |= got;
    }
  return outcome;
}

GreedyOutcome GreedyMatcher::outcome_by_threshold(std::size_t detection, unsigned ignore_case) const {
  return slow_[detection * cases_ + ignore_case];
}

}  // namespace vetset
