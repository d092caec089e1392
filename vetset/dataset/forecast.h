// How many of the labels that look wrong are wrong, said before anybody looked. Predictions alone cannot tell a label's
// error from the model's, so each label gets two chances, and a forecast is a range between them: `least` counts only
// what a calibrated model would not disagree with among faultless labels, `most` all that the model does not believe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "vetset/base/statistics.h"

namespace vetset {

/// Chances of being wrong, a label each. `least` comes several times: by two models of how labels go wrong, each fitted
/// to the data and to draws from it, so that their spread says how well they are known.
struct ErrorChances {
  static constexpr std::size_t draws = 6;
  std::array<std::vector<std::vector<double>>, 2> least;  // by model, by draw
  std::vector<double> most;

  /// Nothing is known: 0 to 1.
  static ErrorChances unknown(std::size_t labels);
  /// The chances of these labels, in this order.
  ErrorChances of(std::span<const std::size_t> labels) const;
  double least_of(std::size_t label) const;  // the smaller of the models', fitted to the data themselves
};

/// Class probabilities that a model gave without having seen these labels.
struct ClassBeliefs {
  std::size_t labels = 0, classes = 0;
  std::function<void(std::size_t label, std::span<double> probabilities)> probabilities;
  std::function<std::size_t(std::size_t label)> given;  // the class that the label says
};
/// For the labels in `wanted`. The models: every class is taken for every other alike; each for others of its own.
/// Which way, how often, and how much too sure the probabilities are, is fitted by likelihood on a seeded sample.
ErrorChances class_error_chances(const ClassBeliefs& beliefs, std::span<const std::size_t> wanted, std::uint64_t seed);

/// One prediction of an object, and whether a label says the same.
struct Agreement {
  double confidence = 0;
  bool agrees = false;
};
/// For predictions without a label of the same, by their confidence. Labels are missing (or say another class)
/// whatever the confidence, and the surest predictions are right: then agreement among the surest says how many, and
/// how agreement falls with confidence how many predictions are wrong themselves.
ErrorChances object_error_chances(std::span<const Agreement> all, std::span<const double> wanted, std::uint64_t seed);

/// How many of the first so many are wrong.
struct Forecast {
  std::uint64_t first = 0;
  double least = 0, most = 0;  // expected
  Interval interval;           // 0.9 by default
  bool known = true;           // false: nothing speaks for any number
};
/// `chances` in the order of the ranking; `firsts` rising.
std::vector<Forecast> forecasts(const ErrorChances& chances, std::span<const std::uint64_t> firsts,
                                double confidence = 0.9);

}  // namespace vetset
