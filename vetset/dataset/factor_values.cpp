#include "vetset/dataset/factor_values.h"

#include <algorithm>
#include <unordered_map>

#include "vetset/base/number.h"

namespace vetset {

void set_levels(Factor& f, std::span<const std::string_view> texts) {
  std::unordered_map<std::string_view, std::uint32_t> places;
  std::vector<std::string_view> names;
  f.levels.assign(texts.size(), Factor::unknown);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) continue;
    const auto [place, is_new] = places.emplace(texts[i], static_cast<std::uint32_t>(names.size()));
    if (is_new) names.push_back(texts[i]);
    f.levels[i] = place->second;
  }
  std::vector<std::uint32_t> order(names.size()), rank(names.size());
  for (std::uint32_t k = 0; k < order.size(); ++k) order[k] = k;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return names[a] < names[b]; });
  for (std::uint32_t k = 0; k < order.size(); ++k) rank[order[k]] = k;
  f.names.clear();
  for (const std::uint32_t k : order) f.names.emplace_back(names[k]);
  for (std::uint32_t& level : f.levels)
    if (level != Factor::unknown) level = rank[level];
  f.numeric = false;
  f.numbers.clear();
}

void set_texts(Factor& f, std::span<const std::string> texts) {
  constexpr std::size_t few = 10;
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  set_levels(f, views);
  if (f.names.size() <= few) return;
  std::vector<double> values;
  for (const std::string& level : f.names) {
    const NumberText number = read_loose_number(level);
    if (number.length == 0 || number.length != level.size()) return;
    values.push_back(number.value);
  }
  f.numeric = true;
  f.numbers.clear();
  for (const std::uint32_t level : f.levels)
    f.numbers.push_back(level == Factor::unknown ? std::numeric_limits<double>::quiet_NaN() : values[level]);
  f.levels.clear();
  f.names.clear();
}

std::span<const FactorSource> factor_sources() {
  static const std::vector<FactorSource> all = [] {
    std::vector<FactorSource> sources;
    for (const auto part : {factors_of_files(), factors_of_capture(), factors_of_labels()})
      sources.insert(sources.end(), part.begin(), part.end());
    return sources;
  }();
  return all;
}

}  // namespace vetset
