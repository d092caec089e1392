// Class labels: which share of what a model disbelieves is the label's fault. A label is drawn in two steps: the true
// class by the model's probabilities, once these are as sure as they are right (one temperature), then what is written
// down for it (a table of classes). Both are fitted to the labels by expectation and maximisation.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "vetset/base/random.h"
#include "vetset/dataset/forecast.h"

namespace vetset {
namespace {

constexpr double least_probability = 1e-12;
constexpr std::size_t most_rows = 10'000, most_numbers = 2'000'000;

/// Logarithms of probabilities, and the class that was given.
struct Row {
  std::vector<double> logs;
  std::size_t given = 0;
};

bool read_row(const ClassBeliefs& beliefs, std::size_t label, Row& row) {
  row.logs.resize(beliefs.classes);
  beliefs.probabilities(label, row.logs);
  row.given = beliefs.given(label);
  if (row.given >= beliefs.classes) return false;
  for (double& p : row.logs) {
    if (!(p >= 0)) return false;
    p = std::log(std::max(p, least_probability));
  }
  return true;
}

/// The probabilities at a temperature: e^(log p / t), normed.
void tempered(std::span<const double> logs, double temperature, std::span<double> out) {
  const double top = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (std::size_t j = 0; j < logs.size(); ++j) sum += out[j] = std::exp((logs[j] - top) / temperature);
  for (double& q : out) q /= sum;
}

struct LabelNoise {
  double temperature = 1;
  std::vector<double> written;  // [given × classes + true]: how often `given` is written for it
};

class Fit {
 public:
  Fit(std::vector<Row> rows, std::size_t classes, bool alike)
      : rows_(std::move(rows)), k_(classes), alike_(alike), weights_(rows_.size(), 1), beliefs_(rows_.size() * k_) {}

  void weigh(std::vector<double> weights) { weights_ = std::move(weights); }

  LabelNoise start() const {
    constexpr double first_guess = 0.05;
    LabelNoise noise;
    noise.written.assign(k_ * k_, first_guess / static_cast<double>(std::max<std::size_t>(k_ - 1, 1)));
    for (std::size_t j = 0; j < k_; ++j) noise.written[j * k_ + j] = 1 - first_guess;
    return noise;
  }

  void improve(LabelNoise& noise, unsigned rounds) {
    for (unsigned round = 0; round < rounds; ++round) {
      temper(noise.temperature);
      for (unsigned inner = 0; inner < 3; ++inner) find_written(noise);
      find_temperature(noise, round < 2 ? 1.5 : 0.4);
    }
  }

 private:
  void temper(double temperature) {
    for (std::size_t i = 0; i < rows_.size(); ++i)
      tempered(rows_[i].logs, temperature, std::span(beliefs_).subspan(i * k_, k_));
  }

  void find_written(LabelNoise& noise) const {
    std::vector<double> joint(k_ * k_, 0);
    std::vector<double> part(k_);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (weights_[i] == 0) continue;
      const double* const q = &beliefs_[i * k_];
      const double* const w = &noise.written[rows_[i].given * k_];
      double sum = 0;
      for (std::size_t j = 0; j < k_; ++j) sum += part[j] = q[j] * w[j];
      if (!(sum > 0)) continue;
      double* const to = &joint[rows_[i].given * k_];
      for (std::size_t j = 0; j < k_; ++j) to[j] += weights_[i] * part[j] / sum;
    }
    double all = 0, right = 0;
    for (std::size_t y = 0; y < k_; ++y) {
      for (std::size_t j = 0; j < k_; ++j) all += joint[y * k_ + j];
      right += joint[y * k_ + y];
    }
    const double others = static_cast<double>(std::max<std::size_t>(k_ - 1, 1));
    const double wrong = (all - right + 0.5) / (all + 1);
    // A class's own table leans towards the common one, by so many labels.
    constexpr double lean = 10;
    for (std::size_t j = 0; j < k_; ++j) {
      double total = 0;
      for (std::size_t y = 0; y < k_; ++y) total += joint[y * k_ + j];
      for (std::size_t y = 0; y < k_; ++y) {
        const double common = y == j ? 1 - wrong : wrong / others;
        noise.written[y * k_ + j] = alike_ ? common : (joint[y * k_ + j] + lean * common) / (total + lean);
      }
    }
  }

  double likelihood(const LabelNoise& noise, double temperature) const {
    std::vector<double> q(k_);
    double sum = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (weights_[i] == 0) continue;
      tempered(rows_[i].logs, temperature, q);
      const double* const w = &noise.written[rows_[i].given * k_];
      sum += weights_[i] * std::log(std::max(std::inner_product(q.begin(), q.end(), w, 0.0), 1e-300));
    }
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

  std::vector<Row> rows_;
  std::size_t k_;
  bool alike_;
  std::vector<double> weights_;
  std::vector<double> beliefs_;
};

/// Rows to fit to: all, or a seeded sample of as many as are quick to fit.
std::vector<Row> sampled_rows(const ClassBeliefs& beliefs, Random& random) {
  const std::size_t most =
      std::clamp<std::size_t>(most_numbers / std::max<std::size_t>(beliefs.classes, 1), 1, most_rows);
  std::vector<Row> rows;
  std::size_t wanted = std::min(most, beliefs.labels);
  for (std::size_t i = 0; i < beliefs.labels && wanted > 0; ++i) {
    const double left = static_cast<double>(beliefs.labels - i);
    if (random.unit() * left >= static_cast<double>(wanted)) continue;
    --wanted;
    Row row;
    if (read_row(beliefs, i, row)) rows.push_back(std::move(row));
  }
  return rows;
}

double least_chance(const Row& row, const LabelNoise& noise, std::size_t classes, std::vector<double>& q) {
  tempered(row.logs, noise.temperature, q);
  const double* const w = &noise.written[row.given * classes];
  const double all = std::inner_product(q.begin(), q.end(), w, 0.0);
  return all > 0 ? std::clamp(1 - q[row.given] * w[row.given] / all, 0.0, 1.0) : 0;
}

}  // namespace

ErrorChances class_error_chances(const ClassBeliefs& beliefs, std::span<const std::size_t> wanted, std::uint64_t seed) {
  Random random(seed);
  std::vector<Row> rows = sampled_rows(beliefs, random);
  if (rows.empty() || beliefs.classes < 2) return ErrorChances::unknown(wanted.size());
  std::vector<Row> asked(wanted.size());
  std::vector<bool> usable(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) usable[i] = read_row(beliefs, wanted[i], asked[i]);

  ErrorChances chances;
  chances.most.assign(wanted.size(), 1);
  std::vector<double> q(beliefs.classes);
  for (std::size_t m = 0; m < chances.least.size(); ++m) {
    Random draws(seed + 1);  // the same draws for both models
    Fit fit(rows, beliefs.classes, m == 0);
    LabelNoise fitted = fit.start();
    fit.improve(fitted, 8);
    for (std::size_t n = 0; n < ErrorChances::draws; ++n) {
      LabelNoise noise = fitted;
      if (n > 0) {
        const std::vector<std::uint32_t> times = draw_groups(rows.size(), draws);
        fit.weigh({times.begin(), times.end()});
        fit.improve(noise, 2);
      }
      std::vector<double>& least = chances.least[m].emplace_back(wanted.size(), 0);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!usable[i]) continue;
        least[i] = least_chance(asked[i], noise, beliefs.classes, q);
        if (n > 0) continue;
        // As sure as it is right, or as sure as it says: the surer of the two.
        const double believed = std::min(q[asked[i].given], std::exp(asked[i].logs[asked[i].given]));
        chances.most[i] = m == 0 ? 1 - believed : std::max(chances.most[i], 1 - believed);
      }
    }
  }
  return chances;
}

}  // namespace vetset
