// Class labels: which share of what a model disbelieves is the label's fault. A label is drawn in two steps: the true
// class by the model's probabilities, once these are as sure as they are right (one temperature), then what is written
// down for it (a table of classes). Both are fitted to the labels by expectation and maximisation.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <tuple>

#include "vetset/base/random.h"
#include "vetset/dataset/forecast.h"

namespace vetset {
namespace {

constexpr double least_probability = 1e-12;
constexpr std::size_t most_rows = 5'000;
/// Classes of a row that are looked at one by one: the given one and the most probable others. All others share what is
/// left evenly.
constexpr std::size_t most_classes = 8;

/// Logarithms of probabilities.
struct Row {
  std::array<std::uint32_t, most_classes> classes{};  // the given one first
  std::array<double, most_classes> logs{};
  std::size_t count = 0;  // of those
  double others = 0;      // how many more there are
  double others_log = 0;  // of each
};
constexpr std::size_t slots = most_classes + 1;  // with that for all others

bool read_row(const ClassBeliefs& beliefs, std::size_t label, std::vector<double>& p, Row& row) {
  p.resize(beliefs.classes);
  beliefs.probabilities(label, p);
  const std::size_t given = beliefs.given(label);
  if (given >= p.size()) return false;
  double sum = 0;
  for (const double x : p) {
    if (!(x >= 0)) return false;
    sum += x;
  }
  if (!(sum > 0)) return false;
  std::vector<std::uint32_t> order(p.size());
  std::iota(order.begin(), order.end(), 0U);
  row.count = std::min(most_classes, p.size());
  const auto first = [&](std::uint32_t x, std::uint32_t y) {
    return std::tuple(x != given, -p[x], x) < std::tuple(y != given, -p[y], y);
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(row.count), order.end(), first);
  double left = sum;
  for (std::size_t k = 0; k < row.count; ++k) {
    row.classes[k] = order[k];
    row.logs[k] = std::log(std::max(p[order[k]] / sum, least_probability));
    left -= p[order[k]];
  }
  row.others = static_cast<double>(p.size() - row.count);
  if (row.others > 0) row.others_log = std::log(std::max(left / sum / row.others, least_probability));
  return true;
}

using Beliefs = std::array<double, slots>;

/// The probabilities at a temperature: e^(log p / t), normed.
Beliefs tempered(const Row& row, double temperature) {
  Beliefs q{};
  double top = row.others > 0 ? row.others_log : row.logs[0];
  for (std::size_t k = 0; k < row.count; ++k) top = std::max(top, row.logs[k]);
  double sum = 0;
  for (std::size_t k = 0; k < row.count; ++k) sum += q[k] = std::exp((row.logs[k] - top) / temperature);
  if (row.others > 0) sum += q[row.count] = row.others * std::exp((row.others_log - top) / temperature);
  for (double& x : q) x /= sum;
  return q;
}

struct LabelNoise {
  double temperature = 1;
  double other = 0;             // how often one other class is written, of those that have no entry of their own
  std::vector<double> written;  // [given × classes + true]: how often `given` is written for it

  double of(const Row& row, std::size_t slot, std::size_t classes) const {
    return slot == row.count ? other : written[row.classes[0] * classes + row.classes[slot]];
  }
  double likelihood(const Row& row, const Beliefs& q, std::size_t classes) const {
    double sum = 0;
    for (std::size_t k = 0; k < row.count + (row.others > 0 ? 1 : 0); ++k) sum += q[k] * of(row, k, classes);
    return sum;
  }
};

class Fit {
 public:
  Fit(const std::vector<Row>& rows, std::size_t classes, bool alike)
      : rows_(rows), k_(classes), alike_(alike), weights_(rows.size(), 1), beliefs_(rows.size()) {}

  void weigh(std::vector<double> weights) { weights_ = std::move(weights); }

  LabelNoise start() const {
    constexpr double first_guess = 0.05;
    LabelNoise noise;
    noise.other = first_guess / others();
    noise.written.assign(k_ * k_, noise.other);
    for (std::size_t j = 0; j < k_; ++j) noise.written[j * k_ + j] = 1 - first_guess;
    return noise;
  }

  /// Until neither the temperature nor how often labels are wrong moves any more.
  void improve(LabelNoise& noise, unsigned rounds) {
    constexpr double settled = 1e-3;
    for (unsigned round = 0; round < rounds; ++round) {
      const LabelNoise before{.temperature = noise.temperature, .other = noise.other, .written = {}};
      for (std::size_t i = 0; i < rows_.size(); ++i) beliefs_[i] = tempered(rows_[i], noise.temperature);
      for (unsigned inner = 0; inner < 4; ++inner) find_written(noise);
      find_temperature(noise, round < 2 ? 1.5 : 0.4);
      if (std::abs(std::log(noise.temperature / before.temperature)) < settled &&
          std::abs(noise.other - before.other) < settled * before.other)
        break;
    }
  }

 private:
  double others() const { return static_cast<double>(std::max<std::size_t>(k_ - 1, 1)); }

  void find_written(LabelNoise& noise) const {
    std::vector<double> joint(alike_ ? 0 : k_ * k_, 0), total(alike_ ? 0 : k_, 0);
    double all = 0, right = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (weights_[i] == 0) continue;
      const Row& row = rows_[i];
      const double sum = noise.likelihood(row, beliefs_[i], k_);
      if (!(sum > 0)) continue;
      all += weights_[i];
      right += weights_[i] * beliefs_[i][0] * noise.of(row, 0, k_) / sum;
      if (alike_) continue;
      for (std::size_t k = 0; k < row.count; ++k) {
        const double part = weights_[i] * beliefs_[i][k] * noise.of(row, k, k_) / sum;
        joint[row.classes[0] * k_ + row.classes[k]] += part;
        total[row.classes[k]] += part;
      }
    }
    const double wrong = (all - right + 0.5) / (all + 1);
    noise.other = wrong / others();
    // A class's own table leans towards the common one, by so many labels.
    constexpr double lean = 10;
    for (std::size_t y = 0; y < k_; ++y)
      for (std::size_t j = 0; j < k_; ++j) {
        const double common = y == j ? 1 - wrong : noise.other;
        noise.written[y * k_ + j] = alike_ ? common : (joint[y * k_ + j] + lean * common) / (total[j] + lean);
      }
  }

  double likelihood(const LabelNoise& noise, double temperature) const {
    double sum = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i)
      if (weights_[i] > 0)
        sum +=
            weights_[i] * std::log(std::max(noise.likelihood(rows_[i], tempered(rows_[i], temperature), k_), 1e-300));
    return sum;
  }

  /// The likeliest of five temperatures around it, moved to the top of the parabola through its neighbours.
  void find_temperature(LabelNoise& noise, double reach) const {
    constexpr int sides = 2;
    constexpr double coldest = 0.05, hottest = 50;
    std::array<double, 2 * sides + 1> at{};
    const double step = reach / sides;
    for (int n = -sides; n <= sides; ++n)
      at[static_cast<std::size_t>(n + sides)] = likelihood(noise, noise.temperature * std::exp(n * step));
    const auto best = static_cast<std::size_t>(std::max_element(at.begin(), at.end()) - at.begin());
    double move = (static_cast<double>(best) - sides) * step;
    if (best > 0 && best + 1 < at.size()) {
      const double bend = at[best - 1] - 2 * at[best] + at[best + 1];
      if (bend < 0) move += 0.5 * step * (at[best - 1] - at[best + 1]) / bend;
    }
    noise.temperature = std::clamp(noise.temperature * std::exp(move), coldest, hottest);
  }

  const std::vector<Row>& rows_;
  std::size_t k_;
  bool alike_;
  std::vector<double> weights_;
  std::vector<Beliefs> beliefs_;
};

/// Rows to fit to: all, or a seeded sample of as many as are quick to fit.
std::vector<Row> sampled_rows(const ClassBeliefs& beliefs, Random& random) {
  std::vector<Row> rows;
  std::vector<double> scratch;
  std::size_t wanted = std::min(most_rows, beliefs.labels);
  for (std::size_t i = 0; i < beliefs.labels && wanted > 0; ++i) {
    const double left = static_cast<double>(beliefs.labels - i);
    if (random.unit() * left >= static_cast<double>(wanted)) continue;
    --wanted;
    Row row;
    if (read_row(beliefs, i, scratch, row)) rows.push_back(row);
  }
  return rows;
}

}  // namespace

ErrorChances class_error_chances(const ClassBeliefs& beliefs, std::span<const std::size_t> wanted, std::uint64_t seed) {
  constexpr unsigned rounds = 60, rounds_of_draws = 15;
  Random random(seed);
  const std::vector<Row> rows = sampled_rows(beliefs, random);
  if (rows.empty() || beliefs.classes < 2) return ErrorChances::unknown(wanted.size());
  std::vector<Row> asked(wanted.size());
  std::vector<bool> usable(wanted.size());
  std::vector<double> scratch;
  for (std::size_t i = 0; i < wanted.size(); ++i) usable[i] = read_row(beliefs, wanted[i], scratch, asked[i]);

  ErrorChances chances;
  chances.most.assign(wanted.size(), 1);
  for (std::size_t m = 0; m < chances.least.size(); ++m) {
    Random draws(seed + 1);  // the same draws for both models
    Fit fit(rows, beliefs.classes, m == 0);
    LabelNoise fitted = fit.start();
    fit.improve(fitted, rounds);
    for (std::size_t n = 0; n < ErrorChances::draws; ++n) {
      LabelNoise noise = fitted;
      if (n > 0) {
        const std::vector<std::uint32_t> times = draw_groups(rows.size(), draws);
        fit.weigh({times.begin(), times.end()});
        fit.improve(noise, rounds_of_draws);
      }
      std::vector<double>& least = chances.least[m].emplace_back(wanted.size(), 0);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!usable[i]) continue;
        const Row& row = asked[i];
        const Beliefs q = tempered(row, noise.temperature);
        const double all = noise.likelihood(row, q, beliefs.classes);
        least[i] = all > 0 ? std::clamp(1 - q[0] * noise.of(row, 0, beliefs.classes) / all, 0.0, 1.0) : 0;
        // A fit to draws is as far from the fit as that is from the truth: on the other side of it.
        if (n > 0) least[i] = std::clamp(2 * chances.least[m].front()[i] - least[i], 0.0, 1.0);
        if (n > 0) continue;
        // As sure as it is right, or as sure as it says: the surer of the two.
        const double believed = std::min(q[0], std::exp(row.logs[0]));
        chances.most[i] = m == 0 ? 1 - believed : std::max(chances.most[i], 1 - believed);
      }
    }
  }
  return chances;
}

}  // namespace vetset
