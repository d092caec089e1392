#include "vetset/dataset/forecast.h"

#include <algorithm>
#include <cmath>

#include "vetset/base/random.h"

namespace vetset {
namespace {

/// The number of wrong ones among the first k, as chances of 0, 1, 2 …, grown label by label (Poisson's binomial).
class WrongOnes {
 public:
  /// Beyond this the normal limit stands for the sum.
  static constexpr std::size_t exact = 2048;

  void add(double chance) {
    mean_ += chance;
    variance_ += chance * (1 - chance);
    if (++labels_ > exact) return;
    chances_.push_back(0);
    for (std::size_t n = chances_.size() - 1; n > 0; --n)
      chances_[n] = chances_[n] * (1 - chance) + chances_[n - 1] * chance;
    chances_[0] *= 1 - chance;
  }
  /// The chance of `count` or fewer.
  double up_to(double count) const {
    if (labels_ > exact) {
      if (variance_ <= 0) return count + 0.5 >= mean_ ? 1 : 0;
      return 1 - normal_above((count + 0.5 - mean_) / std::sqrt(variance_));
    }
    double sum = 0;
    for (std::size_t n = 0; n < chances_.size() && static_cast<double>(n) <= count; ++n) sum += chances_[n];
    return sum;
  }
  double mean() const { return mean_; }

 private:
  std::size_t labels_ = 0;
  double mean_ = 0, variance_ = 0;
  std::vector<double> chances_ = {1};
};

/// The smallest count that the mean of several distributions reaches `share` at.
std::uint64_t quantile(std::span<const WrongOnes> draws, double share, std::uint64_t most) {
  const auto reached = [&](std::uint64_t count) {
    double sum = 0;
    for (const WrongOnes& draw : draws) sum += draw.up_to(static_cast<double>(count));
    return sum / static_cast<double>(draws.size()) >= share - 1e-12;
  };
  std::uint64_t low = 0, high = most;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (reached(middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/// Agreement as it rises with confidence (pool adjacent violators), one value an entry of `sorted`.
std::vector<double> rising_agreement(std::span<const Agreement> sorted, std::span<const double> weights) {
  struct Block {
    double weight = 0, sum = 0;
    std::size_t entries = 0;
    double mean() const { return weight > 0 ? sum / weight : 0; }
  };
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    blocks.push_back({weights[i], sorted[i].agrees ? weights[i] : 0, 1});
    while (blocks.size() > 1 &&
           (blocks.back().weight == 0 || blocks[blocks.size() - 2].mean() >= blocks.back().mean() ||
            blocks[blocks.size() - 2].weight == 0)) {
      Block& into = blocks[blocks.size() - 2];
      into.weight += blocks.back().weight;
      into.sum += blocks.back().sum;
      into.entries += blocks.back().entries;
      blocks.pop_back();
    }
  }
  std::vector<double> means;
  for (const Block& block : blocks) means.insert(means.end(), block.entries, block.mean());
  return means;
}

/// How often labels agree with the predictions that are right for sure: the best tenth of the surer half.
double surest_agreement(std::span<const Agreement> sorted, std::span<const double> weights) {
  constexpr std::size_t tenths = 10, fewest = 30;
  const std::size_t step = std::max(fewest, sorted.size() / tenths);
  double best = 0;
  for (std::size_t last = sorted.size(); last >= step && last > sorted.size() / 2; last -= step) {
    double all = 0, agree = 0;
    for (std::size_t i = last - step; i < last; ++i) {
      all += weights[i];
      agree += sorted[i].agrees ? weights[i] : 0;
    }
    if (all > 0) best = std::max(best, agree / all);
  }
  return best > 0 ? best : 1;
}

/// What agreement says of one that has no label: see object_error_chances.
double missing_chance(double agreement, double surest) {
  const double missing = 1 - surest;
  const double real = std::min(1.0, surest > 0 ? agreement / surest : 0);
  const double unmatched = 1 - surest * real;
  return unmatched > 0 ? missing * real / unmatched : 0;
}

}  // namespace

ErrorChances ErrorChances::unknown(std::size_t labels) {
  ErrorChances chances;
  for (auto& model : chances.least) model.assign(draws, std::vector<double>(labels, 0));
  chances.most.assign(labels, 1);
  return chances;
}

ErrorChances ErrorChances::of(std::span<const std::size_t> labels) const {
  ErrorChances chosen;
  for (std::size_t m = 0; m < least.size(); ++m)
    for (const std::vector<double>& draw : least[m]) {
      std::vector<double>& to = chosen.least[m].emplace_back();
      for (const std::size_t i : labels) to.push_back(draw[i]);
    }
  for (const std::size_t i : labels) chosen.most.push_back(most[i]);
  return chosen;
}

double ErrorChances::least_of(std::size_t label) const {
  return std::min(least[0].front()[label], least[1].front()[label]);
}

ErrorChances object_error_chances(std::span<const Agreement> all, std::span<const double> wanted, std::uint64_t seed) {
  if (all.empty()) return ErrorChances::unknown(wanted.size());
  std::vector<Agreement> sorted(all.begin(), all.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Agreement& a, const Agreement& b) { return a.confidence < b.confidence; });
  ErrorChances chances;
  Random random(seed);
  for (std::size_t n = 0; n < ErrorChances::draws; ++n) {
    std::vector<double> weights(sorted.size(), 1);
    if (n > 0) {
      const std::vector<std::uint32_t> drawn = draw_groups(sorted.size(), random);
      weights.assign(drawn.begin(), drawn.end());
    }
    const std::vector<double> agreement = rising_agreement(sorted, weights);
    const double surest = surest_agreement(sorted, weights);
    std::vector<double> of_wanted;
    for (const double confidence : wanted) {
      const auto above = std::upper_bound(sorted.begin(), sorted.end(), confidence,
                                          [](double c, const Agreement& a) { return c < a.confidence; });
      const std::size_t place = above == sorted.begin() ? 0 : static_cast<std::size_t>(above - sorted.begin()) - 1;
      of_wanted.push_back(missing_chance(agreement[place], surest));
    }
    for (auto& model : chances.least) model.push_back(of_wanted);
  }
  for (const double confidence : wanted) chances.most.push_back(std::clamp(confidence, 0.0, 1.0));
  for (std::size_t i = 0; i < wanted.size(); ++i)
    chances.most[i] = std::max(chances.most[i], chances.least[0].front()[i]);
  return chances;
}

std::vector<Forecast> forecasts(const ErrorChances& chances, std::span<const std::uint64_t> firsts, double confidence) {
  const double tail = (1 - confidence) / 2;
  std::array<std::vector<WrongOnes>, 2> least;
  for (std::size_t m = 0; m < least.size(); ++m) least[m].resize(chances.least[m].size());
  std::vector<WrongOnes> most(1);
  std::vector<Forecast> result;
  std::size_t labels = 0;
  bool known = false;
  for (const std::uint64_t wanted : firsts) {
    for (; labels < wanted && labels < chances.most.size(); ++labels) {
      for (std::size_t m = 0; m < least.size(); ++m)
        for (std::size_t n = 0; n < least[m].size(); ++n) least[m][n].add(chances.least[m][n][labels]);
      most.front().add(chances.most[labels]);
      known = known || chances.most[labels] < 1 || chances.least_of(labels) > 0;
    }
    Forecast& f = result.emplace_back();
    f.first = labels;
    f.known = known;
    f.least = std::min(least[0].front().mean(), least[1].front().mean());
    f.most = most.front().mean();
    f.interval = {static_cast<double>(std::min(quantile(least[0], tail, labels), quantile(least[1], tail, labels))),
                  static_cast<double>(quantile(most, 1 - tail, labels))};
    f.interval.high = std::max(f.interval.high, f.interval.low);
  }
  return result;
}

}  // namespace vetset
