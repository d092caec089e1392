// How each factor is taken from a dataset and from what was measured of it. For factors.cpp.
#pragma once

#include <string_view>

#include "vetset/dataset/factors.h"

namespace vetset {

/// Levels of records by their text; empty: not known. Names come sorted.
void set_levels(Factor& f, std::span<const std::string_view> texts);
/// Numbers where every text that is there is one and there are more than ten different ones, else levels.
void set_texts(Factor& f, std::span<const std::string> texts);

struct FactorSource {
  FactorKind kind;
  /// Fills a factor whose name, size and nature are set; `rest` stands in place of "*".
  void (*take)(const FactorSources& from, std::string_view rest, Factor& f);
};
std::span<const FactorSource> factors_of_files();
std::span<const FactorSource> factors_of_capture();
std::span<const FactorSource> factors_of_labels();
/// All of them.
std::span<const FactorSource> factor_sources();

}  // namespace vetset
