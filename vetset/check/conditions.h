// Factors as rules compare them: in few levels, what is not known a level of its own where that is asked for, and
// factors that name each record apart left out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/dataset/factors.h"

namespace vetset {

struct ConditionSettings {
  unsigned bins = 8;             // of numbers, equally full
  std::size_t most_levels = 50;  // the rarest beyond it are one: "others"
  bool unknown_counts = false;   // as a level: "not known"
};
struct Condition {
  Factor factor;                // of levels
  std::vector<double> numbers;  // what it was, where it was numeric
};
/// Of the factors of the evidence whose kind is wanted; those with more than one level.
std::vector<Condition> conditions(const Evidence& evidence, const ConditionSettings& settings,
                                  const std::function<bool(const FactorKind&)>& wanted);

/// Kinds of images that say under what conditions it was taken, and that are neither names nor copies of one another.
bool is_image_condition(const FactorKind& kind);
/// Kinds that say what an object is like.
bool is_object_condition(const FactorKind& kind);
/// Kinds that say where an image comes from.
bool is_source(const FactorKind& kind);
/// Whether an attribute's name says where an image comes from: source, site, camera …
bool names_source(std::string_view factor);

}  // namespace vetset
