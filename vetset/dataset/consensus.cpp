#include "vetset/dataset/consensus.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include "vetset/base/statistics.h"

namespace vetset {
namespace {

/// Expectation and maximisation over dense tables of the values that occur.
class DawidSkene {
 public:
  DawidSkene(const Ratings& ratings, std::size_t raters) : ratings_(ratings), raters_(raters) {
    std::vector<bool> used(ratings.values, false);
    for (const Rating& r : ratings.rows) used[r.value] = true;
    place_.assign(ratings.values, 0);
    for (std::uint32_t v = 0; v < ratings.values; ++v)
      if (used[v]) place_[v] = values_.size(), values_.push_back(v);
    truth_.assign(ratings.units.size() * values_.size(), 0);
    for (std::size_t u = 0; u < ratings.units.size(); ++u)
      for (const Rating& r : ratings.of(ratings.units[u]))
        truth(u)[place_[r.value]] += 1.0 / static_cast<double>(ratings.units[u].count);
  }

  /// Whether tables of this size are worth their memory.
  bool fits() const {
    constexpr double most = 2e7;
    const auto k = static_cast<double>(values_.size());
    return static_cast<double>(raters_) * k * k <= most && static_cast<double>(truth_.size()) <= most;
  }

  Consensus solve() {
    constexpr unsigned most_rounds = 500;
    constexpr double still = 1e-7;
    Consensus out;
    out.votes_alone = !fits();
    while (!out.votes_alone && out.rounds < most_rounds) {
      learn();
      ++out.rounds;
      if (infer() < still) break;
    }
    out.begin.push_back(0);
    for (std::size_t u = 0; u < ratings_.units.size(); ++u) {
      for (std::size_t k = 0; k < values_.size(); ++k)
        if (truth(u)[k] > 1e-4) out.chances.push_back({values_[k], truth(u)[k]});
      out.begin.push_back(static_cast<std::uint32_t>(out.chances.size()));
    }
    out.right = right();
    return out;
  }

 private:
  double* truth(std::size_t unit) { return truth_.data() + unit * values_.size(); }
  double& says(std::size_t rater, std::size_t true_value, std::size_t said) {
    return says_[(rater * values_.size() + true_value) * values_.size() + said];
  }

  /// What the truth, as it is believed, says of the values and of the raters; as logarithms.
  void learn() {
    const std::size_t k = values_.size();
    common_.assign(k, 1.0 / static_cast<double>(k));
    says_.assign(raters_ * k * k, 1.0 / static_cast<double>(k));
    for (std::size_t u = 0; u < ratings_.units.size(); ++u) {
      if (ratings_.units[u].count == 0) continue;
      const double* chance = truth(u);
      for (std::size_t v = 0; v < k; ++v) {
        if (chance[v] == 0) continue;
        common_[v] += chance[v];
        for (const Rating& r : ratings_.of(ratings_.units[u])) says(r.rater, v, place_[r.value]) += chance[v];
      }
    }
    to_logarithms(common_);
    for (std::size_t row = 0; row < raters_ * k; ++row) to_logarithms(std::span(says_).subspan(row * k, k));
  }

  static void to_logarithms(std::span<double> row) {
    double sum = 0;
    for (const double value : row) sum += value;
    for (double& value : row) value = std::log(value / sum);
  }

  /// What they say of the truth; how far that moved at most.
  double infer() {
    const std::size_t k = values_.size();
    std::vector<double> next(k);
    double moved = 0;
    for (std::size_t u = 0; u < ratings_.units.size(); ++u) {
      if (ratings_.units[u].count == 0) continue;
      for (std::size_t v = 0; v < k; ++v) {
        next[v] = common_[v];
        for (const Rating& r : ratings_.of(ratings_.units[u])) next[v] += says(r.rater, v, place_[r.value]);
      }
      const double top = *std::max_element(next.begin(), next.end());
      double sum = 0;
      for (double& value : next) sum += value = std::exp(value - top);
      for (std::size_t v = 0; v < k; ++v) {
        const double chance = next[v] / sum;
        moved = std::max(moved, std::abs(chance - truth(u)[v]));
        truth(u)[v] = chance;
      }
    }
    return moved;
  }

  std::vector<double> right() {
    std::vector<double> right(raters_, 0), all(raters_, 0);
    for (std::size_t u = 0; u < ratings_.units.size(); ++u)
      for (const Rating& r : ratings_.of(ratings_.units[u])) {
        right[r.rater] += truth(u)[place_[r.value]];
        all[r.rater] += 1;
      }
    for (std::size_t r = 0; r < raters_; ++r) right[r] = all[r] > 0 ? right[r] / all[r] : 0;
    return right;
  }

  const Ratings& ratings_;
  std::size_t raters_;
  std::vector<std::uint32_t> values_;  // that occur, ascending
  std::vector<std::size_t> place_;     // by value: among them
  std::vector<double> truth_, common_, says_;
};

/// How often one rater says the same as the others about a unit, and the others among themselves.
struct Compared {
  double agrees = 0, others = 0;
};
Compared compare(std::span<const Rating> rows, std::size_t one) {
  std::map<std::uint32_t, double> counts;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (i != one) ++counts[rows[i].value];
  const auto n = static_cast<double>(rows.size() - 1);
  double pairs = 0;
  for (const auto& [value, count] : counts) pairs += count * (count - 1);
  const auto same = counts.find(rows[one].value);
  return {same == counts.end() ? 0 : same->second / n, pairs / (n * (n - 1))};
}

struct Tally {
  RaterStanding standing;
  double agrees = 0, others = 0;
  ImageIndex image = none<ImageIndex>;
  double of_image = 0;                            // gap, summed over the units of `image`
  double images = 0, gaps = 0, gaps_squared = 0;  // over images

  void close() {
    if (image == none<ImageIndex>) return;
    images += 1;
    gaps += of_image;
    gaps_squared += of_image * of_image;
    of_image = 0;
  }
  void add(ImageIndex of, const Compared& c) {
    if (of != image) close();
    image = of;
    of_image += c.others - c.agrees;
    agrees += c.agrees, others += c.others;
    ++standing.units;
  }
  /// That a mean gap as large comes by accident, from the spread of images; one more image without a gap is imagined,
  /// so that equal gaps are not certainty.
  double chance() const {
    const double n = images + 1;
    const double spread = (gaps_squared - gaps * gaps / n) / (n - 1);
    return spread > 0 ? normal_above(gaps / std::sqrt(spread * n)) : 1;
  }
};

void count_objects(const Ratings& ratings, std::span<const Rating> rows, std::vector<Tally>& tallies) {
  if (ratings.by != RatedBy::object || rows.size() < 3) return;
  const auto drawn = static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [&](const Rating& r) { return r.value != ratings.missed; }));
  for (const Rating& r : rows) {
    const bool has = r.value != ratings.missed;
    if (!has && 2 * drawn > rows.size() - 1) ++tallies[r.rater].standing.missed;
    if (has && drawn == 1) ++tallies[r.rater].standing.alone;
  }
}

}  // namespace

double Consensus::probability(std::size_t unit, std::uint32_t value) const {
  for (std::uint32_t k = begin[unit]; k < begin[unit + 1]; ++k)
    if (chances[k].value == value) return chances[k].probability;
  return 0;
}

Consensus::Chance Consensus::best(std::size_t unit) const {
  Chance best;
  for (std::uint32_t k = begin[unit]; k < begin[unit + 1]; ++k)
    if (chances[k].probability > best.probability) best = chances[k];
  return best;
}

Consensus consensus(const Ratings& ratings, std::size_t raters) { return DawidSkene(ratings, raters).solve(); }

std::vector<RaterStanding> rater_standings(const Ratings& ratings, std::size_t raters) {
  std::vector<Tally> tallies(raters);
  for (const Unit& unit : ratings.units) {
    if (!unit.rated) continue;
    const auto rows = ratings.of(unit);
    count_objects(ratings, rows, tallies);
    if (rows.size() < 3) continue;
    for (std::size_t i = 0; i < rows.size(); ++i) tallies[rows[i].rater].add(unit.image, compare(rows, i));
  }
  std::vector<RaterStanding> standings;
  std::vector<double> chances;
  for (std::size_t r = 0; r < raters; ++r) {
    Tally& tally = tallies[r];
    tally.close();
    RaterStanding standing = tally.standing;
    standing.rater = static_cast<std::uint32_t>(r);
    if (standing.units > 0) {
      standing.agrees = tally.agrees / static_cast<double>(standing.units);
      standing.others = tally.others / static_cast<double>(standing.units);
    }
    if (standing.units >= RaterStanding::fewest) chances.push_back(standing.chance = tally.chance());
    standings.push_back(standing);
  }
  const std::vector<double> rates = false_discovery_rates(chances);
  std::size_t k = 0;
  for (RaterStanding& standing : standings)
    if (standing.units >= RaterStanding::fewest) standing.rate = rates[k++];
  return standings;
}

}  // namespace vetset
