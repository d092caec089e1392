// What varies between images and between objects: light, camera, hour, size, an attribute. One noun for the coverage
// rules, the contract and the slices. A factor is asked for by name ("pixel.luma_p50", "exif.model",
// "attribute.weather") and comes as one value an image or an annotation, known or not.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

/// What factors are taken from. `facts` and `pixels` have one entry an image, or are empty where they were not looked
/// at.
struct FactorSources {
  const Dataset& dataset;
  std::span<const Facts> facts = {};
  std::span<const PixelFacts> pixels = {};
};

enum class FactorOf : std::uint8_t { image, annotation };

/// One that can be asked for, for help texts and documentation.
struct FactorKind {
  std::string_view name;  // "pixel.luma_p50"; "attribute.*": followed by a key
  FactorOf of{};
  bool numeric = true;    // else levels
  std::string_view unit;  // "of white", "pixels", ""
  std::string_view what;  // one line
  bool pixels = false;    // needs decoded pixels (EXIF does, too)
};
std::span<const FactorKind> factor_kinds();

/// One value a record, in the order of the dataset's images or annotations.
struct Factor {
  static constexpr std::uint32_t unknown = 0xffffffffU;
  std::string name;
  FactorOf of{};
  bool numeric = true;
  std::vector<double> numbers;        // NaN: not known; empty where not numeric
  std::vector<std::uint32_t> levels;  // index into `names`, or unknown; empty where numeric
  std::vector<std::string> names;     // of levels, sorted; bins and weekdays in their own order

  std::size_t size() const { return numeric ? numbers.size() : levels.size(); }
  bool known(std::size_t i) const { return numeric ? !(numbers[i] != numbers[i]) : levels[i] != unknown; }
};

/// Errors: a name that is no factor (with the one it resembles), one that needs what was not looked at.
Result<Factor> factor(const FactorSources& from, std::string_view name);
/// All factors that this dataset has something to say about: at least two different values that are known.
std::vector<Factor> factors(const FactorSources& from);
/// Of those, the ones of wanted kinds; others are not looked at.
std::vector<Factor> factors(const FactorSources& from, const std::function<bool(const FactorKind&)>& wanted);

/// A numeric factor in bins: `cuts` ascending, bin 0 below the first; half-open. Named "<0.18", "0.18..0.35", ">=0.35".
Factor binned(const Factor& numeric, std::span<const double> cuts);
/// Cuts at the quantiles 1/count … of the known values, equal ones once: fewer bins where values repeat.
std::vector<double> even_cuts(const Factor& numeric, unsigned count);

}  // namespace vetset
