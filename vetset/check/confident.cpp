#include "vetset/check/confident.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace vetset {
namespace {

constexpr std::size_t grain = 2048;
constexpr float tolerance = 1e-6F;        // a probability so little below a threshold reaches it
constexpr double least_threshold = 2e-6;  // of a class that the model never gives
constexpr double no_threshold = 2;        // of a class that no label is of
constexpr std::size_t lanes = 8;

/// The largest of some numbers.
float largest(std::span<const float> values) {
  float best[lanes];
  std::fill(best, best + lanes, -1.0F);
  std::size_t k = 0;
  for (; k + lanes <= values.size(); k += lanes)
    for (std::size_t l = 0; l < lanes; ++l) best[l] = values[k + l] > best[l] ? values[k + l] : best[l];
  float made = *std::max_element(best, best + lanes);
  for (; k < values.size(); ++k) made = std::max(made, values[k]);
  return made;
}

/// How many reach their threshold.
std::uint32_t confident_ones(std::span<const float> values, std::span<const float> thresholds) {
  std::uint32_t count[lanes] = {};
  std::size_t k = 0;
  for (; k + lanes <= values.size(); k += lanes)
    for (std::size_t l = 0; l < lanes; ++l) count[l] += values[k + l] >= thresholds[k + l] ? 1U : 0U;
  std::uint32_t made = std::accumulate(count, count + lanes, 0U);
  for (; k < values.size(); ++k) made += values[k] >= thresholds[k] ? 1U : 0U;
  return made;
}

std::uint32_t place_of(std::span<const float> values, float value) {
  return static_cast<std::uint32_t>(std::find(values.begin(), values.end(), value) - values.begin());
}

std::span<const float> row_of(const ConfidentInput& input, std::size_t i) {
  const std::size_t row = input.row.empty() ? i : input.row[i];
  return input.values.subspan(row * input.width, input.width);
}

/// The mean probability of each class over what is labelled with it, added up in one order.
void set_thresholds(const ConfidentInput& input, ConfidentLearning& made) {
  made.labels.assign(input.width, 0);
  made.thresholds.assign(input.width, 0);
  for (std::size_t i = 0; i < input.label.size(); ++i) {
    const std::uint32_t given = input.label[i];
    if (given == ConfidentInput::unlabelled) continue;
    ++made.labels[given];
    made.thresholds[given] += double{row_of(input, i)[given]};
  }
  for (std::size_t k = 0; k < input.width; ++k)
    made.thresholds[k] = made.labels[k] == 0
                             ? no_threshold
                             : std::max(least_threshold, made.thresholds[k] / static_cast<double>(made.labels[k]));
}

/// What each row says: its doubt, and the class that it confidently is of, or none.
std::vector<std::uint32_t> look_at_rows(const ConfidentInput& input, ConfidentLearning& made, const Pool& pool) {
  std::vector<float> reach(input.width);
  for (std::size_t k = 0; k < input.width; ++k) reach[k] = static_cast<float>(made.thresholds[k]) - tolerance;
  std::vector<std::uint32_t> meant(input.label.size(), ConfidentInput::unlabelled);
  made.doubts.resize(input.label.size());
  pool.for_ranges(input.label.size(), grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t given = input.label[i];
      if (given == ConfidentInput::unlabelled) continue;
      const auto row = row_of(input, i);
      const std::uint32_t reached = confident_ones(row, reach);
      const float before = largest(row.first(given)), after = largest(row.subspan(given + 1));
      LabelDoubt& doubt = made.doubts[i];
      doubt.given = row[given];
      doubt.other = std::max({before, after, 0.0F});
      const bool is_before = before >= after;
      doubt.proposed = input.width == 1 ? given
                       : is_before      ? place_of(row.first(given), before)
                                        : given + 1 + place_of(row.subspan(given + 1), after);
      if (reached == 0) continue;
      if (reached == 1) {
        std::uint32_t k = 0;
        while (row[k] < reach[k]) ++k;
        meant[i] = k;
      } else {  // the most probable one, the first where several are
        const bool other_first = doubt.other > doubt.given || (doubt.other == doubt.given && is_before);
        meant[i] = other_first ? doubt.proposed : given;
      }
    }
  });
  return meant;
}

/// Rows of the counts scaled to the labels of their class, all to the number of labels.
void calibrate(ConfidentLearning& made) {
  const std::size_t n = made.width;
  made.joint.assign(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    std::uint64_t all = 0;
    for (std::size_t j = 0; j < n; ++j) all += made.counts[i * n + j];
    if (all == 0 || made.labels[i] == 0) continue;
    const double scale = static_cast<double>(made.labels[i]) / static_cast<double>(all);
    for (std::size_t j = 0; j < n; ++j) made.joint[i * n + j] = static_cast<double>(made.counts[i * n + j]) * scale;
  }
}

/// Whole numbers that add up to the row's labels: rounded down, and what is missing to the largest remainders.
std::vector<std::uint64_t> whole_numbers(std::span<const double> row, std::uint64_t total) {
  std::vector<std::uint64_t> whole(row.size());
  std::vector<std::pair<double, std::size_t>> rest;
  std::uint64_t sum = 0;
  for (std::size_t j = 0; j < row.size(); ++j) {
    whole[j] = static_cast<std::uint64_t>(row[j] + 1e-9);
    sum += whole[j];
    const double remainder = row[j] - static_cast<double>(whole[j]);
    if (remainder > 1e-9) rest.emplace_back(-remainder, j);
  }
  std::sort(rest.begin(), rest.end());
  for (std::size_t k = 0; k < rest.size() && sum < total; ++k, ++sum) ++whole[rest[k].second];
  return whole;
}

/// Of what is labelled i, the n(i→j) with the largest margin of j over i; one label of a class stays.
void flag(const ConfidentInput& input, ConfidentLearning& made, const Pool& pool) {
  std::vector<std::vector<std::uint32_t>> doubtful(made.width);  // more probably something else
  for (std::size_t i = 0; i < input.label.size(); ++i)
    if (input.label[i] != ConfidentInput::unlabelled && made.doubts[i].other > made.doubts[i].given)
      doubtful[input.label[i]].push_back(static_cast<std::uint32_t>(i));
  pool.for_each(made.width, [&](std::size_t i) {
    if (doubtful[i].empty() || made.labels[i] < 2) return;
    std::vector<std::uint64_t> take =
        whole_numbers(std::span(made.joint).subspan(i * made.width, made.width), made.labels[i]);
    std::vector<std::pair<float, std::uint32_t>> order;
    for (std::size_t j = 0; j < made.width; ++j) {
      if (j == i || take[j] == 0) continue;
      order.clear();
      for (const std::uint32_t label : doubtful[i]) {
        const auto row = row_of(input, label);
        if (row[j] > row[i]) order.emplace_back(row[i] - row[j], label);
      }
      const auto count = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(take[j], order.size()));
      std::partial_sort(order.begin(), order.begin() + count, order.end());
      for (std::ptrdiff_t k = 0; k < count; ++k) made.doubts[order[static_cast<std::size_t>(k)].second].flagged = true;
    }
  });
}

/// How likely it is that the label is not what is meant, 0 to 1: the normalised margin of the most probable other class
/// over the given one, (1 + other − given) / 2.
double score_of(const LabelDoubt& doubt) { return (1 + double{doubt.other} - double{doubt.given}) / 2; }

}  // namespace

ConfidentLearning learn_confidently(const ConfidentInput& input, const Pool& pool) {
  ConfidentLearning made{.width = input.width};
  set_thresholds(input, made);
  made.meant = look_at_rows(input, made, pool);
  made.counts.assign(input.width * input.width, 0);
  for (std::size_t i = 0; i < made.meant.size(); ++i)
    if (made.meant[i] != ConfidentInput::unlabelled) ++made.counts[input.label[i] * input.width + made.meant[i]];
  for (std::size_t k = 0; k < input.width; ++k)  // a class is at least once what it is called
    if (std::uint64_t& own = made.counts[k * input.width + k]; own == 0 && made.labels[k] > 0) own = 1;
  calibrate(made);
  flag(input, made, pool);
  for (std::size_t i = 0; i < made.doubts.size(); ++i)
    if (input.label[i] != ConfidentInput::unlabelled) made.doubts[i].score = score_of(made.doubts[i]);
  return made;
}

TagDoubts doubt_tag(std::span<const float> probability, const std::vector<bool>& given) {
  std::vector<float> both(probability.size() * 2);
  std::vector<std::uint32_t> label(probability.size());
  for (std::size_t i = 0; i < probability.size(); ++i) {
    both[2 * i] = 1 - probability[i];
    both[2 * i + 1] = probability[i];
    label[i] = given[i] ? 1 : 0;
  }
  ConfidentLearning learnt = learn_confidently({.values = both, .width = 2, .label = label}, Pool(1));
  return {.present = learnt.thresholds[1], .absent = learnt.thresholds[0], .doubts = std::move(learnt.doubts)};
}

}  // namespace vetset
